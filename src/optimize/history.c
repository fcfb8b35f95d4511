/* SPDX-License-Identifier: MIT */
#include "optimize/history.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MIN_CURVATURE 1e-10 /* of a pair, s.y relative to |s| |y|: keeps the matrix definite */

#define CHUNKS 256  /* that sums are taken over; a number of pieces each */
#define MAX_IN 3    /* vectors that a pass over memory reads */
#define MAX_OUT 2   /* and writes */
#define PAIR_SUMS 3 /* s.y, s.s and y.y of a new pair, before the products with the others */
#define STEP_SUMS 2 /* slope and predicted */

#define ROW_WORDS (VECTOR_PIECE / 4) /* of one vector in a piece */

/* ---- memory ---- */

/* Pieces that begin before value i. */
static size_t pieces_before(size_t i) {
    return i / VECTOR_PIECE + (i % VECTOR_PIECE != 0);
}

/* Sums of the pass that has most, and from the place of a piece to that of the next. */
static size_t places_width(const history *self) {
    return PAIR_SUMS + 2 * (size_t)self->capacity;
}

void history_prepare(history *self, int capacity, size_t count, const kernel_set *kernels) {
    assert(capacity >= 1 && count >= 1);
    *self = (history){.kernels = kernels, .count = count, .capacity = capacity};
}

static void rows_layout(vector_rows *self, size_t rows, layout *to) {
    self->words = layout_take(to, rows, ROW_WORDS * sizeof(uint32_t));
    self->scales = layout_take(to, rows, sizeof(float));
}

