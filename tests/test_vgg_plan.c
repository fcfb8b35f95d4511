/* SPDX-License-Identifier: MIT
 *
 * The plan of a run: over many sizes, layers wanted, ways and threads, no two buffers that live at
 * the same time overlap, each is as large as its tensor or bitmap, every step has the working
 * memory that it asks for, and pairs are formed where they may be; and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "engine.h"
#include "network/vgg_plan.h"
#include "network_files.h"

static vgg *network;

static int open_network(void **state) {
    (void)state;
    const network_file file = network_file_narrow(16);
    network = network_file_load(&file, kernels_best(), NULL);
    network->machine.l3 = 0; /* both blocks of two run in strips where they may */
    return 0;
}

static int close_network(void **state) {
    (void)state;
    vgg_free(network);
    return 0;
}

typedef struct layers {
    bool wanted[VGG_MAX_LAYERS];
} layers;

/* Names separated by blanks. */
static layers layers_of(const char *names) {
    layers self = {{false}};
    char name[16];
    for (int used; sscanf(names, " %15s%n", name, &used) == 1; names += used)
        self.wanted[engine_layer(network, name)] = true;
    return self;
}

static vgg_plan make(layers wanted, int height, int width, bool backward, int threads) {
    vgg_plan plan;
    error err;
    if (!vgg_plan_make(&plan, network, height, width, wanted.wanted, backward, threads, &err))
        fail_msg("%s", err.text);
    return plan;
}

/* ---- the arena ---- */

enum { STEP_BUFFERS = 9 };

static const vgg_buffer *buffer_at(const vgg_plan *plan, int i) {
    const vgg_step *step = &plan->steps[i / STEP_BUFFERS];
    const vgg_buffer *const buffers[STEP_BUFFERS] = {
        &step->before_relu, &step->activation, &step->pooled, &step->sign,
        &step->choice,      &step->gradient,   &step->strip,  &step->activation_gradient,
        &step->strip_sign};
    return buffers[i % STEP_BUFFERS];
}

/* Large enough, aligned, and inside. */
static void expect_room(const vgg_plan *plan, const vgg_buffer *b) {
    size_t bytes;
    if (b->words)
        assert_true(
            bitmap_bytes(tensor_blocks(b->channels), b->words, b->height, b->width, &bytes));
    else
        assert_true(tensor_values(b->channels, b->height, b->width, &bytes));
    assert_true(b->bytes >= bytes * (b->words ? 1 : kernels_activation_bytes(network->kernels)));
    assert_int_equal(b->offset % MEMORY_ALIGNMENT, 0);
    assert_true(b->offset + b->bytes <= plan->arena_bytes);
    assert_true(b->first >= 0 && b->first <= b->last && b->last <= 2 * plan->count);
}

static void expect_apart(const vgg_plan *plan) {
    size_t end = 0;
    for (int i = 0; i < plan->count * STEP_BUFFERS; i++) {
        const vgg_buffer *a = buffer_at(plan, i);
        if (!a->bytes)
            continue;
        expect_room(plan, a);
        end = a->offset + a->bytes > end ? a->offset + a->bytes : end;
        for (int k = 0; k < i; k++) {
            const vgg_buffer *b = buffer_at(plan, k);
            /* A bitmap's ring is never cleared again: it lives as long as the run. */
            const bool meet = a->words || b->words || (a->first <= b->last && b->first <= a->last);
            if (b->bytes && meet)
                assert_true(a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset);
        }
    }
    assert_int_equal(end, plan->arena_bytes);
}

/* ---- working memory ---- */

static void expect_scratch(const vgg_plan *plan, const winograd_filter *filter,
                           const winograd_blocks *blocks) {
    assert_true(blocks->tiles > 0 && blocks->together > 0 && blocks->channels > 0);
    assert_true(winograd_scratch_bytes(filter, blocks, plan->threads) <= plan->scratch_bytes);
}

static void expect_working_memory(const vgg_plan *plan) {
    for (int i = 0; i < plan->count; i++) {
        const vgg_step *step = &plan->steps[i];
        const int conv = step->conv, rows = step->pair ? step->strip_rows + 4 : step->height;
        if (conv == 0 || (step->pair && conv == 1))
            assert_true(first_conv_scratch_floats(rows, step->width) * sizeof(float) <=
                        plan->scratch_bytes);
        if (conv > 0) {
            expect_scratch(plan, &network->forward[conv], &step->forward);
            expect_scratch(plan, &network->adjoint[conv], &step->adjoint);
        }
        if (step->pair && conv > 1) {
            expect_scratch(plan, &network->forward[conv - 1], &step->first_forward);
            expect_scratch(plan, &network->adjoint[conv - 1], &step->first_adjoint);
        }
    }
}

