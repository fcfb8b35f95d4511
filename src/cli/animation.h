/* SPDX-License-Identifier: MIT
 *
 * The run as an animated WebP: a frame every so many iterations, counted over all stages, at the
 * size of OUT, whatever that of the stage at work; the last one is OUT, which is shown longer. The
 * file is written whole at the end, also of a run that was interrupted, or not at all.
 */
#ifndef STYLIZE_CLI_ANIMATION_H
#define STYLIZE_CLI_ANIMATION_H

#include "cli/options.h"

typedef struct animation {
    const options *options;
    int every;               /* iterations from one frame to the next */
    stylize_animation *film; /* NULL without --animation */
    stylize_error error;     /* not STYLIZE_OK when a frame could not be added */
} animation;

/* Reads what the options, which are borrowed, ask for, and checks that the file can be written and
 * overwrites no other of the run; `weights` [count] are the files that the networks come from.
 * False with *err. */
bool animation_init(animation *self, const options *opts, char *const *weights, int count,
                    stylize_error *err);
void animation_clear(animation *self);

/* Before the work: makes it for pictures of this size. False with *err where it has no room. */
bool animation_begin(animation *self, const int size[2], int iterations, stylize_error *err);

/* A stylize_observer whose user is the animation: adds frames. A failure cancels the session and
 * leaves its reason in `error`. */
int animation_observe(void *user, stylize_session *session, const stylize_event *event);

/* Adds the result and writes the file. Does nothing where there is none to be written. */
bool animation_save(animation *self, const stylize_image *result, stylize_error *err);

#endif
