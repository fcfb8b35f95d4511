/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "convert/means.h"

#include <float.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "convert/tensors_file.h"
#include "core/memory.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

static void name_of(const plain_vgg *net, int conv, char name[64]) {
    snprintf(name, 64, "%s.mean", vgg_conv_name_of(net->arch, conv).own);
}

static bool read_conv(channel_means *self, const plain_vgg *net, int conv, const weights_file *file,
                      const char *path, error *err) {
    char name[64];
    const size_t width = (size_t)net->widths[conv];
    name_of(net, conv, name);
    const weights_tensor *tensor = weights_file_find(file, name);
    if (!tensor)
        return error_set(err, ERROR_FAILURE, "%s: %s is missing", path, name);
    if (tensor->rank != 1 || tensor->shape[0] != width)
        return error_set(err, ERROR_FAILURE,
                         "%s: %s does not have one value for each of %zu channels", path, name,
                         width);
    self->of[conv] = memory_alloc(width, sizeof *self->of[conv], err);
    float *values = memory_alloc(width, sizeof *values, err);
    bool ok = self->of[conv] && values && weights_file_read(file, tensor, values, err);
    for (size_t i = 0; ok && i < width; i++) {
        self->of[conv][i] = (double)values[i];
        if (!(values[i] >= FLT_MIN))
            ok = error_set(err, ERROR_FAILURE, "%s: %s: value %zu is not above 0", path, name, i);
    }
    memory_free(values);
    return ok;
}

bool channel_means_read(channel_means *self, const plain_vgg *net, const char *path,
                        char **normalized, error *err) {
    *self = (channel_means){0};
    *normalized = NULL;
    weights_file *file = weights_open(path, err);
    if (!file)
        return false;
    const char *arch = weights_file_metadata(file, "arch");
    const char *text = weights_file_metadata(file, "normalized");
    bool ok = arch && !strcmp(arch, net->arch->name);
    if (!ok)
        error_set(err, ERROR_FAILURE, "%s: not the means of a %s", path, net->arch->name);
    for (int i = 0; ok && i < net->conv_count; i++)
        ok = read_conv(self, net, i, file, path, err);
    if (ok && text) {
        *normalized = strdup(text);
        ok = *normalized || error_set(err, ERROR_FAILURE, "out of memory");
    }
    weights_file_free(file);
    return ok;
}

bool channel_means_write(const channel_means *self, const plain_vgg *net, const char *normalized,
                         const char *path, error *err) {
    tensors_file file;
    size_t size;
    tensors_file_init(&file,
                      json_pack("{s:s, s:s}", "arch", net->arch->name, "normalized", normalized));
    for (int i = 0; i < net->conv_count; i++) {
        char name[64];
        const size_t width = (size_t)net->widths[i];
        name_of(net, i, name);
        unsigned char *at = tensors_file_add(&file, name, tensors_f32, &width, 1);
        for (size_t c = 0; at && c < width; c++)
            at = tensors_put_f32(at, (float)self->of[i][c]);
    }
    const bool ok = tensors_file_save(&file, path, &size, err);
    tensors_file_clear(&file);
    return ok;
}
