/* SPDX-License-Identifier: MIT
 *
 * The forward pass leaves every activation in place. The backward pass then asks for the seed of
 * each wanted layer, deepest first, and that is where a layer's terms are evaluated: value and
 * derivative in one visit while the activation is at hand.
 */
#include "cost/objective.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "cost/gram.h"
#include "cost/smoothness.h"

struct objective {
    const vgg *network;
    cost_spec spec;
    vgg_run *run;
    tensor content_targets[VGG_MAX_LAYERS]; /* in the spec's order */
    const double *style_targets[VGG_MAX_LAYERS];
    gram grams[VGG_MAX_LAYERS];
    double *matrix; /* of the widest style layer */
    double *rows;   /* partial sums, one for each row of a tensor or of the three planes */
    cost_values values;
};

static size_t matrix_size(const vgg *network, cost_layer style) {
    const size_t channels = (size_t)network->layers[style.layer].channels;
    return channels * channels;
}

static double area(const tensor *t) {
    return (double)t->height * t->width;
}

/* ---- style target ---- */

static bool compute_targets(const vgg_run *run, const cost_spec *spec, double *matrix, error *err) {
    for (int i = 0; i < spec->style_count; i++) {
        const tensor *activation = vgg_run_activation(run, spec->style[i].layer);
        const size_t size = matrix_size(run->network, spec->style[i]);
        gram g;
        if (!gram_init(&g, run->network->kernels, activation->channels, activation->height, err))
            return false;
        gram_compute(&g, activation, matrix);
        gram_clear(&g);
        for (size_t k = 0; k < size; k++)
            matrix[k] /= area(activation);
        matrix += size;
    }
    return true;
}

bool style_target_init(style_target *self, const vgg *network, const cost_spec *spec,
                       const float *planes, int height, int width, error *err) {
    bool wanted[VGG_MAX_LAYERS] = {false};
    size_t total = 0;
    *self = (style_target){0};
    for (int i = 0; i < spec->style_count; i++) {
        wanted[spec->style[i].layer] = true;
        total += matrix_size(network, spec->style[i]);
    }
    if (!spec->style_count)
        return true;
    vgg_run *run = vgg_run_new(network, spec->pooling, height, width, wanted, err);
    self->matrices = run ? memory_alloc(total, sizeof *self->matrices, err) : NULL;
    bool ok = self->matrices != NULL;
    if (ok) {
        vgg_run_forward(run, planes);
        ok = compute_targets(run, spec, self->matrices, err);
    }
    vgg_run_free(run);
    if (!ok)
        style_target_clear(self);
    return ok;
}

void style_target_clear(style_target *self) {
    memory_free(self->matrices);
    *self = (style_target){0};
}

/* ---- life ---- */

static bool copy_targets(objective *self, const float *content, error *err) {
    vgg_run_forward(self->run, content);
    for (int i = 0; i < self->spec.content_count; i++) {
        const tensor *from = vgg_run_activation(self->run, self->spec.content[i].layer);
        tensor *to = &self->content_targets[i];
        if (!tensor_init(to, from->channels, from->height, from->width, err))
            return false;
        for (int y = 0; y < from->height; y++)
            memcpy(tensor_row(to, y, 0), tensor_row(from, y, 0),
                   (size_t)(from->row_stride - 2 * CHANNEL_BLOCK) * sizeof(float));
    }
    return true;
}

static bool prepare_grams(objective *self, const style_target *style, error *err) {
    const double *target = style->matrices;
    size_t largest = 0;
    for (int i = 0; i < self->spec.style_count; i++) {
        const cost_layer layer = self->spec.style[i];
        const tensor *activation = vgg_run_activation(self->run, layer.layer);
        const size_t size = matrix_size(self->network, layer);
        if (!gram_init(&self->grams[i], self->network->kernels, activation->channels,
                       activation->height, err))
            return false;
        self->style_targets[i] = target;
        target += size;
        largest = size > largest ? size : largest;
    }
    self->matrix = memory_alloc(largest, sizeof *self->matrix, err);
    return self->matrix != NULL;
}

objective *objective_new(const vgg *network, const cost_spec *spec, const float *content,
                         int height, int width, const style_target *style, error *err) {
    objective *self = memory_alloc(1, sizeof *self, err);
    bool wanted[VGG_MAX_LAYERS] = {false};
    if (!self)
        return NULL;
    self->network = network;
    self->spec = *spec;
    for (int i = 0; i < spec->content_count; i++)
        wanted[spec->content[i].layer] = true;
    for (int i = 0; i < spec->style_count; i++)
        wanted[spec->style[i].layer] = true;
    self->run = vgg_run_new(network, spec->pooling, height, width, wanted, err);
    self->rows = memory_alloc((size_t)height, 3 * sizeof *self->rows, err);
    if (!self->run || !self->rows || !copy_targets(self, content, err) ||
        !prepare_grams(self, style, err)) {
        objective_free(self);
        return NULL;
    }
    return self;
}

