/* SPDX-License-Identifier: MIT */
#include "transfer/frame.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "transfer/preset.h"

#define MOST_SIDE (1 << 24) /* more than any picture that the network takes */

static int scaled(double side, double ratio) {
    return (int)fmin(fmax(1, floor(side * ratio + 0.5)), MOST_SIDE);
}

image_extent frame_scale(image_extent size, double longest) {
    const double ratio = longest / image_extent_longest(size);
    return (image_extent){scaled(size.width, ratio), scaled(size.height, ratio)};
}

static rectangle all_of(image_extent size) {
    return (rectangle){0, 0, size.width, size.height};
}

/* The largest rectangle of the shape of `shape` in the middle of `size`. */
static rectangle central(image_extent size, image_extent shape) {
    const double ratio = fmin((double)size.width / shape.width, (double)size.height / shape.height);
    int width = scaled(shape.width, ratio), height = scaled(shape.height, ratio);
    width = width < size.width ? width : size.width;
    height = height < size.height ? height : size.height;
    return (rectangle){(size.width - width) / 2, (size.height - height) / 2, width, height};
}

/* What of the content a frame of that shape shows: its pixels are the most that the result can have
 * without enlarging any. */
static image_extent shown_extent(int fit, image_extent content, image_extent shape) {
    const rectangle part = central(content, shape);
    const double across = (double)content.width / shape.width;
    const double down = (double)content.height / shape.height, most = fmax(across, down);
    if (fit != RECIPE_FIT_PAD)
        return (image_extent){part.width, part.height};
    return (image_extent){scaled(shape.width, most), scaled(shape.height, most)};
}

frame frame_of_result(const stylize_recipe *recipe, image_extent content, bool *bounded) {
    const preset *usual = preset_of(recipe);
    const bool framed = recipe->size[1] > 0, automatic = recipe->size[0] < 0;
    const int wanted = automatic                                     ? usual->size
                       : framed && recipe->size[1] > recipe->size[0] ? recipe->size[1]
                                                                     : recipe->size[0];
    const bool enlarges = recipe->upscale || usual->enlarges;
    const image_extent shape = framed ? (image_extent){recipe->size[0], recipe->size[1]} : content;
    const image_extent shown = framed ? shown_extent(recipe->fit, content, shape) : content;
    const bool too_small =
        wanted > 0 && wanted > image_extent_longest(shown) && !enlarges && !recipe->texture;
    image_extent size = wanted == 0 || too_small ? shown : frame_scale(shape, wanted);
    if (framed && !too_small)
        size = shape;
    if (bounded)
        *bounded = too_small;
    return (frame){
        .width = size.width,
        .height = size.height,
        .part =
            framed && recipe->fit == RECIPE_FIT_CROP ? central(content, shape) : all_of(content),
        .place = framed && recipe->fit == RECIPE_FIT_PAD ? central(size, content) : all_of(size),
    };
}

static int moved(int value, int from, int to) {
    return (int)((double)value * to / from + 0.5);
}

frame frame_of_stage(const frame *result, image_extent size) {
    frame self = *result;
    const rectangle *place = &result->place;
    self.width = size.width;
    self.height = size.height;
    self.place.x = moved(place->x, result->width, size.width);
    self.place.y = moved(place->y, result->height, size.height);
    self.place.width = moved(place->x + place->width, result->width, size.width) - self.place.x;
    self.place.height = moved(place->y + place->height, result->height, size.height) - self.place.y;
    if (self.place.width < 1) {
        self.place.width = 1;
        self.place.x -= self.place.x == size.width;
    }
    if (self.place.height < 1) {
        self.place.height = 1;
        self.place.y -= self.place.y == size.height;
    }
    return self;
}

frame frame_over(const frame *self, image_extent content, image_extent other) {
    frame over = *self;
    const rectangle *part = &self->part;
    const int right = moved(part->x + part->width, content.width, other.width);
    const int low = moved(part->y + part->height, content.height, other.height);
    over.part.x = moved(part->x, content.width, other.width);
    over.part.y = moved(part->y, content.height, other.height);
    over.part.x -= over.part.x == other.width;
    over.part.y -= over.part.y == other.height;
    over.part.width = right > over.part.x ? right - over.part.x : 1;
    over.part.height = low > over.part.y ? low - over.part.y : 1;
    return over;
}

static image_view part_of(image_view view, const rectangle *r) {
    return image_view_part(view, r->x, r->y, r->width, r->height);
}

resampling frame_resampling(const frame *self, image_view content, image_view stage) {
    assert(stage.width == self->width && stage.height == self->height);
    return (resampling){.source = part_of(content, &self->part),
                        .target = part_of(stage, &self->place)};
}

void frame_mirror_edges(const frame *self, image_view stage) {
    const rectangle *place = &self->place;
    for (int plane = 0; plane < stage.planes; plane++) {
        float *const rows = stage.data + (size_t)plane * stage.plane_step;
        for (int y = place->y; y < place->y + place->height; y++) {
            float *row = rows + (size_t)y * stage.row_step;
            for (int x = 0; x < stage.width; x++)
                row[x] = row[place->x + image_reflect(x - place->x, place->width)];
        }
        for (int y = 0; y < stage.height; y++) {
            const int from = place->y + image_reflect(y - place->y, place->height);
            if (from != y)
                memcpy(rows + (size_t)y * stage.row_step, rows + (size_t)from * stage.row_step,
                       (size_t)stage.width * sizeof *rows);
        }
    }
}

bool frame_bring(const frame *self, image_view content, image_view stage, error *err) {
    const resampling work = frame_resampling(self, content, stage);
    if (!image_view_resample(work.source, work.target, false, err))
        return false;
    frame_mirror_edges(self, stage);
    return true;
}
