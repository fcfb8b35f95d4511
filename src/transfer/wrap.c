/* SPDX-License-Identifier: MIT */
#include "transfer/wrap.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cost/sums.h"
#include "transfer/frame.h"

image_extent wrap_around(const wrap *self, image_extent size) {
    return (image_extent){size.width + 2 * self->margin, size.height + 2 * self->margin};
}

/* ---- plans ---- */

/* As far as the units of the terms' layers see to their left, in whole steps of the deepest one:
 * then units see the same before and after a period, where that is a multiple of the step, too. */
static int margin_for(const vgg *network, const cost_spec *spec) {
    int margin = 1; /* neighbours, for terms of the picture */
    for (int i = 0; i < spec->count; i++) {
        if (spec->terms[i].layer == COST_PICTURE)
            continue;
        const vgg_field field = vgg_receptive_field(network, spec->terms[i].layer);
        const int needed = (-field.first + field.step - 1) / field.step * field.step;
        margin = needed > margin ? needed : margin;
    }
    return margin;
}

void wrap_prepare(wrap *self, const vgg *network, image_extent period, cost_spec *spec) {
    *self = (wrap){.period = period, .margin = margin_for(network, spec)};
    const image_extent size = wrap_around(self, self->period);
    spec->margin = self->margin;
    for (int i = 0; i < spec->count; i++) {
        cost_term *term = &spec->terms[i];
        const int layer = term->layer;
        assert(term->kind != COST_CONTENT);
        if (layer == COST_PICTURE)
            continue;
        self->masked[layer] = true;
        self->steps[layer] = vgg_receptive_field(network, layer).step;
        self->masks[layer] = (cost_mask){.height = vgg_layer_side(network, layer, size.height),
                                         .width = vgg_layer_side(network, layer, size.width)};
        term->mask = &self->masks[layer];
    }
}

void wrap_layout(wrap *self, layout *to) {
    const size_t sheet = IMAGE_CHANNELS * image_extent_area(wrap_around(self, self->period));
    self->sheet = layout_take(to, sheet, sizeof *self->sheet);
    self->slope = layout_take(to, sheet, sizeof *self->slope);
    self->rows = layout_take(to, IMAGE_CHANNELS * (size_t)self->period.height, sizeof *self->rows);
    for (int i = 0; i < VGG_MAX_LAYERS; i++) {
        if (self->masked[i])
            cost_mask_layout(&self->masks[i], to);
    }
}

/* ---- masks ---- */

/* The share of the pixels [unit * step, (unit + 1) * step) that lies in [margin, margin + side). */
static double share_of(int unit, int step, int margin, int side) {
    const int from = unit * step > margin ? unit * step : margin;
    const int end = margin + side, to = (unit + 1) * step < end ? (unit + 1) * step : end;
    return to > from ? (double)(to - from) / step : 0;
}

/* Gram matrices square the weights. */
static void fill_mask(const cost_mask *mask, int step, int margin, image_extent inside) {
    for (int y = 0; y < mask->height; y++) {
        const double down = share_of(y, step, margin, inside.height);
        for (int x = 0; x < mask->width; x++)
            mask->weights[(size_t)y * (size_t)mask->width + (size_t)x] =
                (float)sqrt(down * share_of(x, step, margin, inside.width));
    }
}

void wrap_fill_masks(wrap *self) {
    for (int i = 0; i < VGG_MAX_LAYERS; i++) {
        if (!self->masked[i])
            continue;
        fill_mask(&self->masks[i], self->steps[i], self->margin, self->period);
        cost_mask_sum(&self->masks[i]);
    }
}

/* ---- styles ---- */

void wrap_style_masks(const wrap *self, const vgg *network, image_extent style, const int *layers,
                      int count, layout *to, cost_mask *masks) {
    const image_extent size = wrap_around(self, style);
    for (int i = 0; i < count; i++) {
        masks[i] = (cost_mask){.height = vgg_layer_side(network, layers[i], size.height),
                               .width = vgg_layer_side(network, layers[i], size.width)};
        cost_mask_layout(&masks[i], to);
        if (!masks[i].weights)
            continue;
        fill_mask(&masks[i], self->steps[layers[i]], self->margin, style);
        cost_mask_sum(&masks[i]);
    }
}

void wrap_mirror(const wrap *self, image_view around) {
    const int margin = self->margin;
    const frame inside = {
        .width = around.width,
        .height = around.height,
        .place = {margin, margin, around.width - 2 * margin, around.height - 2 * margin}};
    frame_mirror_edges(&inside, around);
}

/* ---- there and back ---- */

static void extend(const wrap *self, const float *planes) {
    const image_extent size = wrap_around(self, self->period);
    const int width = self->period.width, height = self->period.height, margin = self->margin;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < IMAGE_CHANNELS * size.height; i++) {
        const int plane = i / size.height, y = image_repeat(i % size.height - margin, height);
        const float *from = planes + ((ptrdiff_t)plane * height + y) * width;
        float *row = self->sheet + (ptrdiff_t)i * size.width;
        for (int x = 0, at = image_repeat(-margin, width); x < size.width; x++) {
            row[x] = from[at];
            at = at + 1 < width ? at + 1 : 0;
        }
    }
}

/* Adds a row of the sheet to that of the picture. */
static void fold_row(const wrap *self, const float *row, float *out) {
    const int width = self->period.width, end = width + 2 * self->margin;
    for (int x = 0, at = image_repeat(-self->margin, width); x < end; x++) {
        out[at] += row[x];
        at = at + 1 < width ? at + 1 : 0;
    }
}

/* Returns the norm. */
static double fold(const wrap *self, float *gradient) {
    const image_extent size = wrap_around(self, self->period);
    const int width = self->period.width, height = self->period.height;
    const int first = image_repeat(self->margin, height); /* row of the sheet that shows row 0 */
#pragma omp parallel for schedule(static)
    for (int i = 0; i < IMAGE_CHANNELS * height; i++) {
        const float *plane = self->slope + (ptrdiff_t)(i / height) * size.height * size.width;
        float *out = gradient + (ptrdiff_t)i * width;
        double sum = 0;
        memset(out, 0, (size_t)width * sizeof *out);
        for (int y = (first + i % height) % height; y < size.height; y += height)
            fold_row(self, plane + (ptrdiff_t)y * size.width, out);
        for (int x = 0; x < width; x++)
            sum += (double)out[x] * (double)out[x];
        self->rows[i] = sum;
    }
    return sqrt(cost_add_up(self->rows, IMAGE_CHANNELS * height));
}

double wrap_evaluate(wrap *self, objective *cost, const float *planes, float *gradient) {
    extend(self, planes);
    const double value = objective_eval(cost, self->sheet, self->slope);
    cost->values.gradient_norm = fold(self, gradient);
    return value;
}
