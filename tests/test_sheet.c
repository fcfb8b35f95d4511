/* SPDX-License-Identifier: MIT
 *
 * Sheets: where cells lie, and what they show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sheet.h"

static sheet open_sheet(const sheet_format *format) {
    sheet self;
    stylize_error err;
    if (!sheet_init(&self, format, 1 << 20, &err))
        fail_msg("%s", err.text);
    return self;
}

/* The red of a pixel; all three must be the same, as they are on these sheets. */
static int value_at(const sheet *self, int x, int y) {
    const unsigned char *pixel = self->pixels + ((ptrdiff_t)y * self->width + x) * 3;
    assert_in_range(x, 0, self->width - 1);
    assert_in_range(y, 0, self->height - 1);
    assert_true(pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    return pixel[0];
}

/* Pixels from `left` and `top` on have the value, and no others that value. */
static void expect_only(const sheet *self, int left, int top, int width, int height, int value) {
    for (int y = 0; y < self->height; y++) {
        for (int x = 0; x < self->width; x++) {
            const bool inside = x >= left && x < left + width && y >= top && y < top + height;
            if ((value_at(self, x, y) == value) != inside)
                fail_msg("%d at %d,%d of %dx%d", value_at(self, x, y), x, y, self->width,
                         self->height);
        }
    }
}

static void cells_lie_in_groups(void **state) {
    (void)state;
    const sheet_format format = {.columns = 6,
                                 .rows = 4,
                                 .cell_width = 5,
                                 .cell_height = 7,
                                 .gap = 2,
                                 .group = 3,
                                 .margin = 10};
    static const struct {
        int column, row, left, top;
    } cases[] = {{0, 0, 10, 10}, {1, 0, 17, 10}, {2, 2, 24, 28},
                 {3, 1, 39, 19}, {5, 3, 53, 45}, {0, 3, 10, 45}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sheet self = open_sheet(&format);
        assert_int_equal(self.width, 10 + 19 + 10 + 19 + 10);
        assert_int_equal(self.height, 10 + 25 + 10 + 7 + 10);
        expect_only(&self, 0, 0, self.width, self.height, 255);
        sheet_put(&self, cases[i].column, cases[i].row, NULL, 5, 7, 1);
        expect_only(&self, cases[i].left, cases[i].top, 5, 7, SHEET_GREY);
        sheet_clear(&self);
    }
}

static void cells_lie_side_by_side(void **state) {
    (void)state;
    const sheet_format format = {
        .columns = 3, .rows = 1, .cell_width = 4, .cell_height = 3, .gap = 1, .margin = 6};
    sheet self = open_sheet(&format);
    assert_int_equal(self.width, 6 + 4 + 1 + 4 + 1 + 4 + 6);
    assert_int_equal(self.height, 6 + 3 + 6);
    sheet_put(&self, 2, 0, NULL, 4, 3, 1);
    expect_only(&self, 16, 6, 4, 3, SHEET_GREY);
    sheet_clear(&self);
}

/* Each pixel becomes a square, and what is smaller than the cell lies in its middle. */
static void pictures_are_enlarged(void **state) {
    (void)state;
    static const unsigned char picture[2][3][3] = {{{1, 1, 1}, {2, 2, 2}, {3, 3, 3}},
                                                   {{4, 4, 4}, {5, 5, 5}, {6, 6, 6}}};
    const sheet_format format = {
        .columns = 2, .rows = 2, .cell_width = 9, .cell_height = 8, .gap = 1, .margin = 3};
    for (int factor = 1; factor <= 3; factor++) {
        const int left = 3 + 9 + 1 + (9 - 3 * factor) / 2, top = 3 + 8 + 1 + (8 - 2 * factor) / 2;
        sheet self = open_sheet(&format);
        sheet_put(&self, 1, 1, &picture[0][0][0], 3, 2, factor);
        for (int i = 0; i < 6; i++)
            expect_only(&self, left + i % 3 * factor, top + i / 3 * factor, factor, factor, i + 1);
        sheet_clear(&self);
    }
}

static void sheets_become_pictures(void **state) {
    (void)state;
    const sheet_format format = {.columns = 1, .rows = 1, .cell_width = 2, .cell_height = 1};
    static const unsigned char colors[6] = {10, 20, 30, 40, 50, 60};
    unsigned char pixels[6];
    sheet self = open_sheet(&format);
    stylize_error err;
    int width, height;
    sheet_put(&self, 0, 0, colors, 2, 1, 1);
    stylize_image *picture = sheet_picture(&self, &err);
    assert_non_null(picture);
    stylize_image_size(picture, &width, &height);
    assert_true(width == 2 && height == 1);
    assert_true(stylize_image_to_pixels(picture, pixels, 6, 3, STYLIZE_U8, &err));
    assert_memory_equal(pixels, colors, sizeof colors);
    stylize_image_free(picture);
    sheet_clear(&self);
}

static void pictures_are_put(void **state) {
    (void)state;
    static const unsigned char grey[6] = {10, 20, 30, 40, 50, 60};
    const sheet_format format = {
        .columns = 1, .rows = 2, .cell_width = 5, .cell_height = 4, .gap = 1, .margin = 2};
    sheet self = open_sheet(&format);
    stylize_error err;
    stylize_image *picture = stylize_image_from_pixels(grey, 3, 2, 3, 1, STYLIZE_U8, &err);
    assert_non_null(picture);
    assert_true(sheet_put_picture(&self, 0, 1, picture, &err));
    for (int i = 0; i < 6; i++)
        expect_only(&self, 3 + i % 3, 8 + i / 3, 1, 1, grey[i]);
    stylize_image_free(picture);
    sheet_clear(&self);
}

static void large_sheets_are_refused(void **state) {
    (void)state;
    sheet_format format = {.columns = 10, .rows = 10, .cell_width = 10, .cell_height = 10};
    sheet self;
    stylize_error err;
    assert_true(sheet_init(&self, &format, 10000, &err));
    sheet_clear(&self);
    assert_false(sheet_init(&self, &format, 9999, &err));
    assert_string_equal(err.text, "OUT would have 100x100 pixels, over the limit of 9999");
    sheet_clear(&self);
    format = (sheet_format){
        .columns = 1 << 20, .rows = 1 << 20, .cell_width = 1 << 12, .cell_height = 1 << 12};
    assert_false(sheet_init(&self, &format, STYLIZE_MOST_PIXELS, &err));
    sheet_clear(&self);
}

static void there_is_room_for_labels(void **state) {
    (void)state;
    const sheet_format format = {.columns = 2,
                                 .rows = 3,
                                 .cell_width = 5,
                                 .cell_height = 7,
                                 .gap = 2,
                                 .margin = 10,
                                 .head = 20,
                                 .between = 4,
                                 .side = 30};
    sheet self = open_sheet(&format);
    assert_int_equal(self.width, 30 + 10 + 5 + 2 + 5 + 10);
    assert_int_equal(self.height, 20 + 10 + 3 * 7 + 2 * (2 + 4) + 10);
    const sheet_box cell = sheet_cell(&self, 1, 2);
    assert_true(cell.left == 47 && cell.top == 56 && cell.width == 5 && cell.height == 7);
    sheet_put(&self, 1, 2, NULL, 5, 7, 1);
    expect_only(&self, 47, 56, 5, 7, SHEET_GREY);
    sheet_clear(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_lie_in_groups),   cmocka_unit_test(cells_lie_side_by_side),
        cmocka_unit_test(pictures_are_enlarged), cmocka_unit_test(sheets_become_pictures),
        cmocka_unit_test(pictures_are_put),      cmocka_unit_test(large_sheets_are_refused),
        cmocka_unit_test(there_is_room_for_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
