/* SPDX-License-Identifier: MIT */
#include "transfer/regions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "image/color.h"

/* Colours that are looked at before small ones are dropped, and the least part of a map, and pixels
 * of it, that make a colour. */
#define MOST_CANDIDATES 64
#define LEAST_SHARE 5e-5
#define LEAST_PIXELS 4

/* By how much a side may differ from that of the same shape, of itself: what rounding does to small
 * masks is more, and then says nothing of their shape. */
#define MOST_OFF_SHAPE 0.1

static image_extent extent_of(const image *picture) {
    return (image_extent){picture->width, picture->height};
}

/* What a picture is called in errors: its option, and its number where there are several. */
typedef struct picture_name {
    char text[40];
} picture_name;

static picture_name name_of(const char *option, int index, int count) {
    picture_name name;
    if (count > 1)
        snprintf(name.text, sizeof name.text, "%s: picture %d", option, index + 1);
    else
        snprintf(name.text, sizeof name.text, "%s", option);
    return name;
}

/* ---- greys ---- */

void regions_write_grey(const image *picture, float *plane) {
    const size_t pixels = image_extent_area(extent_of(picture));
    color_luma(picture, plane);
    for (size_t i = 0; picture->alpha && i < pixels; i++)
        plane[i] = fmaxf(0, plane[i] - (1 - picture->alpha[i])); /* planes are over white */
}

static bool is_black(const image *picture) {
    const size_t pixels = image_extent_area(extent_of(picture));
    for (size_t i = 0; i < pixels; i++) {
        const float luma = color_luma_of(picture->planes[i], picture->planes[pixels + i],
                                         picture->planes[2 * pixels + i]);
        if (luma > (picture->alpha ? 1 - picture->alpha[i] : 0))
            return false;
    }
    return true;
}

/* ---- shapes ---- */

/* Whether two sizes are of one shape, up to a rounded pixel of `a`, and that no large part of it.
 */
static bool same_shape(image_extent a, image_extent b) {
    const double height = (double)a.width * b.height / b.width;
    const double width = (double)a.height * b.width / b.height;
    return fabs(height - a.height) <= fmin(1, MOST_OFF_SHAPE * a.height) ||
           fabs(width - a.width) <= fmin(1, MOST_OFF_SHAPE * a.width);
}

static bool check_shape(const image *picture, image_extent of, const picture_name *name,
                        const char *what, error *err) {
    const image_extent size = extent_of(picture);
    return same_shape(size, of) || same_shape(of, size) ||
           error_set(err, ERROR_USAGE,
                     "%s: %dx%d pixels are not of the shape of the %s, %dx%d: draw it on a copy of "
                     "the %s",
                     name->text, size.width, size.height, what, of.width, of.height, what);
}

/* ---- colours of a map ---- */

static void color_at(const image *map, size_t at, float rgb[IMAGE_CHANNELS]) {
    const size_t pixels = image_extent_area(extent_of(map));
    for (size_t c = 0; c < IMAGE_CHANNELS; c++)
        rgb[c] = map->planes[c * pixels + at];
}

static bool alike(const float a[IMAGE_CHANNELS], const float b[IMAGE_CHANNELS]) {
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        if (fabsf(a[c] - b[c]) > REGIONS_TOLERANCE)
            return false;
    }
    return true;
}

/* Whether a pixel and those around it, inside the map, have one colour. */
static bool is_flat(const image *map, int x, int y, const float rgb[IMAGE_CHANNELS]) {
    for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < map->height; v++) {
        for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < map->width; u++) {
            float other[IMAGE_CHANNELS];
            color_at(map, (size_t)v * (size_t)map->width + (size_t)u, other);
            if (!alike(rgb, other))
                return false;
        }
    }
    return true;
}

typedef struct candidates {
    region_color items[MOST_CANDIDATES]; /* share: flat pixels, of which rgb is the mean */
    int count;
} candidates;

/* Adds a flat pixel to the candidate of its colour, a new one if need be; false when there are too
 * many. */
static bool add_flat(candidates *self, const float rgb[IMAGE_CHANNELS], int x, int y) {
    int found = 0;
    while (found < self->count && !alike(self->items[found].rgb, rgb))
        found++;
    if (found == MOST_CANDIDATES)
        return false;
    region_color *item = &self->items[found];
    if (found == self->count) {
        self->count++;
        *item = (region_color){.x = x, .y = y};
    }
    item->share++;
    for (int c = 0; c < IMAGE_CHANNELS; c++)
        item->rgb[c] += (rgb[c] - item->rgb[c]) / (float)item->share;
    return true;
}

