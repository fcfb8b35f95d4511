/* SPDX-License-Identifier: MIT */
#include "kernel_cases.h"

#include <stdio.h>

#define B CHANNEL_BLOCK
#define PRODUCT_BLOCKS 4 /* channel blocks that are summed over */
#define FIRST_WIDTH 28
#define FIRST_ROW (FIRST_WIDTH + 2 + B) /* as first_conv.c pads it */
#define ADJOINT_WIDTH 24
#define ADJOINT_BLOCKS 2
#define GRAM_WIDTH 96
#define POOL_WIDTH 32 /* pooled pixels */
#define PIXELS 96
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

static const float *weights_of(const kernel_case *c, const kernel_data *d, int panel, int block) {
    return panel == c->panel ? d->weights : d->split + block * c->inputs * B;
}

static void run_product(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const int panel = panel_of(k, c), step = least(c->rows, k->product_rows[panel - 1]);
    for (int block = 0; block < c->panel; block += panel) {
        for (int row = 0; row < c->rows; row += step) {
            const product_tile tile = {
                .v = d->a + row * B,
                .v_block = c->rows * B,
                .blocks = PRODUCT_BLOCKS,
                .u = weights_of(c, d, panel, block),
                .m = d->out + (block * c->rows + row) * B,
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
            .weights = weights_of(c, d, panel, block),
            .bias = d->b + block * B,
            .out = d->out + block * FIRST_WIDTH * B,
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
    (void)c;
    const first_adjoint_row row = {
        .in = d->a + ADJOINT_BLOCKS * block + B,
        .in_row = ADJOINT_BLOCKS * block,
        .in_block = block,
        .blocks = ADJOINT_BLOCKS,
        .weights = d->weights,
        .out = {d->out, d->out + ADJOINT_WIDTH, d->out + 2 * ADJOINT_WIDTH},
        .scale = {1, 2, 3},
        .width = ADJOINT_WIDTH,
    };
    k->first_adjoint_row(&row);
}

static void run_gram(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const ptrdiff_t block = GRAM_WIDTH * B;
    const int step = least(c->blocks, k->gram_blocks);
    for (int j = 0; j < c->blocks; j += step)
        k->gram_rows(d->a, d->a + j * block, block, least(step, c->blocks - j), 0, 1, GRAM_WIDTH,
                     d->sums + (ptrdiff_t)j * B, (ptrdiff_t)c->blocks * B);
}

static void run_filter(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->winograd_filter(d->a, B, d->out, B);
}

static void run_input(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->winograd_input(d->a, PATCH_ROW, d->out, B);
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
                               .add = d->b,
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
    k->unpool_patch(d->a, PATCH_ROW, d->bits, 32, 0.25f, d->out);
}

static void run_pool_row(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    k->pool_row(d->a, d->a + 2 * POOL_WIDTH * B, d->out, d->words, POOL_WIDTH, c->option);
}

static void run_unpool_row(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    k->unpool_row(d->a, d->bits, 0.25f, c->option, d->bits + 4 * POOL_WIDTH, d->out, POOL_WIDTH);
}

static void run_relu(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->relu(d->a, d->out, d->words, PIXELS);
}

static void run_keep(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->keep(d->bits, d->out, PIXELS);
}

static void run_difference(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    d->value = k->difference(d->a, d->b, 0.5f, c->option, d->out, (size_t)PIXELS * B);
}

/* ---- the list ---- */

typedef struct list {
    kernel_case *cases;
    int count;
} list;

/* Floats and words are what is read and written. */
static kernel_case *add(list *l, const char *name, kernel_case c, double flops, int floats,
                        int words) {
    kernel_case *to = &l->cases[l->count++];
    *to = c;
    snprintf(to->name, sizeof to->name, "%s", name);
    to->flops = flops;
    to->bytes = 4.0 * floats + 2.0 * words;
    return to;
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
                              .option = accumulate},
                2.0 * rows * in * out, rows * in + in * out + (1 + accumulate) * rows * out, 0);
        }
    }
    for (int panel = 1; panel <= k->panel; panel++) {
        const int out = panel * B * FIRST_WIDTH;
        snprintf(name, sizeof name, "first_row, %d outputs", panel * B);
        add(l, name, (kernel_case){.run = run_first_row, .panel = panel, .inputs = 27},
            2.0 * 27 * out, 9 * (FIRST_WIDTH + 2) + 28 * panel * B + out, panel * FIRST_WIDTH);
    }
    const int in = B * ADJOINT_BLOCKS;
    snprintf(name, sizeof name, "first_adjoint_row, %d inputs", in);
    add(l, name, (kernel_case){.run = run_first_adjoint}, 2.0 * 27 * in * ADJOINT_WIDTH,
        3 * in * (ADJOINT_WIDTH + 2) + 27 * in + 3 * ADJOINT_WIDTH, 0);
    for (int blocks = 1; blocks <= k->gram_blocks; blocks++) {
        snprintf(name, sizeof name, "gram_rows, %d block%s", blocks, blocks > 1 ? "s" : "");
        add(l, name, (kernel_case){.run = run_gram, .blocks = blocks},
            2.0 * B * B * blocks * GRAM_WIDTH, GRAM_WIDTH * B * blocks + 4 * B * B * blocks, 0);
    }
}

