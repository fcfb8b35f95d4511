/* SPDX-License-Identifier: MIT
 *
 * The part `kernels`: each case of each set that this processor runs is compared with the generic
 * set and then timed.
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

static kernel_data data_new(unsigned seed) {
    kernel_data d = {
        .a = must_alloc(KERNEL_FLOATS, sizeof(float)),
        .b = must_alloc(KERNEL_FLOATS, sizeof(float)),
        .weights = must_alloc(KERNEL_FLOATS, sizeof(float)),
        .split = must_alloc(KERNEL_FLOATS, sizeof(float)),
        .bytes = must_alloc(BYTES, sizeof(uint32_t)),
        .bits = must_alloc(WORDS, sizeof(uint16_t)),
        .out = must_alloc(KERNEL_FLOATS, sizeof(float)),
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
    return d;
}

static void data_free(kernel_data *d) {
    memory_free(d->a);
    memory_free(d->b);
    memory_free(d->weights);
    memory_free(d->split);
    memory_free(d->bytes);
    memory_free(d->bits);
    memory_free(d->out);
    memory_free(d->words);
    memory_free(d->sums);
}

/* What is written, as it was before the case; and the weights in panels of one block. */
static void data_reset(kernel_data *d, const kernel_case *c) {
    memcpy(d->out, d->b, KERNEL_FLOATS * sizeof *d->out);
    memset(d->words, 0, WORDS * sizeof *d->words);
    memset(d->sums, 0, SUMS * sizeof *d->sums);
    d->value = 0;
    const int lanes = c->panel * CHANNEL_BLOCK;
    for (int i = 0; i < c->inputs * lanes; i++) {
        const int in = i / lanes, lane = i % lanes, block = lane / CHANNEL_BLOCK;
        d->split[(block * c->inputs + in) * CHANNEL_BLOCK + lane % CHANNEL_BLOCK] = d->weights[i];
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

/* Whether two sets wrote the same: floats up to rounding, and bits but for one in a thousand, as a
 * value near 0 may round to either side. */
static bool same(const kernel_data *x, const kernel_data *y) {
    distance out = {0}, sums = {0}, value = {0};
    for (int i = 0; i < KERNEL_FLOATS; i++)
        compare(&out, (double)x->out[i], (double)y->out[i]);
    for (int i = 0; i < SUMS; i++)
        compare(&sums, x->sums[i], y->sums[i]);
    compare(&value, x->value, y->value);
    int set = 0, differ = 0;
    for (int i = 0; i < WORDS; i++) {
        set += __builtin_popcount(x->words[i]);
        differ += __builtin_popcount((unsigned)(x->words[i] ^ y->words[i]));
    }
    return out.off <= TOLERANCE * out.largest && sums.off <= TOLERANCE * sums.largest &&
           value.off <= TOLERANCE * value.largest && differ <= set / 1000;
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
    kernel_data data = data_new(1), expected = data_new(1);
    data_reset(&data, c);
    data_reset(&expected, c);
    c->run(k, c, &data);
    c->run(reference, c, &expected);
    const bool right = same(&data, &expected);
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
    report(json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:b}", "part", "kernels", "set",
                     k->name, "kernel", c->name, "median_s", t.median, "best_s", t.best, "flop",
                     c->flops, "bytes", c->bytes, "peak_flops", peak, "right", right));
    data_free(&data);
    data_free(&expected);
    return right;
}

static const kernel_set *find_reference(void) {
    const kernel_set *last = NULL;
    for (int i = 0; kernels_at(i); i++)
        last = kernels_at(i);
    return last;
}

bool bench_kernels(const bench_options *options) {
    const kernel_set *reference = find_reference();
    bool right = true;
    for (int i = 0; kernels_at(i); i++) {
        const kernel_set *k = kernels_at(i);
        kernel_case cases[MOST_KERNEL_CASES];
        if (!kernels_supported(k))
            continue;
        const int count = kernel_cases(k, cases);
        double peak = 0;
        for (int c = 0; c < count; c++) {
            if (c % 6 == 0) { /* beside each few */
                peak = peak_flops(k, 1);
                if (c == 0)
                    printf("\nkernels: %s, one thread, peak %.1f GFLOP/s, data in the first-level "
                           "cache\n  %-34s %8s %8s %8s %8s %8s\n",
                           k->name, peak * 1e-9, "", "median", "best ns", "GFLOP/s", "of peak",
                           "GB/s");
            }
            right = measure(k, reference, &cases[c], peak, options) && right;
        }
    }
    return right;
}
