/* SPDX-License-Identifier: MIT */
#include "cli/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

/* ---- reading ---- */

static bool read_picture(const inputs *self, const char *path, stylize_image **picture,
                         stylize_error *err) {
    *picture = store_take_picture(self->store, path, self->most_pixels, err);
    return *picture != NULL;
}

/* A word that --init does not know is taken for the name of a file. */
static bool read_init(inputs *self, const char *path, stylize_error *err) {
    stylize_error cause;
    return read_picture(self, path, &self->init, &cause) ||
           stylize_error_set(err, cause.status, "--init: %s%s", cause.text,
                             strpbrk(path, "./") ? "" : "; or say content, random, noise or grey");
}

/* ---- checks ---- */

static bool too_small(const int size[2]) {
    return size[0] < STYLIZE_LEAST_SIDE || size[1] < STYLIZE_LEAST_SIDE;
}

static int most_pixels(const inputs *self) {
    return self->most_pixels < STYLIZE_MOST_PIXELS ? self->most_pixels : STYLIZE_MOST_PIXELS;
}

static bool too_large(const inputs *self, const int size[2]) {
    return (size_t)size[0] * (size_t)size[1] > (size_t)most_pixels(self);
}

/* How the limit on pixels can be raised, where it can. */
static const char *way_out(const inputs *self) {
    return self->most_pixels < STYLIZE_MOST_PIXELS ? ", or raise --max-pixels" : "";
}

static bool check_size(const inputs *self, const options *opts, stylize_error *err) {
    const int *size = self->size;
    const bool shrunk =
        !self->content || size[0] < self->content_size[0] || size[1] < self->content_size[1];
    if (too_small(size))
        return stylize_error_set(
            err, STYLIZE_FAILURE,
            "%s: the result would have %dx%d pixels, but a side needs at least %d: %s",
            opts->content ? opts->content : opts->styles[0], size[0], size[1], STYLIZE_LEAST_SIDE,
            shrunk ? "use a larger --size" : "use a larger picture, or --upscale");
    if (too_large(self, size))
        return stylize_error_set(
            err, STYLIZE_FAILURE,
            "--size: the result would have %dx%d pixels, over the limit of %d: use a "
            "smaller size%s",
            size[0], size[1], most_pixels(self), way_out(self));
    return true;
}

/* Encoding would tell only after the work. */
static bool check_format(const inputs *self, const options *opts, const char *name,
                         stylize_error *err) {
    return !name || files_check_size(opts, name, self->size[0], self->size[1], err);
}

static bool check_style_size(const inputs *self, const options *opts, int index,
                             stylize_error *err) {
    const int *size = self->style_sizes[index];
    const char *name = opts->styles[index];
    if (too_small(size))
        return stylize_error_set(
            err, STYLIZE_FAILURE,
            "%s: the style would be used at %dx%d pixels, but a side needs at least %d: "
            "use a larger picture or --style-scale",
            name, size[0], size[1], STYLIZE_LEAST_SIDE);
    if (too_large(self, size))
        return stylize_error_set(
            err, STYLIZE_FAILURE,
            "--style-scale: %s would be used at %dx%d pixels, over the limit of %d: "
            "use a smaller factor%s",
            name, size[0], size[1], most_pixels(self), way_out(self));
    return true;
}

/* The alpha of CONTENT as a grey picture; NULL with *err. */
static stylize_image *alpha_mask(const stylize_image *content, stylize_error *err) {
    enum { CHANNELS = 4 };
    int width, height;
    if (!stylize_image_has_alpha(content)) {
        stylize_error_set(err, STYLIZE_FAILURE,
                          "--mask: alpha: CONTENT is nowhere transparent: name a mask picture");
        return NULL;
    }
    stylize_image_size(content, &width, &height);
    const size_t pixels = (size_t)width * (size_t)height, stride = (size_t)width * sizeof(uint16_t);
    uint16_t *values = malloc(CHANNELS * pixels * sizeof *values);
    stylize_image *mask = NULL;
    if (!values)
        stylize_error_set(err, STYLIZE_FAILURE, "--mask: out of memory");
    else if (stylize_image_to_pixels(content, values, CHANNELS * stride, CHANNELS, STYLIZE_U16,
                                     err)) {
        for (size_t i = 0; i < pixels; i++)
            values[i] = values[CHANNELS * i + CHANNELS - 1];
        mask = stylize_image_from_pixels(values, width, height, stride, 1, STYLIZE_U16, err);
    }
    free(values);
    return mask;
}

