/* SPDX-License-Identifier: MIT
 *
 * Loading goes name by name: every tensor whose name claims to be part of the convolutional network
 * must be one of VGG-16's or VGG-19's, the convolutions present must be the network's first ones
 * without a gap, and each must take the channels that the one before gives. Widths come from the
 * shapes. Other tensors, such as a classifier's, are left alone.
 */
#include "network/vgg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/caches.h"
#include "core/memory.h"
#include "network/safetensors.h"

typedef struct architecture {
    const char *name;
    int convs_per_block[VGG_BLOCKS];
    int features[VGG_MAX_CONVS]; /* torchvision's features.{n} of each convolution */
    int conv_count;
} architecture;

static const architecture vgg16 = {
    .name = "vgg16",
    .convs_per_block = {2, 2, 3, 3, 3},
    .features = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28},
    .conv_count = 13,
};
static const architecture vgg19 = {
    .name = "vgg19",
    .convs_per_block = {2, 2, 4, 4, 4},
    .features = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34},
    .conv_count = 16,
};

/* What torchvision's weights expect, for files that do not say. */
static const double default_mean[3] = {0.485, 0.456, 0.406};
static const double default_std[3] = {0.229, 0.224, 0.225};

/* ---- names ---- */

/* The pattern's digits become the block and the convolution's number in it: both below 10. */
static vgg_layer make_layer(vgg_layer_kind kind, const char *pattern, int block, int number,
                            int conv, int channels) {
    vgg_layer layer = {.kind = kind, .block = block, .conv = conv, .channels = channels};
    memcpy(layer.name, pattern, strlen(pattern) + 1);
    layer.name[4] = (char)('0' + block);
    if (kind != VGG_POOL)
        layer.name[6] = (char)('0' + number);
    return layer;
}

/* Adds conv, ReLU and, where the block is complete, pooling layers for `conv_count` convolutions of
 * the given widths. Returns the number of layers. */
static int build_layers(const architecture *arch, int conv_count, const int *widths,
                        vgg_layer layers[VGG_MAX_LAYERS]) {
    int count = 0, conv = 0;
    for (int block = 1; block <= VGG_BLOCKS; block++) {
        for (int i = 1; i <= arch->convs_per_block[block - 1]; i++, conv++) {
            if (conv == conv_count)
                return count;
            layers[count++] = make_layer(VGG_CONV, "conv0_0", block, i, conv, widths[conv]);
            layers[count++] = make_layer(VGG_RELU, "relu0_0", block, i, conv, widths[conv]);
        }
        layers[count++] = make_layer(VGG_POOL, "pool0", block, 0, conv - 1, widths[conv - 1]);
    }
    return count;
}

bool vgg_layer_known(const char *name) {
    static const int no_widths[VGG_MAX_CONVS] = {0};
    vgg_layer layers[VGG_MAX_LAYERS];
    const int count = build_layers(&vgg19, vgg19.conv_count, no_widths, layers);
    for (int i = 0; i < count; i++) {
        if (!strcmp(layers[i].name, name))
            return true;
    }
    return false;
}

/* The convolution's two names without ".weight" or ".bias". */
typedef struct conv_name {
    char own[32];         /* conv4_2 */
    char torchvision[32]; /* features.21 */
} conv_name;

static conv_name name_of(const architecture *arch, int conv) {
    conv_name name;
    int block = 0, first = 0;
    while (conv >= first + arch->convs_per_block[block])
        first += arch->convs_per_block[block++];
    snprintf(name.own, sizeof name.own, "conv%d_%d", block + 1, conv - first + 1);
    snprintf(name.torchvision, sizeof name.torchvision, "features.%d", arch->features[conv]);
    return name;
}

/* Whether a tensor's name is `stem` followed by ".weight" or ".bias". */
static bool is_part_of(const char *name, const char *stem) {
    const size_t length = strlen(stem);
    return !strncmp(name, stem, length) &&
           (!strcmp(name + length, ".weight") || !strcmp(name + length, ".bias"));
}

static bool is_conv_of(const architecture *arch, const char *full_name) {
    for (int i = 0; i < arch->conv_count; i++) {
        const conv_name name = name_of(arch, i);
        if (is_part_of(full_name, name.own) || is_part_of(full_name, name.torchvision))
            return true;
    }
    return false;
}

/* Whether the tensor claims to belong to the convolutional part. */
static bool claims_conv(const char *name) {
    return !strncmp(name, "conv", 4) || !strncmp(name, "features.", 9);
}

/* ---- reading ---- */

typedef struct reader {
    const char *path;
    const safetensors *file;
    const architecture *arch;
    error *err;
} reader;

static const safetensors_tensor *find_part(const reader *r, int conv, const char *part) {
    const conv_name name = name_of(r->arch, conv);
    char full[40];
    snprintf(full, sizeof full, "%s%s", name.own, part);
    const safetensors_tensor *found = safetensors_find(r->file, full);
    if (!found) {
        snprintf(full, sizeof full, "%s%s", name.torchvision, part);
        found = safetensors_find(r->file, full);
    }
    return found;
}

