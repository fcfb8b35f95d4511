/* SPDX-License-Identifier: MIT */
#include "network/vgg_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

struct vgg_file {
    const char *path; /* for messages, while it is checked; borrowed */
    weights_file *file;
    vgg_source source;
    bool states_input;
};

/* ---- names ---- */

#define SCALES "_scale" /* what follows the name of a weight in the name of its scales */

/* Whether a tensor's name is `stem` followed by that of a convolution's part. */
static bool is_part_of(const char *name, const char *stem) {
    const size_t length = strlen(stem);
    return !strncmp(name, stem, length) &&
           (!strcmp(name + length, ".weight") || !strcmp(name + length, ".weight" SCALES) ||
            !strcmp(name + length, ".bias"));
}

static bool is_conv_of(const vgg_architecture *arch, const char *full_name) {
    for (int i = 0; i < arch->conv_count; i++) {
        const vgg_conv_name name = vgg_conv_name_of(arch, i);
        if (is_part_of(full_name, name.own) || is_part_of(full_name, name.torchvision))
            return true;
    }
    return false;
}

/* Whether the tensor claims to belong to the convolutional part. */
static bool claims_conv(const char *name) {
    return !strncmp(name, "conv", 4) || !strncmp(name, "features.", 9);
}

static const weights_tensor *find_part(const vgg_file *self, int conv, const char *part) {
    const vgg_conv_name name = vgg_conv_name_of(self->source.arch, conv);
    char full[40];
    snprintf(full, sizeof full, "%s%s", name.own, part);
    const weights_tensor *found = weights_file_find(self->file, full);
    if (!found) {
        snprintf(full, sizeof full, "%s%s", name.torchvision, part);
        found = weights_file_find(self->file, full);
    }
    return found;
}

/* VGG-19 has a fourth convolution in blocks 3 to 5, and that tells the two apart. Where a file ends
 * before it, nothing differs but whether pooling follows conv3_3, and the metadata may say. */
static const vgg_architecture *detect_architecture(const weights_file *file) {
    static const char *const only19[] = {"conv3_4.weight", "conv4_4.weight", "conv5_4.weight",
                                         "features.16.weight"};
    for (size_t i = 0; i < sizeof only19 / sizeof *only19; i++) {
        if (weights_file_find(file, only19[i]))
            return &vgg_19;
    }
    const char *arch = weights_file_metadata(file, "arch");
    const bool past_block3 =
        weights_file_find(file, "conv4_1.weight") || weights_file_find(file, "features.17.weight");
    return !past_block3 && arch && !strcmp(arch, vgg_19.name) ? &vgg_19 : &vgg_16;
}

/* The number of leading convolutions present; 0 with the error set on any other pattern. */
static int count_convs(const vgg_file *self, error *err) {
    const vgg_architecture *arch = self->source.arch;
    int count = 0;
    for (size_t i = 0; i < weights_file_count(self->file); i++) {
        const char *name = weights_file_at(self->file, i)->name;
        if (claims_conv(name) && !is_conv_of(arch, name)) {
            error_set(err, ERROR_FAILURE,
                      "%s: tensor '%s' is not part of a %s (fold batch norm first)", self->path,
                      name, arch->name);
            return 0;
        }
    }
    while (count < arch->conv_count && find_part(self, count, ".weight"))
        count++;
    if (!count)
        error_set(err, ERROR_FAILURE,
                  "%s: not a VGG: no conv1_1.weight or features.0.weight (from a checkpoint or a "
                  "wrapped model, save the state_dict() of the VGG alone)",
                  self->path);
    for (int i = 0; i < arch->conv_count; i++) {
        const bool weight = find_part(self, i, ".weight") != NULL;
        const bool bias = find_part(self, i, ".bias") != NULL;
        if (weight == bias && weight == (i < count))
            continue;
        const int gap = weight && i > count ? count : i;
        error_set(err, ERROR_FAILURE, "%s: %s of %s is missing", self->path,
                  i < count && !bias ? "the bias" : "the weight", vgg_conv_name_of(arch, gap).own);
        return 0;
    }
    return count;
}

