/* SPDX-License-Identifier: MIT */
#include "optimize/history.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "optimize/vector.h"

#define MIN_CURVATURE 1e-10 /* of a pair, s.y relative to |s| |y|: keeps the matrix definite */

#define CHUNKS 256  /* that sums are taken over; a number of pieces each */
#define MAX_IN 3    /* vectors that a pass over memory reads */
#define MAX_OUT 2   /* and writes */
#define PAIR_SUMS 3 /* s.y, s.s and y.y of a new pair, before the products with the others */

#define ROW_WORDS (VECTOR_PIECE / 4) /* of one vector in a piece */

/* ---- memory ---- */

static size_t piece_count(size_t count) {
    return (count + VECTOR_PIECE - 1) / VECTOR_PIECE;
}

/* Sums of the pass that takes most. */
static size_t sums_width(int capacity) {
    return PAIR_SUMS + 2 * (size_t)capacity;
}

static size_t doubles_count(int capacity) {
    const size_t pairs = (size_t)capacity;
    return pairs * pairs + 2 * pairs + CHUNKS * sums_width(capacity);
}

/* Rows of all vectors s or y in all pieces. */
static size_t row_count(int capacity, size_t count) {
    return (size_t)capacity * piece_count(count);
}

static size_t rows_memory(size_t rows) {
    return memory_add(memory_block(rows, ROW_WORDS * sizeof(uint32_t)),
                      memory_block(rows, sizeof(float)));
}

static bool rows_init(vector_rows *self, size_t rows, error *err) {
    self->words = memory_alloc(rows, ROW_WORDS * sizeof(uint32_t), err);
    self->scales = self->words ? memory_alloc(rows, sizeof(float), err) : NULL;
    return self->scales != NULL;
}

static void rows_clear(vector_rows *self) {
    memory_free(self->words);
    memory_free(self->scales);
}

size_t history_memory(int capacity, size_t count) {
    const size_t rows = rows_memory(row_count(capacity, count));
    const size_t small = memory_add(memory_block(doubles_count(capacity), sizeof(double)),
                                    memory_block((size_t)capacity, sizeof(float)));
    return memory_add(memory_add(rows, rows), small);
}

bool history_init(history *self, int capacity, size_t count, const kernel_set *kernels,
                  error *err) {
    const size_t pairs = (size_t)capacity, rows = row_count(capacity, count);
    *self = (history){.kernels = kernels, .count = count, .capacity = capacity};
    const bool ok = rows_init(&self->s, rows, err) && rows_init(&self->y, rows, err);
    self->factors = ok ? memory_alloc(pairs, sizeof(float), err) : NULL;
    self->doubles =
        self->factors ? memory_alloc(doubles_count(capacity), sizeof(double), err) : NULL;
    if (!self->doubles)
        return false;
    self->products = self->doubles;
    self->gradients = self->products + pairs * pairs;
    self->alpha = self->gradients + pairs;
    self->sums = self->alpha + pairs;
    return true;
}

void history_clear(history *self) {
    rows_clear(&self->s);
    rows_clear(&self->y);
    memory_free(self->factors);
    memory_free(self->doubles);
}

/* ---- passes over memory ---- */

/* Vectors, or a piece of them; NULL after the last. */
typedef struct views {
    const float *in[MAX_IN];
    float *out[MAX_OUT]; /* what they held counts, too */
} views;

/* One pass over vectors and pairs, and what it does with a piece of them. */
typedef struct pass {
    const history *history;
    void (*work)(const struct pass *self, size_t piece, const views *v, size_t count, double *sums);
    views vectors;
    float factor;
} pass;

