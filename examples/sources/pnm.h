/* SPDX-License-Identifier: MIT
 *
 * Reads what the painting programs print: binary PPM and PGM pictures with 8 bits a sample.
 */
#ifndef PNM_H
#define PNM_H

typedef struct {
    unsigned char *samples;      /* allocated */
    int width, height, channels; /* 3, or 1 of a grey picture */
} Picture;

/* Says what is wrong with the file and ends the program. */
void fail(const char *what, const char *file);

Picture read_pnm(const char *file);

#endif
