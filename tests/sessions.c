/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* fork */
#include "sessions.h"

#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/vgg.h"
#include "recipes.h"
#include "reference.h"

image *sessions_pattern(int k, int width, int height) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] =
            (float)reference_pattern(k, i % width, i / width % height, i / (width * height)) / 255;
    return self;
}

void sessions_fade(image *self) {
    const int pixels = self->width * self->height;
    error err;
    assert_true(image_add_alpha(self, &err));
    for (int i = 0; i < pixels; i++) {
        const float alpha = 1 - (float)(i % self->width) / (float)(self->width - 1);
        self->alpha[i] = alpha;
        for (int c = 0; c < 3; c++) /* over white */
            self->planes[c * pixels + i] = alpha * self->planes[c * pixels + i] + 1 - alpha;
    }
}

stylize_network *sessions_network(const char *path) {
    error err;
    stylize_network *self = vgg_load(path, kernels_best(), &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

stylize_session *sessions_new(const session_inputs *inputs, const stylize_recipe *recipe) {
    enum { MOST = sizeof inputs->networks / sizeof *inputs->networks };
    stylize_error err;
    stylize_session *self = stylize_session_new(recipe, &err);
    assert_non_null(self);
    stylize_session_set_content(self, inputs->content);
    stylize_session_set_style(self, inputs->style);
    stylize_session_set_init(self, inputs->init);
    stylize_session_set_threads(self, inputs->threads > 0 ? inputs->threads : 1);
    stylize_session_set_content_map(self, inputs->content_map);
    stylize_session_set_content_weight_map(self, inputs->content_weights);
    for (int i = 0; i < MOST && inputs->networks[i]; i++)
        assert_true(stylize_session_add_network(self, inputs->networks[i], &err));
    for (int i = 0; i < MOST && inputs->styles[i]; i++)
        assert_true(stylize_session_add_style(self, inputs->styles[i], &err));
    for (int i = 0; i < MOST && inputs->masks[i]; i++)
        assert_true(stylize_session_add_mask(self, inputs->masks[i], &err));
    for (int i = 0; i < MOST && inputs->style_maps[i]; i++)
        assert_true(stylize_session_add_style_map(self, inputs->style_maps[i], &err));
    if (inputs->observer)
        assert_true(
            stylize_session_observe(self, inputs->observer, inputs->user, inputs->bytes, &err));
    return self;
}

stylize_image *sessions_run(const session_inputs *inputs, const stylize_recipe *recipe,
                            stylize_event *last) {
    stylize_session *session = sessions_new(inputs, recipe);
    stylize_error err;
    if (!stylize_session_run(session, &err))
        fail_msg("%s", err.text);
    stylize_image *out = stylize_session_result(session, &err);
    if (!out)
        fail_msg("%s", err.text);
    if (last) {
        *last = *stylize_session_event(session);
        last->plan = NULL;
        last->terms = NULL;
    }
    stylize_session_free(session);
    return out;
}

stylize_image *sessions_paint(const session_inputs *inputs, stylize_event *last, const char *name,
                              ...) {
    stylize_recipe *recipe = recipes_new();
    va_list rest;
    va_start(rest, name);
    for (; name; name = va_arg(rest, const char *))
        recipes_set(recipe, name, va_arg(rest, const char *));
    va_end(rest);
    stylize_image *out = sessions_run(inputs, recipe, last);
    stylize_recipe_free(recipe);
    return out;
}

static int keep_start(void *user, stylize_session *session, const stylize_event *event) {
    session_start *self = user;
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || event->stage_iteration != 0)
        return 0;
    self->event = *event;
    assert_in_range(event->term_count, 1, 32);
    for (int i = 0; i < event->term_count; i++)
        self->terms[i] = *event->terms[i];
    return 0;
}

stylize_image *sessions_run_start(const session_inputs *inputs, session_start *start,
                                  stylize_recipe *recipe) {
    session_inputs observed = *inputs;
    if (start) {
        observed.observer = keep_start;
        observed.user = start;
    }
    stylize_image *out = sessions_run(&observed, recipe, NULL);
    stylize_recipe_free(recipe);
    return out;
}

void sessions_expect_refused(const session_inputs *inputs, const stylize_recipe *recipe,
                             stylize_status status, const char *words) {
    stylize_session *session = sessions_new(inputs, recipe);
    stylize_error err = {STYLIZE_OK, ""};
    if (stylize_session_run(session, &err))
        fail_msg("accepted: %s", words);
    assert_int_equal(err.status, status);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
    stylize_session_free(session);
}

static size_t plane_bytes(const image *self) {
    return (size_t)self->width * (size_t)self->height * sizeof(float);
}

void sessions_expect_same(const image *a, const image *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->planes, b->planes, 3 * plane_bytes(a));
    assert_int_equal(!a->alpha, !b->alpha);
    if (a->alpha)
        assert_memory_equal(a->alpha, b->alpha, plane_bytes(a));
}

bool sessions_differ(const image *a, const image *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (int i = 0; i < IMAGE_CHANNELS * a->width * a->height; i++) {
        const int x = i % a->width, y = i / a->width % a->height, c = i / a->width / a->height;
        float left, right;
        image_unpack(a, c, x, y, 1, &left);
        image_unpack(b, c, x, y, 1, &right);
        if (left != right)
            return true;
    }
    return false;
}

void sessions_expect_close(double a, double b, double relative) {
    if (!(fabs(a - b) <= relative * fabs(b)))
        fail_msg("%.9g is not %.9g", a, b);
}

double sessions_greatest_difference(const image *a, const image *b) {
    double most = 0;
    assert_int_equal(a->width * a->height, b->width * b->height);
    for (int i = 0; i < 3 * a->width * a->height; i++) { /* gcc 12 fails on fmax here */
        const double off = fabs((double)a->planes[i] - (double)b->planes[i]);
        most = off > most ? off : most;
    }
    return most;
}

void sessions_apart(void (*work)(const void *what, void *results), const void *what, void *results,
                    size_t size) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        work(what, results); /* a failure leaves by abort or with a code of its own */
        _exit(write(ends[1], results, size) == (ssize_t)size ? 42 : 1);
    }
    close(ends[1]);
    const ssize_t got = read(ends[0], results, size);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(got, size);
}