int kernel_cases(const kernel_set *kernels, kernel_case cases[MOST_KERNEL_CASES]) {
    list l = {.cases = cases};
    const int point = 36 * B, tile = 16 * B, window = 4 * POOL_WIDTH;
    add_products(&l, kernels);
    add(&l, "winograd_filter", (kernel_case){.run = run_filter}, FILTER_FLOPS * B, 9 * B + point,
        0);
    add(&l, "winograd_input", (kernel_case){.run = run_input}, INPUT_FLOPS * B, 2 * point, 0);
    add(&l, "winograd_output, bias, relu, sign", (kernel_case){.run = run_output, .option = true},
        (OUTPUT_FLOPS + 16) * B, point + tile + B, 16);
    add(&l, "winograd_output, add, keep", (kernel_case){.run = run_output}, OUTPUT_FLOPS * B,
        point + 2 * tile, 16);
    add(&l, "winograd_output_pooled, maximum", (kernel_case){.run = run_output_pooled},
        OUTPUT_FLOPS * B, point + B + tile / 4, 16);
    add(&l, "winograd_output_pooled, average",
        (kernel_case){.run = run_output_pooled, .option = true}, OUTPUT_FLOPS * B,
        point + B + tile / 4, 16);
    add(&l, "unpool_patch", (kernel_case){.run = run_unpool_patch}, 0, tile + point, 64);
    add(&l, "pool_row, maximum", (kernel_case){.run = run_pool_row}, 0, 5 * POOL_WIDTH * B, window);
    add(&l, "pool_row, average", (kernel_case){.run = run_pool_row, .option = true}, 0,
        5 * POOL_WIDTH * B, window);
    add(&l, "unpool_row", (kernel_case){.run = run_unpool_row}, 0, 3 * POOL_WIDTH * B, window);
    add(&l, "unpool_row, keeps", (kernel_case){.run = run_unpool_row, .option = true}, 0,
        5 * POOL_WIDTH * B, window);
    add(&l, "relu", (kernel_case){.run = run_relu}, 0, 2 * PIXELS * B, PIXELS);
    add(&l, "keep", (kernel_case){.run = run_keep}, 0, 2 * PIXELS * B, PIXELS);
    add(&l, "difference", (kernel_case){.run = run_difference}, 0, 3 * PIXELS * B, 0);
    add(&l, "difference, adds", (kernel_case){.run = run_difference, .option = true}, 0,
        4 * PIXELS * B, 0);
    return l.count + vector_cases(cases + l.count);
}