static bool is_scale(const char *name) {
    const size_t length = strlen(name), suffix = sizeof SCALES - 1;
    return length > suffix && !strcmp(name + length - suffix, SCALES);
}

/* Every tensor of scales must have an I8 weight that it is of: scales that nobody applies would
 * change what the file means. */
static bool check_scales_apply(const vgg_file *self, error *err) {
    char stem[WEIGHTS_NAME_MAX + 1];
    for (size_t i = 0; i < weights_file_count(self->file); i++) {
        const char *name = weights_file_at(self->file, i)->name;
        if (!claims_conv(name) || !is_scale(name))
            continue;
        snprintf(stem, sizeof stem, "%.*s", (int)(strlen(name) - strlen(SCALES)), name);
        const weights_tensor *weight = weights_file_find(self->file, stem);
        if (!weight || weight->type != WEIGHTS_I8)
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %s is %s", self->path, name,
                             stem, weight ? "not I8" : "missing");
    }
    return true;
}

/* The scales of an I8 weight, or NULL. */
static const weights_tensor *find_scales(const vgg_file *self, const weights_tensor *weight) {
    char full[40 + sizeof SCALES];
    snprintf(full, sizeof full, "%s" SCALES, weight->name);
    return weights_file_find(self->file, full);
}

static bool check_scales(const vgg_file *self, const weights_tensor *weight, error *err) {
    const weights_tensor *scales = find_scales(self, weight);
    if (!scales)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': I8 without %s" SCALES, self->path,
                         weight->name, weight->name);
    if (scales->type != WEIGHTS_F32 || scales->rank != 1 || scales->shape[0] != weight->shape[0])
        return error_set(err, ERROR_FAILURE,
                         "%s: tensor '%s': not one F32 value for each of %zu channels", self->path,
                         scales->name, weight->shape[0]);
    return true;
}

static bool check_shapes(vgg_file *self, int conv, error *err) {
    const weights_tensor *weight = find_part(self, conv, ".weight");
    const weights_tensor *bias = find_part(self, conv, ".bias");
    const int in_channels = vgg_source_inputs(&self->source, conv);
    const size_t *shape = weight->shape;
    if (weight->rank != 4 || shape[2] != 3 || shape[3] != 3)
        return error_set(err, ERROR_FAILURE, "%s: %s is not a 3x3 convolution [out, in, 3, 3]",
                         self->path, weight->name);
    if (shape[1] != (size_t)in_channels)
        return error_set(err, ERROR_FAILURE, "%s: %s has %zu input channels, expected %d",
                         self->path, weight->name, shape[1], in_channels);
    if (shape[0] < 1 || shape[0] > VGG_MAX_WIDTH)
        return error_set(err, ERROR_FAILURE, "%s: %s has %zu output channels, expected 1 to %d",
                         self->path, weight->name, shape[0], VGG_MAX_WIDTH);
    if (bias->rank != 1 || bias->shape[0] != shape[0])
        return error_set(err, ERROR_FAILURE,
                         "%s: %s does not have one value for each of %zu channels", self->path,
                         bias->name, shape[0]);
    self->source.widths[conv] = (int)shape[0];
    return weight->type != WEIGHTS_I8 || check_scales(self, weight, err);
}

static bool read_conv(const void *user, int conv, float *weights, float *biases, error *err) {
    const vgg_file *self = user;
    const weights_tensor *weight = find_part(self, conv, ".weight");
    return (weight->type == WEIGHTS_I8
                ? weights_file_read_scaled(self->file, weight, find_scales(self, weight), weights,
                                           err)
                : weights_file_read(self->file, weight, weights, err)) &&
           weights_file_read(self->file, find_part(self, conv, ".bias"), biases, err);
}

