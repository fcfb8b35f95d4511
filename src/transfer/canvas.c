/* SPDX-License-Identifier: MIT */
#include "transfer/canvas.h"

#include <stdint.h>
#include <string.h>

#include "image/color.h"
#include "transfer/transparency.h"

static size_t pixels_of(const canvas *self) {
    return (size_t)self->width * (size_t)self->height;
}

static float *take_planes(layout *to, const canvas *self, int planes, bool needed) {
    return needed ? layout_take(to, (size_t)planes * pixels_of(self), sizeof(float)) : NULL;
}

/* The content's colours are laid over paler ones of the painting. */
static bool is_tinted(const canvas *self) {
    return self->color == CANVAS_CONTENT && !self->luma;
}

void canvas_layout(canvas *self, layout *to) {
    self->colors = take_planes(to, self, IMAGE_CHANNELS, self->color == CANVAS_CONTENT);
    self->sheet = take_planes(to, self, IMAGE_CHANNELS, self->luma || self->covered);
    self->slope = take_planes(to, self, IMAGE_CHANNELS, self->luma);
    self->plain = take_planes(to, self, canvas_channels(self), self->covered);
    self->start = take_planes(to, self, IMAGE_CHANNELS, self->transparent);
    self->start_a =
        take_planes(to, self, 1, self->transparent && (self->start_alpha || self->covered));
    self->alpha = take_planes(to, self, 1, self->transparent);
    self->shown = take_planes(to, self, IMAGE_CHANNELS,
                              !self->luma && (self->transparent || is_tinted(self)));
}

int canvas_channels(const canvas *self) {
    return self->luma ? 1 : IMAGE_CHANNELS;
}

/* Planes of this canvas as a picture that owns nothing. */
static image as_image(const canvas *self, float *planes) {
    return (image){
        .width = self->width, .height = self->height, .planes = planes, .alpha = self->alpha};
}

/* Copies the first of three planes to the others. */
static void spread(float *planes, size_t pixels) {
    for (size_t c = 1; c < IMAGE_CHANNELS; c++)
        memcpy(planes + c * pixels, planes, pixels * sizeof *planes);
}

/* plain + cover * (value - plain) in place of each value of some planes. */
static void blend_over(const canvas *self, const float *plain, float *values, size_t planes) {
    const size_t pixels = pixels_of(self);
    for (size_t plane = 0; plane < planes; plane++, plain += pixels, values += pixels) {
        for (size_t i = 0; i < pixels; i++)
            values[i] = plain[i] + self->cover[i] * (values[i] - plain[i]);
    }
}

void canvas_take_cover(const canvas *self) {
    const float *content = self->color == CANVAS_CONTENT ? self->colors : self->plain;
    if (!self->covered || !self->transparent)
        return;
    for (size_t i = 0; !self->start_alpha && i < pixels_of(self); i++)
        self->start_a[i] = 1;
    blend_over(self, content, self->start, IMAGE_CHANNELS);
    blend_over(self, self->alpha, self->start_a, 1);
}

void canvas_take_palette(canvas *self, const image *style, double share) {
    if (self->color == CANVAS_START)
        color_moments_add_seen(&self->palette, style, share);
}

void canvas_take_content(canvas *self, float *content) {
    const image view = as_image(self, content);
    color_moments moments = {0};
    if (self->color == CANVAS_CONTENT)
        memcpy(self->colors, content, IMAGE_CHANNELS * pixels_of(self) * sizeof *content);
    if (self->covered)
        canvas_take_start(self, content, self->plain);
    switch (self->color) {
    case CANVAS_STYLE:
        break;
    case CANVAS_CONTENT:
        if (self->luma) {
            color_luma(&view, content);
            spread(content, pixels_of(self));
        } else {
            color_tint(&view, -self->strength, content);
        }
        break;
    case CANVAS_MATCH:
        self->palette = moments;
        color_moments_add(&self->palette, &view, 1);
        break;
    case CANVAS_START:
        color_moments_add(&moments, &view, 1);
        self->recolored = recoloring_between(&moments, &self->palette, (double)self->strength);
        recoloring_apply(&self->recolored, &view);
        break;
    }
}

