/* SPDX-License-Identifier: MIT
 *
 * A network at work: every layer forward, alone and with all others, and gradients injected at
 * many sets of layers back to the picture, against the reference and against other plans for the
 * same; pairs of convolutions in strips of every height; nothing stale in memory, and any number of
 * threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "kernel_buffers.h"
#include "network_errors.h"
#include "network_files.h"
#include "network_runs.h"
#include "tensors.h"

#define TOLERANCE 1e-5 /* of the norm */

/* In bf16 errors are as large as their roundings come to (network_errors.h), in few values by
 * chance a little more. A maximum that is taken before it is rounded may be another than that of
 * the rounded values, and a gradient then goes elsewhere: through such poolings two agree in
 * direction and norm, no more, where deep layers have but a few pixels. */
#define CHANCE(count) (1.5 + 4 / sqrt(count))
#define COSINE .8
#define NORM .25

/* A network by one kernel set, and the reference's, on one picture. */
typedef struct setup {
    vgg *network;
    reference_vgg net;
    reference_image image;
    reference_run expected;
    reference_run choices;            /* the same, in bf16 with the engine's activations */
    double off[REFERENCE_MAX_LAYERS]; /* in bf16, of each of its layers' norms */
    run_spec spec;                    /* nothing wanted yet */
} setup;

/* Narrower than others' in the first block, which costs most: the tests also run in an emulator. */
static network_file narrow(int convs) {
    return (network_file){.arch = 19, .convs = convs, .widths = {12, 20, 9, 33, 5}};
}

static void open_setup(setup *self, const kernel_set *k, int convs, int height, int width,
                       bool average) {
    const network_file file = narrow(convs);
    self->network = network_file_load(&file, k, &self->net);
    self->image = reference_pattern_image(1, width, height);
    self->expected = self->choices = (reference_run){0};
    memset(self->off, 0, sizeof self->off);
    self->network->machine.l3 = 0; /* both blocks of two run in strips */
    self->spec = (run_spec){.network = self->network,
                            .pooling = average ? POOLING_AVG : POOLING_MAX,
                            .height = height,
                            .width = width,
                            .picture = self->image.pixels,
                            .backward = true};
}

/* The two gradients are one, as far as the precision goes; `near` of their norm in fp32. */
static void expect_same_gradient(const kernel_set *k, const char *what, const double *values,
                                 const double *expected, int count, double near) {
    const double off = relative_error(values, expected, count);
    const double norm = sqrt(dot(values, values, count) / dot(expected, expected, count));
    const double cosine = dot(values, expected, count) / dot(expected, expected, count) / norm;
    if (k->precision == PRECISION_BF16 ? !(cosine > COSINE && fabs(norm - 1) < NORM)
                                       : !(off < near))
        fail_msg("%s %s: gradient off by %g of its norm, cosine %g, norm %g times", k->name, what,
                 off, cosine, norm);
}

/* Puts the engine's activations, and so its signs and choices, in place of the reference's. */
static void take_choices(const setup *self, const reference_run *run) {
    run_spec spec = self->spec;
    spec.backward = false;
    memset(spec.wanted, true, sizeof spec.wanted);
    run_result result = run_once(&spec);
    for (int i = 0; i < self->network->layer_count; i++)
        memcpy(reference_run_find(run, self->network->layers[i].name)->values,
               result.activations[i], (size_t)run_count(&spec, i) * sizeof(double));
    run_result_clear(&result);
}

/* What the reference makes of it, for tests that compare with that. */
static void run_reference(setup *self) {
    const reference_pooling mode =
        self->spec.pooling == POOLING_AVG ? REFERENCE_AVERAGE : REFERENCE_MAX;
    reference_run_init(&self->expected, &self->net, mode, &self->image);
    reference_run_init(&self->choices, &self->net, mode, &self->image);
    if (self->network->kernels->precision == PRECISION_FP32)
        return;
    errors_of_layers(self->network->kernels, &self->net, &self->expected, self->off);
    take_choices(self, &self->choices);
}

/* Packs the filters again for the schedule of many channels, and plans for caches so small that
 * there are several blocks. */
static void share(setup *self) {
    vgg *network = self->network;
    error err;
    network->machine.l2 = 64 << 10;
    for (int i = 1; i < network->conv_count; i++) {
        const reference_conv *conv = &self->net.conv[i];
        float *weights = to_floats(conv->weights, conv->out * conv->in * 9);
        float *bias = to_floats(conv->bias, conv->out);
        winograd_filter *forward = &network->forward[i], *adjoint = &network->adjoint[i];
        winograd_filter_clear(forward);
        winograd_filter_clear(adjoint);
        assert_true(winograd_filter_init(forward, network->kernels, false, conv->in, conv->out,
                                         weights, bias, &err) &&
                    winograd_filter_init_adjoint(adjoint, network->kernels, false, conv->out,
                                                 conv->in, weights, &err));
        free(weights);
        free(bias);
    }
}

