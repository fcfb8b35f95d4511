/* SPDX-License-Identifier: MIT
 *
 * What a method of minimisation is to optimizer.c, and what the methods share.
 */
#ifndef STYLIZE_OPTIMIZE_METHOD_H
#define STYLIZE_OPTIMIZE_METHOD_H

#include "optimize/optimizer.h"

typedef struct optimizer_method {
    const char *name;
    bool may_rise; /* whether a step may raise the function, so that the best is to be kept */
    void (*prepare)(optimizer *self);                     /* NULL: nothing to do */
    void (*layout)(optimizer *self, layout *to);          /* NULL: takes nothing */
    void (*start)(optimizer *self);                       /* after method_start */
    optimizer_status (*step)(optimizer *self);            /* to method_accept or to the end */
    bool (*pass)(optimizer *self, stream *s, error *err); /* saves or loads the state */
    /* After loading: makes what is not saved. False where what has come cannot be a state. */
    bool (*restore)(optimizer *self);
} optimizer_method;

extern const optimizer_method lbfgs_method, adam_method, gradient_descent_method;

/* Evaluates the start, which is the best so far; false where it is not finite. */
bool method_start(optimizer *self);

/* Whether the step is to end before the next evaluation. */
bool method_cancelled(const optimizer *self);

/* Evaluates trial; not-a-number where its gradient is not finite. */
double method_try(optimizer *self);

/* Makes trial, whose value is given, the iterate, and keeps it if it is the best. What trial and
 * its gradient hold afterwards is what x and its gradient held before. */
void method_accept(optimizer *self, double value);

#endif
