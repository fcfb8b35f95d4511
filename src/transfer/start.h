/* SPDX-License-Identifier: MIT
 *
 * What a stage starts from, made nearer to what it is to become: of a first stage the content in
 * the colours of the style, or with noise; of a further one the picture of the stage before with
 * the detail of the content for which that was too small.
 *
 * The cost is untouched. Iterations are saved that would only have found the style's colours, or
 * have brought back what enlarging had blurred (docs/speed.md).
 *
 * Planes are [3][pixels] in [0,1], and stay so.
 */
#ifndef STYLIZE_TRANSFER_START_H
#define STYLIZE_TRANSFER_START_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

/* Mixes a share of noise over a picture, which becomes faint: gradient descent from noise alone
 * would need thousands of steps to make anything of it. */
void start_mix_noise(float *planes, size_t pixels, double share, uint64_t seed);

/* Mean and standard deviation of each plane: zero at first, then with shares of pictures added. */
typedef struct start_tones {
    double mean[IMAGE_CHANNELS], deviation[IMAGE_CHANNELS];
} start_tones;

/* Of where a picture has weight, [height][width]; of all of it with NULL, or where it has none. */
void start_add_tones(start_tones *self, const image *picture, const float *weights, double share);

/* Gives each plane the mean of `to`, and its standard deviation where that is smaller, down to a
 * half of the plane's own; or in each region, `where` [count][pixels] says where, those of its own
 * tones, and outside of all nothing. `where` is NULL for one tone everywhere. With a share below 1
 * it goes only that part of the way. */
void start_recolor(float *planes, size_t pixels, const start_tones *to, const float *where,
                   int count, double share);

/* Adds a share of the light in which `content` differs from `coarse`, what the stage before could
 * see of it at most. */
void start_add_detail(float *planes, const float *content, const float *coarse, size_t pixels);

#endif
