/* SPDX-License-Identifier: MIT
 *
 * The public API: what formats have room for, density, animations.
 */
#include "core/memory.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "image/resample.h"
#include "image/webp.h"
#include "image/webp_frames.h"
#include "transfer/api_error.h"
#include "transfer/stylize.h"

enum { STANDARD_DEPTH = 8, ANY_QUALITY = 95, MOST_QUALITY = 100 };

/* ---- files ---- */

bool stylize_format_check(stylize_format format, int width, int height, int depth, const char *name,
                          stylize_error *err) {
    const picture_file_options options = {depth ? depth : STANDARD_DEPTH, ANY_QUALITY};
    error e;
    return api_given(name, "stylize_format_check: name", err) &&
           (picture_file_check((image_format)format, width, height, &options, name, &e) ||
            api_error(&e, err));
}

int stylize_format_memory(stylize_format format, int depth) {
    const int pixel = 4 * (depth ? depth : STANDARD_DEPTH) / 8; /* with alpha */
    const int stream = 3 * pixel; /* in memory it grows by copying itself into twice the room */
    return stream + (format == STYLIZE_WEBP ? WEBP_MEMORY : 0);
}

uint64_t stylize_image_memory(const stylize_image *self) {
    if (!self)
        return 0;
    const size_t planes = IMAGE_CHANNELS + (self->alpha != NULL);
    return (uint64_t)self->width * (uint64_t)self->height *
           (self->planes ? planes * sizeof(float) : pixels_format_pixel_size(self->format));
}

void stylize_image_set_density(stylize_image *self, double pixels_per_inch) {
    const double resolution[2] = {pixels_per_inch, pixels_per_inch};
    if (!self)
        return;
    self->properties.density_unit = DENSITY_UNKNOWN;
    image_properties_set_resolution(&self->properties, resolution, RESOLUTION_INCH);
}

/* ---- animations ---- */

struct stylize_animation {
    int width, height;
    webp_frames *frames;
};

stylize_animation *stylize_animation_new(int width, int height, int quality, const char *name,
                                         stylize_error *err) {
    const picture_file_options options = {STANDARD_DEPTH, quality};
    error e;
    if (!api_given(name, "stylize_animation_new: name", err))
        return NULL;
    if (width < 1 || height < 1) {
        stylize_error_set(err, STYLIZE_USAGE, "stylize_animation_new: %dx%d is no size", width,
                          height);
        return NULL;
    }
    stylize_animation *self = NULL;
    if (picture_file_check(IMAGE_WEBP, width, height, &options, name, &e))
        self = memory_alloc(1, sizeof *self, &e);
    if (self) {
        self->width = width;
        self->height = height;
        self->frames = webp_frames_new(width, height, quality, name, &e);
    }
    if (self && self->frames)
        return self;
    stylize_animation_free(self);
    api_error(&e, err);
    return NULL;
}

void stylize_animation_free(stylize_animation *self) {
    if (self)
        webp_frames_free(self->frames);
    memory_free(self);
}

int stylize_animation_memory(void) {
    return WEBP_FRAMES_MEMORY;
}

bool stylize_animation_add(stylize_animation *self, const stylize_image *picture, int milliseconds,
                           stylize_error *err) {
    error e;
    if (!api_given(self, "stylize_animation_add: self", err) ||
        !api_given(picture, "stylize_animation_add: picture", err))
        return false;
    if (milliseconds < 1)
        return stylize_error_set(err, STYLIZE_USAGE, "stylize_animation_add: %d ms is no time",
                                 milliseconds);
    if (picture->width == self->width && picture->height == self->height)
        return webp_frames_add(self->frames, picture, milliseconds, &e) || api_error(&e, err);
    image *frame = image_resample(picture, self->width, self->height, &e);
    const bool ok = frame && image_resample_alpha(frame, picture, &e) &&
                    webp_frames_add(self->frames, frame, milliseconds, &e);
    image_free(frame);
    return ok || api_error(&e, err);
}

bool stylize_animation_encode(stylize_animation *self, char **data, size_t *size,
                              stylize_error *err) {
    error e;
    return api_given(self, "stylize_animation_encode: self", err) &&
           api_given(data, "stylize_animation_encode: data", err) &&
           api_given(size, "stylize_animation_encode: size", err) &&
           (webp_frames_encode(self->frames, data, size, &e) || api_error(&e, err));
}
