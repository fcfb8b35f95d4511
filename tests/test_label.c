/* SPDX-License-Identifier: MIT
 *
 * Labels: inside their boxes, in one line or several, and upwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/chart.h"
#include "report/label.h"

enum { WIDTH = 160, HEIGHT = 120, AROUND = 7 };

/* What of a picture is dark. */
typedef struct ink {
    int left, top, right, bottom, count;
} ink;

static ink write(int left, int top, int width, int height, label_style style, const char *text) {
    static unsigned char pixels[HEIGHT][WIDTH][3];
    stylize_error err;
    ink all = {WIDTH, HEIGHT, -1, -1, 0};
    memset(pixels, AROUND, sizeof pixels);
    const label_box box = {&pixels[0][0][0], sizeof *pixels, left, top, width, height};
    if (!label_write(&box, &style, text, &err))
        fail_msg("%s", err.text);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const bool inside = x >= left && x < left + width && y >= top && y < top + height;
            const unsigned char *pixel = pixels[y][x];
            assert_true(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
            if (!inside) {
                assert_int_equal(pixel[0], AROUND);
            } else if (pixel[0] < 128) {
                all.count++;
                all.left = x < all.left ? x : all.left;
                all.right = x > all.right ? x : all.right;
                all.top = y < all.top ? y : all.top;
                all.bottom = y > all.bottom ? y : all.bottom;
            }
        }
    }
    return all;
}

static void texts_are_in_the_middle(void **state) {
    (void)state;
    stylize_error err;
    if (!chart_available("a test", &err))
        skip();
    const label_style plain = {.size = 14, .paper = 255};
    const ink line = write(10, 20, 140, 30, plain, "beta = 300");
    assert_true(line.count > 50 && line.bottom - line.top < 16);
    assert_in_range(line.left + line.right, 2 * 10 + 140 - 8, 2 * 10 + 140 + 6);
    assert_in_range(line.top + line.bottom, 2 * 20 + 30 - 8, 2 * 20 + 30 + 8);

    const label_style upwards = {.size = 14, .paper = 255, .upwards = true};
    const ink column = write(10, 5, 24, 110, upwards, "beta = 300");
    assert_true(column.count > 50 && column.right - column.left < 16);
    assert_true(column.bottom - column.top > 40);

    const label_style bold = {.size = 14, .paper = 255, .bold = true};
    assert_true(write(10, 20, 140, 30, bold, "beta = 300").count > line.count);
    assert_in_range(label_width(&plain, "beta = 300"), line.right - line.left,
                    line.right - line.left + 6);
}

static void long_texts_are_wrapped_or_cut(void **state) {
    (void)state;
    stylize_error err;
    static char word[3000];
    if (!chart_available("a test", &err))
        skip();
    memset(word, 'w', sizeof word - 1);
    const label_style plain = {.size = 12, .paper = 255};
    const label_style wrapped = {.size = 12, .paper = 255, .wrapped = true};
    const ink two = write(5, 5, 110, 100, wrapped, "cannot open none.png: no such file");
    assert_true(two.bottom - two.top > 15 && two.bottom - two.top < 60);
    const ink many = write(5, 5, 110, 100, wrapped, word);
    assert_true(many.bottom - many.top > 60);
    const ink one = write(5, 5, 110, 100, plain, word);
    assert_true(one.bottom - one.top < 14 && one.right - one.left > 80);
    assert_int_equal(write(5, 5, 110, 100, wrapped, "").count, 0);
    write(5, 5, 1, 1, wrapped, word);
    write(5, 5, 2, 2, plain, "\xff\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_in_the_middle),
        cmocka_unit_test(long_texts_are_wrapped_or_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