/* Does a piece whose length is no multiple of VECTOR_GROUP on copies that zeros fill up. */
static void work_padded(const pass *self, size_t piece, const views *v, size_t count,
                        double *sums) {
    float in[MAX_IN][VECTOR_PIECE], out[MAX_OUT][VECTOR_PIECE];
    const size_t padded = (count + VECTOR_GROUP - 1) / VECTOR_GROUP * VECTOR_GROUP;
    views copies = {{NULL}, {NULL}};
    for (int i = 0; i < MAX_IN && v->in[i]; i++) {
        memcpy(in[i], v->in[i], count * sizeof(float));
        memset(in[i] + count, 0, (padded - count) * sizeof(float));
        copies.in[i] = in[i];
    }
    for (int i = 0; i < MAX_OUT && v->out[i]; i++) {
        memcpy(out[i], v->out[i], count * sizeof(float));
        memset(out[i] + count, 0, (padded - count) * sizeof(float));
        copies.out[i] = out[i];
    }
    self->work(self, piece, &copies, padded, sums);
    for (int i = 0; i < MAX_OUT && v->out[i]; i++)
        memcpy(v->out[i], out[i], count * sizeof(float));
}

static void work_piece(const pass *self, size_t piece, double *sums) {
    const size_t from = piece * VECTOR_PIECE, left = self->history->count - from;
    const size_t count = left < VECTOR_PIECE ? left : VECTOR_PIECE;
    views v = {{NULL}, {NULL}};
    for (int i = 0; i < MAX_IN && self->vectors.in[i]; i++)
        v.in[i] = self->vectors.in[i] + from;
    for (int i = 0; i < MAX_OUT && self->vectors.out[i]; i++)
        v.out[i] = self->vectors.out[i] + from;
    if (count % VECTOR_GROUP)
        work_padded(self, piece, &v, count, sums);
    else
        self->work(self, piece, &v, count, sums);
}

/* Returns the sums over all pieces: of each chunk, and these in order. */
static const double *run_pass(const pass *self) {
    const size_t width = sums_width(self->history->capacity);
    const size_t pieces = piece_count(self->history->count);
    double *sums = self->history->sums;
#pragma omp parallel for schedule(static)
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        double *row = sums + (size_t)chunk * width;
        memset(row, 0, width * sizeof *row);
        for (size_t piece = pieces * (size_t)chunk / CHUNKS;
             piece < pieces * ((size_t)chunk + 1) / CHUNKS; piece++)
            work_piece(self, piece, row);
    }
    for (int chunk = 1; chunk < CHUNKS; chunk++) {
        for (size_t i = 0; i < width; i++)
            sums[i] += sums[(size_t)chunk * width + i];
    }
    return sums;
}

/* The rows of a piece, from that of a slot on. */
static vector_rows rows_from(const history *self, const vector_rows *all, size_t piece, int slot) {
    const size_t row = piece * (size_t)self->capacity + (size_t)slot;
    const bool last = piece + 1 == piece_count(self->count);
    return (vector_rows){.words = all->words + row * ROW_WORDS,
                         .scales = all->scales + row,
                         .ahead = last ? 0 : (ptrdiff_t)self->capacity * ROW_WORDS};
}

/* ---- learning ---- */

/* The slot of the pair that is `age` steps old, 0 the newest. */
static int slot(const history *self, int age) {
    return (self->next - 1 - age + 2 * self->capacity) % self->capacity;
}

/* Out: x, gradient; in: the new ones. The new pair, and while the vectors are at hand the products
 * of all steps with the free gradient and with the new y. */
static void learn_piece(const pass *self, size_t piece, const views *v, size_t count,
                        double *sums) {
    const history *h = self->history;
    const vector_rows s = rows_from(h, &h->s, piece, 0);
    const vector_rows new_s = rows_from(h, &h->s, piece, h->next);
    const vector_rows new_y = rows_from(h, &h->y, piece, h->next);
    h->kernels->pair_learn(v->out[0], v->out[1], v->in[0], v->in[1], &new_s, &new_y, count, sums);
    sums += PAIR_SUMS;
    h->kernels->rows_dot(&s, h->used, v->out[0], v->out[1], count, sums, sums + h->capacity);
}

void history_drop(history *self) {
    self->size = self->used = self->next = 0;
}

static double precondition(const optimizer_problem *problem, const float *v, float *out) {
    if (problem->precondition)
        return problem->precondition(problem->user, v, out);
    if (out)
        memcpy(out, v, problem->count * sizeof *v);
    return out ? 0 : vector_dot(v, v, problem->count);
}