static int nearest(const region_color *colors, int count, const bool *allowed,
                   const float rgb[IMAGE_CHANNELS]) {
    float least = INFINITY;
    int found = -1;
    for (int i = 0; i < count; i++) {
        float distance = 0;
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            distance += (colors[i].rgb[c] - rgb[c]) * (colors[i].rgb[c] - rgb[c]);
        if ((!allowed || allowed[i]) && distance < least) {
            least = distance;
            found = i;
        }
    }
    return found;
}

/* Drops those that are too small and puts the largest first. */
static void sort_out(candidates *self, size_t pixels) {
    const double least = fmax(LEAST_PIXELS, LEAST_SHARE * (double)pixels);
    int kept = 0;
    for (int i = 0; i < self->count; i++) {
        const region_color item = self->items[i];
        int place = kept;
        if (item.share < least)
            continue;
        for (; place > 0 && self->items[place - 1].share < item.share; place--)
            self->items[place] = self->items[place - 1];
        self->items[place] = item;
        kept++;
    }
    self->count = kept;
}

/* The colours of a map and their shares of it. */
static bool find_colors(const image *map, const picture_name *name, candidates *found, error *err) {
    const size_t pixels = image_extent_area(extent_of(map));
    float rgb[IMAGE_CHANNELS];
    bool few = true;
    *found = (candidates){0};
    for (int y = 0; few && y < map->height; y++) {
        for (int x = 0; few && x < map->width; x++) {
            color_at(map, (size_t)y * (size_t)map->width + (size_t)x, rgb);
            few = !is_flat(map, x, y, rgb) || add_flat(found, rgb, x, y);
        }
    }
    sort_out(found, pixels);
    if (!few || found->count > RECIPE_MOST_STYLES)
        return error_set(err, ERROR_USAGE,
                         "%s: more than %d colours: paint the regions in few flat ones", name->text,
                         few ? RECIPE_MOST_STYLES : MOST_CANDIDATES);
    if (found->count == 0)
        return error_set(err, ERROR_USAGE, "%s: no flat patch of a colour: paint regions",
                         name->text);
    for (int i = 0; i < found->count; i++)
        found->items[i].share = 0;
    for (size_t i = 0; i < pixels; i++) {
        color_at(map, i, rgb);
        found->items[nearest(found->items, found->count, NULL, rgb)].share += 1;
    }
    for (int i = 0; i < found->count; i++)
        found->items[i].share /= (double)pixels;
    return true;
}

static int byte_of(float value) {
    return (int)lroundf(255 * value);
}

static bool only_in(const region_color *color, const picture_name *there, const char *not_there,
                    error *err) {
    return error_set(err, ERROR_USAGE,
                     "%s: the colour #%02x%02x%02x (at %d,%d; %.3g %% of the map) is not in %s: "
                     "paint it in both maps, or in none",
                     there->text, (unsigned)byte_of(color->rgb[0]),
                     (unsigned)byte_of(color->rgb[1]), (unsigned)byte_of(color->rgb[2]), color->x,
                     color->y, 100 * color->share, not_there);
}

/* Which regions a style's map has; all its colours must be regions. */
static bool match_style(regions *self, int style, error *err) {
    const picture_name name = name_of("--style-map", style, self->pictures.style_map_count);
    candidates found;
    if (!find_colors(self->pictures.style_maps[style], &name, &found, err))
        return false;
    for (int i = 0; i < found.count; i++) {
        const float *rgb = found.items[i].rgb;
        const int region = nearest(self->colors, self->count, NULL, rgb);
        if (!alike(self->colors[region].rgb, rgb))
            return only_in(&found.items[i], &name, "--content-map", err);
        self->absent[region][style] = false;
    }
    return true;
}

static bool make_by_maps(regions *self, int styles, error *err) {
    const picture_name name = name_of("--content-map", 0, 1);
    candidates found;
    if (!find_colors(self->pictures.content_map, &name, &found, err))
        return false;
    self->count = found.count;
    memcpy(self->colors, found.items, (size_t)found.count * sizeof *found.items);
    for (int i = 0; i < self->count; i++) {
        for (int k = 0; k < styles; k++)
            self->absent[i][k] = true;
    }
    for (int i = 0; i < styles; i++) {
        if (!match_style(self, i, err))
            return false;
    }
    for (int i = 0; i < self->count; i++) {
        bool painted = false;
        for (int k = 0; k < styles; k++)
            painted = painted || !self->absent[i][k];
        if (!painted)
            return only_in(&self->colors[i], &name, "--style-map", err);
    }
    return true;
}

/* ---- masks ---- */

