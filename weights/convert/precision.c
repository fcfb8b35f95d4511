/* SPDX-License-Identifier: MIT */
#include "convert/precision.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "cost/analysis.h"
#include "cost/objective.h"
#include "network/vgg.h"
#include "transfer/network_defaults.h"
#include "transfer/stylize.h"
#include "weights/half.h"

bool plain_vgg_within(const plain_vgg *self, float limit) {
    for (int conv = 0; conv < self->conv_count; conv++) {
        const size_t count = plain_vgg_weight_count(self, conv);
        for (size_t i = 0; i < count; i++) {
            if (!(fabsf(self->weights[conv][i]) <= limit))
                return false;
        }
        for (int i = 0; i < self->widths[conv]; i++) {
            if (!(fabsf(self->biases[conv][i]) <= limit))
                return false;
        }
    }
    return true;
}

/* ---- the same network, rounded as it is read ---- */

static void round_values(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = half_to_float_bits(half_of_float(values[i]));
        memcpy(&values[i], &bits, sizeof bits);
    }
}

static bool read_rounded(const void *user, int conv, float *weights, float *biases, error *err) {
    const plain_vgg *exact = user;
    const vgg_source source = plain_vgg_source(exact);
    if (!source.read(source.user, conv, weights, biases, err))
        return false;
    round_values(weights, plain_vgg_weight_count(exact, conv));
    round_values(biases, (size_t)exact->widths[conv]);
    return true;
}

/* ---- gradients ---- */

/* The index of a layer, or of the deepest ReLU that there is. */
static int find_layer(const vgg *network, const char *name) {
    error unused;
    int layer = vgg_layer_find(network, name, &unused);
    for (int i = 0; layer < 0 && i < network->layer_count; i++) {
        const int back = network->layer_count - 1 - i;
        if (network->layers[back].kind == VGG_RELU)
            layer = back;
    }
    return layer;
}

/* The default cost, as far as the network goes: one content term, then the style's, each with the
 * target of its number. */
static cost_spec default_spec(const vgg *network, const stylize_recipe *defaults,
                              cost_target *targets) {
    cost_spec spec = {.count = 1};
    const network_defaults *suited = network_defaults_of(network->widths);
    const recipe_layer *content = suited->content_layers.items;
    stylize_recipe_get_number(defaults, "alpha", &spec.factors[COST_CONTENT]);
    stylize_recipe_get_number(defaults, "beta", &spec.factors[COST_GRAM]);
    spec.terms[0] = (cost_term){.kind = COST_CONTENT,
                                .layer = find_layer(network, content->name),
                                .weight = content->weight};
    for (int i = 0; i < suited->style_layers.count; i++) {
        const recipe_layer *style = &suited->style_layers.items[i];
        error unused;
        const int layer = vgg_layer_find(network, style->name, &unused);
        if (layer >= 0)
            spec.terms[spec.count++] = (cost_term){
                .kind = COST_GRAM, .layer = layer, .weight = style->weight * suited->style_scale};
    }
    for (int i = 0; i < spec.count; i++) {
        targets[i] = (cost_target){.kind = spec.terms[i].kind, .layer = spec.terms[i].layer};
        spec.terms[i].target = &targets[i];
    }
    return spec;
}

/* The content, paler: unlike itself in every layer, and like no picture that costs nothing. */
static void make_paler(const image *content, float *x, size_t count) {
    for (size_t i = 0; i < count; i++)
        x[i] = 0.1f + 0.8f * content->planes[i];
}

static bool compute_gradient(const vgg_source *source, const image *content, const image *style,
                             const float *x, float *gradient, error *err) {
    cost_target targets[COST_MOST_TERMS];
    layout content_targets = {0}, style_targets = {0}, memory = {0};
    objective cost;
    stylize_error problem;
    bool ok = false;
    stylize_recipe *defaults = stylize_recipe_new(&problem);
    vgg *network = defaults ? vgg_new(source, kernels_best(), err) : NULL;
    if (!defaults)
        error_set(err, ERROR_FAILURE, "%s", problem.text);
    if (network) {
        const cost_spec spec = default_spec(network, defaults, targets);
        ok = analysis_make(network, POOLING_MAX, targets, 1, content->planes, content->height,
                           content->width, &content_targets, err) &&
             analysis_make(network, POOLING_MAX, targets + 1, spec.count - 1, style->planes,
                           style->height, style->width, &style_targets, err) &&
             objective_make(&cost, network, &spec, content->height, content->width, &memory, err);
    }
    if (ok)
        objective_eval(&cost, x, gradient);
    layout_free(&memory);
    layout_free(&style_targets);
    layout_free(&content_targets);
    vgg_free(network);
    stylize_recipe_free(defaults);
    return ok;
}

bool plain_vgg_half_difference(const plain_vgg *self, const image *content, const image *style,
                               double *difference, error *err) {
    const size_t count = (size_t)content->width * (size_t)content->height * IMAGE_CHANNELS;
    const vgg_source exact = plain_vgg_source(self);
    vgg_source rounded = exact;
    rounded.read = read_rounded;
    float *x = memory_alloc(count, sizeof *x, err);
    float *a = memory_alloc(count, sizeof *a, err), *b = memory_alloc(count, sizeof *b, err);
    bool ok = false;
    if (x && a && b) {
        make_paler(content, x, count);
        ok = compute_gradient(&exact, content, style, x, a, err) &&
             compute_gradient(&rounded, content, style, x, b, err);
    }
    if (ok) {
        double off = 0, norm = 0;
        for (size_t i = 0; i < count; i++) {
            off += ((double)b[i] - a[i]) * ((double)b[i] - a[i]);
            norm += (double)a[i] * a[i];
        }
        *difference = sqrt(off / norm);
    }
    memory_free(x);
    memory_free(a);
    memory_free(b);
    return ok;
}
