/* SPDX-License-Identifier: MIT
 *
 * One call of every function of a kernel set, on data that fits the first-level cache. The same
 * case runs on any other set, in smaller pieces where that holds less in registers, so that two
 * sets can be compared.
 */
#ifndef STYLIZE_BENCH_KERNEL_CASES_H
#define STYLIZE_BENCH_KERNEL_CASES_H

#include <stdint.h>

#include "simd/kernels.h"

#define KERNEL_FLOATS 8192 /* of each buffer; a case touches the beginning */
#define MOST_KERNEL_CASES 40

/* What a case reads is the same for all sets of a precision, and in bf16 rounded to that; it lies
 * there as the set keeps it. */
typedef struct kernel_data {
    float *a, *b, *weights; /* random; a is positive in half of its places */
    float *split;           /* the weights packed for panels of one block */
    void *x, *y;            /* a and b as activations */
    void *v;                /* a as operands */
    void *u, *u_split; /* weights and split as operands, [input][output] or by pairs of inputs */
    void *packed;      /* a as gram_rows takes it */
    uint16_t *bits;    /* random */
    uint32_t *bytes;   /* random values in 8 bits, four to a word */
    void *out;
    uint16_t *words; /* written bits */
    double *sums;
    double value;
} kernel_data;

/* What a case writes to `out`. Pairs of operands are [place][2][16] or, where the set multiplies
 * bf16, [place][16][2]. */
typedef enum kernel_out { OUT_FLOATS, OUT_ACTIVATIONS, OUT_OPERANDS, OUT_PAIRS } kernel_out;

typedef struct kernel_case kernel_case;
struct kernel_case {
    char name[48];
    void (*run)(const kernel_set *kernels, const kernel_case *self, kernel_data *data);
    kernel_out out;
    int panel, rows; /* product, first_row: of a register tile */
    int blocks;      /* gram_rows */
    int inputs;      /* product, first_row: weights of one output */
    bool option;     /* accumulate, average, ReLU ... */
    bool products;   /* of operands */
    double flops, bytes;
};

/* Pixels of a channel block that gram_rows goes over. */
#define KERNEL_GRAM_PIXELS 96

/* The cases of a set, those over plain vectors in fp32 alone; returns their number. */
int kernel_cases(const kernel_set *kernels, kernel_case cases[MOST_KERNEL_CASES]);

/* Those over plain vectors, the same for all sets, as part of these; returns their number. */
int vector_cases(kernel_case *cases);

#endif
