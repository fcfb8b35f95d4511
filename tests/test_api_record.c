/* SPDX-License-Identifier: MIT
 *
 * Tests of api_record.c: records as a program sets and reads them, and what it may get wrong.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include "refusals.h"
#include "transfer/stylize.h"

static void sets_replaces_and_removes(void **state) {
    (void)state;
    stylize_error err;
    image *self = read_ok(data_file("rgb8.png").text);
    assert_null(stylize_image_record(self));
    assert_true(stylize_image_set_record(self, "first", &err));
    assert_string_equal(stylize_image_record(self), "first");
    assert_true(stylize_image_set_record(self, "2", &err));
    assert_string_equal(stylize_image_record(self), "2");
    assert_true(stylize_image_set_record(self, NULL, &err));
    assert_null(stylize_image_record(self));
    image_free(self);
}

static void reads_what_was_written(void **state) {
    (void)state;
    stylize_error err;
    char *record = NULL;
    const name path = temporary("out.png");
    image *self = read_ok(data_file("rgb8.png").text);
    write_image(self, path.text, &write_plain);
    assert_true(stylize_record_read(path.text, &record, &err));
    assert_null(record);
    assert_true(stylize_image_set_record(self, "{\"a\": 1}", &err));
    write_image(self, path.text, &write_plain);
    assert_true(stylize_record_read(path.text, &record, &err));
    assert_string_equal(record, "{\"a\": 1}");
    free(record);
    image_free(self);
    unlink(path.text);
}

static void keeps_what_was_there_when_it_refuses(void **state) {
    (void)state;
    stylize_error err;
    image *self = read_ok(data_file("rgb8.png").text);
    assert_true(stylize_image_set_record(self, "kept", &err));
    expect(!stylize_image_set_record(self, "", &err), &err, STYLIZE_USAGE, "the text is empty");
    expect(!stylize_image_set_record(self, "\xff", &err), &err, STYLIZE_USAGE, "not UTF-8");
    assert_string_equal(stylize_image_record(self), "kept");
    image_free(self);
    expect(!stylize_image_set_record(NULL, "a", &err), &err, STYLIZE_USAGE, "self may not");
    assert_null(stylize_image_record(NULL));
}

static void refuses_what_cannot_be_read(void **state) {
    (void)state;
    stylize_error err;
    char before, *record = &before;
    const name path = temporary("none.png");
    expect(!stylize_record_read(path.text, &record, &err), &err, STYLIZE_FAILURE, "No such file");
    assert_null(record);
    expect(!stylize_record_read(NULL, &record, &err), &err, STYLIZE_USAGE, "path may not");
    expect(!stylize_record_read(path.text, NULL, &err), &err, STYLIZE_USAGE, "record may not");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_replaces_and_removes),
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(keeps_what_was_there_when_it_refuses),
        cmocka_unit_test(refuses_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
