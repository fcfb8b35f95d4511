/* SPDX-License-Identifier: MIT
 *
 * Pages: everything is inside, and whatever texts hold is only shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/page.h"

/* The page as a string, for the caller. */
static char *write(const page *self) {
    char *data;
    size_t size;
    stylize_error err;
    if (!page_write(self, &data, &size, &err))
        fail_msg("%s", err.text);
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, data, size);
    text[size] = '\0';
    free(data);
    assert_int_equal(strlen(text), size);
    return text;
}

static int count(const char *text, const char *what) {
    int times = 0;
    while ((text = strstr(text, what))) {
        times++;
        text += strlen(what);
    }
    return times;
}

static void expect(const char *text, const char *what) {
    if (!strstr(text, what))
        fail_msg("'%s' is missing", what);
}

static void cells_are_in_rows(void **state) {
    (void)state;
    static const char *const columns[] = {"beta = 1", "beta = 2"}, *const rows[] = {"a", "b"};
    page_cell cells[3] = {
        {.label = "first",
         .data = "\xff\xd8\xff",
         .size = 3,
         .width = 30,
         .height = 20,
         .command = "stylize x"},
        {.label = "second", .data = "\x89PNG", .size = 4, .width = 31, .height = 21, .command = ""},
        {.label = "third", .problem = "no memory", .width = 32, .height = 22, .command = "y"}};
    cells[0].facts[0] = (page_fact){"cost", "12.5"};
    cells[0].fact_count = 1;
    page self = {.title = "Title",
                 .note = "Note",
                 .columns = columns,
                 .column_count = 2,
                 .rows = rows,
                 .row_count = 2,
                 .cells = cells,
                 .cell_count = 3};
    char *text = write(&self);
    assert_int_equal(strncmp(text, "<!DOCTYPE html>\n", 16), 0);
    assert_int_equal(count(text, "<tr>"), 3);
    assert_int_equal(count(text, "<td></td>"), 1); /* the corner */
    assert_int_equal(count(text, "<td><div"), 3);
    assert_int_equal(count(text, "</td>"), 4);
    assert_int_equal(count(text, "<th scope=\"col\">"), 2);
    expect(text, "<img width=\"30\" height=\"20\" alt=\"first\" "
                 "src=\"data:image/jpeg;base64,/9j/\">");
    expect(text, "src=\"data:image/png;base64,iVBORw==\">");
    expect(text, "<dt>cost</dt><dd>12.5</dd>");
    expect(text, "<pre>stylize x</pre>");
    expect(text, ">no memory</div>");
    assert_int_equal(count(text, "<pre>"), 2);
    assert_int_equal(count(text, "<h2>"), 0);
    assert_int_equal(count(text, "http"), 0); /* needs no other file */
    free(text);

    self.columns = self.rows = NULL;
    text = write(&self);
    assert_int_equal(count(text, "<th"), 0);
    expect(text, "<h2>second</h2>");
    free(text);
}

static void texts_are_only_shown(void **state) {
    (void)state;
    static const char evil[] = "</pre><script>alert('1')</script>\"&\xff\x01\n";
    static const char *const names[] = {evil};
    page_cell cells[2] = {{.label = evil, .data = "x", .size = 1, .command = evil},
                          {.label = evil, .problem = evil, .command = evil}};
    for (int i = 0; i < 2; i++) {
        cells[i].facts[0] = (page_fact){"<i>", "<b>"};
        cells[i].fact_count = 1;
    }
    const page self = {.title = evil,
                       .note = evil,
                       .columns = names,
                       .column_count = 1,
                       .rows = names,
                       .row_count = 1,
                       .cells = cells,
                       .cell_count = 2};
    const page plain = {.title = "", .note = "x", .column_count = 1, .row_count = 1};
    char *text = write(&self), *frame = write(&plain);
    assert_int_equal(count(text, "script>"), count(frame, "script>"));
    assert_int_equal(count(text, "alert(&#39;1&#39;)"), 7);
    assert_int_equal(count(text, "&lt;/pre&gt;&lt;script&gt;"), 7);
    assert_int_equal(count(text, "&quot;&amp;??&#10;"), 7);
    assert_null(strstr(text, "<i>"));
    assert_null(strchr(text, '\xff'));
    free(text);
    free(frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_in_rows),
        cmocka_unit_test(texts_are_only_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
