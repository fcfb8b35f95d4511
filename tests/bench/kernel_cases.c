/* SPDX-License-Identifier: MIT */
#include "kernel_cases.h"

#include <stdio.h>

#define B CHANNEL_BLOCK
#define PRODUCT_BLOCKS 4 /* channel blocks that are summed over */
#define FIRST_WIDTH 28
#define FIRST_ROW (FIRST_WIDTH + 2 + B) /* as first_conv.c pads it */
#define ADJOINT_WIDTH 24
#define ADJOINT_BLOCKS 2
#define GRAM_WIDTH KERNEL_GRAM_PIXELS
#define POOL_WIDTH 32 /* pooled pixels */
#define PIXELS 96
#define TAPS 9
#define PATCH_ROW (8 * B) /* floats from row to row of tiles */

/* Operations of the transforms of simd/winograd_body.h, in one of the 16 lanes: lines times the
 * adds and multiplies of one. */
#define FILTER_FLOPS (9 * 11)
#define INPUT_FLOPS (12 * 22)
#define OUTPUT_FLOPS (10 * 16 + 16)

static int least(int a, int b) {
    return a < b ? a : b;
}

/* How much a set takes at once of what the case offers. */
static int panel_of(const kernel_set *k, const kernel_case *c) {
    return c->panel <= k->panel ? c->panel : 1;
}

/* Value number i of activations or operands. */
static void *activation_at(const kernel_set *k, void *values, ptrdiff_t i) {
    return (unsigned char *)values + i * (ptrdiff_t)kernels_activation_bytes(k);
}

static void *operand_at(const kernel_set *k, void *values, ptrdiff_t i) {
    return (unsigned char *)values + i * (ptrdiff_t)kernels_operand_bytes(k);
}

static void run_product(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const int panel = panel_of(k, c), step = least(c->rows, k->product_rows[panel - 1]);
    for (int block = 0; block < c->panel; block += panel) {
        for (int row = 0; row < c->rows; row += step) {
            const product_tile tile = {
                .v = operand_at(k, d->v, row * B),
                .v_block = c->rows * B,
                .blocks = PRODUCT_BLOCKS,
                .u = panel == c->panel ? d->u : operand_at(k, d->u_split, block * c->inputs * B),
                .m = (float *)d->out + (block * c->rows + row) * B,
                .m_block = c->rows * B,
                .rows = least(step, c->rows - row),
                .panel = panel,
                .accumulate = c->option,
            };
            k->product(&tile);
        }
    }
}

static void run_first_row(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const int panel = panel_of(k, c);
    for (int block = 0; block < c->panel; block += panel) {
        const first_row row = {
            .in = d->a,
            .in_row = FIRST_ROW,
            .in_plane = 3 * FIRST_ROW,
            .weights = panel == c->panel ? d->weights : d->split + block * c->inputs * B,
            .bias = d->b + block * B,
            .out = activation_at(k, d->out, block * FIRST_WIDTH * B),
            .out_block = FIRST_WIDTH * B,
            .sign = d->words + block * FIRST_WIDTH,
            .sign_block = FIRST_WIDTH,
            .width = FIRST_WIDTH,
            .panel = panel,
            .relu = true,
        };
        k->first_row(&row);
    }
}

static void run_first_adjoint(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const ptrdiff_t block = (ADJOINT_WIDTH + 2) * B;
    float *out = d->out;
    (void)c;
    const first_adjoint_row row = {
        .in = activation_at(k, d->x, ADJOINT_BLOCKS * block + B),
        .in_row = ADJOINT_BLOCKS * block,
        .in_block = block,
        .blocks = ADJOINT_BLOCKS,
        .weights = d->weights,
        .out = {out, out + ADJOINT_WIDTH, out + 2 * ADJOINT_WIDTH},
        .scale = {1, 2, 3},
        .width = ADJOINT_WIDTH,
    };
    k->first_adjoint_row(&row);
}

static void run_gram(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const int together = k->bf16_products ? 2 : 1, places = GRAM_WIDTH / together;
    const int step = least(c->blocks, k->gram_blocks);
    for (int j = 0; j < c->blocks; j += step)
        k->gram_rows(d->packed, operand_at(k, d->packed, (ptrdiff_t)j * GRAM_WIDTH * B),
                     (ptrdiff_t)places * B, least(step, c->blocks - j), 0, 1, places,
                     d->sums + (ptrdiff_t)j * B, (ptrdiff_t)c->blocks * B);
}

static void run_gram_pack(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->gram_pack(d->x, GRAM_WIDTH, d->out);
}

