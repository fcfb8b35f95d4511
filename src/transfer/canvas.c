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

void canvas_layout(canvas *self, layout *to) {
    self->colors = take_planes(to, self, IMAGE_CHANNELS, self->luma);
    self->sheet = take_planes(to, self, IMAGE_CHANNELS, self->luma);
    self->slope = take_planes(to, self, IMAGE_CHANNELS, self->luma);
    self->start = take_planes(to, self, IMAGE_CHANNELS, self->transparent);
    self->start_a = take_planes(to, self, 1, self->transparent && self->start_alpha);
    self->alpha = take_planes(to, self, 1, self->transparent);
    self->shown = take_planes(to, self, IMAGE_CHANNELS, self->transparent && !self->luma);
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

void canvas_take_content(canvas *self, float *content) {
    if (!self->luma)
        return;
    const image view = as_image(self, content);
    memcpy(self->colors, content, IMAGE_CHANNELS * pixels_of(self) * sizeof *content);
    color_luma(&view, content);
    spread(content, pixels_of(self));
}

/* Grey, and about as light and as rich in contrast as the content. */
void canvas_adapt_style(const canvas *self, float *planes, int width, int height) {
    if (!self->luma)
        return;
    const image style = {.width = width, .height = height, .planes = planes};
    const image content = as_image(self, self->colors);
    const size_t pixels = (size_t)width * (size_t)height;
    const color_tone from = color_tone_of(&style), to = color_tone_of(&content);
    color_luma(&style, planes);
    color_adapt(planes, pixels, from, to);
    spread(planes, pixels);
}

void canvas_take_start(const canvas *self, const float *planes, float *variables) {
    if (self->luma) {
        const image view = as_image(self, (float *)(uintptr_t)planes); /* only read */
        color_luma(&view, variables);
    } else if (planes != variables) {
        memcpy(variables, planes, IMAGE_CHANNELS * pixels_of(self) * sizeof *planes);
    }
}

double canvas_evaluate(canvas *self, objective *cost, const float *variables, float *gradient) {
    if (!self->luma)
        return objective_eval(cost, variables, gradient);
    const size_t pixels = pixels_of(self);
    memcpy(self->sheet, variables, pixels * sizeof *variables);
    spread(self->sheet, pixels);
    const double value = objective_eval(cost, self->sheet, self->slope);
    const float *red = self->slope, *green = red + pixels, *blue = green + pixels;
    for (size_t i = 0; i < pixels; i++)
        gradient[i] = red[i] + green[i] + blue[i];
    return value;
}

void canvas_paint(const canvas *self, const float *variables, float *out) {
    if (self->luma) {
        const image colors = as_image(self, self->colors);
        color_paint(&colors, variables, out);
    } else {
        memcpy(out, variables, IMAGE_CHANNELS * pixels_of(self) * sizeof *out);
    }
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
    float *const place = self->luma ? self->sheet : self->shown;
    if (!place) /* const to whom it is shown */
        return as_image(self, (float *)(uintptr_t)variables);
    canvas_finish(self, variables, place);
    return as_image(self, place);
}