void canvas_recolor_content(const canvas *self, float *planes) {
    const image view = as_image(self, planes);
    if (self->color == CANVAS_START)
        recoloring_apply(&self->recolored, &view);
}

/* The variables as they are painted, over the content where part of that stays. */
static void lay_over(const canvas *self, const float *variables, float *out) {
    const size_t planes = (size_t)canvas_channels(self);
    if (out != variables)
        memcpy(out, variables, planes * pixels_of(self) * sizeof *out);
    if (self->covered)
        blend_over(self, self->plain, out, planes);
}

/* From the derivative by what is painted to that by the variables. */
static void uncover(const canvas *self, float *gradient) {
    const size_t pixels = pixels_of(self), planes = (size_t)canvas_channels(self);
    for (size_t plane = 0; self->covered && plane < planes; plane++) {
        for (size_t i = 0; i < pixels; i++)
            gradient[plane * pixels + i] *= self->cover[i];
    }
}

/* About as light and as rich in contrast as the content, and grey or paler. */
static void adapt_tone(const canvas *self, const image *style) {
    const image content = as_image(self, self->colors);
    const color_tone from = color_tone_of(style), to = color_tone_of(&content);
    const size_t pixels = (size_t)style->width * (size_t)style->height;
    if (self->luma) {
        color_luma(style, style->planes);
        color_adapt(style->planes, pixels, from, to);
        spread(style->planes, pixels);
    } else {
        const double share = (double)self->strength, gain = color_gain(from, to);
        const recoloring paler = recoloring_of_tone(
            1 + share * (gain - 1), share * (to.mean - gain * from.mean), 1 - share);
        recoloring_apply(&paler, style);
    }
}

void canvas_adapt_style(const canvas *self, float *planes, int width, int height) {
    const image style = {.width = width, .height = height, .planes = planes};
    if (self->color == CANVAS_CONTENT) {
        adapt_tone(self, &style);
    } else if (self->color == CANVAS_MATCH) {
        color_moments moments = {0};
        color_moments_add(&moments, &style, 1);
        const recoloring matched =
            recoloring_between(&moments, &self->palette, (double)self->strength);
        recoloring_apply(&matched, &style);
    }
}

void canvas_take_start(const canvas *self, const float *planes, float *variables) {
    if (self->luma) {
        const image view = as_image(self, (float *)(uintptr_t)planes); /* only read */
        color_luma(&view, variables);
        return;
    }
    if (planes != variables)
        memcpy(variables, planes, IMAGE_CHANNELS * pixels_of(self) * sizeof *planes);
    if (is_tinted(self)) {
        const image colors = as_image(self, self->colors);
        color_tint(&colors, -self->strength, variables);
    }
}

double canvas_evaluate(canvas *self, objective *cost, const float *variables, float *gradient) {
    const size_t pixels = pixels_of(self);
    if (!self->luma && !self->covered)
        return objective_eval(cost, variables, gradient);
    lay_over(self, variables, self->sheet);
    if (!self->luma) {
        const double value = objective_eval(cost, self->sheet, gradient);
        uncover(self, gradient);
        return value;
    }
    spread(self->sheet, pixels);
    const double value = objective_eval(cost, self->sheet, self->slope);
    const float *red = self->slope, *green = red + pixels, *blue = green + pixels;
    for (size_t i = 0; i < pixels; i++)
        gradient[i] = red[i] + green[i] + blue[i];
    uncover(self, gradient);
    return value;
}

void canvas_paint(const canvas *self, const float *variables, float *out) {
    const image colors = as_image(self, self->colors);
    lay_over(self, variables, out);
    if (self->luma)
        color_paint(&colors, out, out);
    else if (is_tinted(self))
        color_tint(&colors, self->strength, out);
}

void canvas_finish(const canvas *self, const float *variables, float *out) {
    canvas_paint(self, variables, out);
    if (!self->transparent)
        return;
    image painted = as_image(self, out), start = as_image(self, self->start);
    start.alpha = self->start_a;
    transparency_restore(&painted, &start);
}

image canvas_show(canvas *self, const float *variables) {
    float *const place = self->shown ? self->shown : self->sheet;
    if (!place) /* const to whom it is shown */
        return as_image(self, (float *)(uintptr_t)variables);
    canvas_finish(self, variables, place);
    return as_image(self, place);
}