static bool make_by_masks(regions *self, bool rest, int styles, error *err) {
    const region_pictures *p = &self->pictures;
    for (int i = 0; i < p->mask_count; i++) {
        const picture_name name = name_of("--mask", i, p->mask_count);
        if (is_black(p->masks[i]))
            return error_set(err, ERROR_USAGE,
                             "%s: it is all black: paint white where it is to be painted",
                             name.text);
        for (int k = 0; k < styles; k++)
            self->absent[i][k] = p->mask_count > 1 && i != k;
    }
    self->count = p->mask_count + rest;
    self->rest = rest;
    return true;
}

/* ---- all ---- */

static bool check_counts(const region_pictures *p, bool rest, int styles, error *err) {
    if (p->mask_count && (p->content_map || p->style_map_count))
        return error_set(err, ERROR_USAGE, "--mask contradicts --content-map: give one of them");
    if (p->mask_count > 1 && p->mask_count != styles)
        return error_set(err, ERROR_USAGE,
                         "--mask: %d pictures for %d %s: give one for each, or one for all",
                         p->mask_count, styles, styles == 1 ? "style" : "styles");
    if (rest && !p->mask_count)
        return error_set(err, ERROR_USAGE, "--mask-rest needs --mask");
    if (!p->content_map != !p->style_map_count)
        return error_set(err, ERROR_USAGE, "--content-map and --style-map need each other: %s",
                         p->content_map ? "give a --style-map" : "give a --content-map");
    return p->style_map_count == 0 || p->style_map_count == styles ||
           error_set(err, ERROR_USAGE, "--style-map: %d pictures for %d %s: give one for each",
                     p->style_map_count, styles, styles == 1 ? "style" : "styles");
}

static bool check_shapes(const region_pictures *p, image_extent content, error *err) {
    for (int i = 0; i < p->mask_count; i++) {
        const picture_name name = name_of("--mask", i, p->mask_count);
        if (!check_shape(p->masks[i], content, &name, "content", err))
            return false;
    }
    const picture_name map = name_of("--content-map", 0, 1);
    if (p->content_map && !check_shape(p->content_map, content, &map, "content", err))
        return false;
    const picture_name weights = name_of("--content-weight-map", 0, 1);
    const image *weight = p->content_weight;
    if (weight && is_black(weight))
        return error_set(err, ERROR_USAGE,
                         "--content-weight-map: it is all black: paint white where the content is "
                         "to count");
    return !weight || check_shape(weight, content, &weights, "content", err);
}

bool regions_make(regions *self, const region_pictures *pictures, bool rest, image_extent content,
                  const image_extent *style_sizes, int styles, error *err) {
    *self = (regions){.pictures = *pictures, .count = 1};
    if (!check_counts(pictures, rest, styles, err) || !check_shapes(pictures, content, err))
        return false;
    for (int i = 0; i < pictures->style_map_count; i++) {
        const picture_name name = name_of("--style-map", i, styles);
        if (!check_shape(pictures->style_maps[i], style_sizes[i], &name, "style", err))
            return false;
    }
    self->masked = pictures->mask_count || pictures->content_map;
    if (pictures->content_map)
        return make_by_maps(self, styles, err);
    return !pictures->mask_count || make_by_masks(self, rest, styles, err);
}

bool regions_spare_rest(const regions *self) {
    return self->pictures.mask_count && !self->rest;
}

/* ---- planes ---- */

bool regions_have_plane(const regions *self, int region) {
    return self->masked && !(self->rest && region + 1 == self->count);
}

image_extent regions_plane_size(const regions *self, int region) {
    const region_pictures *p = &self->pictures;
    return extent_of(p->content_map ? p->content_map : p->masks[region]);
}

/* 1 where the colour of a region is the nearest of those allowed, else 0. */
static void write_colored(const regions *self, const image *map, const bool *allowed, int region,
                          float *plane) {
    const size_t pixels = image_extent_area(extent_of(map));
    for (size_t i = 0; i < pixels; i++) {
        float rgb[IMAGE_CHANNELS];
        color_at(map, i, rgb);
        plane[i] = nearest(self->colors, self->count, allowed, rgb) == region;
    }
}

void regions_write_plane(const regions *self, int region, float *plane) {
    const region_pictures *p = &self->pictures;
    if (p->content_map)
        write_colored(self, p->content_map, NULL, region, plane);
    else
        regions_write_grey(p->masks[region], plane);
}

image_extent regions_style_size(const regions *self, int style) {
    return extent_of(self->pictures.style_maps[style]);
}

void regions_write_style(const regions *self, int region, int style, float *plane) {
    bool allowed[REGIONS_MOST];
    for (int i = 0; i < self->count; i++)
        allowed[i] = !self->absent[i][style];
    write_colored(self, self->pictures.style_maps[style], allowed, region, plane);
}
