/* SPDX-License-Identifier: MIT
 *
 * Calls of the kernels over plain vectors (simd/vector_body.h): one piece of the vectors of L-BFGS
 * with ten pairs, and rows of a picture.
 */
#include "kernel_cases.h"

#define PIECE VECTOR_PIECE
#define PAIRS 10
#define WEIGHTED_ROWS 5
#define PIXELS 512

static void run_dot(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    d->value = k->dot(d->a, d->b, PIECE);
}

static void run_weighted_sum(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const float *rows[WEIGHTED_ROWS];
    (void)c;
    for (int i = 0; i < WEIGHTED_ROWS; i++)
        rows[i] = d->a + i * PIXELS;
    k->weighted_sum(rows, d->weights, WEIGHTED_ROWS, (float *)d->out, PIXELS);
}

static void run_pair_learn(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    uint32_t *words = (uint32_t *)(void *)d->words;
    float *out = d->out;
    const vector_rows s = {words, out + (ptrdiff_t)2 * PIECE, 0};
    const vector_rows y = {words + PIECE / 4, s.scales + 1, 0};
    (void)c;
    k->pair_learn(out, out + PIECE, d->a, d->b, &s, &y, PIECE, d->sums);
}

static vector_rows rows_of(const kernel_data *d) {
    return (vector_rows){d->bytes, d->weights, 0};
}

static void run_rows_dot(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const vector_rows rows = rows_of(d);
    k->rows_dot(&rows, PAIRS, d->a, c->option ? d->b : NULL, PIECE, d->sums, d->sums + PAIRS);
}

static void run_rows_combine(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    const vector_rows rows = rows_of(d);
    (void)c;
    k->rows_combine(&rows, PAIRS, d->weights + PAIRS, 0.5f, d->a, d->out, PIECE);
}

static void run_box_step(const kernel_set *k, const kernel_case *c, kernel_data *d) {
    (void)c;
    k->box_step(d->a, d->b, d->weights, 0.5f, d->out, PIECE, d->sums);
}

static const kernel_case cases_of_all_sets[] = {
    {.name = "dot", .run = run_dot, .bytes = 8.0 * PIECE},
    {.name = "weighted_sum, 5 rows",
     .run = run_weighted_sum,
     .flops = (2.0 * WEIGHTED_ROWS - 1) * PIXELS,
     .bytes = 4.0 * (WEIGHTED_ROWS + 1) * PIXELS},
    {.name = "pair_learn", .run = run_pair_learn, .bytes = (6 * 4.0 + 2) * PIECE},
    {.name = "rows_dot, 10 rows",
     .run = run_rows_dot,
     .flops = 2.0 * PAIRS * PIECE,
     .bytes = (1.0 * PAIRS + 4) * PIECE},
    {.name = "rows_dot, 10 rows with two",
     .run = run_rows_dot,
     .option = true,
     .flops = 4.0 * PAIRS * PIECE,
     .bytes = (1.0 * PAIRS + 8) * PIECE},
    {.name = "rows_combine, 10 rows",
     .run = run_rows_combine,
     .flops = (2.0 * PAIRS + 1) * PIECE,
     .bytes = (1.0 * PAIRS + 8) * PIECE},
    {.name = "box_step", .run = run_box_step, .bytes = 16.0 * PIECE},
};

int vector_cases(kernel_case *cases) {
    const int count = (int)(sizeof cases_of_all_sets / sizeof *cases_of_all_sets);
    for (int i = 0; i < count; i++)
        cases[i] = cases_of_all_sets[i];
    return count;
}
