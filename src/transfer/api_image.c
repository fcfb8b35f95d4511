/* SPDX-License-Identifier: MIT
 *
 * The public API: pictures and their files.
 */
#include "image/format.h"
#include "image/image.h"
#include "image/output_file.h"
#include "image/picture_file.h"
#include "image/pixels.h"
#include "image/resample.h"
#include "transfer/api_error.h"
#include "transfer/stylize.h"

#define STANDARD_DEPTH 8
#define STANDARD_QUALITY 95

_Static_assert((int)STYLIZE_U8 == PIXELS_U8 && (int)STYLIZE_U16 == PIXELS_U16 &&
                   (int)STYLIZE_FLOAT == PIXELS_FLOAT,
               "the public samples are the inner ones");
_Static_assert((int)STYLIZE_FORMAT_UNKNOWN == IMAGE_UNKNOWN && (int)STYLIZE_PNG == IMAGE_PNG &&
                   (int)STYLIZE_JPEG == IMAGE_JPEG && (int)STYLIZE_WEBP == IMAGE_WEBP &&
                   (int)STYLIZE_TIFF == IMAGE_TIFF &&
                   STYLIZE_JPEG_MOST_SIDE == IMAGE_JPEG_MOST_SIDE &&
                   STYLIZE_WEBP_MOST_SIDE == IMAGE_WEBP_MOST_SIDE,
               "the public formats are the inner ones");

/* ---- files in ---- */

static size_t most_pixels(int max_pixels) {
    return max_pixels > 0 ? (size_t)max_pixels : 0;
}

stylize_image *stylize_image_read(const char *path, int max_pixels, stylize_error *err) {
    error e;
    if (!api_given(path, "stylize_image_read: path", err))
        return NULL;
    image *self = picture_file_read(path, most_pixels(max_pixels), &e);
    if (!self)
        api_error(&e, err);
    return self;
}

stylize_image *stylize_image_read_stream(FILE *file, const char *name, int max_pixels,
                                         stylize_error *err) {
    error e;
    if (!api_given(file, "stylize_image_read_stream: file", err) ||
        !api_given(name, "stylize_image_read_stream: name", err))
        return NULL;
    image *self = picture_file_read_stream(file, name, most_pixels(max_pixels), &e);
    if (!self)
        api_error(&e, err);
    return self;
}

/* ---- pixels ---- */

stylize_image *stylize_image_from_pixels(const void *pixels, int width, int height, size_t stride,
                                         int channels, stylize_sample sample, stylize_error *err) {
    const pixels_format format = {channels, (pixels_sample)sample};
    error e;
    image *self = pixels_read(pixels, width, height, stride, format, &e);
    if (!self)
        api_error(&e, err);
    return self;
}

bool stylize_image_to_pixels(const stylize_image *self, void *pixels, size_t stride, int channels,
                             stylize_sample sample, stylize_error *err) {
    const pixels_format format = {channels, (pixels_sample)sample};
    error e;
    return api_given(self, "stylize_image_to_pixels: self", err) &&
           (pixels_write(self, pixels, stride, format, &e) || api_error(&e, err));
}

stylize_image *stylize_image_resize(const stylize_image *self, int width, int height,
                                    stylize_error *err) {
    error e;
    if (!api_given(self, "stylize_image_resize: self", err))
        return NULL;
    if (width < 1 || height < 1) {
        stylize_error_set(err, STYLIZE_USAGE, "stylize_image_resize: %dx%d is no size", width,
                          height);
        return NULL;
    }
    image *out = image_resample(self, width, height, &e);
    if (out && image_resample_alpha(out, self, &e))
        return out;
    image_free(out);
    api_error(&e, err);
    return NULL;
}

/* ---- properties ---- */

void stylize_image_size(const stylize_image *self, int *width, int *height) {
    *width = self ? self->width : 0;
    *height = self ? self->height : 0;
}

bool stylize_image_has_alpha(const stylize_image *self) {
    return self && image_has_alpha(self);
}

void stylize_image_free(stylize_image *self) {
    image_free(self);
}

/* ---- files out ---- */

stylize_format stylize_format_of_path(const char *path) {
    return path ? (stylize_format)image_format_of_path(path) : STYLIZE_FORMAT_UNKNOWN;
}

static picture_file_options make_options(int depth, int quality) {
    return (picture_file_options){
        .depth = depth ? depth : STANDARD_DEPTH,
        .quality = quality ? quality : STANDARD_QUALITY,
    };
}

bool stylize_image_encode(const stylize_image *self, stylize_format format, int depth, int quality,
                          const char *name, char **data, size_t *size, stylize_error *err) {
    const picture_file_options options = make_options(depth, quality);
    error e;
    if (!api_given(self, "stylize_image_encode: self", err) ||
        !api_given(name, "stylize_image_encode: name", err) ||
        !api_given(data, "stylize_image_encode: data", err) ||
        !api_given(size, "stylize_image_encode: size", err))
        return false;
    *data = NULL;
    *size = 0;
    return picture_file_encode(self, (image_format)format, &options, name, data, size, &e) ||
           api_error(&e, err);
}

bool stylize_image_write(const stylize_image *self, const char *path, int depth, int quality,
                         stylize_error *err) {
    const picture_file_options options = make_options(depth, quality);
    error e;
    return api_given(self, "stylize_image_write: self", err) &&
           api_given(path, "stylize_image_write: path", err) &&
           (picture_file_write(self, path, &options, &e) || api_error(&e, err));
}

bool stylize_file_check(const char *path, stylize_error *err) {
    error e;
    return api_given(path, "stylize_file_check: path", err) &&
           (output_file_check(path, &e) || api_error(&e, err));
}

bool stylize_file_in_place(const char *path) {
    return path && output_file_in_place(path);
}

bool stylize_file_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                        stylize_error *err) {
    error e;
    return api_given(path, "stylize_file_write: path", err) &&
           (!size || api_given(data, "stylize_file_write: data", err)) &&
           (output_file_write(path, data, size, abandoned, &e) || api_error(&e, err));
}
