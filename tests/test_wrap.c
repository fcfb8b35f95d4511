/* SPDX-License-Identifier: MIT
 *
 * The cost of a picture that repeats: it does not know where the picture begins. Finite
 * differences through the wrap, what counts twice, and the same bits for any number of threads.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "cost_runs.h"
#include "engine.h"
#include "network_files.h"
#include "transfer/wrap.h"

#define STYLE_WIDTH 56
#define STYLE_HEIGHT 48
#define MOST (3 * 64 * 64)

static vgg *network;

static int set_up(void **state) {
    (void)state;
    const network_file file = network_file_narrow(9); /* to conv4_1 */
    network = network_file_load(&file, kernels_best(), NULL);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vgg_free(network);
    return 0;
}

static void fill(float *planes, int count, unsigned seed) {
    for (int i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        planes[i] = 0.2f + 0.6f * (float)(seed >> 8) / 16777216.0f;
    }
}

/* A wrap and its objective, which must stay where they are. */
typedef struct trial {
    image_extent period;
    cost_spec spec;
    cost_target targets[3];
    wrap wrap;
    objective objective;
    layout style, memory;
} trial;

static void walk(void *part, layout *to) {
    trial *self = part;
    wrap_layout(&self->wrap, to);
    objective_layout(&self->objective, to);
}

static void open_trial(trial *self, int width, int height) {
    static const char *const layers[] = {"relu1_1", "relu2_1", "relu4_1"};
    static const cost_kind kinds[] = {COST_GRAM, COST_COVARIANCE, COST_GRAM};
    static float planes[3 * STYLE_WIDTH * STYLE_HEIGHT];
    error err;
    *self = (trial){.period = {width, height}};
    self->spec.factors[COST_GRAM] = 100;
    self->spec.factors[COST_COVARIANCE] = 50;
    self->spec.factors[COST_SMOOTHNESS] = 0.3;
    self->spec.factors[COST_CHROMA] = 2;
    for (int i = 0; i < 3; i++) {
        const int layer = engine_layer(network, layers[i]);
        self->targets[i] = (cost_target){.kind = kinds[i], .layer = layer};
        spec_add(&self->spec, kinds[i], layer, 1)->target = &self->targets[i];
    }
    spec_add(&self->spec, COST_SMOOTHNESS, COST_PICTURE, 1);
    spec_add(&self->spec, COST_CHROMA, COST_PICTURE, 1);
    fill(planes, sizeof planes / sizeof *planes, 7);
    self->style = targets_make(network, self->spec.pooling, self->targets, 3,
                               (cost_picture){planes, STYLE_HEIGHT, STYLE_WIDTH});
    wrap_prepare(&self->wrap, network, self->period, &self->spec);
    const image_extent size = wrap_around(&self->wrap, self->period);
    if (!objective_prepare(&self->objective, network, &self->spec, size.height, size.width, &err) ||
        !layout_make(&self->memory, walk, self, &err))
        fail_msg("%s", err.text);
    wrap_fill_masks(&self->wrap);
}

static void close_trial(trial *self) {
    layout_free(&self->memory);
    layout_free(&self->style);
}

static double evaluate(trial *self, const float *x, float *gradient) {
    return wrap_evaluate(&self->wrap, &self->objective, x, gradient);
}

/* The picture that begins at (across, down). */
static void shift(const float *from, float *to, image_extent size, int across, int down) {
    for (int i = 0; i < 3 * size.height; i++) {
        const int plane = i / size.height, y = (i % size.height + down) % size.height;
        const float *row = from + (ptrdiff_t)(plane * size.height + y) * size.width;
        for (int x = 0; x < size.width; x++)
            to[(ptrdiff_t)i * size.width + x] = row[(x + across) % size.width];
    }
}

static double norm(const float *v, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (double)v[i] * (double)v[i];
    return sqrt(sum);
}

/* Moved by whole steps of the deepest layer, across all edges, the cost is the same, and the
 * gradient moves along: the seam is like any other place. The norm is that of the picture. */
