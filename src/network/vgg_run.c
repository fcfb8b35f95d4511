/* SPDX-License-Identifier: MIT */
#include "network/vgg_run.h"

#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"

/* Whether the layer's output is stored: a convolution's is not where only its ReLU is asked for. */
static bool is_kept(const vgg_run *self, int layer) {
    return layer <= self->depth &&
           (self->network->layers[layer].kind != VGG_CONV || self->wanted[layer]);
}

static bool allocate_scratch(vgg_run *self, error *err) {
    const vgg *network = self->network;
    const int threads = cpu_set_threads(0);
    size_t most = 0;
    for (int i = 0; i <= network->layers[self->depth].conv; i++) {
        const size_t forward = conv3x3_scratch_floats(&network->forward[i], threads);
        const size_t adjoint = conv3x3_scratch_floats(&network->adjoint[i], threads);
        most = forward > most ? forward : most;
        most = adjoint > most ? adjoint : most;
    }
    return winograd_scratch_init(&self->scratch, most, threads, err);
}

static bool allocate(vgg_run *self, error *err) {
    const vgg *network = self->network;
    size_t seed_floats = 0;
    int height = self->height, width = self->width;
    if (!tensor_init(&self->input, 3, height, width, err))
        return false;
    for (int i = 0; i <= self->depth; i++) {
        const vgg_layer *layer = &network->layers[i];
        if (layer->kind == VGG_POOL) {
            height /= 2;
            width /= 2;
        }
        if (height < 1 || width < 1)
            return error_set(err, ERROR_FAILURE,
                             "a picture of %dx%d is too small for %s: use a larger --size",
                             self->width, self->height, network->layers[self->depth].name);
        if (is_kept(self, i) &&
            !tensor_init(&self->activations[i], layer->channels, height, width, err))
            return false;
        size_t floats;
        if (self->wanted[i] && tensor_floats(layer->channels, height, width, &floats) &&
            floats > seed_floats)
            seed_floats = floats;
    }
    self->seed_memory = memory_alloc(seed_floats, sizeof(float), err);
    return self->seed_memory && allocate_scratch(self, err);
}

vgg_run *vgg_run_new(const vgg *network, pooling mode, int height, int width,
                     const bool wanted[VGG_MAX_LAYERS], error *err) {
    vgg_run *self = memory_alloc(1, sizeof *self, err);
    if (!self)
        return NULL;
    self->network = network;
    self->pooling = mode;
    self->height = height;
    self->width = width;
    memcpy(self->wanted, wanted, sizeof self->wanted);
    for (int i = 0; i < network->layer_count; i++) {
        if (wanted[i])
            self->depth = i;
    }
    if (!allocate(self, err)) {
        vgg_run_free(self);
        return NULL;
    }
    return self;
}

void vgg_run_free(vgg_run *self) {
    if (!self)
        return;
    tensor_clear(&self->input);
    for (int i = 0; i < VGG_MAX_LAYERS; i++)
        tensor_clear(&self->activations[i]);
    memory_free(self->seed_memory);
    winograd_scratch_clear(&self->scratch);
    memory_free(self);
}

const tensor *vgg_run_activation(const vgg_run *self, int layer) {
    return &self->activations[layer];
}

/* Planes to the normalised network input. */
static void load_input(const vgg_run *self, const float *planes) {
    const vgg *network = self->network;
    const size_t plane = (size_t)self->height * (size_t)self->width;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < self->height; y++) {
        float *row = tensor_row(&self->input, y, 0);
        for (int c = 0; c < 3; c++) {
            const float *in =
                planes + (size_t)network->source[c] * plane + (size_t)y * (size_t)self->width;
            for (int x = 0; x < self->width; x++)
                row[x * CHANNEL_BLOCK + c] = in[x] * network->scale[c] + network->offset[c];
        }
    }
}

/* The gradient of the network input, which has taken the input's place, to planes. */
static void store_gradient(const vgg_run *self, float *planes) {
    const vgg *network = self->network;
    const size_t plane = (size_t)self->height * (size_t)self->width;
#pragma omp parallel for schedule(static)
    for (int y = 0; y < self->height; y++) {
        const float *row = tensor_row(&self->input, y, 0);
        for (int c = 0; c < 3; c++) {
            float *out =
                planes + (size_t)network->source[c] * plane + (size_t)y * (size_t)self->width;
            for (int x = 0; x < self->width; x++)
                out[x] = row[x * CHANNEL_BLOCK + c] * network->scale[c];
        }
    }
}

