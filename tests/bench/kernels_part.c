/* SPDX-License-Identifier: MIT
 *
 * The part `kernels`: each case of each set that this processor runs is compared with the generic
 * set of its precision and then timed.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "kernel_cases.h"
#include "peak.h"
#include "report.h"
#include "timing.h"

#define WORDS (KERNEL_FLOATS / 4)
#define BYTES KERNEL_FLOATS /* words of them */
#define SUMS (4 * CHANNEL_BLOCK * CHANNEL_BLOCK)
#define TOLERANCE 1e-5 /* of the largest value */
#define SPACING 0x1p-7 /* of bf16: where one set rounds up another may round down */

static void *new_values(size_t bytes) {
    return must_alloc(KERNEL_FLOATS, bytes);
}

/* Random ones, the same for a seed, in bf16 rounded to that. */
static kernel_data data_new(const kernel_set *k, unsigned seed) {
    const size_t activation = kernels_activation_bytes(k), operand = kernels_operand_bytes(k);
    kernel_data d = {
        .a = new_values(sizeof(float)),
        .b = new_values(sizeof(float)),
        .weights = new_values(sizeof(float)),
        .split = new_values(sizeof(float)),
        .x = new_values(activation),
        .y = new_values(activation),
        .v = new_values(operand),
        .u = new_values(operand),
        .u_split = new_values(operand),
        .packed = new_values(operand),
        .bytes = must_alloc(BYTES, sizeof(uint32_t)),
        .bits = must_alloc(WORDS, sizeof(uint16_t)),
        .out = new_values(sizeof(float)),
        .words = must_alloc(WORDS, sizeof(uint16_t)),
        .sums = must_alloc(SUMS, sizeof(double)),
    };
    float *const inputs[] = {d.a, d.b, d.weights};
    for (int i = 0; i < 3 * KERNEL_FLOATS; i++) {
        seed = seed * 1664525u + 1013904223u;
        inputs[i / KERNEL_FLOATS][i % KERNEL_FLOATS] = (float)(seed >> 8) / 8388608.0f - 1;
        d.bits[i % WORDS] = (uint16_t)(seed >> 16);
        d.bytes[i % BYTES] = seed ^ seed >> 16;
    }
    for (int i = 0; i < 3; i++) {
        k->narrow(inputs[i], d.x, KERNEL_FLOATS);
        k->widen(d.x, inputs[i], KERNEL_FLOATS);
    }
    k->narrow(d.a, d.x, KERNEL_FLOATS);
    k->narrow(d.b, d.y, KERNEL_FLOATS);
    k->operands(d.a, d.v, KERNEL_FLOATS);
    for (size_t at = 0; at < KERNEL_FLOATS / (KERNEL_GRAM_PIXELS * CHANNEL_BLOCK); at++)
        k->gram_pack((unsigned char *)d.x + at * KERNEL_GRAM_PIXELS * CHANNEL_BLOCK * activation,
                     KERNEL_GRAM_PIXELS,
                     (unsigned char *)d.packed + at * KERNEL_GRAM_PIXELS * CHANNEL_BLOCK * operand);
    return d;
}

static void data_free(kernel_data *d) {
    void *const all[] = {d->a,     d->b,    d->weights, d->split,   d->x,
                         d->y,     d->v,    d->u,       d->u_split, d->packed,
                         d->bytes, d->bits, d->out,     d->words,   d->sums};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        memory_free(all[i]);
}

