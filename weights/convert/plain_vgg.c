/* SPDX-License-Identifier: MIT */
#include "convert/plain_vgg.h"

#include <string.h>

#include "core/memory.h"

enum { CUT_BLOCK = 5, CUT_NUMBER = 1 };

int plain_vgg_inputs(const plain_vgg *self, int conv) {
    return conv ? self->widths[conv - 1] : 3;
}

size_t plain_vgg_weight_count(const plain_vgg *self, int conv) {
    return (size_t)plain_vgg_inputs(self, conv) * (size_t)self->widths[conv] * 9;
}

int plain_vgg_cut(const vgg_architecture *arch) {
    int conv = 0;
    for (vgg_conv_name name = {0}; name.block != CUT_BLOCK || name.number != CUT_NUMBER; conv++)
        name = vgg_conv_name_of(arch, conv);
    return conv;
}

bool plain_vgg_alloc_conv(plain_vgg *self, int conv, error *err) {
    self->weights[conv] = memory_alloc(plain_vgg_weight_count(self, conv), sizeof(float), err);
    self->biases[conv] = memory_alloc((size_t)self->widths[conv], sizeof(float), err);
    return self->weights[conv] && self->biases[conv];
}

void plain_vgg_clear(plain_vgg *self) {
    for (int i = 0; i < VGG_MAX_CONVS; i++) {
        memory_free(self->weights[i]);
        memory_free(self->biases[i]);
    }
    *self = (plain_vgg){0};
}

bool plain_vgg_read(plain_vgg *self, const vgg_source *source, bool all, error *err) {
    *self = (plain_vgg){.arch = source->arch, .conv_count = source->conv_count};
    if (!all && self->conv_count > plain_vgg_cut(source->arch))
        self->conv_count = plain_vgg_cut(source->arch);
    self->input = source->input;
    memcpy(self->widths, source->widths, sizeof self->widths);
    for (int i = 0; i < self->conv_count; i++) {
        if (!plain_vgg_alloc_conv(self, i, err) ||
            !source->read(source->user, i, self->weights[i], self->biases[i], err))
            return false;
    }
    return true;
}

static bool read_conv(const void *user, int conv, float *weights, float *biases, error *err) {
    const plain_vgg *self = user;
    (void)err;
    memcpy(weights, self->weights[conv], plain_vgg_weight_count(self, conv) * sizeof *weights);
    memcpy(biases, self->biases[conv], (size_t)self->widths[conv] * sizeof *biases);
    return true;
}

vgg_source plain_vgg_source(const plain_vgg *self) {
    vgg_source source = {.arch = self->arch,
                         .conv_count = self->conv_count,
                         .input = self->input,
                         .read = read_conv,
                         .user = self};
    memcpy(source.widths, self->widths, sizeof source.widths);
    return source;
}