/* ---- steps ---- */

/* Every layer that is wanted is somewhere: its tensor, or a pair's strips. */
static void expect_wanted(const vgg_plan *plan, const layers *wanted) {
    int stored = 0, expected = 0;
    for (int i = 0; i < VGG_MAX_LAYERS; i++)
        expected += wanted->wanted[i];
    for (int i = 0; i < plan->count; i++) {
        const vgg_step *s = &plan->steps[i];
        const int inner[] = {s->conv_layer, s->relu_layer, s->pool_layer};
        const size_t bytes[] = {s->before_relu.bytes, s->activation.bytes, s->pooled.bytes};
        for (int k = 0; k < 3; k++)
            stored += inner[k] >= 0 && wanted->wanted[inner[k]] && bytes[k] > 0;
        if (s->pair)
            stored += wanted->wanted[s->between];
    }
    assert_int_equal(stored, expected);
    assert_true(wanted->wanted[plan->depth]);
}

/* The picture's size and the layers follow one another; strips have whole tiles and room for the
 * rows that are carried over. */
static void expect_steps(const vgg_plan *plan) {
    int conv = 0, height = plan->height, width = plan->width;
    for (int i = 0; i < plan->count; i++) {
        const vgg_step *s = &plan->steps[i];
        conv += s->pair;
        assert_int_equal(s->conv, conv++);
        assert_int_equal(s->height, height);
        assert_int_equal(s->width, width);
        assert_string_equal(
            network->layers[s->conv_layer].name + 4,
            network->layers[s->relu_layer < 0 ? s->conv_layer : s->relu_layer].name + 4);
        if (s->pair) {
            assert_true(s->strip_rows >= 8 && s->strip_rows % 4 == 0);
            assert_int_equal(s->strip.height, s->strip_rows + 8);
            assert_int_equal(s->strip.channels, network->layers[s->between].channels);
            assert_int_equal(s->between, s->conv_layer - 1);
        }
        height = s->pool_layer >= 0 ? height / 2 : height;
        width = s->pool_layer >= 0 ? width / 2 : width;
    }
}

/* Without a way back there are no gradients, and not more of anything. */
static void expect_less(const vgg_plan *forward, const vgg_plan *both) {
    assert_int_equal(forward->count, both->count);
    assert_true(forward->arena_bytes <= both->arena_bytes);
    for (int i = 0; i < forward->count; i++) {
        const vgg_step *step = &forward->steps[i];
        assert_true(!step->gradient.bytes && !step->activation_gradient.bytes &&
                    !step->strip_sign.bytes);
    }
}

static void check_plans(layers wanted, int height, int width, int threads) {
    const vgg_plan forward = make(wanted, height, width, false, threads);
    const vgg_plan both = make(wanted, height, width, true, threads);
    const vgg_plan *const plans[] = {&forward, &both};
    for (int i = 0; i < 2; i++) {
        expect_apart(plans[i]);
        expect_working_memory(plans[i]);
        expect_wanted(plans[i], &wanted);
        expect_steps(plans[i]);
    }
    expect_less(&forward, &both);
}

static void test_plans(void **state) {
    (void)state;
    static const int sizes[][2] = {{32, 32}, {33, 47}, {700, 37}, {40, 5470}, {1024, 768}};
    static const char *const sets[] = {
        "relu1_1 relu2_1 relu3_1 relu4_1 relu4_2 relu5_1",
        "pool1 relu1_2 conv1_2",
        "conv2_1 pool2 relu3_4",
        "pool5 conv5_4",
        "relu2_2 conv3_3 pool3",
    };
    for (int i = 0; i < 2 * 5; i++) {
        const int height = sizes[i / 2][0], width = sizes[i / 2][1], threads = i % 2 ? 8 : 1;
        layers all = {{false}};
        for (int layer = 0; layer < network->layer_count; layer++) {
            layers one = {{false}};
            all.wanted[layer] = one.wanted[layer] = true;
            check_plans(one, height, width, threads);
            check_plans(all, height, width, threads);
        }
        for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
            check_plans(layers_of(sets[s]), height, width, threads);
    }
}

/* ---- pairs ---- */

