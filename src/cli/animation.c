/* SPDX-License-Identifier: MIT */
#include "cli/animation.h"

#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

enum { FRAMES = 60, FRAME_TIME = 80, LAST_TIME = 2000 /* milliseconds */, QUALITY = 80 };

bool animation_init(animation *self, const options *opts, char *const *weights, int count,
                    stylize_error *err) {
    const char *path = opts->animation;
    *self = (animation){.options = opts};
    if (path && stylize_format_of_path(path) != STYLIZE_WEBP)
        return stylize_error_set(err, STYLIZE_USAGE, "--animation: %s must end in .webp", path);
    return !path || files_check_beside(opts, "--animation", path, weights, count, err);
}

void animation_clear(animation *self) {
    stylize_animation_free(self->film);
    self->film = NULL;
}

bool animation_begin(animation *self, const int size[2], int iterations, stylize_error *err) {
    const options *opts = self->options;
    stylize_error cause;
    if (!opts->animation)
        return true;
    self->every = opts->save_every          ? opts->save_every
                  : iterations / FRAMES > 0 ? iterations / FRAMES
                                            : 1;
    self->film = stylize_animation_new(size[0], size[1], QUALITY, opts->animation, &cause);
    return self->film || stylize_error_set(err, cause.status, "--animation: %s", cause.text);
}

/* The start of the first stage is the first frame; those of the others look like what was before.
 */
int animation_observe(void *user, stylize_session *session, const stylize_event *event) {
    animation *self = user;
    const bool start = event->stage_iteration == 0;
    if (event->kind != STYLIZE_EVENT_ITERATION || (start && event->iteration > 0) ||
        event->iteration % self->every != 0)
        return 0;
    return !stylize_animation_add(self->film, stylize_session_picture(session), FRAME_TIME,
                                  &self->error);
}

bool animation_save(animation *self, const stylize_image *result, stylize_error *err) {
    char *data = NULL;
    size_t size;
    if (!self->film || self->error.status != STYLIZE_OK)
        return true;
    const bool ok = stylize_animation_add(self->film, result, LAST_TIME, err) &&
                    stylize_animation_encode(self->film, &data, &size, err) &&
                    files_write(self->options->animation, data, size, err);
    free(data);
    return ok;
}
