/* SPDX-License-Identifier: MIT */
#include "cli/sheet.h"

#include <stdlib.h>
#include <string.h>

/* Where a cell begins along one direction, from the sheet's edge. */
static int64_t place_of(const sheet_format *format, int index, int cell) {
    const int group = format->group ? index / format->group : 0;
    return format->margin + (int64_t)index * (cell + format->gap) +
           (int64_t)group * (format->margin - format->gap);
}

static int64_t left_of(const sheet_format *format, int column) {
    return format->side + place_of(format, column, format->cell_width);
}

static int64_t top_of(const sheet_format *format, int row) {
    return format->head + (int64_t)row * format->between +
           place_of(format, row, format->cell_height);
}

bool sheet_init(sheet *self, const sheet_format *format, int most_pixels, stylize_error *err) {
    const int64_t width =
        left_of(format, format->columns - 1) + format->cell_width + format->margin;
    const int64_t height = top_of(format, format->rows - 1) + format->cell_height + format->margin;
    *self = (sheet){.format = *format};
    if (width > most_pixels || height > most_pixels / width)
        return stylize_error_set(err, STYLIZE_FAILURE,
                                 "OUT would have %lldx%lld pixels, over the limit of %d",
                                 (long long)width, (long long)height, most_pixels);
    self->width = (int)width;
    self->height = (int)height;
    self->pixels = malloc((size_t)width * (size_t)height * 3);
    if (!self->pixels)
        return stylize_error_set(err, STYLIZE_MEMORY, "not enough memory for OUT, %dx%d pixels",
                                 self->width, self->height);
    memset(self->pixels, 255, (size_t)width * (size_t)height * 3);
    return true;
}

void sheet_clear(sheet *self) {
    free(self->pixels);
    *self = (sheet){0};
}

sheet_box sheet_cell(const sheet *self, int column, int row) {
    const sheet_format *format = &self->format;
    return (sheet_box){.left = (int)left_of(format, column),
                       .top = (int)top_of(format, row),
                       .width = format->cell_width,
                       .height = format->cell_height};
}

void sheet_put(sheet *self, int column, int row, const unsigned char *pixels, int width, int height,
               int factor) {
    static const unsigned char grey[3] = {SHEET_GREY, SHEET_GREY, SHEET_GREY};
    const sheet_box cell = sheet_cell(self, column, row);
    const int left = cell.left + (cell.width - width * factor) / 2;
    const int top = cell.top + (cell.height - height * factor) / 2;
    for (int y = 0; y < height * factor; y++) {
        unsigned char *to =
            self->pixels + ((size_t)(top + y) * (size_t)self->width + (size_t)left) * 3;
        for (int x = 0; x < width * factor; x++)
            memcpy(to + (ptrdiff_t)x * 3,
                   pixels ? pixels + ((ptrdiff_t)(y / factor) * width + x / factor) * 3 : grey, 3);
    }
}

bool sheet_put_picture(sheet *self, int column, int row, const stylize_image *picture,
                       stylize_error *err) {
    int width, height;
    stylize_image_size(picture, &width, &height);
    const size_t stride = (size_t)width * 3;
    unsigned char *pixels = malloc(stride * (size_t)height);
    if (!pixels)
        return stylize_error_set(err, STYLIZE_MEMORY, "out of memory");
    const bool ok = stylize_image_to_pixels(picture, pixels, stride, 3, STYLIZE_U8, err);
    if (ok)
        sheet_put(self, column, row, pixels, width, height, 1);
    free(pixels);
    return ok;
}

stylize_image *sheet_picture(const sheet *self, stylize_error *err) {
    return stylize_image_from_pixels(self->pixels, self->width, self->height,
                                     (size_t)self->width * 3, 3, STYLIZE_U8, err);
}