/* Weights [input][lanes] as operands; `free` is floats to work in. */
static void take_weights(const kernel_set *k, const float *weights, int inputs, int lanes,
                         float *free, void *u) {
    const int together = k->bf16_products ? 2 : 1;
    for (int i = 0; i < inputs * lanes; i++) {
        const int in = i / lanes, lane = i % lanes;
        free[(in / together * lanes + lane) * together + in % together] = weights[i];
    }
    k->operands(free, u,
                (size_t)(inputs * lanes + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK * CHANNEL_BLOCK);
}

/* What is written, as it was before the case; and the weights, also in panels of one block. */
static void data_reset(const kernel_set *k, kernel_data *d, const kernel_case *c) {
    const int lanes = c->panel * CHANNEL_BLOCK, side = c->inputs * CHANNEL_BLOCK;
    for (int i = 0; i < c->inputs * lanes; i++) {
        const int in = i / lanes, lane = i % lanes, block = lane / CHANNEL_BLOCK;
        d->split[block * side + in * CHANNEL_BLOCK + lane % CHANNEL_BLOCK] = d->weights[i];
    }
    if (c->products && c->panel) {
        take_weights(k, d->weights, c->inputs, lanes, d->out, d->u);
        for (int block = 0; block < c->panel; block++)
            take_weights(k, d->split + block * side, c->inputs, CHANNEL_BLOCK, d->out,
                         (unsigned char *)d->u_split +
                             (size_t)(block * side) * kernels_operand_bytes(k));
    }
    memset(d->out, 0, KERNEL_FLOATS * sizeof(float));
    if (c->out == OUT_FLOATS)
        memcpy(d->out, d->b, KERNEL_FLOATS * sizeof(float));
    else if (c->out == OUT_ACTIVATIONS)
        memcpy(d->out, d->y, KERNEL_FLOATS * kernels_activation_bytes(k));
    memset(d->words, 0, WORDS * sizeof *d->words);
    memset(d->sums, 0, SUMS * sizeof *d->sums);
    d->value = 0;
}

/* What the case wrote, as floats; pairs in the order of places. */
static void read_out(const kernel_set *k, const kernel_case *c, const kernel_data *d,
                     float out[KERNEL_FLOATS]) {
    const bool operands = c->out == OUT_OPERANDS || c->out == OUT_PAIRS;
    if (c->out == OUT_ACTIVATIONS || (operands && k->bf16_products))
        k->widen(d->out, out, KERNEL_FLOATS); /* both are bf16, if one is */
    else
        memcpy(out, d->out, KERNEL_FLOATS * sizeof *out);
    if (c->out != OUT_PAIRS || !k->bf16_products)
        return;
    for (float *place = out; place < out + KERNEL_FLOATS; place += 2 * CHANNEL_BLOCK) {
        float pairs[2 * CHANNEL_BLOCK];
        memcpy(pairs, place, sizeof pairs);
        for (int i = 0; i < 2 * CHANNEL_BLOCK; i++)
            place[i % 2 * CHANNEL_BLOCK + i / 2] = pairs[i];
    }
}

typedef struct distance {
    double off, largest;
} distance;

/* Not by fmax: two such maxima in a loop end gcc 12 for AArch64 with an internal error. */
static void compare(distance *d, double value, double expected) {
    const double off = fabs(value - expected), size = fabs(expected);
    d->off = off > d->off ? off : d->off;
    d->largest = size > d->largest ? size : d->largest;
}

/* Whether two sets of one precision wrote the same: floats up to rounding, and bits but for one in
 * a thousand, as a value near 0 may round to either side. */
static bool same(const kernel_set *k, const kernel_data *x, const kernel_set *reference,
                 const kernel_data *y, const kernel_case *c) {
    static float values[KERNEL_FLOATS], others[KERNEL_FLOATS];
    const bool rounded = c->out == OUT_ACTIVATIONS ? k->precision == PRECISION_BF16
                                                   : c->out != OUT_FLOATS && k->bf16_products;
    distance out = {0}, sums = {0}, value = {0};
    read_out(k, c, x, values);
    read_out(reference, c, y, others);
    for (int i = 0; i < KERNEL_FLOATS; i++)
        compare(&out, (double)values[i], (double)others[i]);
    for (int i = 0; i < SUMS; i++)
        compare(&sums, x->sums[i], y->sums[i]);
    compare(&value, x->value, y->value);
    int set = 0, differ = 0;
    for (int i = 0; i < WORDS; i++) {
        set += __builtin_popcount(x->words[i]);
        differ += __builtin_popcount((unsigned)(x->words[i] ^ y->words[i]));
    }
    return out.off <= (rounded ? SPACING : TOLERANCE) * out.largest &&
           sums.off <= TOLERANCE * sums.largest && value.off <= TOLERANCE * value.largest &&
           differ <= set / 1000;
}

typedef struct call {
    const kernel_set *kernels;
    const kernel_case *kase;
    kernel_data *data;
} call;

static void run_call(void *user) {
    const call *c = user;
    c->kase->run(c->kernels, c->kase, c->data);
}

static bool measure(const kernel_set *k, const kernel_set *reference, const kernel_case *c,
                    double peak, const bench_options *options) {
    kernel_data data = data_new(k, 1), expected = data_new(reference, 1);
    data_reset(k, &data, c);
    data_reset(reference, &expected, c);
    c->run(k, c, &data);
    c->run(reference, c, &expected);
    const bool right = same(k, &data, reference, &expected, c);
    call now = {k, c, &data};
    const timing t =
        timing_take(run_call, &now, options->quick ? 7 : 25, options->quick ? 0.0003 : 0.002);
    printf("  %-34s %8.1f %8.1f", c->name, t.median * 1e9, t.best * 1e9);
    if (c->flops > 0)
        printf(" %8.1f %6.1f %%", c->flops / t.median * 1e-9, 100 * c->flops / t.median / peak);
    else
        printf(" %17s", "");
    printf(" %8.1f  %s\n", c->bytes / t.median * 1e-9,
           !right           ? "WRONG"
           : k == reference ? "reference"
                            : "as generic");
    report(json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:b}", "part", "kernels", "set",
                     k->name, "precision", precision_name(k->precision), "kernel", c->name,
                     "median_s", t.median, "best_s", t.best, "flop", c->flops, "bytes", c->bytes,
                     "peak_flops", peak, "right", right));
    data_free(&data);
    data_free(&expected);
    return right;
}

/* All cases of a set, against the last set of its precision. */
static bool measure_set(const kernel_set *k, const kernel_set *reference,
                        const bench_options *options) {
    kernel_case cases[MOST_KERNEL_CASES];
    const int count = kernel_cases(k, cases);
    double peak = 0, peak_single = 0;
    bool right = true;
    for (int c = 0; c < count; c++) {
        if (c % 6 == 0) { /* beside each few */
            peak = peak_flops(k, 1);
            peak_single = k->single == k ? peak : peak_flops(k->single, 1);
            if (c == 0)
                printf("\nkernels: %s, %s, one thread, peak %.1f GFLOP/s of products and %.1f "
                       "otherwise, data in the first-level cache\n  %-34s %8s %8s %8s %8s %8s\n",
                       k->name, precision_name(k->precision), peak * 1e-9, peak_single * 1e-9, "",
                       "median", "best ns", "GFLOP/s", "of peak", "GB/s");
        }
        right = measure(k, reference, &cases[c], cases[c].products ? peak : peak_single, options) &&
                right;
    }
    return right;
}

bool bench_kernels(const bench_options *options) {
    bool right = true;
    for (int which = 0; which < 2; which++) {
        const precision p = which ? PRECISION_BF16 : PRECISION_FP32;
        const kernel_set *reference = NULL;
        for (int i = 0; kernels_of(p, i); i++)
            reference = kernels_of(p, i);
        for (int i = 0; kernels_of(p, i); i++) {
            if (kernels_supported(kernels_of(p, i)))
                right = measure_set(kernels_of(p, i), reference, options) && right;
        }
    }
    return right;
}