/* A picture that an option names. */
static bool read_guide(const inputs *self, const char *name, const char *path,
                       stylize_image **picture, stylize_error *err) {
    stylize_error cause;
    return read_picture(self, path, picture, &cause) ||
           stylize_error_set(err, cause.status, "--%s: %s", name, cause.text);
}

/* Those that say where. */
static bool read_guides(inputs *self, const options *opts, stylize_error *err) {
    for (; self->mask_count < opts->mask.count; self->mask_count++) {
        const char *path = opts->mask.items[self->mask_count];
        stylize_image **mask = &self->masks[self->mask_count];
        if (!strcmp(path, "alpha"))
            *mask = alpha_mask(self->content, err);
        else if (!read_guide(self, "mask", path, mask, err))
            return false;
        if (!*mask)
            return false;
    }
    for (; self->style_map_count < opts->style_map.count; self->style_map_count++) {
        const int i = self->style_map_count;
        if (!read_guide(self, "style-map", opts->style_map.items[i], &self->style_maps[i], err))
            return false;
    }
    return (!opts->content_map.count ||
            read_guide(self, "content-map", opts->content_map.items[0], &self->content_map, err)) &&
           (!opts->content_weight_map.count ||
            read_guide(self, "content-weight-map", opts->content_weight_map.items[0],
                       &self->content_weight_map, err));
}

static bool read_styles(inputs *self, const options *opts, stylize_error *err) {
    for (; self->style_count < opts->style_count; self->style_count++) {
        const int i = self->style_count;
        if (!read_picture(self, opts->styles[i], &self->styles[i], err))
            return false;
    }
    return true;
}

static bool size_styles(inputs *self, const options *opts, stylize_error *err) {
    for (int i = 0; i < self->style_count; i++) {
        int width, height, *size = self->style_sizes[i];
        stylize_image_size(self->styles[i], &width, &height);
        stylize_recipe_style_size_at(opts->recipe, i, self->size[0], self->size[1], width, height,
                                     &size[0], &size[1]);
        if (!check_style_size(self, opts, i, err))
            return false;
    }
    return true;
}

bool inputs_read(inputs *self, const options *opts, store *from, stylize_error *err) {
    const stylize_recipe *recipe = opts->recipe;
    double most = 0;
    stylize_recipe_get_number(recipe, "max-pixels", &most);
    *self = (inputs){.store = from, .most_pixels = (int)most};
    if ((opts->content && !read_picture(self, opts->content, &self->content, err)) ||
        !read_styles(self, opts, err) ||
        (opts->init.count && !read_init(self, opts->init.items[0], err)) ||
        (self->content && !read_guides(self, opts, err)))
        return false;
    int width, height;
    if (self->content)
        stylize_image_size(self->content, &self->content_size[0], &self->content_size[1]);
    stylize_image_size(self->content ? self->content : self->styles[0], &width, &height);
    stylize_recipe_result_size(recipe, width, height, &self->size[0], &self->size[1]);
    return check_size(self, opts, err) && check_format(self, opts, opts->out, err) &&
           check_format(self, opts, opts->save_pattern, err) && size_styles(self, opts, err);
}

void inputs_clear(inputs *self) {
    store_give_picture(self->store, self->content);
    for (int i = 0; i < self->style_count; i++)
        store_give_picture(self->store, self->styles[i]);
    for (int i = 0; i < self->mask_count; i++)
        store_give_picture(self->store, self->masks[i]);
    for (int i = 0; i < self->style_map_count; i++)
        store_give_picture(self->store, self->style_maps[i]);
    store_give_picture(self->store, self->content_map);
    store_give_picture(self->store, self->content_weight_map);
    store_give_picture(self->store, self->init);
    *self = (inputs){0};
}