static void test_pairs(void **state) {
    (void)state;
    static const struct {
        const char *wanted;
        bool first, second; /* which of the blocks of two run in strips */
    } cases[] = {
        {"relu3_1", true, true},
        {"relu1_1 relu2_1 relu3_1", true, true}, /* between the two: seen in strips */
        {"pool1 relu3_1", true, false},          /* its input is wanted */
        {"pool2", true, true},
        {"relu2_2", true, false}, /* not a whole block */
        {"conv1_1 pool2", false, true},
        {"conv1_2 pool2", false, true},
        {"relu1_2 pool2", false, true},
        {"conv2_1 pool2", true, false},
        {"conv2_2 pool2", true, false},
        {"relu2_2 pool2", true, false},
        {"pool1", true, false},
        {"relu1_2", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const vgg_plan plan = make(layers_of(cases[i].wanted), 64, 64, i % 2, 2);
        bool pairs[VGG_BLOCKS + 1] = {false};
        for (int k = 0; k < plan.count; k++) {
            const vgg_layer *layer = &network->layers[plan.steps[k].conv_layer];
            pairs[layer->block] |= plan.steps[k].pair;
        }
        if (pairs[1] != cases[i].first || pairs[2] != cases[i].second)
            fail_msg("%s: pairs %d %d", cases[i].wanted, pairs[1], pairs[2]);
        assert_true(!pairs[3] && !pairs[4] && !pairs[5]);
    }
}

/* A block is a pair only where its activations outgrow the caches, or take 128 MB. */
static void test_pairs_of_large_pictures(void **state) {
    (void)state;
    const vgg_plan small = make(layers_of("relu3_1"), 64, 64, true, 2);
    assert_true(small.steps[1].pair);
    network->machine.l3 = (size_t)1 << 20;
    const vgg_plan kept = make(layers_of("relu3_1"), 64, 64, true, 2);
    const vgg_plan large = make(layers_of("relu3_1"), 2048, 2048, true, 2);
    network->machine.l3 = (size_t)1 << 30; /* a server's, which others use, too */
    const vgg_plan cached = make(layers_of("relu3_1"), 1024, 1024, true, 2);
    const vgg_plan bounded = make(layers_of("relu3_1"), 4096, 4096, true, 2);
    network->machine.l3 = 0;
    for (int i = 0; i < kept.count; i++)
        assert_false(kept.steps[i].pair);
    assert_true(large.steps[0].pair && large.steps[1].pair);
    assert_int_equal(cached.count, kept.count);
    assert_true(bounded.steps[0].pair && bounded.steps[1].pair);
}

/* A pair's inner activations, the network's largest, exist for a strip at a time. */
static void test_strips_save_memory(void **state) {
    (void)state;
    const vgg_plan strips = make(layers_of("relu4_1"), 1000, 1000, true, 1);
    const vgg_plan whole = make(layers_of("relu1_2 relu4_1"), 1000, 1000, true, 1);
    assert_true(strips.arena_bytes < whole.arena_bytes / 2);
}

/* ---- refusals ---- */

static void expect_refused(const char *wanted, int height, int width, const char *what) {
    const layers set = layers_of(wanted);
    vgg_plan plan;
    error err = {0};
    assert_false(vgg_plan_make(&plan, network, height, width, set.wanted, true, 64, &err));
    assert_int_equal(err.code, ERROR_FAILURE);
    if (!strstr(err.text, what))
        fail_msg("'%s' does not say '%s'", err.text, what);
    assert_non_null(strstr(err.text, "--size"));
}

static void test_refusals(void **state) {
    (void)state;
    expect_refused("relu1_1 relu5_1", 15, 64, "64x15");
    expect_refused("relu1_1 relu5_1", 64, 15, "relu5_1");
    expect_refused("pool5", 31, 64, "pool5");
    expect_refused("pool1", 1, 1, "pool1");
    make(layers_of("pool5"), 32, 32, true, 64);
    make(layers_of("relu5_1"), 16, 16, true, 64);
    make(layers_of("relu1_2"), 1, 1, true, 64);
    static const int absurd[][2] = {{INT32_MAX, INT32_MAX}, {1 << 20, 1 << 20}, {INT32_MAX, 1},
                                    {1, INT32_MAX},         {1 << 27, 1},       {1 << 16, 1 << 13}};
    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        expect_refused("relu1_1", absurd[i][0], absurd[i][1], "too large");
        expect_refused("conv1_2", absurd[i][0], absurd[i][1], "too large");
    }
    const vgg_plan large = make(layers_of("relu5_1"), 1 << 14, 1 << 14, true, 64);
    assert_true(large.arena_bytes > (size_t)1 << 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_pairs_of_large_pictures),
        cmocka_unit_test(test_strips_save_memory),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, open_network, close_network);
}