/* VGG-19 has a fourth convolution in blocks 3 to 5, and that tells the two apart. Where a file ends
 * before it, nothing differs but whether pooling follows conv3_3, and the metadata may say. */
static const architecture *detect_architecture(const safetensors *file) {
    static const char *const only19[] = {"conv3_4.weight", "conv4_4.weight", "conv5_4.weight",
                                         "features.16.weight"};
    for (size_t i = 0; i < sizeof only19 / sizeof *only19; i++) {
        if (safetensors_find(file, only19[i]))
            return &vgg19;
    }
    const char *arch = safetensors_metadata(file, "arch");
    const bool past_block3 =
        safetensors_find(file, "conv4_1.weight") || safetensors_find(file, "features.17.weight");
    return !past_block3 && arch && !strcmp(arch, vgg19.name) ? &vgg19 : &vgg16;
}

/* The number of leading convolutions present; 0 with the error set on any other pattern. */
static int count_convs(const reader *r) {
    int count = 0;
    for (size_t i = 0; i < safetensors_count(r->file); i++) {
        const char *name = safetensors_at(r->file, i)->name;
        if (claims_conv(name) && !is_conv_of(r->arch, name)) {
            error_set(r->err, ERROR_FAILURE,
                      "%s: tensor '%s' is no part of a %s (batch norm must be folded first)",
                      r->path, name, r->arch->name);
            return 0;
        }
    }
    while (count < r->arch->conv_count && find_part(r, count, ".weight"))
        count++;
    if (!count)
        error_set(r->err, ERROR_FAILURE, "%s: holds no conv1_1.weight or features.0.weight: no VGG",
                  r->path);
    for (int i = 0; i < r->arch->conv_count; i++) {
        const bool weight = find_part(r, i, ".weight") != NULL;
        const bool bias = find_part(r, i, ".bias") != NULL;
        if (weight == bias && weight == (i < count))
            continue;
        const int gap = weight && i > count ? count : i;
        error_set(r->err, ERROR_FAILURE, "%s: %s of %s is missing", r->path,
                  i < count && !bias ? "the bias" : "the weight", name_of(r->arch, gap).own);
        return 0;
    }
    return count;
}

static bool check_shapes(const reader *r, int conv, int in_channels, int *out_channels) {
    const safetensors_tensor *weight = find_part(r, conv, ".weight");
    const safetensors_tensor *bias = find_part(r, conv, ".bias");
    const size_t *shape = weight->shape;
    if (weight->rank != 4 || shape[2] != 3 || shape[3] != 3)
        return error_set(r->err, ERROR_FAILURE, "%s: %s is no 3x3 convolution [out, in, 3, 3]",
                         r->path, weight->name);
    if (shape[1] != (size_t)in_channels)
        return error_set(r->err, ERROR_FAILURE, "%s: %s takes %zu channels where %d come in",
                         r->path, weight->name, shape[1], in_channels);
    if (shape[0] < 1 || shape[0] > 1 << 16)
        return error_set(r->err, ERROR_FAILURE, "%s: %s gives %zu channels, not 1 to 65536",
                         r->path, weight->name, shape[0]);
    if (bias->rank != 1 || bias->shape[0] != shape[0])
        return error_set(r->err, ERROR_FAILURE,
                         "%s: %s does not have one value for each of %zu channels", r->path,
                         bias->name, shape[0]);
    *out_channels = (int)shape[0];
    return true;
}

static bool pack_conv(vgg *self, int conv, int in, int out, const float *weights,
                      const float *biases, error *err) {
    if (conv == 0)
        return first_conv_init(&self->first, self->kernels, out, weights, biases, err);
    return winograd_filter_init(&self->forward[conv], self->kernels,
                                winograd_keep_transformed(in, out, &self->machine), in, out,
                                weights, biases, err) &&
           winograd_filter_init_adjoint(&self->adjoint[conv], self->kernels,
                                        winograd_keep_transformed(out, in, &self->machine), out, in,
                                        weights, err);
}

static bool load_conv(vgg *self, const reader *r, int conv, int in_channels, int out_channels) {
    const safetensors_tensor *weight = find_part(r, conv, ".weight");
    const safetensors_tensor *bias = find_part(r, conv, ".bias");
    float *weights = memory_alloc(weight->count, sizeof *weights, r->err);
    float *biases = memory_alloc(bias->count, sizeof *biases, r->err);
    const bool ok = weights && biases && safetensors_read(r->file, weight, weights, r->err) &&
                    safetensors_read(r->file, bias, biases, r->err) &&
                    pack_conv(self, conv, in_channels, out_channels, weights, biases, r->err);
    memory_free(weights);
    memory_free(biases);
    return ok;
}

