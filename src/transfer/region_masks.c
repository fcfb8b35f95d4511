/* SPDX-License-Identifier: MIT */
#include "transfer/region_masks.h"

#include <math.h>
#include <string.h>

/* Of the region: what places that see nothing else must at least make up. */
#define LEAST_INSIDE 0.25

static cost_mask mask_at(const vgg *network, int layer, int height, int width) {
    return (cost_mask){.height = vgg_layer_side(network, layer, height),
                       .width = vgg_layer_side(network, layer, width)};
}

void region_masks_prepare(region_masks *self, const regions *found, const vgg *network, int height,
                          int width) {
    const int styles = self->layer_counts[REGION_STYLE_LAYERS];
    self->regions = found;
    self->network = network;
    self->height = height;
    self->width = width;
    for (int r = 0; found->masked && r < found->count; r++) {
        for (int i = 0; i < styles; i++)
            self->styles[r * styles + i] =
                mask_at(network, self->layers[REGION_STYLE_LAYERS][i], height, width);
    }
    for (int i = 0; found->pictures.content_weight && i < self->layer_counts[REGION_CONTENT_LAYERS];
         i++)
        self->contents[i] = mask_at(network, self->layers[REGION_CONTENT_LAYERS][i], height, width);
}

const cost_mask *region_masks_style(const region_masks *self, int region, int index) {
    return self->regions->masked
               ? &self->styles[region * self->layer_counts[REGION_STYLE_LAYERS] + index]
               : NULL;
}

const cost_mask *region_masks_content(const region_masks *self, int index) {
    return self->regions->pictures.content_weight ? &self->contents[index] : NULL;
}

static size_t pixels_of(const region_masks *self) {
    return (size_t)self->height * (size_t)self->width;
}

void region_masks_layout(region_masks *self, layout *to) {
    const int styles = self->layer_counts[REGION_STYLE_LAYERS];
    for (int i = 0; self->regions->masked && i < self->regions->count * styles; i++)
        cost_mask_layout(&self->styles[i], to);
    for (int i = 0;
         self->regions->pictures.content_weight && i < self->layer_counts[REGION_CONTENT_LAYERS];
         i++)
        cost_mask_layout(&self->contents[i], to);
    self->cover = regions_spare_rest(self->regions)
                      ? layout_take(to, pixels_of(self), sizeof *self->cover)
                      : NULL;
}

/* ---- from the picture to a layer ---- */

static int least(int a, int b) {
    return a < b ? a : b;
}

/* The mean of a plane over a rectangle, as far as that lies inside of it. */
static double mean_over(const float *plane, image_extent size, rectangle r) {
    const int right = least(r.x + r.width, size.width), low = least(r.y + r.height, size.height);
    const int x0 = r.x > 0 ? r.x : 0, y0 = r.y > 0 ? r.y : 0;
    double sum = 0;
    for (int y = y0; y < low; y++) {
        for (int x = x0; x < right; x++)
            sum += (double)plane[(size_t)y * (size_t)size.width + (size_t)x];
    }
    return sum / ((double)(right - x0) * (low - y0));
}

/* Fills a mask with means over what each place stands for: roots of them for style terms. */
static void fill_mask(const vgg *network, int layer, const float *plane, image_extent size,
                      bool root, const cost_mask *mask) {
    const int step = vgg_receptive_field(network, layer).step;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < mask->height; y++) {
        for (int x = 0; x < mask->width; x++) {
            const double mean = mean_over(plane, size, (rectangle){x * step, y * step, step, step});
            mask->weights[(size_t)y * (size_t)mask->width + (size_t)x] =
                (float)(root ? sqrt(mean) : mean);
        }
    }
}

/* 1 where a place sees nothing but the region, else 0. */
static void fill_inside(const vgg *network, int layer, const float *plane, image_extent size,
                        const cost_mask *mask) {
    const vgg_field field = vgg_receptive_field(network, layer);
#pragma omp parallel for schedule(static)
    for (int y = 0; y < mask->height; y++) {
        for (int x = 0; x < mask->width; x++) {
            const rectangle seen = {field.first + x * field.step, field.first + y * field.step,
                                    field.size, field.size};
            mask->weights[(size_t)y * (size_t)mask->width + (size_t)x] =
                mean_over(plane, size, seen) > 0.999 ? 1 : 0;
        }
    }
}

/* ---- the picture's masks ---- */

static image_view view_of(image_extent size, float *plane) {
    return image_view_of(plane, size.width, size.height, 1);
}

/* Brings what lies over the content to the size of the stage, into the frame. */
static bool bring(layout *to, bool works, const frame *place, image_extent content,
                  const region_place *where, image_extent size, float *out, error *err) {
    const image_view from = regions_view(where), target = view_of(size, out);
    const frame here = frame_over(place, content, (image_extent){from.width, from.height});
    resampling work = frame_resampling(&here, from, target);
    const bool ok = resampling_walk(&work, to, works, err);
    if (works && ok)
        frame_mirror_edges(&here, target);
    return ok;
}

/* Where masks overlap they are brought to the sum 1; the rest is what they leave. */
static void share_out(const regions *found, float *planes, float *cover, size_t pixels) {
    const int masks = found->rest ? found->count - 1 : found->count;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < pixels; i++) {
        float sum = 0;
        for (int r = 0; r < masks; r++)
            sum += planes[(size_t)r * pixels + i];
        for (int r = 0; sum > 1 && r < masks; r++)
            planes[(size_t)r * pixels + i] /= sum;
        if (found->rest)
            planes[(size_t)masks * pixels + i] = sum < 1 ? 1 - sum : 0;
        if (cover)
            cover[i] = sum < 1 ? sum : 1;
    }
}

