/* SPDX-License-Identifier: MIT */
#include "optimize/optimizer.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "optimize/method.h"
#include "optimize/vector.h"

static const optimizer_method *const methods[] = {
    [OPTIMIZER_LBFGS] = &lbfgs_method,
    [OPTIMIZER_ADAM] = &adam_method,
    [OPTIMIZER_GD] = &gradient_descent_method,
};
#define METHODS (int)(sizeof methods / sizeof *methods)

static const optimizer_method *method_of(const optimizer *self) {
    return methods[self->options.kind];
}

const char *optimizer_name(optimizer_kind kind) {
    return methods[kind]->name;
}

/* ---- memory ---- */

void optimizer_prepare(optimizer *self, const optimizer_problem *problem,
                       const optimizer_options *options) {
    assert(problem->count >= 1 && options->learning_rate >= 0);
    *self = (optimizer){.problem = *problem, .options = *options};
    if (method_of(self)->prepare)
        method_of(self)->prepare(self);
}

void optimizer_layout(optimizer *self, layout *to) {
    float **const vectors[] = {&self->x, &self->gradient, &self->trial, &self->trial_gradient,
                               &self->best};
    const int count = method_of(self)->may_rise ? 5 : 4;
    for (int i = 0; i < count; i++)
        /* analysed: they are the addresses of members, whose values do not count yet */
        *vectors[i] = layout_take(to, self->problem.count, sizeof(float));
    if (method_of(self)->layout)
        method_of(self)->layout(self, to);
}

/* ---- steps ---- */

bool optimizer_start(optimizer *self, error *err) {
    assert(self->x && self->problem.evaluate);
    self->iterations = self->evaluations = 0;
    if (!method_start(self))
        return error_set(err, ERROR_FAILURE,
                         "the initial cost or its gradient is not finite: use smaller weights");
    method_of(self)->start(self);
    return true;
}

optimizer_status optimizer_step(optimizer *self) {
    assert(self->evaluations > self->iterations); /* it was started */
    return method_of(self)->step(self);
}

const float *optimizer_best(const optimizer *self) {
    return self->best ? self->best : self->x;
}

/* ---- saving and loading ---- */

#define MARK 0x4954504f /* "OPTI" */
#define VERSION 3
#define MOST_EVALUATIONS (INT_MAX / 2) /* that are believed */

/* What a state is of, in words of the stream. */
enum {
    HEAD_MARK,
    HEAD_VERSION,
    HEAD_KIND,
    HEAD_HISTORY,
    HEAD_COUNT,
    HEAD_RATE = 6,
    HEAD_BETA2 = 8,
    HEAD_AVERAGE = 10,
    HEAD_WORDS = 12
};

static void put_number(double number, uint32_t words[2]) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    words[0] = (uint32_t)bits;
    words[1] = (uint32_t)(bits >> 32);
}

static void make_head(const optimizer *self, uint32_t words[HEAD_WORDS]) {
    const uint64_t count = self->problem.count;
    words[HEAD_MARK] = MARK;
    words[HEAD_VERSION] = VERSION;
    words[HEAD_KIND] = (uint32_t)self->options.kind;
    words[HEAD_HISTORY] = (uint32_t)self->options.history;
    words[HEAD_COUNT] = (uint32_t)count;
    words[HEAD_COUNT + 1] = (uint32_t)(count >> 32);
    put_number(self->options.learning_rate, words + HEAD_RATE);
    put_number(self->options.beta2, words + HEAD_BETA2);
    put_number(self->options.average, words + HEAD_AVERAGE);
}

/* Says what is wrong with a head that was loaded, if anything is. */
static bool check_head(const optimizer *self, const uint32_t own[HEAD_WORDS],
                       const uint32_t found[HEAD_WORDS], error *err) {
    if (found[HEAD_MARK] != MARK)
        return error_set(err, ERROR_FAILURE, "this is not a saved state of an optimiser");
    if (found[HEAD_VERSION] != VERSION)
        return error_set(err, ERROR_FAILURE, "the saved state has version %u, expected %u",
                         (unsigned)found[HEAD_VERSION], (unsigned)VERSION);
    if (found[HEAD_KIND] != own[HEAD_KIND])
        return error_set(err, ERROR_FAILURE, "the saved state belongs to %s, not to %s",
                         found[HEAD_KIND] < METHODS ? methods[found[HEAD_KIND]]->name
                                                    : "another optimiser",
                         method_of(self)->name);
    if (memcmp(found + HEAD_COUNT, own + HEAD_COUNT, sizeof(uint64_t)))
        return error_set(err, ERROR_FAILURE, "the saved state has a different number of variables");
    return !memcmp(found, own, HEAD_WORDS * sizeof *own) ||
           error_set(err, ERROR_FAILURE,
                     "the saved state has a different history, learning rate, beta or average");
}

static bool pass_head(const optimizer *self, stream *s, error *err) {
    uint32_t own[HEAD_WORDS], words[HEAD_WORDS];
    make_head(self, own);
    memcpy(words, own, sizeof words);
    return stream_pass32(s, words, HEAD_WORDS, err) && check_head(self, own, words, err);
}

/* Saves or loads. */
static bool pass_all(optimizer *self, stream *s, error *err) {
    const size_t count = self->problem.count;
    return pass_head(self, s, err) && stream_pass32(s, &self->iterations, 1, err) &&
           stream_pass32(s, &self->evaluations, 1, err) &&
           stream_pass32(s, &self->best_iteration, 1, err) &&
           stream_pass32(s, &self->averaged, 1, err) && stream_pass64(s, &self->value, 1, err) &&
           stream_pass64(s, &self->best_value, 1, err) && stream_pass32(s, self->x, count, err) &&
           stream_pass32(s, self->gradient, count, err) &&
           (!self->best || stream_pass32(s, self->best, count, err)) &&
           method_of(self)->pass(self, s, err) && stream_seal(s, err);
}

bool optimizer_save(const optimizer *self, stream *to, error *err) {
    optimizer copy = *self; /* of what is written nothing changes */
    assert(to->write && self->evaluations > self->iterations);
    return pass_all(&copy, to, err);
}

static bool in_box(const float *x, size_t count) {
    bool inside = true;
    for (size_t i = 0; i < count; i++)
        inside = inside && x[i] >= 0 && x[i] <= 1;
    return inside;
}

static bool valid(const optimizer *self) {
    const size_t count = self->problem.count;
    return self->iterations >= 0 && self->evaluations > self->iterations &&
           self->evaluations < MOST_EVALUATIONS && self->best_iteration >= 0 &&
           self->best_iteration <= self->iterations && self->averaged >= 0 &&
           self->averaged < MOST_EVALUATIONS && isfinite(self->value) &&
           self->best_value <= self->value && in_box(self->x, count) &&
           vector_finite(self->gradient, count) && in_box(optimizer_best(self), count);
}

bool optimizer_load(optimizer *self, stream *from, error *err) {
    assert(from->read && self->x);
    if (pass_all(self, from, err)) {
        if (valid(self) && method_of(self)->restore(self))
            return true;
        error_set(err, ERROR_FAILURE, "the saved state is damaged");
    }
    self->iterations = self->evaluations = 0; /* it is not started */
    return false;
}