static bool load_convs(vgg *self, const reader *r) {
    int *widths = self->widths;
    self->conv_count = count_convs(r);
    if (!self->conv_count)
        return false;
    for (int i = 0; i < self->conv_count; i++) {
        if (!check_shapes(r, i, i ? widths[i - 1] : 3, &widths[i]))
            return false;
    }
    for (int i = 0; i < self->conv_count; i++) {
        if (!load_conv(self, r, i, i ? widths[i - 1] : 3, widths[i]))
            return false;
    }
    self->layer_count = build_layers(r->arch, self->conv_count, widths, self->layers);
    return true;
}

/* ---- input normalisation ---- */

/* Three finite decimals joined by commas; false for anything else. The locale is C's unless the
 * program says otherwise, and this one does not. */
static bool parse_triple(const char *text, double out[3]) {
    for (int i = 0; i < 3; i++) {
        char *end;
        out[i] = strtod(text, &end);
        if (end == text || !isfinite(out[i]) || *end != (i < 2 ? ',' : '\0'))
            return false;
        text = end + 1;
    }
    return true;
}

static bool load_normalisation(vgg *self, const reader *r) {
    static const char *const keys[] = {"mean", "std", "channel_order", "input_range"};
    const char *values[4];
    int given = 0;
    for (int i = 0; i < 4; i++) {
        values[i] = safetensors_metadata(r->file, keys[i]);
        given += values[i] != NULL;
    }
    double mean[3], std[3], range = 1;
    memcpy(mean, default_mean, sizeof mean);
    memcpy(std, default_std, sizeof std);
    bool bgr = false;
    for (int i = 0; given && i < 4; i++) {
        if (!values[i])
            return error_set(
                r->err, ERROR_FAILURE,
                "%s: the metadata lacks '%s' (mean, std, channel_order and input_range "
                "come together)",
                r->path, keys[i]);
    }
    if (given) {
        if (!parse_triple(values[0], mean))
            return error_set(r->err, ERROR_FAILURE,
                             "%s: mean of the metadata must be three decimals", r->path);
        if (!parse_triple(values[1], std) || fmin(std[0], fmin(std[1], std[2])) < 1e-6)
            return error_set(r->err, ERROR_FAILURE,
                             "%s: std of the metadata must be three decimals above 1e-6", r->path);
        bgr = !strcmp(values[2], "BGR");
        if (!bgr && strcmp(values[2], "RGB") != 0)
            return error_set(r->err, ERROR_FAILURE, "%s: channel_order '%s' is neither RGB nor BGR",
                             r->path, values[2]);
        range = !strcmp(values[3], "255") ? 255 : 1;
        if (range == 1 && strcmp(values[3], "1") != 0)
            return error_set(r->err, ERROR_FAILURE, "%s: input_range '%s' is neither 1 nor 255",
                             r->path, values[3]);
    }
    for (int c = 0; c < 3; c++) {
        self->first.source[c] = bgr ? 2 - c : c;
        self->first.scale[c] = (float)(range / std[c]);
        self->first.offset[c] = (float)(-mean[c] / std[c]);
    }
    return true;
}

/* ---- life ---- */

/* A third-level cache that the system does not tell of: small enough for any machine. */
#define UNKNOWN_L3 ((size_t)8 << 20)

static winograd_machine describe_machine(const kernel_set *kernels) {
    const cpu_caches caches = cpu_caches_get();
    return (winograd_machine){
        .l2 = caches.l2,
        .l3 = caches.l3 ? caches.l3 : UNKNOWN_L3,
        .panel = kernels->panel * CHANNEL_BLOCK,
        .rows = kernels->product_rows[kernels->panel - 1],
    };
}

vgg *vgg_load(const char *path, const kernel_set *kernels, error *err) {
    safetensors *file = safetensors_open(path, err);
    vgg *self = file ? memory_alloc(1, sizeof *self, err) : NULL;
    if (self) {
        const reader r = {path, file, detect_architecture(file), err};
        self->kernels = kernels;
        snprintf(self->arch, sizeof self->arch, "%s", r.arch->name);
        self->machine = describe_machine(kernels);
        if (!load_convs(self, &r) || !load_normalisation(self, &r)) {
            vgg_free(self);
            self = NULL;
        }
    }
    safetensors_free(file);
    return self;
}

void vgg_free(vgg *self) {
    if (!self)
        return;
    first_conv_clear(&self->first);
    for (int i = 0; i < VGG_MAX_CONVS; i++) {
        winograd_filter_clear(&self->forward[i]);
        winograd_filter_clear(&self->adjoint[i]);
    }
    memory_free(self);
}

int vgg_layer_find(const vgg *self, const char *name, error *err) {
    for (int i = 0; i < self->layer_count; i++) {
        if (!strcmp(self->layers[i].name, name))
            return i;
    }
    error_set(err, ERROR_FAILURE, "the weights hold no layer %s: their deepest is %s", name,
              self->layers[self->layer_count - 1].name);
    return -1;
}
