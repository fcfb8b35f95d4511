/* SPDX-License-Identifier: MIT
 *
 * Reads a binary PPM picture with 8 bits a sample and writes it as a JPEG file of the best quality
 * that stays within a number of bytes.
 *
 *     cc -O2 -o to_jpeg to_jpeg.c pnm.c -ljpeg && ./to_jpeg picture.ppm picture.jpg 299000
 */
#include "pnm.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

enum { BEST = 95, WORST = 40 };

/* The JPEG file of this quality, in memory that the caller frees. */
static unsigned char *encode(const Picture *p, int quality, unsigned long *size) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    *size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, size);
    jpeg.image_width = (JDIMENSION)p->width;
    jpeg.image_height = (JDIMENSION)p->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_simple_progression(&jpeg);
    jpeg.optimize_coding = TRUE;
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < p->height; y++) {
        JSAMPROW row = p->samples + (size_t)y * (size_t)p->width * 3;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "Usage: to_jpeg IN.ppm OUT.jpg BYTES\n");
        return 2;
    }
    const Picture p = read_pnm(argv[1]);
    if (p.channels != 3)
        fail("not a PPM picture", argv[1]);
    const unsigned long limit = strtoul(argv[3], NULL, 10);
    unsigned long size = 0;
    unsigned char *bytes = NULL;
    int quality = BEST;
    for (; quality >= WORST; quality--) {
        bytes = encode(&p, quality, &size);
        if (size <= limit)
            break;
        free(bytes);
    }
    if (quality < WORST)
        fail("does not fit", argv[2]);
    FILE *out = fopen(argv[2], "wb");
    if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) != 0)
        fail("cannot write", argv[2]);
    printf("%s: %d x %d, quality %d, %lu bytes\n", argv[2], p.width, p.height, quality, size);
    free(bytes);
    free(p.samples);
    return 0;
}