static void close_setup(setup *self) {
    reference_run_clear(&self->expected);
    reference_run_clear(&self->choices);
    reference_vgg_clear(&self->net);
    free(self->image.pixels);
    vgg_free(self->network);
}

/* Threads that wait for one another cost more than the small work here. */
static int one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

/* ---- forward ---- */

static void expect_activations(const setup *self, const run_spec *spec, const run_result *result) {
    const vgg *network = self->network;
    for (int i = 0; i < network->layer_count; i++) {
        const char *name = network->layers[i].name;
        if (!spec->wanted[i])
            continue;
        const int count = run_count(spec, i);
        const reference_layer *layer = reference_run_find(&self->expected, name);
        const double most = TOLERANCE + self->off[layer - self->expected.layer] * CHANCE(count);
        const double off = relative_error(result->activations[i], layer->values, count);
        if (!(off < most))
            fail_msg("%s %s: off by %g of its norm", network->kernels->name, name, off);
    }
}

/* All layers at once (-1) or one alone. */
static void check_layers(const setup *self, int only, bool backward) {
    run_spec spec = self->spec;
    spec.backward = backward;
    for (int i = 0; i < self->network->layer_count; i++)
        spec.wanted[i] = only < 0 || i == only;
    run_result result = run_once(&spec);
    expect_activations(self, &spec, &result);
    run_result_clear(&result);
}

/* With a way back and without; each layer alone in turn, from size to size the other way, and by
 * one kernel set: what is kept is planned alike for all. */
static void check_forward(const kernel_set *k) {
    static const int sizes[][2] = {{16, 16}, {17, 19}, {16, 33}, {37, 29}};
    for (int i = 0; i < 4; i++) {
        setup self;
        open_setup(&self, k, 13, sizes[i][0], sizes[i][1], i == 1 || i == 2);
        run_reference(&self);
        check_layers(&self, -1, false);
        check_layers(&self, -1, true);
        for (int only = 0; k == kernels_best_of(k->precision) && only < self.network->layer_count;
             only++)
            check_layers(&self, only, (i + only) % 2);
        close_setup(&self);
    }
}

static void test_forward(void **state) {
    (void)state;
    for_each_set(check_forward);
}

/* ---- back ---- */

static void check_gradient(const setup *self, const char *names, int strip_rows) {
    run_spec spec = self->spec;
    spec.strip_rows = strip_rows;
    spec.spoiled = true;
    run_want(&spec, names);
    run_inject(&spec);
    const int count = 3 * spec.height * spec.width;
    run_result result = run_once(&spec);
    double *expected = run_reference_gradient(&spec, &self->net, &self->choices, NULL);
    double *values = to_doubles(result.gradient, count);
    expect_activations(self, &spec, &result);
    expect_same_gradient(self->network->kernels, names, values, expected, count, TOLERANCE);
    run_result_clear(&result);
    run_spec_clear(&spec);
    free(values);
    free(expected);
}

static const char *const sets[] = {
    "relu1_1",
    "relu1_1 relu2_1 relu3_1",
    "relu1_1 relu2_1 relu3_1 relu4_1 relu4_2 relu5_1",
    "pool1",
    "pool2",
    "pool1 pool2 pool3 pool4",
    "conv1_2 relu1_2 conv2_1 relu3_2",
    "conv1_1 relu1_1 pool1",
    "pool1 relu2_1 relu2_2",
    "conv2_2",
    "relu2_2",
    "relu1_2",
    "conv3_1",
    "pool2 relu2_2 conv2_2",
    "pool3 conv3_2 relu3_2 conv1_2 pool1",
    "pool1 pool2 relu2_1",
    "conv1_2 pool4",
};
#define SETS (sizeof sets / sizeof *sets)

/* Odd sizes, the smallest, tall and wide ones; tall ones have several strips, as planned. */
static void check_back(const kernel_set *k) {
    static const int sizes[][2] = {{16, 16}, {18, 21}, {35, 17}, {16, 47}, {86, 16}};
    for (int i = 0; i < 20; i++) {
        setup self;
        open_setup(&self, k, 13, sizes[i / 4][0], sizes[i / 4][1], i & 1);
        run_reference(&self);
        if (i & 2)
            share(&self);
        /* Each set of layers at each size, and over these with either pooling and schedule. The
         * plans are the same for all kernel sets: all with one, and a share with the others. */
        const size_t step = k == kernels_best_of(k->precision) ? 4 : 16;
        for (size_t s = (size_t)(i + i / 4) % step; s < SETS; s += step)
            check_gradient(&self, sets[s], 0);
        close_setup(&self);
    }
}

