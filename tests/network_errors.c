/* SPDX-License-Identifier: MIT */
#include "network_errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#undef NDEBUG /* the asserts are the error handling here */
#include <assert.h>

#include "bf16_bounds.h"

static double *new_doubles(int count) {
    double *self = calloc((size_t)count + 1, sizeof *self);
    assert(self);
    return self;
}

/* What the roundings of the factors add. */
static void add_factors(const reference_conv *conv, bool adjoint, const double *x, int h, int w,
                        double *variances) {
    const int out = adjoint ? conv->in : conv->out, count = out * h * w;
    bound *bounds = calloc((size_t)count, sizeof *bounds);
    assert(bounds);
    bound_winograd(&(bound_conv){.x = x,
                                 .weights = conv->weights,
                                 .in = adjoint ? conv->out : conv->in,
                                 .out = out,
                                 .height = h,
                                 .width = w,
                                 .adjoint = adjoint,
                                 .operands = true},
                   bounds);
    for (int i = 0; i < count; i++)
        variances[i] += bounds[i].variance;
    free(bounds);
}

double *errors_convolved(const kernel_set *k, const reference_vgg *net, int number, bool adjoint,
                         const double *x, const double *variances, int h, int w) {
    const reference_conv *conv = &net->conv[number];
    const int weights = conv->out * conv->in * 9;
    double *squares = new_doubles(weights);
    double *result = new_doubles((adjoint ? conv->in : conv->out) * h * w);
    for (int i = 0; i < weights; i++)
        squares[i] = conv->weights[i] * conv->weights[i];
    if (adjoint)
        reference_conv3x3_backward(variances, conv->out, h, w, squares, conv->in, result);
    else
        reference_conv3x3(variances, conv->in, h, w, squares, NULL, conv->out, result);
    if (number && k->bf16_products)
        add_factors(conv, adjoint, x, h, w, result);
    free(squares);
    return result;
}

void errors_stored(const double *values, double *variances, int count) {
    for (int i = 0; i < count; i++)
        variances[i] = bound_stored((bound){.variance = variances[i]}, values[i]).variance;
}

double errors_relative(const double *values, const double *variances, int count) {
    double sum = 0, norm = 0;
    for (int i = 0; i < count; i++) {
        sum += variances[i];
        norm += values[i] * values[i];
    }
    return sqrt(sum / norm);
}

/* That of the largest value of each window; or of their mean, which is stored anew, as if the four
 * were off together. */
static double *pooled(const reference_layer *below, const reference_layer *layer,
                      reference_pooling pooling, const double *variances) {
    const int area = layer->h * layer->w, count = layer->c * area;
    double *result = new_doubles(count);
    for (int i = 0; i < count; i++) {
        const int c = i / area, y = i % area / layer->w, x = i % layer->w;
        const int first = (c * below->h + 2 * y) * below->w + 2 * x;
        for (int p = 0; p < 4; p++) {
            const int at = first + p / 2 * below->w + p % 2;
            if (pooling == REFERENCE_AVERAGE)
                result[i] += variances[at] / 4;
            else if (below->values[at] == layer->values[i])
                result[i] = variances[at];
        }
    }
    if (pooling == REFERENCE_AVERAGE)
        errors_stored(layer->values, result, count);
    return result;
}

void errors_of_layers(const kernel_set *k, const reference_vgg *net, const reference_run *run,
                      double off[REFERENCE_MAX_LAYERS]) {
    double *variances = new_doubles(3 * run->layer[0].h * run->layer[0].w);
    for (int i = 0; i < run->layers; i++) {
        const reference_layer *layer = &run->layer[i], *below = i ? layer - 1 : NULL;
        const int count = layer->c * layer->h * layer->w;
        double *next;
        if (layer->conv >= 0) {
            next = errors_convolved(k, net, layer->conv, false, below ? below->values : run->input,
                                    variances, layer->h, layer->w);
            errors_stored(layer->values, next, count);
        } else if (!strncmp(layer->name, "relu", 4)) {
            next = new_doubles(count);
            for (int n = 0; n < count; n++)
                next[n] = layer->values[n] > 0 ? variances[n] : 0;
        } else {
            next = pooled(below, layer, run->pooling, variances);
        }
        free(variances);
        variances = next;
        off[i] = errors_relative(layer->values, variances, count);
    }
    free(variances);
}
