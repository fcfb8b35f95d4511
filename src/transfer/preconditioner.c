/* SPDX-License-Identifier: MIT */
#include "transfer/preconditioner.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "image/resample.h"

#define COLORS 3

/* w0, w1, w2 of the header, of light and of colour. The first keeps S well away from singular: the
 * blurs alone annihilate the finest checkerboard, which the optimiser could then never change. */
#define LIGHT0 0.05f
#define LIGHT1 0.50f
#define LIGHT2 0.45f
#define COLOR0 0.01f
#define COLOR1 0.09f
#define COLOR2 0.90f

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
    return ((size_t)width + (size_t)2 * REACH2 + line - 1) / line * line;
}

/* Floats of one worker: of each plane the ring and a row on its way; what light has more than
 * colour; a row of the result. */
static size_t worker_floats(const preconditioner *self) {
    return ((size_t)self->planes * (RING + 1) + 2) * row_floats(self->width);
}

void preconditioner_prepare(preconditioner *self, int planes, int height, int width,
                            const kernel_set *kernels) {
    assert((planes == 1 || planes == COLORS) && height >= 1 && width >= 1);
    *self = (preconditioner){.kernels = kernels,
                             .planes = planes,
                             .height = height,
                             .width = width,
                             .workers = cpu_set_threads(0)};
}

void preconditioner_layout(preconditioner *self, layout *to) {
    self->rows = layout_take(to, (size_t)self->workers, worker_floats(self) * sizeof(float));
    self->products = layout_take(to, (size_t)self->height, sizeof(double));
}

/* ---- rows ---- */

/* A worker at some rows of all planes. */
typedef struct worker {
    const preconditioner *owner;
    const float *v;        /* [planes][height][width] */
    float *ring[COLORS];   /* [RING][...] row y of the first blur is number y % RING */
    float *across[COLORS]; /* a row blurred across rows, with room for what it reflects */
    float *light;          /* a row of what light has more than colour */
    float *result;         /* a row of S v where nobody wants it */
    size_t row;            /* floats from a row of the ring to the next */
} worker;

static worker make_worker(const preconditioner *owner, int index, const float *v) {
    const size_t row = row_floats(owner->width);
    worker self = {.owner = owner, .v = v, .row = row};
    float *memory = owner->rows + (size_t)index * worker_floats(owner);
    for (int p = 0; p < owner->planes; p++, memory += (RING + 1) * row) {
        self.ring[p] = memory;
        self.across[p] = memory + RING * row + REACH2;
    }
    self.light = memory;
    self.result = memory + row;
    return self;
}

/* Where sample i of a line of n is found, beyond its ends, too. */
static int found_at(const preconditioner *self, int i, int n) {
    return self->repeats ? image_repeat(i, n) : image_reflect(i, n);
}

/* Puts `reach` samples before and after a row. */
static void extend(const preconditioner *self, float *row, int reach) {
    const int width = self->width;
    for (int i = 1; i <= reach; i++) {
        row[-i] = row[found_at(self, -i, width)];
        row[width - 1 + i] = row[found_at(self, width - 1 + i, width)];
    }
}

static const float *row_of(const worker *self, int p, int y) {
    return self->v + ((ptrdiff_t)p * self->owner->height + y) * self->owner->width;
}

static float *ring_row(const worker *self, int p, int y) {
    return self->ring[p] + (size_t)((y + RING) % RING) * self->row;
}

/* The weights of one blur; and of a row of S v, as a sum of v, the first blur and what the second
 * is made of. */
enum { SOURCES = 2 + TAPS };
#define SHARES(w0, w1, w2) (w0), (w1), (w2)*TAP2, (w2)*TAP1, (w2)*TAP0, (w2)*TAP1, (w2)*TAP2
#define MORE                                                                                       \
    SHARES((LIGHT0 - COLOR0) / COLORS, (LIGHT1 - COLOR1) / COLORS, (LIGHT2 - COLOR2) / COLORS)