static void test_back(void **state) {
    (void)state;
    for_each_set(check_back);
}

static void check_each_layer_back(const kernel_set *k) {
    for (int average = 0; average < 2; average++) {
        setup self;
        open_setup(&self, k, 13, 19, 22, average);
        run_reference(&self);
        for (int i = 0; i < self.network->layer_count; i++)
            check_gradient(&self, self.network->layers[i].name, 0);
        close_setup(&self);
    }
}

/* With every layer to be seen nothing but roundings is left between the two gradients. */
static void check_same_choices(const setup *self, const char *names) {
    const int count = 3 * self->spec.height * self->spec.width;
    const bool bf16 = self->network->kernels->precision == PRECISION_BF16;
    double off = 0;
    run_spec spec = self->spec;
    run_want(&spec, names);
    run_inject(&spec);
    memset(spec.wanted, true, sizeof spec.wanted);
    run_result result = run_once(&spec);
    double *expected =
        run_reference_gradient(&spec, &self->net, &self->choices, bf16 ? &off : NULL);
    double *values = to_doubles(result.gradient, count);
    const double found = relative_error(values, expected, count);
    if (!(found < TOLERANCE + off * CHANCE(count)))
        fail_msg("%s %s: gradient off by %g of its norm", self->network->kernels->name, names,
                 found);
    run_result_clear(&result);
    run_spec_clear(&spec);
    free(expected);
    free(values);
}

static void check_choices(const kernel_set *k) {
    for (int i = 0; i < 4; i++) {
        setup self;
        open_setup(&self, k, 13, i & 1 ? 37 : 16, i & 1 ? 30 : 16, i & 2);
        run_reference(&self);
        for (size_t s = (size_t)i % 4; s < SETS; s += 4)
            check_same_choices(&self, sets[s]);
        close_setup(&self);
    }
}

static void test_same_choices(void **state) {
    (void)state;
    for_each_set(check_choices);
}

static void test_each_layer_back(void **state) {
    (void)state;
    for_best_sets(check_each_layer_back);
}

/* ---- strips ---- */

/* Every height of the last strip, in both pairs, with and without gradients inside. */
static void check_strips(const kernel_set *k) {
    for (int height = 16; height <= 40; height++) {
        setup self;
        open_setup(&self, k, 6, height, 10, height % 2);
        run_reference(&self);
        for (int rows = 8; rows <= 16; rows += 4) {
            check_gradient(&self, "relu1_1 relu2_1 relu3_1", rows);
            check_gradient(&self, "relu3_2", rows);
            check_gradient(&self, "relu1_1 pool1", rows);
        }
        close_setup(&self);
    }
}

static void test_strips(void **state) {
    (void)state;
    for_best_sets(check_strips);
}

/* What low strips yield, as planned for a very wide picture, whole tensors do, but for
 * rounding. */
static void check_planned_strips(const kernel_set *k) {
    enum { HEIGHT = 18, WIDTH = 10920, COUNT = 3 * HEIGHT * WIDTH };
    const network_file file = {.arch = 19, .convs = 5, .widths = {12, 9, 5}};
    const reference_image image = reference_pattern_image(2, WIDTH, HEIGHT);
    vgg *network = network_file_load(&file, k, NULL);
    network->machine.l3 = 0;
    run_spec spec = {.network = network,
                     .pooling = POOLING_MAX,
                     .height = HEIGHT,
                     .width = WIDTH,
                     .picture = image.pixels,
                     .backward = true};
    run_want(&spec, "relu1_1 relu2_1 relu3_1");
    run_inject(&spec);
    vgg_run run;
    layout memory = run_open(&spec, &run);
    for (int i = 0; i < 2; i++) {
        assert_true(run.plan.steps[i].pair);
        assert_int_equal(run.plan.steps[i].strip_rows, k->precision == PRECISION_BF16 ? 12 : 8);
    }
    run_result strips = run_evaluate(&spec, &run);
    run_want(&spec, "relu1_2 relu2_2"); /* without gradients */
    run_result whole = run_once(&spec);
    double *a = to_doubles(strips.gradient, COUNT), *b = to_doubles(whole.gradient, COUNT);
    expect_same_gradient(k, "in strips", a, b, COUNT, 1e-4);
    free(a);
    free(b);
    layout_free(&memory);
    run_result_clear(&strips);
    run_result_clear(&whole);
    run_spec_clear(&spec);
    vgg_free(network);
    free(image.pixels);
}

static void test_planned_strips(void **state) {
    (void)state;
    for_best_sets(check_planned_strips);
}

