/* SPDX-License-Identifier: MIT */
#include "transfer/regions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
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

static int least(int a, int b) {
    return a < b ? a : b;
}

/* How light some pixels of a row are. */
static void grey_row(const image *picture, int x, int y, int count, float *to) {
    float alpha[IMAGE_PIECE];
    color_luma_row(picture, x, y, count, to);
    for (int done = 0; image_has_alpha(picture) && done < count; done += IMAGE_PIECE) {
        const int some = least(count - done, IMAGE_PIECE);
        image_unpack(picture, PIXELS_ALPHA, x + done, y, some, alpha);
        for (int i = 0; i < some; i++) /* what is seen is over white */
            to[done + i] = fmaxf(0, to[done + i] - (1 - alpha[i]));
    }
}

static bool is_black(const image *picture) {
    float luma[IMAGE_PIECE], alpha[IMAGE_PIECE];
    for (int y = 0; y < picture->height; y++) {
        for (int x = 0; x < picture->width; x += IMAGE_PIECE) {
            const int count = least(picture->width - x, IMAGE_PIECE);
            color_luma_row(picture, x, y, count, luma);
            image_unpack(picture, PIXELS_ALPHA, x, y, count, alpha);
            for (int i = 0; i < count; i++) {
                if (luma[i] > 1 - alpha[i])
                    return false;
            }
        }
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

/* Some rows of a map as floats: row y is row y % MAP_ROWS here. */
enum { MAP_ROWS = 3 };
typedef struct map_rows {
    const image *map;
    float *values; /* [MAP_ROWS][3][width] */
} map_rows;

static void load_row(const map_rows *self, int y) {
    const size_t width = (size_t)self->map->width;
    float *to = self->values + (size_t)(y % MAP_ROWS) * IMAGE_CHANNELS * width;
    for (int c = 0; y < self->map->height && c < IMAGE_CHANNELS; c++)
        image_unpack(self->map, c, 0, y, (int)width, to + (size_t)c * width);
}

static void color_at(const map_rows *self, int x, int y, float rgb[IMAGE_CHANNELS]) {
    const size_t width = (size_t)self->map->width;
    const float *from = self->values + (size_t)(y % MAP_ROWS) * IMAGE_CHANNELS * width;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++)
        rgb[c] = from[c * width + (size_t)x];
}

static bool alike(const float a[IMAGE_CHANNELS], const float b[IMAGE_CHANNELS]) {
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        if (fabsf(a[c] - b[c]) > REGIONS_TOLERANCE)
            return false;
    }
    return true;
}

/* Whether a pixel and those around it, inside the map, have one colour; its row and those beside it
 * are loaded. */
static bool is_flat(const map_rows *rows, int x, int y, const float rgb[IMAGE_CHANNELS]) {
    const image *map = rows->map;
    for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < map->height; v++) {
        for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < map->width; u++) {
            float other[IMAGE_CHANNELS];
            color_at(rows, u, v, other);
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

/* Finds the colours of flat pixels, and counts these; false when there are too many. */
static bool find_flat(const map_rows *rows, candidates *found) {
    const image *map = rows->map;
    float rgb[IMAGE_CHANNELS];
    bool few = true;
    load_row(rows, 0);
    for (int y = 0; few && y < map->height; y++) {
        load_row(rows, y + 1);
        for (int x = 0; few && x < map->width; x++) {
            color_at(rows, x, y, rgb);
            few = !is_flat(rows, x, y, rgb) || add_flat(found, rgb, x, y);
        }
    }
    return few;
}

/* The share of each colour: of the pixels that are nearest to it. */
static void find_shares(const map_rows *rows, candidates *found) {
    const image *map = rows->map;
    float rgb[IMAGE_CHANNELS];
    for (int i = 0; i < found->count; i++)
        found->items[i].share = 0;
    for (int y = 0; y < map->height; y++) {
        load_row(rows, y);
        for (int x = 0; x < map->width; x++) {
            color_at(rows, x, y, rgb);
            found->items[nearest(found->items, found->count, NULL, rgb)].share += 1;
        }
    }
    for (int i = 0; i < found->count; i++)
        found->items[i].share /= (double)image_extent_area(extent_of(map));
}

/* The colours of a map and their shares of it. */
static bool find_colors(const image *map, const picture_name *name, candidates *found, error *err) {
    const size_t values = (size_t)MAP_ROWS * IMAGE_CHANNELS * (size_t)map->width;
    const map_rows rows = {map, memory_alloc(values, sizeof(float), err)};
    bool ok = rows.values;
    *found = (candidates){0};
    if (!ok)
        return false;
    const bool few = find_flat(&rows, found);
    sort_out(found, image_extent_area(extent_of(map)));
    if (!few || found->count > RECIPE_MOST_STYLES)
        ok = error_set(err, ERROR_USAGE,
                       "%s: more than %d colours: paint the regions in few flat ones", name->text,
                       few ? RECIPE_MOST_STYLES : MOST_CANDIDATES);
    else if (found->count == 0)
        ok = error_set(err, ERROR_USAGE, "%s: no flat patch of a colour: paint regions",
                       name->text);
    else
        find_shares(&rows, found);
    memory_free(rows.values);
    return ok;
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

/* ---- places ---- */

bool regions_have_place(const regions *self, int region) {
    return self->masked && !(self->rest && region + 1 == self->count);
}

region_place regions_place(const regions *self, int region) {
    const region_pictures *p = &self->pictures;
    if (!p->content_map)
        return regions_place_of_grey(p->masks[region]);
    region_place place = {.picture = p->content_map, .regions = self, .region = region};
    for (int i = 0; i < self->count; i++)
        place.allowed[i] = true;
    return place;
}

region_place regions_place_in_style(const regions *self, int region, int style) {
    region_place place = {
        .picture = self->pictures.style_maps[style], .regions = self, .region = region};
    for (int i = 0; i < self->count; i++)
        place.allowed[i] = !self->absent[i][style];
    return place;
}

region_place regions_place_of_grey(const image *picture) {
    return (region_place){.picture = picture};
}

/* 1 where the colour of the region is the nearest of those allowed, else 0. */
static void colored_row(const region_place *self, int x, int y, int count, float *to) {
    const regions *all = self->regions;
    float rgb[IMAGE_CHANNELS][IMAGE_PIECE];
    for (int done = 0; done < count; done += IMAGE_PIECE) {
        const int some = least(count - done, IMAGE_PIECE);
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            image_unpack(self->picture, c, x + done, y, some, rgb[c]);
        for (int i = 0; i < some; i++) {
            const float color[] = {rgb[0][i], rgb[1][i], rgb[2][i]};
            const int found = nearest(all->colors, all->count, self->allowed, color);
            to[done + i] = found == self->region ? 1 : 0;
        }
    }
}

static void place_row(const void *user, int plane, int x, int y, int count, float *to) {
    const region_place *self = user;
    (void)plane;
    if (self->regions)
        colored_row(self, x, y, count, to);
    else
        grey_row(self->picture, x, y, count, to);
}

image_view regions_view(const region_place *self) {
    return image_view_of_rows(place_row, self, self->picture->width, self->picture->height, 1);
}
