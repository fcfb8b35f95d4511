/* SPDX-License-Identifier: MIT
 *
 * A restricted reader of Python's pickles, of protocol 2, as PyTorch writes its state dicts.
 *
 * A pickle is a program for a stack machine that can call any function. This one calls none: it has
 * only the instructions that such pickles need, and a call, of one of the functions that the caller
 * names, becomes a value that says what was to be called with what (PICKLE_CALL). Every other
 * instruction and every other function is refused, naming it. What comes out is a tree of values
 * that point into the pickle.
 *
 * All is bounded: values, memo and stack by PICKLE_MOST_VALUES, everything else by the bytes that
 * are there. A hostile pickle can make the tree share nodes and even contain itself: walk to a
 * depth that is known, never to its leaves.
 */
#ifndef STYLIZE_WEIGHTS_PICKLE_H
#define STYLIZE_WEIGHTS_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

#define PICKLE_MOST_VALUES ((size_t)1 << 18) /* a VGG has under a thousand */

typedef enum pickle_kind {
    PICKLE_OTHER, /* None and floats, of which nothing more is known */
    PICKLE_BOOL,
    PICKLE_INTEGER,
    PICKLE_STRING,
    PICKLE_GLOBAL, /* one of the names that are allowed */
    PICKLE_TUPLE,
    PICKLE_LIST,
    PICKLE_DICT,       /* items are keys and values in turn */
    PICKLE_CALL,       /* a global called with a tuple; items are what was then set, as in a dict */
    PICKLE_PERSISTENT, /* something outside the pickle, named by a tuple */
} pickle_kind;

typedef struct pickle_item pickle_item;

typedef struct pickle_value {
    pickle_kind kind;
    int64_t integer;  /* BOOL: 0 or 1; INTEGER; GLOBAL: the index of its name; CALL: likewise */
    const char *text; /* STRING: [length], without a final NUL; borrowed from the pickle */
    size_t length;
    const struct pickle_value *arguments; /* CALL, PERSISTENT: a tuple */
    pickle_item *first, *last;            /* TUPLE, LIST, DICT, CALL */
    size_t count;                         /* items */
} pickle_value;

struct pickle_item {
    const pickle_value *value;
    pickle_item *next;
};

typedef struct pickle pickle;

/* Reads the pickle that starts at bytes, of which [size] are there; *used is its length. `globals`,
 * ending with NULL, are the functions and classes that may be named, as "module.name". `path` is
 * for messages. NULL with *err when it is refused; *used is then `size` where it ends too early,
 * else 0. The result points into `bytes`. */
pickle *pickle_read(const char *path, const unsigned char *bytes, size_t size,
                    const char *const *globals, size_t *used, error *err);
void pickle_free(pickle *self);

/* What the pickle stands for. */
const pickle_value *pickle_result(const pickle *self);

/* Everything that it names outside itself: the n-th PICKLE_PERSISTENT, or NULL past the last. */
const pickle_value *pickle_persistent(const pickle *self, size_t n);

/* The n-th item, or NULL. */
const pickle_value *pickle_at(const pickle_value *self, size_t n);

bool pickle_is_text(const pickle_value *self, const char *text);

#endif
