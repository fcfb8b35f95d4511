/* SPDX-License-Identifier: MIT
 *
 * The public API: places of files, and files in pieces.
 */
#include "core/memory.h"
#include "image/output_file.h"
#include "transfer/api_error.h"
#include "transfer/stylize.h"

struct stylize_output {
    output_place place;
};

stylize_output *stylize_output_new(const char *path, stylize_error *err) {
    error e;
    if (!api_given(path, "stylize_output_new: path", err))
        return NULL;
    stylize_output *self = memory_alloc(1, sizeof *self, &e);
    if (self && output_place_init(&self->place, path, &e))
        return self;
    memory_free(self);
    api_error(&e, err);
    return NULL;
}

void stylize_output_free(stylize_output *self) {
    if (self)
        output_place_clear(&self->place);
    memory_free(self);
}

bool stylize_output_check(const stylize_output *self, stylize_error *err) {
    error e;
    return api_given(self, "stylize_output_check: self", err) &&
           (output_file_check_at(&self->place, &e) || api_error(&e, err));
}

bool stylize_output_is_special(const stylize_output *self) {
    return self && self->place.in_place;
}

int stylize_output_open(const stylize_output *self, int flags) {
    return self ? output_place_open(&self->place, flags) : -1;
}

bool stylize_output_write(const stylize_output *self, const void *data, size_t size,
                         bool (*abandoned)(void), stylize_error *err) {
    error e;
    return api_given(self, "stylize_output_write: self", err) &&
           (!size || api_given(data, "stylize_output_write: data", err)) &&
           (output_file_write_at(&self->place, data, size, abandoned, &e) || api_error(&e, err));
}

/* ---- in pieces ---- */

/* A composition on its way through two kinds of errors. */
typedef struct composition {
    stylize_composer *compose;
    void *user;
    output_pieces *to;
} composition;

static bool put(void *to, const void *bytes, size_t count, stylize_error *err) {
    const composition *self = to;
    error e;
    return output_file_put(self->to, bytes, count, &e) || api_error(&e, err);
}

static bool compose(void *user, output_pieces *to, error *err) {
    composition *self = user;
    stylize_error cause;
    self->to = to;
    return self->compose(self->user, put, self, &cause) || api_error_back(&cause, err);
}

bool stylize_output_compose(const stylize_output *self, stylize_composer *composer, void *user,
                           bool (*abandoned)(void), stylize_error *err) {
    composition all = {.compose = composer, .user = user};
    error e;
    return api_given(self, "stylize_output_compose: self", err) &&
           (output_file_compose_at(&self->place, compose, &all, abandoned, &e) ||
            api_error(&e, err));
}

bool stylize_file_compose(const char *path, stylize_composer *composer, void *user,
                          bool (*abandoned)(void), stylize_error *err) {
    composition all = {.compose = composer, .user = user};
    error e;
    return api_given(path, "stylize_file_compose: path", err) &&
           (output_file_compose(path, compose, &all, abandoned, &e) || api_error(&e, err));
}
