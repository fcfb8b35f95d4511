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

typedef struct kernel_data {
    float *a, *b, *weights; /* random inputs; a is positive in half of its places */
    float *split;           /* the weights packed for panels of one block */
    uint16_t *bits;         /* random */
    uint32_t *bytes;        /* random values in 8 bits, four to a word */
    float *out;
    uint16_t *words; /* written bits */
    double *sums;
    double value;
} kernel_data;

typedef struct kernel_case kernel_case;
struct kernel_case {
    char name[48];
    void (*run)(const kernel_set *kernels, const kernel_case *self, kernel_data *data);
    int panel, rows; /* product, first_row: of a register tile */
    int blocks;      /* gram_rows */
    int inputs;      /* product, first_row: weights of one output */
    bool option;     /* accumulate, average, ReLU ... */
    double flops, bytes;
};

/* The cases of a set; returns their number. */
int kernel_cases(const kernel_set *kernels, kernel_case cases[MOST_KERNEL_CASES]);

/* Those over plain vectors, the same for all sets, as part of these; returns their number. */
int vector_cases(kernel_case *cases);

#endif
