/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strcasecmp, strdup */
#include "cli/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "image/image.h"
#include "image/picture_file.h"
#include "network/vgg.h"
#include "transfer/params.h"

/* ---- reading ---- */

/* Whether `name` is that of a picture and only in its extension or in capitals other than `wanted`.
 */
static bool resembles(const char *name, const char *wanted) {
    const char *dot = strrchr(wanted, '.'), *name_dot = strrchr(name, '.');
    const size_t stem = dot ? (size_t)(dot - wanted) : strlen(wanted);
    return image_format_of_path(name) != IMAGE_UNKNOWN && (size_t)(name_dot - name) == stem &&
           !strncasecmp(name, wanted, stem);
}

/* A picture of such a name where there is none of this; "" when none is found. */
static void suggest(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash - path) + 1 : 0; /* bytes */
    char *place = strdup(folder ? path : ".");
    DIR *directory = NULL;
    if (place && folder)
        place[folder] = '\0';
    if (place)
        directory = opendir(place);
    const struct dirent *entry;
    *name = '\0';
    while (directory && !*name && (entry = readdir(directory))) {
        if (resembles(entry->d_name, path + folder))
            snprintf(name, size, "%.*s%s", folder, path, entry->d_name);
    }
    if (directory)
        closedir(directory);
    free(place);
}

/* What is no picture by its name already, said with a way out. */
static bool check_name(const char *path, error *err) {
    struct stat status;
    char other[600];
    if (stat(path, &status) == 0)
        return !S_ISDIR(status.st_mode) ||
               error_set(err, ERROR_FAILURE, "cannot read %s: it is a folder; name a picture in it",
                         path);
    if (errno != ENOENT)
        return true; /* reading will tell */
    suggest(path, other, sizeof other);
    return error_set(err, ERROR_FAILURE, "cannot open %s: %s; %s%s%s", path, strerror(ENOENT),
                     *other ? "is it " : "check the name", other, *other ? "?" : "");
}

static bool read_picture(const char *path, const options *opts, stylize_image **picture,
                         error *err) {
    const size_t most = (size_t)opts->params.max_pixels;
    if (!strcmp(path, "-"))
        *picture = picture_file_read_stream(stdin, "standard input", most, err);
    else if (check_name(path, err))
        *picture = picture_file_read(path, most, err);
    return *picture != NULL;
}

static bool read_network(const char *path, stylize_network **network, error *err) {
    stylize_error problem;
    *network = stylize_network_load(path, &problem);
    return *network || error_set(err, ERROR_FAILURE, "%s", problem.text);
}

/* ---- checks ---- */

static bool too_small(const int size[2]) {
    return size[0] < PARAMS_MIN_SIDE || size[1] < PARAMS_MIN_SIDE;
}

static bool too_large(const int size[2], const stylize_params *params) {
    return (size_t)size[0] * (size_t)size[1] > params_most_pixels(params);
}

static bool check_size(const inputs *self, const options *opts, error *err) {
    const int *size = self->size;
    const bool shrunk = size[0] < self->content_size[0] || size[1] < self->content_size[1];
    if (too_small(size))
        return error_set(err, ERROR_FAILURE,
                         "%s: the result would have %dx%d pixels, and no side may be under %d: %s",
                         opts->content, size[0], size[1], PARAMS_MIN_SIDE,
                         shrunk ? "use a larger --size" : "use a larger picture, or --upscale");
    if (too_large(size, &opts->params))
        return error_set(err, ERROR_FAILURE,
                         "--size: the result would have %dx%d pixels, over the limit of %zu: use a "
                         "smaller size%s",
                         size[0], size[1], params_most_pixels(&opts->params),
                         params_more_pixels(&opts->params));
    return true;
}

/* Encoding would tell only after the work. */
static bool check_format(const inputs *self, const char *name, error *err) {
    const int *size = self->size;
    if (!name || image_format_of_path(name) != IMAGE_JPEG ||
        (size[0] <= IMAGE_JPEG_MOST_SIDE && size[1] <= IMAGE_JPEG_MOST_SIDE))
        return true;
    return error_set(
        err, ERROR_FAILURE,
        "%s: the result would have %dx%d pixels, and a JPEG side has at most %d: write "
        "a .png",
        name, size[0], size[1], IMAGE_JPEG_MOST_SIDE);
}

static bool check_style_size(const inputs *self, const options *opts, error *err) {
    const int *size = self->style_size;
    if (too_small(size))
        return error_set(
            err, ERROR_FAILURE,
            "%s: the style would be used at %dx%d pixels, and no side may be under %d: "
            "use a larger picture or --style-scale",
            opts->style, size[0], size[1], PARAMS_MIN_SIDE);
    if (too_large(size, &opts->params))
        return error_set(err, ERROR_FAILURE,
                         "--style-scale: %s would be used at %dx%d pixels, over the limit of %zu: "
                         "use a smaller factor%s",
                         opts->style, size[0], size[1], params_most_pixels(&opts->params),
                         params_more_pixels(&opts->params));
    return true;
}

static bool check_layers(const inputs *self, const char *name, const stylize_layer *layers,
                         int count, const char *weights_path, error *err) {
    for (int i = 0; i < count; i++) {
        error cause;
        if (vgg_layer_find(self->network, layers[i].name, &cause) < 0)
            return error_set(err, ERROR_FAILURE, "%s: %s; choose others with %s", weights_path,
                             cause.text, name);
    }
    return true;
}

bool inputs_read(inputs *self, const options *opts, const char *weights_path, error *err) {
    const stylize_params *params = &opts->params;
    *self = (inputs){0};
    if (!read_picture(opts->content, opts, &self->content, err) ||
        !read_picture(opts->style, opts, &self->style, err) ||
        (opts->init && !read_picture(opts->init, opts, &self->init, err)))
        return false;

    int width, height;
    stylize_image_size(self->content, &self->content_size[0], &self->content_size[1]);
    stylize_output_size(params, self->content_size[0], self->content_size[1], &self->size[0],
                        &self->size[1]);
    stylize_image_size(self->style, &width, &height);
    stylize_style_size(params, self->size[0], self->size[1], width, height, &self->style_size[0],
                       &self->style_size[1]);
    return check_size(self, opts, err) && check_format(self, opts->out, err) &&
           check_format(self, opts->save_pattern, err) && check_style_size(self, opts, err) &&
           read_network(weights_path, &self->network, err) &&
           check_layers(self, "--content-layers", params->content_layers,
                        params->content_layer_count, weights_path, err) &&
           check_layers(self, "--style-layers", params->style_layers, params->style_layer_count,
                        weights_path, err);
}

void inputs_clear(inputs *self) {
    stylize_image_free(self->content);
    stylize_image_free(self->style);
    stylize_image_free(self->init);
    stylize_network_free(self->network);
    *self = (inputs){0};
}
