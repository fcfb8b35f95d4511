/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

float *engine_planes(const reference_image *image) {
    const size_t count = 3 * (size_t)image->width * (size_t)image->height;
    float *planes = malloc(count * sizeof *planes);
    assert_non_null(planes);
    for (size_t i = 0; i < count; i++)
        planes[i] = (float)image->pixels[i];
    return planes;
}

int engine_layer(const vgg *network, const char *name) {
    error err;
    const int layer = vgg_layer_find(network, name, &err);
    if (layer < 0)
        fail_msg("%s", err.text);
    return layer;
}

static void make_spec(engine *self, const reference_problem *problem) {
    self->spec = (cost_spec){
        .alpha = problem->alpha,
        .beta = problem->beta,
        .tv = problem->tv,
        .sum_content = problem->content_cost == REFERENCE_GATYS,
        .pooling = problem->pooling == REFERENCE_MAX ? POOLING_MAX : POOLING_AVG,
    };
    for (int i = 0; i < problem->terms; i++) {
        const reference_term *term = &problem->term[i];
        const cost_layer layer = {engine_layer(self->network, term->layer), term->weight};
        if (term->kind == REFERENCE_STYLE)
            self->spec.style[self->spec.style_count++] = layer;
        else
            self->spec.content[self->spec.content_count++] = layer;
    }
}

static size_t target_size(const engine *self) {
    size_t size = 0;
    for (int i = 0; i < self->spec.style_count; i++) {
        const size_t channels = (size_t)self->network->layers[self->spec.style[i].layer].channels;
        size += channels * channels;
    }
    return size;
}

/* Sum of b_i Gram(S_i) / M(S_i), b normalised to sum 1. */
static void make_style(engine *self, const reference_problem *problem) {
    error err;
    double sum = 0;
    for (int s = 0; s < problem->styles; s++)
        sum += problem->style_weight[s];
    for (int s = 0; s < problem->styles; s++) {
        style_target one;
        const reference_image *image = &problem->style[s];
        float *planes = engine_planes(image);
        assert_true(style_target_init(&one, self->network, &self->spec, planes, image->height,
                                      image->width, &err));
        free(planes);
        for (size_t i = 0; i < target_size(self); i++)
            one.matrices[i] = one.matrices[i] * problem->style_weight[s] / sum +
                              (s ? self->style.matrices[i] : 0);
        style_target_clear(&self->style);
        self->style = one;
    }
}

void engine_open(engine *self, const golden *source, const kernel_set *kernels) {
    error err;
    *self = (engine){.height = source->generated.height, .width = source->generated.width};
    self->network = vgg_load(source->weights, kernels, &err);
    if (!self->network)
        fail_msg("%s", err.text);
    make_spec(self, &source->problem);
    make_style(self, &source->problem);
    float *content = engine_planes(&source->problem.content);
    self->objective = objective_new(self->network, &self->spec, content, self->height, self->width,
                                    &self->style, &err);
    free(content);
    assert_non_null(self->objective);
    self->generated = engine_planes(&source->generated);
    self->gradient = engine_planes(&source->generated);
}

void engine_close(engine *self) {
    objective_free(self->objective);
    style_target_clear(&self->style);
    vgg_free(self->network);
    free(self->generated);
    free(self->gradient);
}
