/* SPDX-License-Identifier: MIT */
#include "convert/writer.h"

#include <jansson.h>
#include <stdio.h>

#include "convert/int8.h"
#include "convert/tensors_file.h"
#include "core/memory.h"

/* ---- metadata ---- */

static json_t *triple(const double values[3]) {
    return json_sprintf("%.10g,%.10g,%.10g", values[0], values[1], values[2]);
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static json_t *make_metadata(const plain_vgg *self, const provenance *from) {
    json_t *metadata = json_object();
    set_text(metadata, "arch", self->arch->name);
    json_object_set_new(metadata, "mean", triple(self->input.mean));
    json_object_set_new(metadata, "std", triple(self->input.std));
    set_text(metadata, "channel_order", self->input.bgr ? "BGR" : "RGB");
    set_text(metadata, "input_range", self->input.range == 255 ? "255" : "1");
    set_text(metadata, "normalized", from->normalized);
    set_text(metadata, "license", from->licence);
    set_text(metadata, "source", from->source);
    set_text(metadata, "source_sha256", from->source_sha256);
    set_text(metadata, "changes", from->changes);
    set_text(metadata, "converter", from->converter);
    return metadata;
}

/* ---- tensors ---- */

typedef struct tensor_part {
    const char *stem, *name;
    size_t shape[4];
    int rank;
} tensor_part;

static unsigned char *add_part(tensors_file *file, tensor_part part, tensors_type type) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", part.stem, part.name);
    return tensors_file_add(file, name, type, part.shape, part.rank);
}

static void add_floats(tensors_file *file, tensor_part part, const float *values, bool as_half) {
    size_t count = 1;
    for (int i = 0; i < part.rank; i++)
        count *= part.shape[i];
    unsigned char *at = add_part(file, part, as_half ? tensors_f16 : tensors_f32);
    for (size_t i = 0; at && i < count; i++)
        at = as_half ? tensors_put_f16(at, values[i]) : tensors_put_f32(at, values[i]);
}

/* Weights as integers, and their scales behind them. */
static bool add_rounded(tensors_file *file, tensor_part weights, const float *values, error *err) {
    const size_t channels = weights.shape[0], in = weights.shape[1];
    const tensor_part scales = {weights.stem, "weight_scale", {channels}, 1};
    float *found = memory_alloc(channels, sizeof *found, err);
    if (!found)
        return false;
    signed char *integers = (signed char *)add_part(file, weights, tensors_i8);
#pragma omp parallel for
    for (size_t i = 0; i < channels; i++) {
        if (integers)
            found[i] = int8_round(values + i * in * INT8_TAPS, in, integers + i * in * INT8_TAPS);
    }
    add_floats(file, scales, found, false);
    memory_free(found);
    return true;
}

static bool add_conv(tensors_file *file, const plain_vgg *net, int conv, storage stored,
                     error *err) {
    const vgg_conv_name name = vgg_conv_name_of(net->arch, conv);
    const size_t out = (size_t)net->widths[conv], in = (size_t)plain_vgg_inputs(net, conv);
    const tensor_part weights = {name.own, "weight", {out, in, 3, 3}, 4},
                      bias = {name.own, "bias", {out}, 1};
    if (stored != AS_I8)
        add_floats(file, weights, net->weights[conv], stored == AS_F16);
    else if (!add_rounded(file, weights, net->weights[conv], err))
        return false;
    add_floats(file, bias, net->biases[conv], stored == AS_F16);
    return true;
}

bool plain_vgg_write(const plain_vgg *self, storage stored, const provenance *from,
                     const char *path, size_t *size, error *err) {
    tensors_file file;
    bool ok = true;
    tensors_file_init(&file, make_metadata(self, from));
    for (int i = 0; ok && i < self->conv_count; i++)
        ok = add_conv(&file, self, i, stored, err);
    ok = ok && tensors_file_save(&file, path, size, err);
    tensors_file_clear(&file);
    return ok;
}