/* That something is painted, and by each mask: of a frame the white of one may lie outside. Colours
 * of a map may do so. */
static bool check_shares(const region_masks *self, error *err) {
    const int count = self->regions->pictures.mask_count;
    for (int r = 0; r < count; r++) {
        if (self->shares[r] > 0)
            continue;
        const char *what = "there is no white in the part of the content that is used: paint some "
                           "there";
        return count > 1 ? error_set(err, ERROR_USAGE, "--mask: picture %d: %s", r + 1, what)
                         : error_set(err, ERROR_USAGE, "--mask: %s", what);
    }
    return true;
}

static void fill_styles(region_masks *self, const float *planes) {
    const size_t pixels = pixels_of(self);
    const image_extent size = {self->width, self->height};
    const int layers = self->layer_counts[REGION_STYLE_LAYERS];
    for (int r = 0; r < self->regions->count; r++) {
        const float *plane = planes + (size_t)r * pixels;
        double sum = 0;
        for (size_t i = 0; i < pixels; i++)
            sum += (double)plane[i];
        self->shares[r] = sum / (double)pixels;
        for (int i = 0; i < layers; i++) {
            cost_mask *mask = &self->styles[r * layers + i];
            fill_mask(self->network, self->layers[REGION_STYLE_LAYERS][i], plane, size, true, mask);
            cost_mask_sum(mask);
        }
    }
}

/* Where the content counts more. */
static bool fill_contents(region_masks *self, layout *to, bool works, const frame *place,
                          image_extent content, error *err) {
    const image *weight = self->regions->pictures.content_weight;
    const image_extent size = {self->width, self->height};
    const size_t mark = layout_mark(to);
    if (!weight)
        return true;
    const region_place where = regions_place_of_grey(weight);
    float *plane = layout_take(to, pixels_of(self), sizeof *plane);
    const bool ok = bring(to, works, place, content, &where, size, plane, err);
    for (int i = 0; works && ok && i < self->layer_counts[REGION_CONTENT_LAYERS]; i++) {
        fill_mask(self->network, self->layers[REGION_CONTENT_LAYERS][i], plane, size, false,
                  &self->contents[i]);
        cost_mask_sum(&self->contents[i]);
    }
    layout_rewind(to, mark);
    if (works && ok && self->layer_counts[REGION_CONTENT_LAYERS] > 0 && self->contents->sum <= 0)
        return error_set(err, ERROR_USAGE,
                         "--content-weight-map: there is no white in the part of the content that "
                         "is used: paint some there");
    return ok;
}

bool region_masks_fill(region_masks *self, layout *to, bool works, const frame *place,
                       image_extent content, float **planes, error *err) {
    const regions *found = self->regions;
    const image_extent size = {self->width, self->height};
    const size_t pixels = pixels_of(self);
    *planes = NULL;
    self->shares[0] = 1;
    if (!fill_contents(self, to, works, place, content, err))
        return false;
    if (!found->masked)
        return true;
    *planes = layout_take(to, (size_t)found->count * pixels, sizeof **planes);
    for (int r = 0; r < found->count; r++) {
        if (!regions_have_place(found, r))
            continue;
        const region_place where = regions_place(found, r);
        if (!bring(to, works, place, content, &where, size,
                   works ? *planes + (size_t)r * pixels : NULL, err))
            return false;
    }
    if (works) {
        share_out(found, *planes, self->cover, pixels);
        fill_styles(self, *planes);
    }
    return !works || check_shares(self, err);
}

/* ---- a style's masks ---- */

/* Of one layer, from where the region is in the style. */
static void fill_style_mask(const vgg *network, int layer, const float *plane, image_extent size,
                            cost_mask *mask) {
    fill_mask(network, layer, plane, size, true, mask);
    cost_mask_sum(mask);
    const double area = mask->squares;
    fill_inside(network, layer, plane, size, mask);
    cost_mask_sum(mask);
    if (mask->squares >= LEAST_INSIDE * area && area > 0)
        return;
    fill_mask(network, layer, plane, size, true, mask);
    for (size_t i = 0; area <= 0 && i < (size_t)mask->height * (size_t)mask->width; i++)
        mask->weights[i] = 1;
    cost_mask_sum(mask);
}

bool region_masks_of_style(const region_masks *self, layout *to, bool works, int region, int style,
                           image_extent size, cost_mask masks[VGG_MAX_LAYERS], float **plane,
                           error *err) {
    const int count = self->layer_counts[REGION_STYLE_LAYERS];
    const int *layers = self->layers[REGION_STYLE_LAYERS];
    const region_place where = regions_place_in_style(self->regions, region, style);
    for (int i = 0; i < count; i++) {
        masks[i] = mask_at(self->network, layers[i], size.height, size.width);
        cost_mask_layout(&masks[i], to);
    }
    *plane = layout_take(to, image_extent_area(size), sizeof **plane);
    resampling work = {.source = regions_view(&where), .target = view_of(size, *plane)};
    const bool ok = resampling_walk(&work, to, works, err);
    for (int i = 0; works && ok && i < count; i++)
        fill_style_mask(self->network, layers[i], *plane, size, &masks[i]);
    return ok;
}
