/* SPDX-License-Identifier: MIT
 *
 * Files that another process cuts short between opening and reading.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "weights/file_bytes.h"
#include "weights/weights_open.h"

static char path[] = "/tmp/stylize-test-bytes-XXXXXX";

static int make_path(void **state) {
    (void)state;
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

static weights_file *open_good(const char *header, const void *data, size_t size) {
    error err = {0};
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 8; i++)
        assert_int_not_equal(fputc((int)(strlen(header) >> 8 * i & 255), file), EOF);
    assert_true(fputs(header, file) >= 0);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    weights_file *self = weights_open(path, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

/* Whoever looked at a mapping of such a file would be killed. */
static void test_file_cut_short_while_open(void **state) {
    (void)state;
    enum { MANY = 50000 };
    static const char *const headers[] = {
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[50000],\"data_offsets\":[0,200000]}}",
        "{\"t\":{\"dtype\":\"F16\",\"shape\":[100000],\"data_offsets\":[0,200000]}}",
        ("{\"t\":{\"dtype\":\"I8\",\"shape\":[1,199996],\"data_offsets\":[0,199996]},"
         "\"s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[199996,200000]}}")};
    static float values[MANY], out[4 * MANY];
    for (int i = 0; i < MANY; i++)
        values[i] = 1;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        error err = {0};
        weights_file *self = open_good(headers[i], values, sizeof values);
        const weights_tensor *tensor = weights_file_find(self, "t");
        const weights_tensor *scales = weights_file_find(self, "s");
        assert_int_equal(truncate(path, 150000), 0);
        assert_false(scales ? weights_file_read_scaled(self, tensor, scales, out, &err)
                            : weights_file_read(self, tensor, out, &err));
        assert_ptr_equal(strstr(err.text, path), err.text);
        assert_string_equal(err.text + strlen(path), ": cut short while it was read");
        weights_file_free(self);
    }
}

/* What was viewed stays; what lies behind the file was never there, which is no failure. */
static void test_views(void **state) {
    (void)state;
    enum { SIZE = 300000 };
    static unsigned char bytes[SIZE];
    error err = {0};
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)(i % 251);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, SIZE, file), SIZE);
    assert_int_equal(fclose(file), 0);
    file_bytes *self = file_bytes_open(path, &err);
    assert_non_null(self);
    assert_memory_equal(file_bytes_view(self, 60000, 20000), bytes + 60000, 20000);
    assert_memory_equal(file_bytes_view(self, SIZE - 3, 3), bytes + SIZE - 3, 3);
    assert_non_null(file_bytes_view(self, SIZE, 0));
    assert_null(file_bytes_view(self, SIZE - 3, 4));
    assert_null(file_bytes_view(self, SIZE_MAX, 2));
    assert_false(file_bytes_failed(self, &err));
    assert_int_equal(truncate(path, 100), 0);
    assert_memory_equal(file_bytes_view(self, 60000, 20000), bytes + 60000, 20000);
    assert_null(file_bytes_view(self, 200000, 1));
    assert_true(file_bytes_failed(self, &err));
    assert_non_null(strstr(err.text, "cut short"));
    file_bytes_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_cut_short_while_open),
        cmocka_unit_test(test_views),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
