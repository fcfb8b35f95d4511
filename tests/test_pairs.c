/* SPDX-License-Identifier: MIT
 *
 * Tests of pairs.c: lists with blanks, tabs, remarks and ends of lines of every kind, and what is
 * no list.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp, for image_files.h */
#include "image_files.h"

#include "judge/pairs.h"

static void expect_files(const judge_files *found, const char *content, const char *style,
                         const char *picture) {
    assert_string_equal(found->content, content);
    assert_string_equal(found->style, style);
    assert_string_equal(found->picture, picture);
}

static bool read_text(pairs *self, const char *text, size_t size, error *err) {
    const name path = temporary("list");
    store(path.text, text, size);
    const bool ok = pairs_read(self, path.text, err);
    unlink(path.text);
    return ok;
}

static void lists_are_read(void **state) {
    (void)state;
    static const char text[] = "# content style picture\n"
                               "a.jpg b.jpg c.png\n"
                               "\n"
                               "  \t \n"
                               "  d   e  f \r\n"
                               "my town.jpg\tthe\tout 1.png\n"
                               "x\t\ty\tz\t\n"
                               "last of all";
    pairs list;
    error err;
    assert_true(read_text(&list, text, sizeof text - 1, &err));
    assert_int_equal(list.count, 5);
    expect_files(&list.files[0], "a.jpg", "b.jpg", "c.png");
    expect_files(&list.files[1], "d", "e", "f");
    expect_files(&list.files[2], "my town.jpg", "the", "out 1.png");
    expect_files(&list.files[3], "x", "y", "z");
    expect_files(&list.files[4], "last", "of", "all");
    pairs_clear(&list);
}

static void what_is_no_list_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t size; /* 0: that of the text */
        const char *words;
    } cases[] = {
        {"a b c\n\nd e\n", 0, ": line 3: not CONTENT STYLE PICTURE"},
        {"a b c d\n", 0, ": line 1: not CONTENT STYLE PICTURE"},
        {"my town.jpg b c.png\n", 0, ": line 1: not CONTENT STYLE PICTURE"},
        {"# nothing\n", 0, ": no pictures are listed"},
        {"", 0, ": no pictures are listed"},
        {"a b c\0\n", 7, ": no list of pictures"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pairs list;
        error err;
        const size_t size = cases[i].size ? cases[i].size : strlen(cases[i].text);
        assert_false(read_text(&list, cases[i].text, size, &err));
        check_error(&err, "/list", cases[i].words);
        pairs_clear(&list);
    }
}

static void files_that_cannot_be_lists(void **state) {
    (void)state;
    enum { MUCH = (1 << 20) + 1 };
    char *text = malloc(MUCH);
    pairs list;
    error err;
    assert_non_null(text);
    memset(text, 'a', MUCH);
    assert_false(read_text(&list, text, MUCH, &err));
    check_error(&err, "/list", "no list of pictures");
    pairs_clear(&list);
    free(text);
    assert_false(pairs_read(&list, temporary("nowhere").text, &err));
    check_error(&err, "/nowhere", "No such file");
    pairs_clear(&list);
    assert_false(pairs_read(&list, folder.text, &err));
    check_error(&err, folder.text, "directory");
    pairs_clear(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(files_that_cannot_be_lists),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
