/* SPDX-License-Identifier: MIT */
#include "cost/chroma.h"

#include <stddef.h>

#include "cost/kind.h"
#include "cost/sums.h"

#define CHANNELS 3
#define LANES 16 /* independent sums, so that the compiler can vectorise without reordering */

/* ||d - grey(d)||^2 of the difference between two pixels. */
static inline double distance(const float *const a[CHANNELS], const float *const b[CHANNELS],
                              int i) {
    double squares = 0, sum = 0;
    for (int c = 0; c < CHANNELS; c++) {
        const double d = (double)a[c][i] - (double)b[c][i];
        squares += d * d;
        sum += d;
    }
    return squares - sum * sum / CHANNELS;
}

/* The sum of it over `count` pairs. */
static double sum_distances(const float *const a[CHANNELS], const float *const b[CHANNELS],
                            int count) {
    double lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int j = 0; j < LANES; j++)
            lanes[j] += distance(a, b, i + j);
    }
    for (; i < count; i++)
        sum += distance(a, b, i);
    for (int j = 0; j < LANES; j++)
        sum += lanes[j];
    return sum;
}

/* One row of the three planes, and what lies above and below, NULL at the edges. */
typedef struct row {
    const float *here[CHANNELS], *above[CHANNELS], *below[CHANNELS];
} row;

/* Of pixels `from` to `to`. */
static double row_sum(const row *self, int width, int from, int to) {
    const float *here[CHANNELS], *right[CHANNELS], *below[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
        here[c] = self->here[c] + from;
        right[c] = here[c] + 1;
        below[c] = self->below[c] ? self->below[c] + from : NULL;
    }
    const double along = sum_distances(right, here, (to < width ? to : width - 1) - from);
    return along + (below[0] ? sum_distances(below, here, to - from) : 0);
}

/* The pixel's distance to its neighbours, of one channel. */
static inline float slope(const row *self, int c, int x, int width) {
    const float here = self->here[c][x];
    float d = 0;
    if (x > 0)
        d += here - self->here[c][x - 1];
    if (x + 1 < width)
        d += here - self->here[c][x + 1];
    if (self->above[c])
        d += here - self->above[c][x];
    if (self->below[c])
        d += here - self->below[c][x];
    return d;
}

static void add_row_gradient(const row *self, int width, int from, int to, float scale,
                             float *const gradient[CHANNELS]) {
    for (int x = from; x < to; x++) {
        float d[CHANNELS], grey = 0;
        for (int c = 0; c < CHANNELS; c++) {
            d[c] = slope(self, c, x, width);
            grey += d[c] / CHANNELS;
        }
        for (int c = 0; c < CHANNELS; c++)
            gradient[c][x] += scale * (d[c] - grey);
    }
}

double chroma_eval(const float *planes, int height, int width, int margin, double weight,
                   float *gradient, double *rows) {
    const int inner = height - 2 * margin, from = margin, to = width - margin;
    const double area = (double)inner * (to - from);
    const ptrdiff_t plane = (ptrdiff_t)height * width;
    const float scale = (float)(2 * weight / area);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < inner; i++) {
        const int y = margin + i;
        row at;
        float *slopes[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            const ptrdiff_t start = c * plane + (ptrdiff_t)y * width;
            at.here[c] = planes + start;
            at.above[c] = y > 0 ? planes + start - width : NULL;
            at.below[c] = y + 1 < height ? planes + start + width : NULL;
            slopes[c] = gradient + start;
        }
        rows[i] = row_sum(&at, width, from, to);
        if (weight > 0)
            add_row_gradient(&at, width, from, to, scale, slopes);
    }
    return cost_add_up(rows, inner) / area;
}

/* ---- the term ---- */

static void take(cost_work *self, layout *to) {
    self->sums = layout_take(to, (size_t)self->height, sizeof *self->sums);
}

static double evaluate(const cost_work *self, const cost_term *term, double factor, const float *x,
                       float *gradient) {
    return chroma_eval(x, self->height, self->width, self->margin, factor * term->weight, gradient,
                       self->sums);
}

const cost_kind_row cost_chroma = {.name = "chroma_tv", .layout = take, .evaluate = evaluate};
