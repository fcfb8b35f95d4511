/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h, which includes it: sessions that are saved and go on another day, and files
 * that are written piece by piece.
 */
#ifndef STYLIZE_SAVED_H
#define STYLIZE_SAVED_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes or gives exactly `count` bytes; false with *err filled. */
typedef bool stylize_writer(void *user, const void *bytes, size_t count, stylize_error *err);
typedef bool stylize_reader(void *user, void *bytes, size_t count, stylize_error *err);

/* Writes all that the further steps of a session depend on, beside its recipe, pictures and
 * networks: after its first step, between any two, or from an observer. Nothing is allocated. False
 * with *err when `write` fails or there is nothing to save. */
STYLIZE_API bool stylize_session_save(stylize_session *self, stylize_writer *write, void *user,
                                      stylize_error *err);

/* In place of the first steps: reads what was saved of a session with the same recipe, pictures and
 * networks, at any number of threads, and prepares the stage at work, which observers are told of;
 * the iterations that were done they are not told again. Further steps give the same bits as if it
 * had never stopped; with another instruction set they give nearly those. False with *err when
 * `read` fails, when the bytes are no such state, when the session is another one, or when it is
 * cancelled meanwhile; then it is of no further use. To tell damaged pictures of a state it has
 * checksums against accidents, no more. Afterwards stylize_session_event tells the last iteration
 * that was done. */
STYLIZE_API bool stylize_session_load(stylize_session *self, stylize_reader *read, void *user,
                                      stylize_error *err);

/* Gives the last stage that many iterations more: after the first step or after loading, also where
 * what was loaded was done; it goes on then. */
STYLIZE_API bool stylize_session_add_iterations(stylize_session *self, int more,
                                                stylize_error *err);

/* Hands what is to be written to `put`, to which `to` belongs, in pieces. */
typedef bool stylize_composer(void *user, stylize_writer *put, void *to, stylize_error *err);

/* Writes a file as stylize_file_write does, of what `compose` says, which need not be in memory as
 * a whole; it is on the disk, not in a cache, when that is done. `compose` may be called again
 * where a file can be written but not replaced. */
STYLIZE_API bool stylize_file_compose(const char *path, stylize_composer *compose, void *user,
                                      bool (*abandoned)(void), stylize_error *err);

#ifdef __cplusplus
}
#endif

#endif