/* ---- input normalisation ---- */

/* Three finite decimals joined by commas, blanks before them allowed; false for anything else. */
static bool parse_triple(const char *text, double out[3]) {
    for (int i = 0; i < 3; i++) {
        text += strspn(text, " ");
        const size_t length = strcspn(text, ",");
        if (text[length] != (i < 2 ? ',' : '\0') || !decimal_read(text, length, &out[i]))
            return false;
        text += length + 1;
    }
    return true;
}

static bool read_input(vgg_file *self, error *err) {
    static const char *const keys[] = {"mean", "std", "channel_order", "input_range"};
    vgg_input *input = &self->source.input;
    const char *values[4];
    int given = 0;
    for (int i = 0; i < 4; i++) {
        values[i] = weights_file_metadata(self->file, keys[i]);
        given += values[i] != NULL;
    }
    *input = vgg_input_torchvision;
    self->states_input = given;
    if (!given)
        return true;
    for (int i = 0; i < 4; i++) {
        if (!values[i])
            return error_set(
                err, ERROR_FAILURE,
                "%s: the metadata lacks '%s' (mean, std, channel_order and input_range "
                "must all be given)",
                self->path, keys[i]);
    }
    if (!parse_triple(values[0], input->mean))
        return error_set(err, ERROR_FAILURE,
                         "%s: the metadata's mean must be three decimal numbers", self->path);
    if (!parse_triple(values[1], input->std) ||
        fmin(input->std[0], fmin(input->std[1], input->std[2])) < 1e-6)
        return error_set(err, ERROR_FAILURE,
                         "%s: the metadata's std must be three decimal numbers above 1e-6",
                         self->path);
    input->bgr = !strcmp(values[2], "BGR");
    if (!input->bgr && strcmp(values[2], "RGB") != 0)
        return error_set(err, ERROR_FAILURE, "%s: channel_order '%s' is neither RGB nor BGR",
                         self->path, values[2]);
    input->range = !strcmp(values[3], "255") ? 255 : 1;
    if (input->range == 1 && strcmp(values[3], "1") != 0)
        return error_set(err, ERROR_FAILURE, "%s: input_range '%s' is neither 1 nor 255",
                         self->path, values[3]);
    return true;
}

/* ---- the public functions ---- */

/* Takes an open file, or NULL where there is none. */
static vgg_file *check_file(weights_file *file, const char *path, error *err) {
    if (!file)
        return NULL;
    vgg_file *self = calloc(1, sizeof *self);
    if (!self) {
        error_set(err, ERROR_MEMORY, "%s: not enough memory", path);
        weights_file_free(file);
        return NULL;
    }
    self->path = path;
    self->file = file;
    self->source = (vgg_source){.arch = detect_architecture(file), .read = read_conv, .user = self};
    self->source.normalized = weights_file_metadata(file, "normalized") != NULL;
    self->source.conv_count = count_convs(self, err);
    bool ok = self->source.conv_count > 0 && check_scales_apply(self, err);
    for (int i = 0; ok && i < self->source.conv_count; i++)
        ok = check_shapes(self, i, err);
    if (ok && read_input(self, err))
        return self;
    vgg_file_free(self);
    return NULL;
}

vgg_file *vgg_file_open(const char *path, error *err) {
    return check_file(weights_open(path, err), path, err);
}

vgg_file *vgg_file_open_memory(const void *bytes, size_t size, const char *name, error *err) {
    return check_file(weights_open_memory(bytes, size, name, err), name, err);
}

void vgg_file_free(vgg_file *self) {
    if (!self)
        return;
    weights_file_free(self->file);
    free(self);
}

vgg_source vgg_file_source(const vgg_file *self) {
    return self->source;
}

bool vgg_file_states_input(const vgg_file *self) {
    return self->states_input;
}

const char *vgg_file_metadata(const vgg_file *self, const char *key) {
    return weights_file_metadata(self->file, key);
}
