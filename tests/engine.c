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
        .factors = {[COST_CONTENT] = problem->alpha, [COST_GRAM] = problem->beta},
        .sum_content = problem->content_cost == REFERENCE_GATYS,
        .pooling = problem->pooling == REFERENCE_MAX ? POOLING_MAX : POOLING_AVG,
    };
    for (int i = 0; i < problem->terms; i++) {
        const reference_term *term = &problem->term[i];
        spec_add(&self->spec, term->kind == REFERENCE_STYLE ? COST_GRAM : COST_CONTENT,
                 engine_layer(self->network, term->layer), term->weight);
    }
    spec_add_smoothness(&self->spec, problem->tv);
}

/* The share of one style in each Gram target: b_i Gram(S_i) / M(S_i), b normalised to sum 1. */
static void blend_style(const cost_run *self, const cost_run *one, double share, bool first) {
    for (int i = 0; i < self->spec.count; i++) {
        if (self->spec.terms[i].kind != COST_GRAM)
            continue;
        const cost_target *to = self->spec.terms[i].target, *from = one->spec.terms[i].target;
        for (int k = 0; k < to->channels * to->channels; k++)
            to->matrix[k] = from->matrix[k] * share + (first ? 0 : to->matrix[k]);
    }
}

void engine_open(engine *self, const golden *source, const kernel_set *kernels) {
    error err;
    *self = (engine){.height = source->generated.height, .width = source->generated.width};
    self->network = vgg_load(source->weights, kernels, &err);
    if (!self->network)
        fail_msg("%s", err.text);
    make_spec(self, &source->problem);
    const reference_problem *problem = &source->problem;
    float *planes = engine_planes(&problem->content);
    const cost_picture content = {planes, self->height, self->width};
    double sum = 0;
    for (int i = 0; i < problem->styles; i++)
        sum += problem->style_weight[i];
    for (int i = 0; i < problem->styles; i++) {
        const reference_image *image = &problem->style[i];
        float *style_planes = engine_planes(image);
        const cost_picture style = {style_planes, image->height, image->width};
        cost_run one;
        if (!i)
            cost_run_open(&self->run, self->network, &self->spec, content, style);
        cost_run_open(&one, self->network, &self->spec, content, style);
        blend_style(&self->run, &one, problem->style_weight[i] / sum, !i);
        cost_run_close(&one);
        free(style_planes);
    }
    free(planes);
    self->objective = &self->run.objective;
    self->generated = engine_planes(&source->generated);
    self->gradient = engine_planes(&source->generated);
}

void engine_close(engine *self) {
    cost_run_close(&self->run);
    vgg_free(self->network);
    free(self->generated);
    free(self->gradient);
}
