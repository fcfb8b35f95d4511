/* SPDX-License-Identifier: MIT */
#include "cost/smoothness.h"

#include <stddef.h>

#include "cost/kind.h"
#include "cost/sums.h"

#define LANES 16 /* independent sums, so that the compiler can vectorise without reordering */

/* Sum of (a[i] - b[i])^2. */
static double squared_distance(const float *a, const float *b, int count) {
    double lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int j = 0; j < LANES; j++) {
            const double d = (double)a[i + j] - (double)b[i + j];
            lanes[j] += d * d;
        }
    }
    for (; i < count; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    for (int j = 0; j < LANES; j++)
        sum += lanes[j];
    return sum;
}

/* A row of a plane: the squared differences to the right and below, of pixels `from` to `to`. */
static double row_sum(const float *row, int width, int from, int to, int has_below) {
    const int along = to < width ? to : width - 1;
    return squared_distance(row + from + 1, row + from, along - from) +
           (has_below ? squared_distance(row + from + width, row + from, to - from) : 0);
}

static void add_row_gradient(const float *row, int width, int from, int to, int has_above,
                             int has_below, float scale, float *gradient) {
    for (int x = from; x < to; x++) {
        float d = 0;
        if (x > 0)
            d += row[x] - row[x - 1];
        if (x + 1 < width)
            d += row[x] - row[x + 1];
        if (has_above)
            d += row[x] - row[x - width];
        if (has_below)
            d += row[x] - row[x + width];
        gradient[x] += scale * d;
    }
}

double smoothness_eval(const float *planes, int height, int width, int margin, double weight,
                       float *gradient, double *rows) {
    const int inner = height - 2 * margin, from = margin, to = width - margin;
    const double area = (double)inner * (to - from);
    const float scale = (float)(2 * weight / area);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < 3 * inner; i++) {
        const int y = margin + i % inner, has_above = y > 0, has_below = y + 1 < height;
        const ptrdiff_t start = ((ptrdiff_t)(i / inner) * height + y) * width;
        const float *row = planes + start;
        rows[i] = row_sum(row, width, from, to, has_below);
        if (weight > 0)
            add_row_gradient(row, width, from, to, has_above, has_below, scale, gradient + start);
    }
    return cost_add_up(rows, 3 * inner) / area;
}

/* ---- the term ---- */

static void take(cost_work *self, layout *to) {
    self->sums = layout_take(to, 3 * (size_t)self->height, sizeof *self->sums);
}

static double evaluate(const cost_work *self, const cost_term *term, double factor, const float *x,
                       float *gradient) {
    const double weight = factor * term->weight;
    return self->smoothness == SMOOTHNESS_MEAN
               ? smoothness_eval(x, self->height, self->width, self->margin, weight, gradient,
                                 self->sums)
               : variation_eval(self->smoothness, x, self->height, self->width, self->margin,
                                weight, gradient, self->sums);
}

const cost_kind_row cost_smoothness = {.name = "tv", .layout = take, .evaluate = evaluate};
