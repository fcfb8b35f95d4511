/* SPDX-License-Identifier: MIT */
#include "transfer/transparency.h"

#include <math.h>

static double clip(double value) {
    return fmin(fmax(value, 0), 1);
}

/* How much lighter the paper makes a colour that is seen like this over white. */
static double paper_in(double seen, double alpha) {
    return alpha > 0 ? seen - clip((seen - 1 + alpha) / alpha) : 0;
}

/* One pixel: its channels are `plane` values apart. */
static void restore(float *painted, double alpha, const float *start, double start_alpha,
                    size_t plane) {
    double paper[IMAGE_CHANNELS], moved = 0, covered = 0;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        const double way = (double)painted[c * plane] - (double)start[c * plane];
        paper[c] = paper_in(start[c * plane], start_alpha);
        moved += way * way;
        covered += paper[c] * paper[c];
    }
    const double left = moved < covered ? 1 - sqrt(moved / covered) : 0;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
        const double colour = clip((double)painted[c * plane] - left * paper[c]);
        painted[c * plane] = (float)(alpha * colour + 1 - alpha);
    }
}

void transparency_restore(image *painted, const image *start) {
    const size_t plane = (size_t)painted->width * (size_t)painted->height;
    for (size_t i = 0; i < plane; i++)
        restore(painted->planes + i, painted->alpha[i], start->planes + i,
                start->alpha ? (double)start->alpha[i] : 1, plane);
}
