/* SPDX-License-Identifier: MIT */
#include "transfer/luminance.h"

#include <string.h>

#include "core/memory.h"
#include "image/color.h"

/* Copies the first of three planes to the others. */
static void spread(float *planes, size_t pixels) {
    for (size_t c = 1; c < IMAGE_CHANNELS; c++)
        memcpy(planes + c * pixels, planes, pixels * sizeof *planes);
}

void luminance_match(image *style, const image *content) {
    const size_t pixels = (size_t)style->width * (size_t)style->height;
    const color_tone from = color_tone_of(style), to = color_tone_of(content);
    color_luma(style, style->planes);
    color_adapt(style->planes, pixels, from, to);
    spread(style->planes, pixels);
}

bool luminance_init(luminance *self, const image *content, error *err) {
    self->pixels = (size_t)content->width * (size_t)content->height;
    self->sheet = memory_alloc(self->pixels, IMAGE_CHANNELS * sizeof(float), err);
    self->gradient =
        self->sheet ? memory_alloc(self->pixels, IMAGE_CHANNELS * sizeof(float), err) : NULL;
    if (!self->gradient)
        return false;
    color_luma(content, self->sheet);
    spread(self->sheet, self->pixels);
    return true;
}

void luminance_clear(luminance *self) {
    memory_free(self->sheet);
    memory_free(self->gradient);
}

size_t luminance_memory(int width, int height) {
    const size_t plane =
        memory_block((size_t)width * (size_t)height, IMAGE_CHANNELS * sizeof(float));
    return memory_add(plane, plane);
}

double luminance_eval(luminance *self, objective *cost, const float *luma, float *gradient) {
    memcpy(self->sheet, luma, self->pixels * sizeof *luma);
    spread(self->sheet, self->pixels);
    const double value = objective_eval(cost, self->sheet, self->gradient);
    const float *red = self->gradient, *green = red + self->pixels, *blue = green + self->pixels;
    for (size_t i = 0; i < self->pixels; i++)
        gradient[i] = red[i] + green[i] + blue[i];
    return value;
}

float *luminance_picture(luminance *self, const image *content) {
    color_paint(content, self->sheet, self->sheet);
    return self->sheet;
}
