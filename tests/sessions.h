/* SPDX-License-Identifier: MIT
 *
 * Sessions in tests: what they are made from, and runs to their end. Whatever should work and does
 * not fails the test.
 */
#ifndef STYLIZE_TESTS_SESSIONS_H
#define STYLIZE_TESTS_SESSIONS_H

#include "image/image.h"
#include "transfer/stylize.h"

#define SESSIONS_BUNDLED "weights/vgg19-slim.safetensors"

/* What a session is made from, borrowed; NULL where there is none. */
typedef struct session_inputs {
    const stylize_image *content, *style, *init, *content_map, *content_weights;
    const stylize_network *networks[4]; /* up to the first NULL, like those that follow */
    const stylize_image *styles[4], *masks[4], *style_maps[4];
    int threads; /* 0: one */
    stylize_observer *observer;
    void *user;
    int bytes; /* of the observer */
} session_inputs;

/* Test picture k (reference.h); the caller frees. */
image *sessions_pattern(int k, int width, int height);

/* Where the pattern is transparent: not at the left, and more and more to the right. */
void sessions_fade(image *self);

/* All of it, in fp32 on every machine: what tests expect to several digits holds for that. */
stylize_network *sessions_network(const char *path);

/* A session of these; the caller frees. */
stylize_session *sessions_new(const session_inputs *inputs, const stylize_recipe *recipe);

/* Runs one to its end. The result is the caller's. *last, unless NULL, is its last event, without
 * what that points to. */
stylize_image *sessions_run(const session_inputs *inputs, const stylize_recipe *recipe,
                            stylize_event *last);

/* The same with a recipe of defaults and of these fields: name, value, ..., NULL. */
stylize_image *sessions_paint(const session_inputs *inputs, stylize_event *last, const char *name,
                              ...);

/* The event of the last stage's start, with what it points to. */
typedef struct session_start {
    stylize_event event;
    stylize_term terms[32];
} session_start;

/* Runs a session, observed in the place of inputs->observer where there is a start to keep. Takes
 * the recipe; the result is the caller's. */
stylize_image *sessions_run_start(const session_inputs *inputs, session_start *start,
                                  stylize_recipe *recipe);

/* Running must fail with this status and a text that has the words. */
void sessions_expect_refused(const session_inputs *inputs, const stylize_recipe *recipe,
                             stylize_status status, const char *words);

/* Sizes, planes and alpha are the same to the bit. */
void sessions_expect_same(const image *a, const image *b);

/* Whether any pixel is another. */
bool sessions_differ(const image *a, const image *b);

/* Two costs or weights must agree to a share of the second. */
void sessions_expect_close(double a, double b, double relative);

/* Of any two values of the planes. */
double sessions_greatest_difference(const image *a, const image *b);

/* Runs a function in a process of its own, which writes `size` bytes of results; they are read into
 * results. Any failure there fails the test. */
void sessions_apart(void (*work)(const void *what, void *results), const void *what, void *results,
                    size_t size);

#endif