static void it_does_not_matter_where_it_begins(void **state) {
    (void)state;
    static const int sizes[][2] = {{48, 40}, {16, 32}}; /* the latter are smaller than the margin */
    static float x[MOST], moved[MOST], slope[MOST], wanted[MOST], found[MOST];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        trial t;
        open_trial(&t, sizes[i][0], sizes[i][1]);
        const int count = 3 * sizes[i][0] * sizes[i][1];
        fill(x, count, 3);
        const double cost = evaluate(&t, x, slope);
        const double length = objective_values(&t.objective)->gradient_norm;
        golden_expect("norm", length, norm(slope, count), 1e-6);
        for (int k = 1; k <= 3; k++) {
            shift(x, moved, t.period, 8 * k, 24 - 8 * k);
            shift(slope, wanted, t.period, 8 * k, 24 - 8 * k);
            golden_expect("cost", evaluate(&t, moved, found), cost, 2e-5);
            for (int p = 0; p < count; p++)
                found[p] -= wanted[p];
            if (!(norm(found, count) < 1e-3 * length))
                fail_msg("the gradient is off by %g of its norm", norm(found, count) / length);
        }
        close_trial(&t);
    }
}

/* Central differences along the gradient of a band at the left edge alone, and of all edges: what
 * is shown several times is pulled from all its places. */
static void gradient_agrees_with_differences(void **state) {
    (void)state;
    enum { WIDTH = 44, HEIGHT = 36, COUNT = 3 * WIDTH * HEIGHT };
    static float x[COUNT], slope[COUNT], moved[2][COUNT], unused[COUNT];
    trial t;
    open_trial(&t, WIDTH, HEIGHT);
    fill(x, COUNT, 11);
    evaluate(&t, x, slope);
    for (int band = 2; band <= 60; band += 29) { /* pixels from the edges; the last is everywhere */
        double sum = 0;
        for (int i = 0; i < COUNT; i++) {
            const int column = i % WIDTH, row = i / WIDTH % HEIGHT;
            const bool in = column < band || (band > 2 && (row < band || row >= HEIGHT - band));
            sum += in ? (double)slope[i] * (double)slope[i] : 0;
        }
        const double step = 2e-3 / sqrt(sum);
        for (int i = 0; i < COUNT; i++) {
            const int column = i % WIDTH, row = i / WIDTH % HEIGHT;
            const bool in = column < band || (band > 2 && (row < band || row >= HEIGHT - band));
            const float d = in ? (float)step * slope[i] : 0;
            moved[0][i] = x[i] + d;
            moved[1][i] = x[i] - d;
        }
        const double up = evaluate(&t, moved[0], unused), down = evaluate(&t, moved[1], unused);
        golden_expect("directional derivative", (up - down) / (2 * step), sum, 0.01);
    }
    close_trial(&t);
}

/* What a layer's mask adds up to is one period, whether or not its steps divide it. */
static void masks_hold_one_period(void **state) {
    (void)state;
    static const int sizes[][2] = {{48, 40}, {45, 33}, {16, 19}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        trial t;
        open_trial(&t, sizes[i][0], sizes[i][1]);
        for (int k = 0; k < 3; k++) {
            const cost_mask *mask = t.spec.terms[k].mask;
            const double step = pow(2, k == 2 ? 3 : k);
            golden_expect("squares", mask->squares, sizes[i][0] * sizes[i][1] / (step * step),
                          1e-6);
        }
        close_trial(&t);
    }
}

static void any_threads_make_the_same_bits(void **state) {
    (void)state;
    enum { COUNT = 3 * 45 * 33 };
    static float x[COUNT], first[COUNT], again[COUNT];
    double cost = 0, length = 0;
    fill(x, COUNT, 5);
    for (int threads = 1; threads <= 3; threads++) {
        const int before = cpu_set_threads(threads);
        trial t;
        open_trial(&t, 45, 33);
        const double found = evaluate(&t, x, threads == 1 ? first : again);
        const double now = objective_values(&t.objective)->gradient_norm;
        if (threads > 1) {
            assert_true(found == cost && now == length);
            assert_memory_equal(first, again, sizeof first);
        }
        cost = found;
        length = now;
        close_trial(&t);
        cpu_set_threads(before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_not_matter_where_it_begins),
        cmocka_unit_test(gradient_agrees_with_differences),
        cmocka_unit_test(masks_hold_one_period),
        cmocka_unit_test(any_threads_make_the_same_bits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