void vgg_run_forward(vgg_run *self, const float *planes) {
    const vgg *network = self->network;
    const tensor *in = &self->input;
    load_input(self, planes);
    for (int i = 0; i <= self->depth; i++) {
        const vgg_layer *layer = &network->layers[i];
        const tensor *out = &self->activations[i];
        if (layer->kind == VGG_POOL) {
            pool_forward(network->kernels, self->pooling, in, out);
        } else if (layer->kind == VGG_CONV) {
            /* The ReLU that follows is applied on the way unless someone wants to see before it. */
            const bool kept = is_kept(self, i);
            if (!kept)
                out = &self->activations[++i];
            conv3x3_run(&network->forward[layer->conv], in, out, (conv_epilogue){.relu = !kept},
                        &self->scratch);
        } else {
            for (int y = 0; y < out->height; y++)
                network->kernels->relu(tensor_row(in, y, 0), tensor_row(out, y, 0),
                                       (size_t)(out->row_stride - 2 * CHANNEL_BLOCK));
        }
        in = out;
    }
}

/* out = (masked by the ReLU `mask` unless NULL) add, row by row. */
static void put_seed(const kernel_set *kernels, const tensor *out, const tensor *seed,
                     bool masked) {
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++) {
            float *row = tensor_row(out, y, b);
            const float *from = seed ? tensor_row(seed, y, b) : NULL;
            const size_t count = (size_t)out->width * CHANNEL_BLOCK;
            if (masked)
                kernels->relu_backward(row, from, row, count);
            else if (from)
                memcpy(row, from, count * sizeof *row);
            else
                memset(row, 0, count * sizeof *row);
        }
    }
}

static void add_seed(const tensor *out, const tensor *seed) {
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++) {
            float *row = tensor_row(out, y, b);
            const float *from = tensor_row(seed, y, b);
            for (int i = 0; i < out->width * CHANNEL_BLOCK; i++)
                row[i] += from[i];
        }
    }
}

/* Where the gradient of a convolution's output lies: in place of its ReLU, which has masked it, or
 * of itself where the network ends before the ReLU. */
static const tensor *conv_gradient(const vgg_run *self, int conv_layer) {
    return &self->activations[conv_layer < self->depth ? conv_layer + 1 : conv_layer];
}

/* Replaces the activation of a layer by its gradient: what comes from the layer above, already in
 * place there, plus the seed (NULL = none), through the layer's own ReLU. */
static void backward_layer(vgg_run *self, int i, const tensor *seed) {
    const vgg *network = self->network;
    const tensor *out = &self->activations[i];
    const vgg_layer *above = &network->layers[i + 1];
    const bool masked = network->layers[i].kind == VGG_RELU;
    if (i == self->depth) {
        put_seed(network->kernels, out, seed, masked);
    } else if (above->kind == VGG_CONV) {
        conv3x3_run(&network->adjoint[above->conv], conv_gradient(self, i + 1), out,
                    (conv_epilogue){.add = seed, .mask = masked ? out : NULL}, &self->scratch);
    } else if (above->kind == VGG_POOL) {
        pool_backward(network->kernels, self->pooling, out, &self->activations[i + 1], seed);
    } else if (seed) {
        add_seed(conv_gradient(self, i), seed);
    }
}

void vgg_run_backward(vgg_run *self, vgg_run_seed *seed, void *user, float *planes) {
    const vgg *network = self->network;
    for (int i = self->depth; i >= 0; i--) {
        if (!is_kept(self, i))
            continue;
        const tensor *activation = &self->activations[i];
        const tensor gradient = tensor_view(self->seed_memory, activation->channels,
                                            activation->height, activation->width);
        const bool seeded = self->wanted[i] && seed(user, i, activation, &gradient);
        backward_layer(self, i, seeded ? &gradient : NULL);
    }
    conv3x3_run(&network->adjoint[0], conv_gradient(self, 0), &self->input, (conv_epilogue){0},
                &self->scratch);
    store_gradient(self, planes);
}