void objective_free(objective *self) {
    if (!self)
        return;
    for (int i = 0; i < VGG_MAX_LAYERS; i++) {
        tensor_clear(&self->content_targets[i]);
        gram_clear(&self->grams[i]);
    }
    vgg_run_free(self->run);
    memory_free(self->matrix);
    memory_free(self->rows);
    memory_free(self);
}

const cost_values *objective_values(const objective *self) {
    return &self->values;
}

/* ---- evaluation ---- */

/* Content term i: its value, and its derivative added to `gradient`, or put there where nothing is
 * yet. */
static void eval_content(objective *self, int i, const tensor *activation, const tensor *gradient,
                         bool accumulate) {
    const tensor *target = &self->content_targets[i];
    const double elements = area(activation) * activation->channels;
    const double divisor = self->spec.sum_content ? 1 : elements;
    const float scale = (float)(self->spec.alpha * self->spec.content[i].weight / divisor);
    const kernel_set *kernels = self->network->kernels;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < activation->height; y++) {
        self->rows[y] = 0;
        for (int b = 0; b < activation->blocks; b++)
            self->rows[y] += kernels->difference(
                tensor_row(activation, y, b), tensor_row(target, y, b), scale, accumulate,
                tensor_row(gradient, y, b), (size_t)activation->width * CHANNEL_BLOCK);
    }
    double sum = 0;
    for (int y = 0; y < activation->height; y++)
        sum += self->rows[y];
    self->values.content_layers[i] = sum / 2 / divisor;
}

/* Style term i, likewise. */
static void eval_style(objective *self, int i, const tensor *activation, const tensor *gradient,
                       bool accumulate) {
    const double channels = activation->channels, pixels = area(activation);
    const size_t size = matrix_size(self->network, self->spec.style[i]);
    gram_compute(&self->grams[i], activation, self->matrix);
    double sum = 0;
    for (size_t k = 0; k < size; k++) {
        self->matrix[k] = self->matrix[k] / pixels - self->style_targets[i][k];
        sum += self->matrix[k] * self->matrix[k];
    }
    self->values.style_layers[i] = sum / (4 * channels * channels);
    const double scale =
        self->spec.beta * self->spec.style[i].weight / (channels * channels * pixels);
    gram_gradient(&self->grams[i], self->matrix, scale, activation, gradient, accumulate);
}

static bool seed(void *user, int layer, const tensor *activation, const tensor *gradient) {
    objective *self = user;
    bool seeded = false;
    for (int i = 0; i < self->spec.content_count; i++) {
        if (self->spec.content[i].layer == layer) {
            eval_content(self, i, activation, gradient, seeded);
            seeded = true;
        }
    }
    for (int i = 0; i < self->spec.style_count; i++) {
        if (self->spec.style[i].layer == layer) {
            eval_style(self, i, activation, gradient, seeded);
            seeded = true;
        }
    }
    return seeded;
}

static double norm(const float *v, int height, int width, double *rows) {
#pragma omp parallel for schedule(static)
    for (int i = 0; i < 3 * height; i++) {
        rows[i] = 0;
        for (ptrdiff_t x = (ptrdiff_t)i * width; x < (ptrdiff_t)(i + 1) * width; x++)
            rows[i] += (double)v[x] * (double)v[x];
    }
    double sum = 0;
    for (int i = 0; i < 3 * height; i++)
        sum += rows[i];
    return sqrt(sum);
}

double objective_eval(objective *self, const float *x, float *gradient) {
    const cost_spec *spec = &self->spec;
    cost_values *values = &self->values;
    const int height = self->run->height, width = self->run->width;
    vgg_run_forward(self->run, x);
    vgg_run_backward(self->run, seed, self, gradient);
    values->tv = smoothness_eval(x, height, width, spec->tv, gradient, self->rows);
    values->content = values->style = 0;
    for (int i = 0; i < spec->content_count; i++)
        values->content += spec->content[i].weight * values->content_layers[i];
    for (int i = 0; i < spec->style_count; i++)
        values->style += spec->style[i].weight * values->style_layers[i];
    values->total =
        spec->alpha * values->content + spec->beta * values->style + spec->tv * values->tv;
    values->gradient_norm = norm(gradient, height, width, self->rows);
    return values->total;
}
