/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: where a file will be written, found at the start of a long run and kept to
 * its end. What others put there meanwhile, such as a link, leads nowhere else.
 *
 *     stylize_output *out = stylize_output_new("out.png", &err);
 *     if (!out || !stylize_output_check(out, &err)) ...
 *     ... paint ...
 *     stylize_output_write(out, data, size, NULL, &err);
 */
#ifndef STYLIZE_OUTPUT_H
#define STYLIZE_OUTPUT_H

#include "stylize_saved.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct stylize_output stylize_output;

/* Follows the links that are there now. One that somebody else has put into a sticky folder that
 * all may write is refused. */
STYLIZE_API stylize_output *stylize_output_new(const char *path, stylize_error *err);
STYLIZE_API void stylize_output_free(stylize_output *self);

/* As stylize_file_check, stylize_file_write and stylize_file_compose, there. */
STYLIZE_API bool stylize_output_check(const stylize_output *self, stylize_error *err);
STYLIZE_API bool stylize_output_write(const stylize_output *self, const void *data, size_t size,
                                     bool (*abandoned)(void), stylize_error *err);
STYLIZE_API bool stylize_output_compose(const stylize_output *self, stylize_composer *compose,
                                       void *user, bool (*abandoned)(void), stylize_error *err);

/* Whether something is there that is no file, such as a pipe. */
STYLIZE_API bool stylize_output_is_special(const stylize_output *self);

/* Opens the file itself with open's `flags`, for what grows, such as a log; the caller closes the
 * descriptor. Negative with errno set when that fails. */
STYLIZE_API int stylize_output_open(const stylize_output *self, int flags);

#ifdef __cplusplus
}
#endif

#endif