/* ---- other plans for the same ---- */

/* Layers that are looked at without a gradient change the plan and, in fp32, nothing else. */
static void check_lookers_on(const kernel_set *k) {
    for (int i = 0; i < 2 * (int)SETS; i++) {
        setup self;
        open_setup(&self, k, 13, 16 + i * 7 % 23, 16 + i * 5 % 31, i % 2);
        const int count = 3 * self.spec.height * self.spec.width;
        run_spec spec = self.spec;
        run_want(&spec, sets[(size_t)i % SETS]);
        run_inject(&spec);
        run_result alone = run_once(&spec);
        for (int layer = 0; layer < self.network->layer_count; layer++)
            spec.wanted[layer] |= random_value() > 0.5f;
        spec.strip_rows = 8 + i % 3 * 4;
        spec.spoiled = true;
        run_result watched = run_once(&spec);
        double *a = to_doubles(alone.gradient, count), *b = to_doubles(watched.gradient, count);
        expect_same_gradient(k, sets[(size_t)i % SETS], a, b, count, 1e-6);
        free(a);
        free(b);
        run_result_clear(&alone);
        run_result_clear(&watched);
        run_spec_clear(&spec);
        close_setup(&self);
    }
}

static void test_lookers_on(void **state) {
    (void)state;
    for_best_sets(check_lookers_on);
}

/* ---- the same bits ---- */

/* Once, after another picture, and in memory that held something else. */
static void check_repeats(const setup *self, const char *names) {
    const reference_image image = reference_pattern_image(3, self->spec.width, self->spec.height);
    run_spec spec = self->spec;
    run_want(&spec, names);
    run_inject(&spec);
    run_spec other = spec;
    other.picture = image.pixels;
    vgg_run run;
    layout memory = run_open(&spec, &run);
    run_result first = run_evaluate(&spec, &run), again = run_evaluate(&spec, &run);
    run_result between = run_evaluate(&other, &run), last = run_evaluate(&spec, &run);
    spec.spoiled = true;
    run_result spoiled = run_once(&spec);
    expect_same_result(&spec, &first, &again);
    expect_same_result(&spec, &first, &last);
    expect_same_result(&spec, &first, &spoiled);
    run_result *const results[] = {&first, &again, &between, &last, &spoiled};
    for (int i = 0; i < 5; i++)
        run_result_clear(results[i]);
    layout_free(&memory);
    run_spec_clear(&spec);
    free(image.pixels);
}

static void check_all_repeats(const kernel_set *k) {
    for (int i = 0; i < 4; i++) {
        setup self;
        open_setup(&self, k, 13, i & 1 ? 37 : 16, i & 1 ? 30 : 16, i & 2);
        self.spec.strip_rows = 8;
        for (size_t s = (size_t)(i + i / 2) % 2; s < SETS; s += 2)
            check_repeats(&self, sets[s]);
        close_setup(&self);
    }
}

static void test_repeats(void **state) {
    (void)state;
    for_best_sets(check_all_repeats);
}

/* Runs planned and worked off by other numbers of threads. */
static void check_thread_counts(const kernel_set *k, bool shared) {
    static const int threads[] = {1, 2, 3, 16};
    setup self;
    open_setup(&self, k, 9, 85, 70, false);
    if (shared)
        share(&self);
    self.spec.strip_rows = 16;
    run_want(&self.spec, "relu1_1 pool1 relu2_1 conv3_2 relu3_4 relu4_1");
    run_inject(&self.spec);
    run_result first = run_once(&self.spec);
    vgg_run run;
    layout memory = {0};
    for (int i = 3; i >= 0; i--) {
        cpu_set_threads(threads[i]);
        if (!memory.base)
            memory = run_open(&self.spec, &run); /* for the most */
        run_result again = run_once(&self.spec), fewer = run_evaluate(&self.spec, &run);
        expect_same_result(&self.spec, &first, &again);
        expect_same_result(&self.spec, &first, &fewer);
        run_result_clear(&again);
        run_result_clear(&fewer);
    }
    layout_free(&memory);
    run_result_clear(&first);
    run_spec_clear(&self.spec);
    close_setup(&self);
}

static void check_threads(const kernel_set *k) {
    check_thread_counts(k, false);
    check_thread_counts(k, true);
}

static void test_threads(void **state) {
    (void)state;
    for_each_set(check_threads);
    cpu_set_threads(1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward),      cmocka_unit_test(test_back),
        cmocka_unit_test(test_same_choices), cmocka_unit_test(test_each_layer_back),
        cmocka_unit_test(test_strips),       cmocka_unit_test(test_planned_strips),
        cmocka_unit_test(test_lookers_on),   cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, one_thread, NULL);
}