static const float taps[TAPS] = {TAP2, TAP1, TAP0, TAP1, TAP2};
static const float light_weights[SOURCES] = {SHARES(LIGHT0, LIGHT1, LIGHT2)};
static const float color_weights[SOURCES + 1] = {SHARES(COLOR0, COLOR1, COLOR2), 1};
static const float more_weights[COLORS * SOURCES] = {MORE, MORE, MORE};

/* Row y of the first blur of a plane, to the ring. */
static void blur_first(const worker *self, int p, int y) {
    const int height = self->owner->height, width = self->owner->width;
    const float *rows[TAPS];
    for (int i = 0; i < TAPS; i++)
        rows[i] = row_of(self, p, found_at(self->owner, y + i - REACH1, height));
    self->owner->kernels->weighted_sum(rows, taps, TAPS, self->across[p], (size_t)width);
    extend(self->owner, self->across[p], REACH1);
    for (int i = 0; i < TAPS; i++)
        rows[i] = self->across[p] + i - REACH1;
    self->owner->kernels->weighted_sum(rows, taps, TAPS, ring_row(self, p, y), (size_t)width);
}

/* What row y of S v of a plane is a sum of. */
static void gather(const worker *self, int p, int y, const float *rows[SOURCES]) {
    const int height = self->owner->height, width = self->owner->width;
    const float *down[TAPS];
    for (int i = 0; i < TAPS; i++) {
        const int at = y + 2 * i - REACH2;
        down[i] = ring_row(self, p, self->owner->repeats ? at : image_reflect(at, height));
    }
    self->owner->kernels->weighted_sum(down, taps, TAPS, self->across[p], (size_t)width);
    extend(self->owner, self->across[p], REACH2);
    rows[0] = row_of(self, p, y);
    rows[1] = ring_row(self, p, y);
    for (int i = 0; i < TAPS; i++)
        rows[2 + i] = self->across[p] + (ptrdiff_t)2 * i - REACH2;
}

/* Row y of S v of all planes; returns its product with that of v. */
static double sum_row(const worker *self, int y, float *out) {
    const preconditioner *owner = self->owner;
    const kernel_set *kernels = owner->kernels;
    const size_t width = (size_t)owner->width;
    const float *rows[COLORS * SOURCES];
    double product = 0;
    for (int p = 0; p < owner->planes; p++)
        gather(self, p, y, rows + (ptrdiff_t)p * SOURCES);
    if (owner->planes == COLORS)
        kernels->weighted_sum(rows, more_weights, COLORS * SOURCES, self->light, width);
    for (int p = 0; p < owner->planes; p++) {
        float *to = out ? out + ((ptrdiff_t)p * owner->height + y) * owner->width : self->result;
        const float *sources[SOURCES + 1];
        memcpy(sources, rows + (ptrdiff_t)p * SOURCES, SOURCES * sizeof *sources);
        sources[SOURCES] = self->light;
        if (owner->planes == COLORS)
            kernels->weighted_sum(sources, color_weights, SOURCES + 1, to, width);
        else
            kernels->weighted_sum(sources, light_weights, SOURCES, to, width);
        product += kernels->dot(sources[0], to, width);
    }
    return product;
}

/* Rows `from` to `to`. Of a picture that repeats the first blur has rows beyond its edges, too. */
static void work_rows(const worker *self, int from, int to, float *out) {
    const preconditioner *owner = self->owner;
    int next = from > REACH2 || owner->repeats ? from - REACH2 : 0;
    for (int y = from; y < to; y++) {
        for (; next <= y + REACH2 && (next < owner->height || owner->repeats); next++) {
            for (int p = 0; p < owner->planes; p++)
                blur_first(self, p, next);
        }
        owner->products[y] = sum_row(self, y, out);
    }
}

double preconditioner_apply(const preconditioner *self, const float *v, float *out) {
    assert(v != out);
    const size_t height = (size_t)self->height, workers = (size_t)self->workers;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < self->workers; i++) {
        const worker w = make_worker(self, i, v);
        const size_t index = (size_t)i;
        work_rows(&w, (int)(height * index / workers), (int)(height * (index + 1) / workers), out);
    }
    double sum = 0;
    for (size_t i = 0; i < height; i++)
        sum += self->products[i];
    return sum;
}
