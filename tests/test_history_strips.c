/* SPDX-License-Identifier: MIT
 *
 * The passes of L-BFGS over a picture in strips of rows give the bits of one over the whole: what
 * is left in vectors, the pairs, all sums. Strips of any heights, in any order, at widths that cut
 * pieces and chunks anywhere; all kernel sets that this processor runs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "optimize/history.h"
#include "strips.h"

enum { PAIRS = 3, STEPS = 5, MOST = 3 * 101 * 1000 };

/* One of two that do the same: whole, or in strips. */
typedef struct side {
    history pairs;
    layout memory;
    float *x, *gradient, *start, *out;
    double step;
    const float *new_x, *new_gradient;
    unsigned seed; /* of the strips; 0: whole */
    int height, width;
} side;

static float vectors[2][4][MOST], new_x[MOST], new_gradient[MOST];

static float noise(float height) {
    static unsigned seed = 17;
    seed = seed * 1664525u + 1013904223u;
    return height * ((float)(seed >> 8) / 8388608.0f - 1);
}

static void learn(void *user, vector_range range) {
    side *self = user;
    history_learn(&self->pairs, range, self->x, self->gradient, self->new_x, self->new_gradient);
}

static void combine(void *user, vector_range range) {
    side *self = user;
    history_combine(&self->pairs, range, self->x);
}

static void multiply(void *user, vector_range range) {
    side *self = user;
    history_multiply(&self->pairs, range, self->start);
}

static void step(void *user, vector_range range) {
    side *self = user;
    history_step(&self->pairs, range, self->new_x, self->new_gradient, self->start, self->step,
                 self->out);
}

static void make_pass(side *self, void (*work)(void *user, vector_range range)) {
    if (self->seed)
        strips_each(self->height, self->width, self->seed++, work, self);
    else
        work(self, (vector_range){0, self->pairs.count});
}

static void walk(void *part, layout *to) {
    history_layout(part, to);
}

static void open_side(side *self, int number, int height, int width, const kernel_set *kernels) {
    error err;
    const size_t count = 3 * (size_t)height * (size_t)width;
    *self = (side){.x = vectors[number][0],
                   .gradient = vectors[number][1],
                   .start = vectors[number][2],
                   .out = vectors[number][3],
                   .new_x = new_x,
                   .new_gradient = new_gradient,
                   .seed = (unsigned)number * 31 * (unsigned)width,
                   .height = height,
                   .width = width};
    history_prepare(&self->pairs, PAIRS, count, kernels);
    assert_true(layout_make(&self->memory, walk, &self->pairs, &err));
}

/* Learns a step and takes the next direction; what comes of it is in the side. */
static history_slopes iterate(side *self) {
    make_pass(self, learn);
    const double curvature = history_learnt(&self->pairs);
    assert_true(curvature > 0);
    self->pairs.scale = 1 / curvature;
    history_first_loop(&self->pairs);
    make_pass(self, combine);
    memcpy(self->start, self->x, self->pairs.count * sizeof *self->x);
    make_pass(self, multiply);
    history_second_loop(&self->pairs);
    self->step = 0.5;
    make_pass(self, step);
    return history_find_slopes(&self->pairs);
}

static void expect_same_history(const history *a, const history *b) {
    const size_t pieces = (a->count + VECTOR_PIECE - 1) / VECTOR_PIECE, rows = PAIRS * pieces;
    assert_true(a->size == b->size && a->used == b->used && a->next == b->next);
    assert_memory_equal(&a->scale, &b->scale, sizeof a->scale);
    assert_memory_equal(a->products, b->products, PAIRS * PAIRS * sizeof *a->products);
    assert_memory_equal(a->gradients, b->gradients, PAIRS * sizeof *a->gradients);
    assert_memory_equal(a->factors, b->factors, PAIRS * sizeof *a->factors);
    assert_memory_equal(a->s.words, b->s.words, rows * VECTOR_PIECE);
    assert_memory_equal(a->y.words, b->y.words, rows * VECTOR_PIECE);
    assert_memory_equal(a->s.scales, b->s.scales, rows * sizeof *a->s.scales);
    assert_memory_equal(a->y.scales, b->y.scales, rows * sizeof *a->y.scales);
}

static void check_size(int height, int width, const kernel_set *kernels) {
    const size_t count = 3 * (size_t)height * (size_t)width;
    side whole, cut;
    open_side(&whole, 0, height, width, kernels);
    open_side(&cut, 1, height, width, kernels);
    for (size_t i = 0; i < count; i++) {
        new_x[i] = 0.5f + noise(0.5f);
        new_gradient[i] = noise(1);
    }
    for (int k = 0; k < STEPS; k++) {
        memcpy(whole.x, new_x, count * sizeof *new_x);
        memcpy(cut.x, new_x, count * sizeof *new_x);
        memcpy(whole.gradient, new_gradient, count * sizeof *new_gradient);
        memcpy(cut.gradient, new_gradient, count * sizeof *new_gradient);
        for (size_t i = 0; i < count; i++) {
            const float old = new_x[i];
            new_x[i] = fminf(fmaxf(old + noise(0.6f), 0), 1);
            new_gradient[i] += (float)(1 + i % 7) * (new_x[i] - old) + noise(0.01f);
        }
        const history_slopes a = iterate(&whole), b = iterate(&cut);
        assert_memory_equal(&a.slope, &b.slope, sizeof a.slope);
        assert_memory_equal(&a.predicted, &b.predicted, sizeof a.predicted);
        for (int i = 0; i < 4; i++)
            assert_memory_equal(vectors[0][i], vectors[1][i], count * sizeof(float));
        expect_same_history(&whole.pairs, &cut.pairs);
    }
    layout_free(&whole.memory);
    layout_free(&cut.memory);
}

/* The last two are large enough for several pieces in a chunk. */
static void test_strips(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 16},   {211, 16},  {37, 64},   {23, 100},
                                   {1, 300},  {41, 300},  {29, 384},  {17, 512},
                                   {9, 1000}, {300, 300}, {101, 1000}};
    for (int i = 0; kernels_at(i); i++) {
        for (size_t k = 0; kernels_supported(kernels_at(i)) && k < sizeof sizes / sizeof *sizes;
             k++)
            check_size(sizes[k][0], sizes[k][1], kernels_at(i));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_strips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