void history_learn(history *self, const optimizer_problem *problem, float *x, float *gradient,
                   const float *new_x, const float *new_gradient) {
    const int latest = self->next, capacity = self->capacity;
    if (self->used == latest)
        self->used++;
    const pass learn = {.history = self,
                        .work = learn_piece,
                        .vectors = {.in = {new_x, new_gradient}, .out = {x, gradient}}};
    const double *sums = run_pass(&learn);
    const double curvature = sums[0], ss = sums[1], yy = sums[2];
    for (int i = 0; i < self->used; i++) {
        self->gradients[i] = sums[PAIR_SUMS + i];
        self->products[i * capacity + latest] = sums[PAIR_SUMS + capacity + i];
    }
    if (!(curvature > MIN_CURVATURE * sqrt(ss * yy))) {
        if (self->size == capacity)
            self->size--; /* the slot held the oldest pair */
        return;
    }
    self->products[latest * capacity + latest] = curvature; /* the one in double */
    self->scale = curvature / precondition(problem, gradient, NULL);
    self->next = (latest + 1) % capacity;
    if (self->size < capacity)
        self->size++;
}

/* ---- applying ---- */

/* Out: q. q := factor * q + sum of factors times y. */
static void combine_piece(const pass *self, size_t piece, const views *v, size_t count,
                          double *sums) {
    const history *h = self->history;
    const vector_rows y = rows_from(h, &h->y, piece, 0);
    (void)sums;
    h->kernels->rows_combine(&y, h->used, h->factors, self->factor, v->out[0], v->out[0], count);
}

/* In: S q. Its products with all y. */
static void product_piece(const pass *self, size_t piece, const views *v, size_t count,
                          double *sums) {
    const history *h = self->history;
    const vector_rows y = rows_from(h, &h->y, piece, 0);
    h->kernels->rows_dot(&y, h->used, v->in[0], NULL, count, sums, NULL);
}

/* The two loops, from the newest pair to the oldest and back, on products in place of vectors. q is
 * multiplied with the scale before S, which brings it to the size of a step. */
void history_apply(history *self, const optimizer_problem *problem, float *q, float *out) {
    const int capacity = self->capacity;
    memset(self->factors, 0, (size_t)capacity * sizeof *self->factors);
    for (int age = 0; age < self->size; age++) {
        const int i = slot(self, age);
        double product = self->gradients[i];
        for (int newer = 0; newer < age; newer++) {
            const int j = slot(self, newer);
            product -= self->alpha[j] * self->products[i * capacity + j];
        }
        self->alpha[i] = product / self->products[i * capacity + i];
        self->factors[i] = (float)(-self->scale * self->alpha[i]);
    }
    run_pass(&(pass){
        .history = self, .work = combine_piece, .vectors.out = {q}, .factor = (float)self->scale});
    precondition(problem, q, out);
    const double *products =
        run_pass(&(pass){.history = self, .work = product_piece, .vectors.in = {out}});
    for (int age = self->size - 1; age >= 0; age--) {
        const int i = slot(self, age);
        double product = products[i];
        for (int older = self->size - 1; older > age; older--) {
            const int j = slot(self, older);
            product += self->alpha[j] * self->products[j * capacity + i];
        }
        self->alpha[i] -= product / self->products[i * capacity + i];
    }
    for (int age = 0; age < self->size; age++)
        self->factors[slot(self, age)] = (float)self->alpha[slot(self, age)];
}

/* In: x, gradient, start. */
static void step_piece(const pass *self, size_t piece, const views *v, size_t count, double *sums) {
    const history *h = self->history;
    const vector_rows s = rows_from(h, &h->s, piece, 0);
    float descent[VECTOR_PIECE];
    h->kernels->rows_combine(&s, h->used, h->factors, 1, v->in[2], descent, count);
    h->kernels->box_step(v->in[0], v->in[1], descent, self->factor, v->out[0], count, sums);
}

history_slopes history_step(history *self, const float *x, const float *gradient,
                            const float *start, double step, float *out) {
    const pass steps = {.history = self,
                        .work = step_piece,
                        .vectors = {.in = {x, gradient, start}, .out = {out}},
                        .factor = (float)step};
    const double *sums = run_pass(&steps);
    return (history_slopes){.slope = sums[0], .predicted = sums[1]};
}
