/* SPDX-License-Identifier: MIT */
#include "network_runs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "network_errors.h"
#include "tensors.h"

int run_side(const vgg *network, int layer, int side) {
    const vgg_layer *l = &network->layers[layer];
    return side >> (l->kind == VGG_POOL ? l->block : l->block - 1);
}

int run_count(const run_spec *spec, int layer) {
    return spec->network->layers[layer].channels * run_side(spec->network, layer, spec->height) *
           run_side(spec->network, layer, spec->width);
}

void run_want(run_spec *spec, const char *names) {
    char name[16];
    for (int used; sscanf(names, " %15s%n", name, &used) == 1; names += used)
        spec->wanted[engine_layer(spec->network, name)] = true;
}

void run_inject(run_spec *spec) {
    const size_t bytes = kernels_activation_bytes(spec->network->kernels);
    for (int i = 0; i < spec->network->layer_count; i++) {
        if (spec->wanted[i])
            spec->injected[i] = random_kept(bytes, run_count(spec, i));
    }
}

void run_spec_clear(run_spec *spec) {
    for (int i = 0; i < VGG_MAX_LAYERS; i++) {
        free(spec->injected[i]);
        spec->injected[i] = NULL;
    }
}

/* ---- the visitor ---- */

typedef struct visit {
    const run_spec *spec;
    run_result result;
    int layer, y; /* the last one shown, and the row that must come next */
    const char *problem;
} visit;

/* A failed assertion must not leave a parallel region. */
static void note(visit *self, bool fine, const char *problem) {
    if (!fine)
        self->problem = problem;
}

static void follow(visit *self, int layer, int y, const tensor *rows) {
    const vgg *network = self->spec->network;
    note(self, self->spec->wanted[layer], "a layer that nobody wants");
    note(self, y == (layer == self->layer ? self->y : 0), "rows out of order");
    note(self, rows->channels == network->layers[layer].channels, "channels");
    note(self, rows->width == run_side(network, layer, self->spec->width), "width");
    note(self, y + rows->height <= run_side(network, layer, self->spec->height), "height");
    self->layer = layer;
    self->y = y + rows->height;
}

/* One row of one channel: its place among the layer's values and in the rows shown. */
typedef struct line {
    int at, channel, row;
} line;

static line line_of(const visit *self, int layer, const tensor *rows, int y, int i) {
    const int height = run_side(self->spec->network, layer, self->spec->height);
    const int c = i / rows->height, row = i % rows->height;
    return (line){(c * height + y + row) * rows->width, c, row};
}

static void observe(void *user, int layer, int y, const tensor *rows) {
    visit *self = user;
#pragma omp single
    {
        note(self, layer >= self->layer, "layers out of order");
        follow(self, layer, y, rows);
        for (int i = 0; i < rows->channels * rows->height; i++) {
            const line l = line_of(self, layer, rows, y, i);
            double *activations = self->result.activations[layer] + l.at;
            for (int x = 0; x < rows->width; x++)
                activations[x] = tensor_get(rows, l.channel, l.row, x);
        }
    }
}

static void inject(void *user, int layer, int y, const tensor *rows) {
    visit *self = user;
#pragma omp single
    {
        const double *injected = self->spec->injected[layer];
        note(self, layer <= self->layer, "layers out of order on the way back");
        follow(self, layer, y, rows);
        for (int i = 0; i < rows->channels * rows->height; i++) {
            const line l = line_of(self, layer, rows, y, i);
            const double *activations = self->result.activations[layer] + l.at;
            for (int x = 0; x < rows->width; x++) {
                note(self, tensor_get(rows, l.channel, l.row, x) == activations[x],
                     "another activation on the way back");
                tensor_put(rows, l.channel, l.row, x, injected ? injected[l.at + x] : 0);
            }
        }
    }
}

/* ---- runs ---- */

/* Tensors make no use of what lies in memory before them. Strips and bitmaps own theirs, which
 * came zeroed. */
static void spoil(vgg_run *run) {
    for (int i = 0; i < run->plan.count; i++) {
        const vgg_step *step = &run->plan.steps[i];
        const vgg_buffer *const buffers[] = {&step->before_relu, &step->activation, &step->pooled,
                                             &step->gradient, &step->activation_gradient};
        for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
            memset(run->arena + buffers[k]->offset, 0xff, buffers[k]->bytes);
    }
    memset(run->scratch, 0xff, run->plan.scratch_bytes);
}

static void walk_run(void *part, layout *to) {
    vgg_run_layout(part, to);
}

layout run_open(const run_spec *spec, vgg_run *run) {
    layout memory = {0};
    error err;
    bool ok = vgg_run_prepare(run, spec->network, spec->pooling, spec->height, spec->width,
                              spec->wanted, spec->backward, &err);
    for (int i = 0; ok && i < run->plan.count; i++) {
        vgg_step *step = &run->plan.steps[i];
        if (step->pair && spec->strip_rows && spec->strip_rows < step->strip_rows)
            step->strip_rows = spec->strip_rows;
    }
    ok = ok && layout_make(&memory, walk_run, run, &err);
    if (!ok)
        fail_msg("%s", err.text);
    if (spec->spoiled)
        spoil(run);
    return memory;
}