/* Two input channels: at once, or one after the other with their points side by side. */
static void run_filter(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const int step = k->bf16_products ? 2 : 1;
    (void)c;
    for (int i = 0; i < 2; i += step)
        k->winograd_filter(d->a + i * TAPS * B, B, TAPS * B, operand_at(k, d->out, i * B), 2 * B);
}

static void run_input(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->winograd_input(d->x, PATCH_ROW, d->out, B);
}

static void run_output(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const winograd_out forward = {.out = d->out,
                                  .row = PATCH_ROW,
                                  .sign = d->words,
                                  .sign_row = 8,
                                  .height = 4,
                                  .width = 4,
                                  .bias = d->b,
                                  .relu = true};
    const winograd_out back = {.out = d->out,
                               .add = d->y,
                               .row = PATCH_ROW,
                               .keep = d->bits,
                               .sign_row = 8,
                               .height = 4,
                               .width = 4};
    k->winograd_output(d->a, B, c->option ? &forward : &back);
}

static void run_output_pooled(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const winograd_pooled to = {.out = d->out,
                                .row = PATCH_ROW,
                                .choice = d->words,
                                .choice_row = 16,
                                .height = 2,
                                .width = 2,
                                .bias = d->b,
                                .average = c->option};
    k->winograd_output_pooled(d->a, B, &to);
}

static void run_unpool_patch(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->unpool_patch(d->x, PATCH_ROW, d->bits, 32, 0.25f, d->out);
}

static void run_pool_row(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    k->pool_row(d->x, activation_at(k, d->x, 2 * POOL_WIDTH * B), d->out, d->words, POOL_WIDTH,
                c->option);
}

static void run_unpool_row(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    k->unpool_row(d->x, d->bits, 0.25f, c->option, d->bits + 4 * POOL_WIDTH, d->out, POOL_WIDTH);
}

static void run_relu(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->relu(d->x, d->out, d->words, PIXELS);
}

static void run_keep(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->keep(d->bits, d->out, PIXELS);
}

static void run_difference(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    d->value = k->difference(d->a, d->y, 0.5f, c->option, d->out, (size_t)PIXELS * B);
}

static void run_widen(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->widen(d->x, d->out, (size_t)PIXELS * B);
}

static void run_narrow(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->narrow(d->a, d->out, (size_t)PIXELS * B);
}

/* ---- the list ---- */

typedef struct list {
    const kernel_set *kernels;
    kernel_case *cases;
    int count;
} list;

/* What is read and written. */
typedef struct traffic {
    int activations, operands, floats, words;
} traffic;

static void add(list *l, const char *name, kernel_case c, double flops, traffic t) {
    kernel_case *to = &l->cases[l->count++];
    *to = c;
    snprintf(to->name, sizeof to->name, "%s", name);
    to->flops = flops;
    to->bytes = (double)kernels_activation_bytes(l->kernels) * t.activations +
                (double)kernels_operand_bytes(l->kernels) * t.operands + 4.0 * t.floats +
                2.0 * t.words;
}

static void add_products(list *l, const kernel_set *k) {
    char name[48];
    for (int panel = 1; panel <= k->panel; panel++) {
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            const int rows = k->product_rows[panel - 1], in = PRODUCT_BLOCKS * B, out = panel * B;
            snprintf(name, sizeof name, "product %dx%d, %d channels%s", rows, panel, in,
                     accumulate ? ", adds" : "");
            add(l, name,
                (kernel_case){.run = run_product,
                              .panel = panel,
                              .rows = rows,
                              .inputs = in,
                              .option = accumulate,
                              .products = true},
                2.0 * rows * in * out,
                (traffic){.operands = rows * in + in * out,
                          .floats = (1 + accumulate) * rows * out});
        }
    }
    for (int blocks = 1; blocks <= k->gram_blocks; blocks++) {
        snprintf(name, sizeof name, "gram_rows, %d block%s", blocks, blocks > 1 ? "s" : "");
        add(l, name, (kernel_case){.run = run_gram, .blocks = blocks, .products = true},
            2.0 * B * B * blocks * GRAM_WIDTH,
            (traffic){.operands = GRAM_WIDTH * B * blocks, .floats = 4 * B * B * blocks});
    }
}

