/* SPDX-License-Identifier: MIT */
#include "transfer/preconditioner.h"

#include <stddef.h>

#include "core/memory.h"

/* w0, w1, w2 of the header. The first keeps S well away from singular: the blurs alone annihilate
 * the finest checkerboard, which the optimiser could then never change. */
#define LEVELS 2
static const float identity_weight = 0.05f;
static const float blur_weights[LEVELS] = {0.50f, 0.45f};

/* Taps of the binomial filter: the middle one, one step and two steps away. */
#define TAP0 (6 / 16.0f)
#define TAP1 (4 / 16.0f)
#define TAP2 (1 / 16.0f)

bool preconditioner_init(preconditioner *self, int planes, int height, int width, error *err) {
    const size_t count = (size_t)planes * (size_t)height * (size_t)width;
    *self = (preconditioner){.planes = planes, .height = height, .width = width};
    self->blurred = memory_alloc(count, sizeof *self->blurred, err);
    self->rows = self->blurred ? memory_alloc(count, sizeof *self->rows, err) : NULL;
    return self->rows != NULL;
}

void preconditioner_clear(preconditioner *self) {
    memory_free(self->blurred);
    memory_free(self->rows);
    *self = (preconditioner){0};
}

/* Index i of a line of n samples continued by reflection, the end samples repeated. A line may be
 * shorter than the filter. */
static int reflect(int i, int n) {
    while (i < 0 || i >= n)
        i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
}

static float blur_at(const float *in, int x, int step, int width) {
    return TAP0 * in[x] + TAP1 * (in[reflect(x - step, width)] + in[reflect(x + step, width)]) +
           TAP2 * (in[reflect(x - 2 * step, width)] + in[reflect(x + 2 * step, width)]);
}

static void blur_row(const float *in, float *out, int step, int width) {
    const int margin = 2 * step < width ? 2 * step : width;
    for (int x = 0; x < margin; x++)
        out[x] = blur_at(in, x, step, width);
    for (int x = margin; x < width - margin; x++)
        out[x] = TAP0 * in[x] + TAP1 * (in[x - step] + in[x + step]) +
                 TAP2 * (in[x - 2 * step] + in[x + 2 * step]);
    for (int x = width - margin > margin ? width - margin : margin; x < width; x++)
        out[x] = blur_at(in, x, step, width);
}

/* Row y of `plane` [height][width], blurred across rows. */
static void blur_column(const float *plane, float *out, int y, int step, int height, int width) {
    const float *middle = plane + (ptrdiff_t)y * width;
    const float *up1 = plane + (ptrdiff_t)reflect(y - step, height) * width;
    const float *down1 = plane + (ptrdiff_t)reflect(y + step, height) * width;
    const float *up2 = plane + (ptrdiff_t)reflect(y - 2 * step, height) * width;
    const float *down2 = plane + (ptrdiff_t)reflect(y + 2 * step, height) * width;
    for (int x = 0; x < width; x++)
        out[x] = TAP0 * middle[x] + TAP1 * (up1[x] + down1[x]) + TAP2 * (up2[x] + down2[x]);
}

/* One blur of `in` to self->blurred, which may be `in`, and its share added to v, whose old value
 * counts `keep`. */
static void add_blur(const preconditioner *self, const float *in, int step, float weight,
                     float keep, float *v) {
    const int height = self->height, width = self->width, lines = self->planes * height;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < lines; i++)
        blur_row(in + (ptrdiff_t)i * width, self->rows + (ptrdiff_t)i * width, step, width);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < lines; i++) {
        float *out = self->blurred + (ptrdiff_t)i * width, *sum = v + (ptrdiff_t)i * width;
        blur_column(self->rows + (ptrdiff_t)(i / height) * height * width, out, i % height, step,
                    height, width);
        for (int x = 0; x < width; x++)
            sum[x] = keep * sum[x] + weight * out[x];
    }
}

void preconditioner_apply(const preconditioner *self, float *v) {
    const float *in = v;
    for (int level = 0; level < LEVELS; level++) {
        add_blur(self, in, 1 << level, blur_weights[level], level ? 1 : identity_weight, v);
        in = self->blurred;
    }
}