void history_layout(history *self, layout *to) {
    const size_t pairs = (size_t)self->capacity, pieces = pieces_before(self->count);
    rows_layout(&self->s, pairs * pieces, to);
    rows_layout(&self->y, pairs * pieces, to);
    self->products = layout_take(to, pairs * pairs, sizeof(double));
    self->gradients = layout_take(to, pairs, sizeof(double));
    self->alpha = layout_take(to, pairs, sizeof(double));
    self->factors = layout_take(to, pairs, sizeof(float));
    self->places = layout_take(to, pieces, places_width(self) * sizeof(double));
    self->sums = layout_take(to, 2, places_width(self) * sizeof(double));
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
    size_t columns; /* sums that it makes */
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

/* Does a range of pieces, which leave their sums in their places. */
static void run_pass(const pass *self, vector_range range) {
    const history *h = self->history;
    const size_t width = places_width(h);
    const size_t first = pieces_before(range.from), end = pieces_before(range.to);
    assert(range.from <= range.to && range.to <= h->count);
#pragma omp parallel for schedule(static)
    for (size_t piece = first; piece < end; piece++) {
        double *place = h->places + piece * width;
        memset(place, 0, self->columns * sizeof *place);
        work_piece(self, piece, place);
    }
}

/* Adds a number of pieces' places to a row of sums. Of pairs, the first columns are dots of
 * integers, to be multiplied with scales. */
static void add_pieces(const history *self, size_t first, size_t end, size_t columns, bool pairs,
                       double *row) {
    const size_t width = places_width(self), capacity = (size_t)self->capacity;
    const size_t newest = first * capacity + (size_t)self->next;
    if (pairs)
        self->kernels->pair_sums(self->places + first * width, width, self->s.scales + newest,
                                 self->y.scales + newest, capacity, end - first, row);
    for (size_t piece = first; piece < end; piece++) {
        for (size_t i = pairs ? PAIR_SUMS : 0; i < columns; i++)
            row[i] += self->places[piece * width + i];
    }
}

/* Returns the sums over all pieces: of each chunk, and these in order. */
static const double *add_up(const history *self, size_t columns, bool pairs) {
    const size_t pieces = pieces_before(self->count);
    double *sums = self->sums, *row = self->sums + places_width(self);
    memset(sums, 0, columns * sizeof *sums);
    for (size_t chunk = 0; chunk < CHUNKS; chunk++) {
        memset(row, 0, columns * sizeof *row);
        add_pieces(self, pieces * chunk / CHUNKS, pieces * (chunk + 1) / CHUNKS, columns, pairs,
                   row);
        for (size_t i = 0; i < columns; i++)
            sums[i] += row[i];
    }
    return sums;
}

/* The rows of a piece, from that of a slot on. */
static vector_rows rows_from(const history *self, const vector_rows *all, size_t piece, int slot) {
    const size_t row = piece * (size_t)self->capacity + (size_t)slot;
    const bool last = piece + 1 == pieces_before(self->count);
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

void history_learn(history *self, vector_range range, float *x, float *gradient, const float *new_x,
                   const float *new_gradient) {
    if (self->used == self->next)
        self->used++;
    run_pass(&(pass){.history = self,
                     .work = learn_piece,
                     .columns = places_width(self),
                     .vectors = {.in = {new_x, new_gradient}, .out = {x, gradient}}},
             range);
}

double history_learnt(history *self) {
    const int latest = self->next, capacity = self->capacity;
    const double *sums = add_up(self, places_width(self), true);
    const double curvature = sums[0], ss = sums[1], yy = sums[2];
    for (int i = 0; i < self->used; i++) {
        self->gradients[i] = sums[PAIR_SUMS + i];
        self->products[i * capacity + latest] = sums[PAIR_SUMS + capacity + i];
    }
    if (!(curvature > MIN_CURVATURE * sqrt(ss * yy))) {
        if (self->size == capacity)
            self->size--; /* the slot held the oldest pair */
        return 0;
    }
    self->products[latest * capacity + latest] = curvature; /* the one in double */
    self->next = (latest + 1) % capacity;
    if (self->size < capacity)
        self->size++;
    return curvature;
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
void history_first_loop(history *self) {
    const int capacity = self->capacity;
    assert(self->size >= 1);
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
}

void history_combine(history *self, vector_range range, float *q) {
    run_pass(&(pass){.history = self,
                     .work = combine_piece,
                     .vectors.out = {q},
                     .factor = (float)self->scale},
             range);
}

void history_multiply(history *self, vector_range range, const float *start) {
    run_pass(&(pass){.history = self,
                     .work = product_piece,
                     .columns = (size_t)self->used,
                     .vectors.in = {start}},
             range);
}

void history_second_loop(history *self) {
    const int capacity = self->capacity;
    const double *products = add_up(self, (size_t)self->used, false);
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

void history_step(history *self, vector_range range, const float *x, const float *gradient,
                  const float *start, double step, float *out) {
    run_pass(&(pass){.history = self,
                     .work = step_piece,
                     .columns = STEP_SUMS,
                     .vectors = {.in = {x, gradient, start}, .out = {out}},
                     .factor = (float)step},
             range);
}

history_slopes history_find_slopes(history *self) {
    const double *sums = add_up(self, STEP_SUMS, false);
    return (history_slopes){.slope = sums[0], .predicted = sums[1]};
}

/* ---- saving and loading ---- */

/* The slots in use of all pieces. */
static bool pass_rows(const history *self, const vector_rows *rows, stream *s, error *err) {
    const size_t used = (size_t)self->used, pieces = pieces_before(self->count);
    for (size_t piece = 0; piece < pieces; piece++) {
        const vector_rows at = rows_from(self, rows, piece, 0);
        if (!stream_pass32(s, at.words, used * ROW_WORDS, err) ||
            !stream_pass32(s, at.scales, used, err))
            return false;
    }
    return true;
}

static bool counts_valid(const history *self) {
    return self->size >= 0 && self->size <= self->used && self->used <= self->capacity &&
           self->next >= 0 && self->next < self->capacity;
}

bool history_pass(history *self, stream *s, error *err) {
    const size_t capacity = (size_t)self->capacity;
    int *const counts[] = {&self->size, &self->used, &self->next};
    for (int i = 0; i < 3; i++) {
        if (!stream_pass32(s, counts[i], 1, err))
            return false;
    }
    if (!counts_valid(self)) /* they say how much follows */
        return error_set(err, ERROR_FAILURE, "the saved state is damaged");
    return stream_pass64(s, &self->scale, 1, err) &&
           stream_pass64(s, self->products, capacity * capacity, err) &&
           stream_pass64(s, self->gradients, capacity, err) && pass_rows(self, &self->s, s, err) &&
           pass_rows(self, &self->y, s, err);
}

static bool scales_valid(const history *self, const vector_rows *rows) {
    const size_t pieces = pieces_before(self->count);
    for (size_t piece = 0; piece < pieces; piece++) {
        const float *scales = rows_from(self, rows, piece, 0).scales;
        for (int i = 0; i < self->used; i++) {
            if (!(scales[i] >= 0 && isfinite(scales[i])))
                return false;
        }
    }
    return true;
}

bool history_valid(const history *self) {
    const int capacity = self->capacity;
    bool valid =
        counts_valid(self) && isfinite(self->scale) && (self->size == 0 || self->scale > 0);
    for (int i = 0; i < capacity; i++) {
        valid = valid && isfinite(self->gradients[i]);
        for (int j = 0; j < capacity; j++)
            valid = valid && isfinite(self->products[i * capacity + j]);
    }
    for (int age = 0; valid && age < self->size; age++) {
        const int i = slot(self, age);
        valid = i < self->used && self->products[i * capacity + i] > 0;
    }
    return valid && scales_valid(self, &self->s) && scales_valid(self, &self->y);
}
