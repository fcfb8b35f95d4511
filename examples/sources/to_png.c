/* SPDX-License-Identifier: MIT
 *
 * Reads a binary PPM or PGM picture of few colours and writes it as a small PNG file: a palette of
 * at most 16 colours, or 16 levels of grey.
 *
 *     cc -O2 -o to_png to_png.c pnm.c -lpng && ./to_png map.ppm map.png
 */
#include "pnm.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLORS = 16 };

/* The place of a colour in the palette, where it is entered if it is new. */
static int place(png_color *palette, int *count, const unsigned char *rgb, const char *file) {
    for (int i = 0; i < *count; i++)
        if (palette[i].red == rgb[0] && palette[i].green == rgb[1] && palette[i].blue == rgb[2])
            return i;
    if (*count == COLORS)
        fail("more than 16 colours", file);
    palette[*count] = (png_color){rgb[0], rgb[1], rgb[2]};
    return (*count)++;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "Usage: to_png IN OUT.png\n");
        return 2;
    }
    Picture p = read_pnm(argv[1]);
    const size_t width = (size_t)p.width, pixels = width * (size_t)p.height;
    png_color palette[COLORS];
    int count = 0;
    for (size_t i = 0; i < pixels; i++)
        p.samples[i] =
            (unsigned char)(p.channels == 1 ? (p.samples[i] + 8) / 17
                                            : place(palette, &count, p.samples + 3 * i, argv[1]));
    FILE *out = fopen(argv[2], "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!out || !info || setjmp(png_jmpbuf(png)))
        fail("cannot write", argv[2]);
    png_init_io(png, out);
    png_set_compression_level(png, 9);
    png_set_IHDR(png, info, (png_uint_32)p.width, (png_uint_32)p.height,
                 p.channels == 1 || count > 4 ? 4 : 2,
                 p.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (p.channels == 3)
        png_set_PLTE(png, info, palette, count);
    png_write_info(png, info);
    png_set_packing(png);
    for (int y = 0; y < p.height; y++)
        png_write_row(png, p.samples + (size_t)y * width);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    if (fclose(out) != 0)
        fail("cannot write", argv[2]);
    free(p.samples);
    return 0;
}
