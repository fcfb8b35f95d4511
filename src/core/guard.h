/* SPDX-License-Identifier: MIT
 *
 * Work on a hostile file, done in a process of its own that can do nothing else.
 *
 * guard_start, called before the program has a second thread, starts a small helper. For each task
 * that helper starts a worker, which has the open file, a pipe for its answer and nothing besides:
 * it can open no file, reach no network, start no process and send no signal (guard_filter.h). Its
 * answer is only bytes: who asked checks all of them. A worker that dies takes nothing along.
 *
 * The task names a function by its address, which is the same in all these processes, because each
 * is a copy of the one before. Linux only; elsewhere guard_start says why there is no guard.
 */
#ifndef STYLIZE_CORE_GUARD_H
#define STYLIZE_CORE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/error.h"

#define GUARD_MOST_QUESTION ((size_t)8192) /* bytes */

/* ---- the program's side ---- */

/* Starts the helper, once. False where there is none; guard_state tells why. */
bool guard_start(void);

/* Whether tasks are done apart. It does not change after guard_start. */
bool guard_is_on(void);

/* "on", or "off: " and why; static. */
const char *guard_state(void);

/* Whether the guard is off because of how the program was built, or as valgrind watches it: not
 * because of where it runs. */
bool guard_is_left_out(void);

typedef struct guard_worker guard_worker;
typedef struct guard_answer guard_answer;

typedef struct guard_task {
    /* In the worker: answers by guard_put, and returns true; or false with *err. */
    bool (*work)(guard_worker *self, error *err);
    const void *question; /* [question_size], for the worker; at most GUARD_MOST_QUESTION */
    size_t question_size;
    size_t memory;    /* bytes that the worker may take; SIZE_MAX: without a limit */
    int file;         /* descriptor, open for reading */
    const char *name; /* of the file, for errors */
    /* Here: takes the answer over by guard_get, believing nothing. */
    bool (*take)(guard_answer *self, void *user, error *err);
    void *user;
} guard_task;

/* Has a task done, from any thread; guard_is_on. False with *err of the worker, of `take`, or
 * that the worker ended unexpectedly. */
bool guard_run(const guard_task *task, error *err);

/* Takes exactly so many bytes of the answer; false with *err where it is shorter. */
bool guard_get(guard_answer *self, void *bytes, size_t count, error *err);

/* For `take`: refuses an answer that cannot be true. Returns false. */
bool guard_refuse(const guard_answer *self, error *err);

/* ---- the worker's side ---- */

/* The file, from where its descriptor stood; and the question, [*size]. */
FILE *guard_file(const guard_worker *self);
const void *guard_question(const guard_worker *self, size_t *size);

/* Adds to the answer. False with *err when nobody takes it. */
bool guard_put(guard_worker *self, const void *bytes, size_t count, error *err);

#endif
