/* SPDX-License-Identifier: MIT
 *
 * The reading of pnm.h.
 */
#include "pnm.h"

#include <stdio.h>
#include <stdlib.h>

void fail(const char *what, const char *file) {
    fprintf(stderr, "%s: %s\n", file, what);
    exit(1);
}

/* The next number of the header, over white space and comments. */
static int number(FILE *in, const char *file) {
    int value, c;
    while ((c = fgetc(in)) == '#' || c == ' ' || c == '\n' || c == '\t' || c == '\r')
        while (c == '#' && (c = fgetc(in)) != '\n' && c != EOF)
            c = '#';
    ungetc(c, in);
    if (fscanf(in, "%d", &value) != 1 || value < 1 || value > 16384)
        fail("a bad header", file);
    return value;
}

Picture read_pnm(const char *file) {
    Picture p;
    FILE *in = fopen(file, "rb");
    if (!in)
        fail("cannot open", file);
    const int magic = fgetc(in), kind = fgetc(in);
    if (magic != 'P' || (kind != '6' && kind != '5'))
        fail("not a binary PPM or PGM picture", file);
    p.channels = kind == '6' ? 3 : 1;
    p.width = number(in, file);
    p.height = number(in, file);
    if (number(in, file) != 255 || fgetc(in) == EOF)
        fail("not 8 bits a sample", file);
    const size_t size = (size_t)p.width * (size_t)p.height * (size_t)p.channels;
    p.samples = malloc(size);
    if (!p.samples || fread(p.samples, 1, size, in) != size)
        fail("cut short", file);
    fclose(in);
    return p;
}
