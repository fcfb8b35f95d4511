/* SPDX-License-Identifier: MIT */
#include "transfer/preconditioner.h"

#include <assert.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "image/resample.h"

/* w0, w1, w2 of the header. The first keeps S well away from singular: the blurs alone annihilate
 * the finest checkerboard, which the optimiser could then never change. */
#define WEIGHT0 0.05f
#define WEIGHT1 0.50f
#define WEIGHT2 0.45f

/* Taps of the binomial filter: the middle one, one step and two steps away. */
#define TAPS 5
#define TAP0 (6 / 16.0f)
#define TAP1 (4 / 16.0f)
#define TAP2 (1 / 16.0f)

#define REACH1 2              /* rows, columns that the first blur takes from either side */
#define REACH2 4              /* and the second */
#define RING (2 * REACH2 + 1) /* rows of the first blur that the second looks at */

/* ---- memory ---- */

/* Floats of a row with room on either side, in whole cache lines. */
static size_t row_floats(int width) {
    const size_t line = MEMORY_ALIGNMENT / sizeof(float);
    return ((size_t)width + 2 * REACH2 + line - 1) / line * line;
}

/* Floats of one worker: the ring, a row on its way, a row of the result. */
static size_t worker_floats(int width) {
    return (RING + 2) * row_floats(width);
}

static size_t line_count(int planes, int height) {
    return (size_t)planes * (size_t)height;
}

void preconditioner_prepare(preconditioner *self, int planes, int height, int width,
                            const kernel_set *kernels) {
    assert(planes >= 1 && height >= 1 && width >= 1);
    *self = (preconditioner){.kernels = kernels,
                             .planes = planes,
                             .height = height,
                             .width = width,
                             .workers = cpu_set_threads(0)};
}

void preconditioner_layout(preconditioner *self, layout *to) {
    self->rows = layout_take(to, (size_t)self->workers, worker_floats(self->width) * sizeof(float));
    self->products = layout_take(to, line_count(self->planes, self->height), sizeof(double));
}

/* ---- rows ---- */

/* A worker at some rows of one plane. */
typedef struct worker {
    const preconditioner *owner;
    const float *plane; /* [height][width] of v */
    float *ring;        /* [RING][...] row y of the first blur is number y % RING */
    float *across;      /* a row blurred across rows, with room for what it reflects */
    float *result;      /* a row of S v where nobody wants it */
    size_t row;         /* floats from a row of the ring to the next */
} worker;

/* Puts `reach` reflected samples before and after a row. */
static void extend(float *row, int reach, int width) {
    for (int i = 1; i <= reach; i++) {
        row[-i] = row[image_reflect(-i, width)];
        row[width - 1 + i] = row[image_reflect(width - 1 + i, width)];
    }
}

/* The weights of one blur: of the first, or the share of the second in S. */
static const float taps[TAPS] = {TAP2, TAP1, TAP0, TAP1, TAP2};
static const float weights[2 + TAPS] = {WEIGHT0,       WEIGHT1,       WEIGHT2 *TAP2, WEIGHT2 *TAP1,
                                        WEIGHT2 *TAP0, WEIGHT2 *TAP1, WEIGHT2 *TAP2};

static float *ring_row(const worker *self, int y) {
    return self->ring + (size_t)(y % RING) * self->row;
}

/* Row y of the first blur, to the ring. */
static void blur_first(const worker *self, int y) {
    const int height = self->owner->height, width = self->owner->width;
    const float *rows[TAPS];
    for (int i = 0; i < TAPS; i++)
        rows[i] = self->plane + (ptrdiff_t)image_reflect(y + i - REACH1, height) * width;
    self->owner->kernels->weighted_sum(rows, taps, TAPS, self->across, (size_t)width);
    extend(self->across, REACH1, width);
    for (int i = 0; i < TAPS; i++)
        rows[i] = self->across + i - REACH1;
    self->owner->kernels->weighted_sum(rows, taps, TAPS, ring_row(self, y), (size_t)width);
}

/* Row y of S v, from v and the ring; returns its product with that of v. */
static double sum_row(const worker *self, int y, float *out) {
    const int height = self->owner->height, width = self->owner->width;
    const float *in = self->plane + (ptrdiff_t)y * width, *rows[2 + TAPS] = {in, ring_row(self, y)};
    for (int i = 0; i < TAPS; i++)
        rows[2 + i] = ring_row(self, image_reflect(y + 2 * i - REACH2, height));
    self->owner->kernels->weighted_sum(rows + 2, taps, TAPS, self->across, (size_t)width);
    extend(self->across, REACH2, width);
    for (int i = 0; i < TAPS; i++)
        rows[2 + i] = self->across + 2 * i - REACH2;
    self->owner->kernels->weighted_sum(rows, weights, 2 + TAPS, out, (size_t)width);
    return self->owner->kernels->dot(in, out, (size_t)width);
}

/* Rows `from` to `to` of one plane; out and products are at the start of the plane. */
static void work_rows(const worker *self, int from, int to, float *out, double *products) {
    const int height = self->owner->height, width = self->owner->width;
    int next = from > REACH2 ? from - REACH2 : 0;
    for (int y = from; y < to; y++) {
        for (; next <= y + REACH2 && next < height; next++)
            blur_first(self, next);
        products[y] = sum_row(self, y, out ? out + (ptrdiff_t)y * width : self->result);
    }
}

double preconditioner_apply(const preconditioner *self, const float *v, float *out) {
    assert(v != out);
    const size_t lines = line_count(self->planes, self->height), workers = (size_t)self->workers;
    const size_t row = row_floats(self->width);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < self->workers; i++) {
        float *memory = self->rows + (size_t)i * worker_floats(self->width);
        worker w = {.owner = self,
                    .ring = memory,
                    .across = memory + RING * row + REACH2,
                    .result = memory + (RING + 1) * row,
                    .row = row};
        const size_t from = lines * (size_t)i / workers, to = lines * ((size_t)i + 1) / workers;
        for (int p = 0; p < self->planes; p++) {
            const size_t first = line_count(p, self->height), last = first + (size_t)self->height;
            const ptrdiff_t at = (ptrdiff_t)first * self->width;
            w.plane = v + at;
            if (from < last && to > first)
                work_rows(&w, from > first ? (int)(from - first) : 0,
                          to < last ? (int)(to - first) : self->height, out ? out + at : NULL,
                          self->products + first);
        }
    }
    double sum = 0;
    for (size_t i = 0; i < lines; i++)
        sum += self->products[i];
    return sum;
}