static void add_first(list *l, const kernel_set *k) {
    char name[48];
    for (int panel = 1; panel <= k->panel; panel++) {
        const int out = panel * B * FIRST_WIDTH;
        snprintf(name, sizeof name, "first_row, %d outputs", panel * B);
        add(l, name,
            (kernel_case){
                .run = run_first_row, .out = OUT_ACTIVATIONS, .panel = panel, .inputs = 27},
            2.0 * 27 * out,
            (traffic){.activations = out,
                      .floats = 9 * (FIRST_WIDTH + 2) + 28 * panel * B,
                      .words = panel * FIRST_WIDTH});
    }
    const int in = B * ADJOINT_BLOCKS;
    snprintf(name, sizeof name, "first_adjoint_row, %d inputs", in);
    add(l, name, (kernel_case){.run = run_first_adjoint}, 2.0 * 27 * in * ADJOINT_WIDTH,
        (traffic){.activations = 3 * in * (ADJOINT_WIDTH + 2),
                  .floats = 27 * in + 3 * ADJOINT_WIDTH});
}

static void add_transforms(list *l) {
    const int point = 36 * B, tile = 16 * B;
    const kernel_out out = OUT_ACTIVATIONS;
    add(l, "winograd_filter, two inputs", (kernel_case){.run = run_filter, .out = OUT_PAIRS},
        2 * FILTER_FLOPS * B, (traffic){.operands = 2 * point, .floats = 2 * TAPS * B});
    add(l, "winograd_input", (kernel_case){.run = run_input, .out = OUT_OPERANDS}, INPUT_FLOPS * B,
        (traffic){.activations = point, .operands = point});
    add(l, "winograd_output, bias, relu, sign",
        (kernel_case){.run = run_output, .out = out, .option = true}, (OUTPUT_FLOPS + 16) * B,
        (traffic){.activations = tile, .floats = point + B, .words = 16});
    add(l, "winograd_output, add, keep", (kernel_case){.run = run_output, .out = out},
        OUTPUT_FLOPS * B, (traffic){.activations = 2 * tile, .floats = point, .words = 16});
    for (int average = 0; average < 2; average++)
        add(l, average ? "winograd_output_pooled, average" : "winograd_output_pooled, maximum",
            (kernel_case){.run = run_output_pooled, .out = out, .option = average},
            OUTPUT_FLOPS * B, (traffic){.activations = tile / 4, .floats = point + B, .words = 16});
    add(l, "unpool_patch", (kernel_case){.run = run_unpool_patch, .out = out}, 0,
        (traffic){.activations = tile + point, .words = 64});
}

static void add_element_wise(list *l) {
    const int window = 4 * POOL_WIDTH, row = POOL_WIDTH * B, all = PIXELS * B;
    const kernel_out out = OUT_ACTIVATIONS;
    add(l, "pool_row, maximum", (kernel_case){.run = run_pool_row, .out = out}, 0,
        (traffic){.activations = 5 * row, .words = window});
    add(l, "pool_row, average", (kernel_case){.run = run_pool_row, .out = out, .option = true}, 0,
        (traffic){.activations = 5 * row, .words = window});
    add(l, "unpool_row", (kernel_case){.run = run_unpool_row, .out = out}, 0,
        (traffic){.activations = 3 * row, .words = window});
    add(l, "unpool_row, keeps", (kernel_case){.run = run_unpool_row, .out = out, .option = true}, 0,
        (traffic){.activations = 5 * row, .words = window});
    add(l, "relu", (kernel_case){.run = run_relu, .out = out}, 0,
        (traffic){.activations = 2 * all, .words = PIXELS});
    add(l, "keep", (kernel_case){.run = run_keep, .out = out}, 0,
        (traffic){.activations = 2 * all, .words = PIXELS});
    add(l, "difference", (kernel_case){.run = run_difference}, 0,
        (traffic){.activations = all, .floats = 2 * all});
    add(l, "difference, adds", (kernel_case){.run = run_difference, .option = true}, 0,
        (traffic){.activations = all, .floats = 3 * all});
}

/* Those that are copies in fp32, and not called there. */
static void add_conversions(list *l) {
    const int pixels = GRAM_WIDTH * B, all = PIXELS * B;
    add(l, "gram_pack", (kernel_case){.run = run_gram_pack, .out = OUT_PAIRS}, 0,
        (traffic){.activations = pixels, .operands = pixels});
    add(l, "widen", (kernel_case){.run = run_widen}, 0,
        (traffic){.activations = all, .floats = all});
    add(l, "narrow", (kernel_case){.run = run_narrow, .out = OUT_ACTIVATIONS}, 0,
        (traffic){.activations = all, .floats = all});
}

int kernel_cases(const kernel_set *kernels, kernel_case cases[MOST_KERNEL_CASES]) {
    list l = {.kernels = kernels, .cases = cases};
    add_products(&l, kernels);
    add_first(&l, kernels);
    add_transforms(&l);
    add_element_wise(&l);
    if (kernels->precision == PRECISION_FP32)
        return l.count + vector_cases(cases + l.count);
    add_conversions(&l);
    return l.count;
}