run_result run_evaluate(const run_spec *spec, vgg_run *run) {
    const int values = 3 * spec->height * spec->width;
    visit v = {.spec = spec, .layer = -1};
    const vgg_visitor visitor = {.observe = observe, .inject = inject, .user = &v};
    float *planes = to_floats(spec->picture, values);
    for (int i = 0; i < spec->network->layer_count; i++) {
        if (spec->wanted[i]) {
            v.result.activations[i] = random_values(run_count(spec, i));
            v.result.activations[i][run_count(spec, i) - 1] = NAN; /* not shown, as it were */
        }
    }
    vgg_run_forward(run, planes, &visitor);
    assert_int_equal(v.layer, run->plan.depth);
    assert_int_equal(v.y, run_side(spec->network, v.layer, spec->height));
    if (spec->backward) {
        v.result.gradient = to_floats(spec->picture, values);
        v.layer = VGG_MAX_LAYERS;
        vgg_run_backward(run, planes, &visitor, v.result.gradient);
    }
    if (v.problem)
        fail_msg("visitor: %s", v.problem);
    free(planes);
    return v.result;
}

run_result run_once(const run_spec *spec) {
    vgg_run run;
    layout memory = run_open(spec, &run);
    const run_result result = run_evaluate(spec, &run);
    layout_free(&memory);
    return result;
}

void run_result_clear(run_result *self) {
    for (int i = 0; i < VGG_MAX_LAYERS; i++)
        free(self->activations[i]);
    free(self->gradient);
    *self = (run_result){.gradient = NULL};
}

void expect_same_result(const run_spec *spec, const run_result *a, const run_result *b) {
    for (int i = 0; i < spec->network->layer_count; i++) {
        if (spec->wanted[i])
            assert_memory_equal(a->activations[i], b->activations[i],
                                (size_t)run_count(spec, i) * sizeof(double));
    }
    if (spec->backward)
        assert_memory_equal(a->gradient, b->gradient,
                            (size_t)(3 * spec->height * spec->width) * sizeof(float));
}

/* ---- the reference ---- */

/* A gradient on its way back, and the variances of its values unless nobody asks for them. */
typedef struct way_back {
    double *gradient, *variances;
} way_back;

static double *new_doubles(int count) {
    double *self = calloc((size_t)count + 1, sizeof *self);
    assert_non_null(self);
    return self;
}

/* Adds what is injected; the sum is stored. */
static void add_injected(const way_back *b, const double *injected, int count) {
    for (int k = 0; k < count; k++)
        b->gradient[k] += injected[k];
    if (b->variances)
        errors_stored(b->gradient, b->variances, count);
}

/* Through layer i, to `below` or the picture. */
static way_back step_back(const run_spec *spec, const reference_vgg *net,
                          const reference_run *forward, int i, const reference_layer *layer,
                          const reference_layer *below, const way_back *b) {
    const vgg_layer *l = &spec->network->layers[i];
    const int count = layer->c * layer->h * layer->w;
    const int left = below ? below->c * below->h * below->w : 3 * spec->height * spec->width;
    way_back next = {.gradient = new_doubles(left)};
    if (l->kind == VGG_CONV) {
        reference_conv3x3_backward(b->gradient, layer->c, layer->h, layer->w,
                                   net->conv[l->conv].weights, below ? below->c : 3, next.gradient);
        if (b->variances)
            next.variances = errors_convolved(spec->network->kernels, net, l->conv, true,
                                              b->gradient, b->variances, layer->h, layer->w);
        if (b->variances && below)
            errors_stored(next.gradient, next.variances, left);
        return next;
    }
    next.variances = b->variances ? new_doubles(left) : NULL;
    for (int k = 0; k < (b->variances ? 2 : 1); k++) {
        const double *from = k ? b->variances : b->gradient;
        double *to = k ? next.variances : next.gradient;
        if (l->kind == VGG_RELU)
            reference_relu_backward(below->values, from, count, to);
        else
            reference_pool_backward(below->values, from, below->c, below->h, below->w,
                                    forward->pooling, to);
    }
    for (int k = 0;
         next.variances && l->kind == VGG_POOL && forward->pooling == REFERENCE_AVERAGE && k < left;
         k++)
        next.variances[k] /= 4; /* the square of the share */
    return next;
}

/* Layer by layer from the deepest that is injected at; gradients are added where they belong. */
double *run_reference_gradient(const run_spec *spec, const reference_vgg *net,
                               const reference_run *forward, double *off) {
    const vgg *network = spec->network;
    const int area = spec->height * spec->width;
    way_back b = {NULL, NULL};
    for (int i = network->layer_count - 1; i >= 0; i--) {
        const reference_layer *layer = reference_run_find(forward, network->layers[i].name);
        const reference_layer *below =
            i ? reference_run_find(forward, network->layers[i - 1].name) : NULL;
        /* too small a picture, or zeros so far */
        if (!layer || (!b.gradient && !spec->injected[i]))
            continue;
        const int count = layer->c * layer->h * layer->w;
        if (!b.gradient) {
            b = (way_back){new_doubles(count), off ? new_doubles(count) : NULL};
            memcpy(b.gradient, spec->injected[i], (size_t)count * sizeof *b.gradient);
        } else if (spec->injected[i]) {
            add_injected(&b, spec->injected[i], count);
        }
        const way_back next = step_back(spec, net, forward, i, layer, below, &b);
        free(b.gradient);
        free(b.variances);
        b = next;
    }
    if (off)
        *off = errors_relative(b.gradient, b.variances, 3 * area);
    free(b.variances);
    for (int c = 0; c < 3; c++) {
        for (int k = 0; k < area; k++)
            b.gradient[c * area + k] *= net->range / net->std[c];
    }
    return b.gradient;
}
