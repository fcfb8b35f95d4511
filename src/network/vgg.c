/* SPDX-License-Identifier: MIT */
#include "network/vgg.h"

#include <stdatomic.h>
#include <string.h>

#include "core/caches.h"
#include "core/memory.h"
#include "network/vgg_file.h"

/* ---- layers ---- */

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
static int build_layers(const vgg_architecture *arch, int conv_count, const int *widths,
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

/* The index of a name in layers [count], or -1. */
static int find_layer(const vgg_layer *layers, int count, const char *name) {
    for (int i = 0; i < count; i++) {
        if (!strcmp(layers[i].name, name))
            return i;
    }
    return -1;
}

bool vgg_layer_known(const char *name) {
    static const int no_widths[VGG_MAX_CONVS] = {0};
    vgg_layer layers[VGG_MAX_LAYERS];
    const int count = build_layers(&vgg_19, vgg_19.conv_count, no_widths, layers);
    return find_layer(layers, count, name) >= 0;
}

vgg_field vgg_receptive_field(const vgg *self, int layer) {
    vgg_field field = {.step = 1, .size = 1};
    for (int i = 0; i <= layer; i++) {
        if (self->layers[i].kind == VGG_CONV) {
            field.size += 2 * field.step;
            field.first -= field.step;
        } else if (self->layers[i].kind == VGG_POOL) {
            field.size += field.step;
            field.step *= 2;
        }
    }
    return field;
}

void vgg_units_inside(const vgg *self, int layer, int side, int *first, int *end) {
    const vgg_field field = vgg_receptive_field(self, layer);
    const int room = side - field.size - field.first; /* for the last field's first pixel */
    const int units = vgg_layer_side(self, layer, side);
    *first = (-field.first + field.step - 1) / field.step;
    *end = room < 0 ? 0 : room / field.step + 1;
    if (*end > units)
        *end = units;
    if (*first >= *end) {
        *first = 0;
        *end = units;
    }
}

int vgg_convs_to(const vgg_source *source, const char *layer) {
    vgg_layer layers[VGG_MAX_LAYERS];
    const int count = build_layers(source->arch, source->conv_count, source->widths, layers);
    const int found = find_layer(layers, count, layer);
    return found >= 0 ? layers[found].conv + 1 : 0;
}

/* ---- weights ---- */

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

/* One place for the weights of any convolution of the source: pages that are taken and given back
 * for each cost more time than reading. */
static bool load_convs(vgg *self, const vgg_source *source, error *err) {
    size_t most_weights = 0, most_biases = 0;
    for (int i = 0; i < source->conv_count; i++) {
        const size_t in = (size_t)vgg_source_inputs(source, i), out = (size_t)source->widths[i];
        most_weights = in * out > most_weights ? in * out : most_weights;
        most_biases = out > most_biases ? out : most_biases;
    }
    float *weights = memory_alloc(most_weights, 9 * sizeof *weights, err);
    float *biases = memory_alloc(most_biases, sizeof *biases, err);
    bool ok = weights && biases;
    for (int i = 0; ok && i < source->conv_count; i++)
        ok = source->read(source->user, i, weights, biases, err) &&
             pack_conv(self, i, vgg_source_inputs(source, i), source->widths[i], weights, biases,
                       err);
    memory_free(weights);
    memory_free(biases);
    return ok;
}

static void set_input(first_conv *first, const vgg_input *input) {
    for (int c = 0; c < 3; c++) {
        first->source[c] = input->bgr ? 2 - c : c;
        first->scale[c] = (float)(input->range / input->std[c]);
        first->offset[c] = (float)(-input->mean[c] / input->std[c]);
    }
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
        .operand = kernels_operand_bytes(kernels),
    };
}

size_t vgg_memory(const vgg_source *source, const kernel_set *kernels) {
    const winograd_machine machine = describe_machine(kernels);
    size_t bytes = 0, most = 0;
    for (int i = 0; i < source->conv_count; i++) {
        const int in = vgg_source_inputs(source, i), out = source->widths[i];
        const size_t values = memory_block((size_t)in * (size_t)out, 9 * sizeof(float));
        most = values > most ? values : most;
        if (i > 0)
            bytes += winograd_filter_memory(kernels, winograd_keep_transformed(in, out, &machine),
                                            in, out) +
                     winograd_filter_memory(kernels, winograd_keep_transformed(out, in, &machine),
                                            out, in);
    }
    return bytes + most + memory_gaps(bytes);
}

static atomic_uint_fast64_t last_number; /* of a network in this process */

vgg *vgg_new(const vgg_source *source, const kernel_set *kernels, error *err) {
    vgg *self = memory_alloc(1, sizeof *self, err);
    if (!self)
        return NULL;
    self->number = atomic_fetch_add(&last_number, 1) + 1;
    self->kernels = kernels;
    self->arch = source->arch;
    self->machine = describe_machine(kernels);
    self->conv_count = source->conv_count;
    self->normalized = source->normalized;
    memcpy(self->widths, source->widths, sizeof self->widths);
    if (!load_convs(self, source, err)) {
        vgg_free(self);
        return NULL;
    }
    set_input(&self->first, &source->input);
    self->layer_count = build_layers(self->arch, self->conv_count, self->widths, self->layers);
    return self;
}

vgg *vgg_load(const char *path, const kernel_set *kernels, error *err) {
    vgg_file *file = vgg_file_open(path, err);
    vgg *self = NULL;
    if (file) {
        const vgg_source source = vgg_file_source(file);
        self = vgg_new(&source, kernels, err);
    }
    vgg_file_free(file);
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

int vgg_layer_side(const vgg *self, int layer, int side) {
    const vgg_layer *l = &self->layers[layer];
    return side >> (l->block - (l->kind != VGG_POOL));
}

int vgg_layer_find(const vgg *self, const char *name, error *err) {
    const int found = find_layer(self->layers, self->layer_count, name);
    if (found >= 0)
        return found;
    vgg_layer all[VGG_MAX_LAYERS];
    int convs = self->conv_count;
    while (convs < self->arch->conv_count && self->widths[convs] > 0)
        convs++;
    const int count = build_layers(self->arch, convs, self->widths, all);
    if (find_layer(all, count, name) >= 0)
        error_set(err, ERROR_FAILURE,
                  "the layer %s was not loaded: the network was loaded for another recipe, down to "
                  "%s only",
                  name, self->layers[self->layer_count - 1].name);
    else
        error_set(err, ERROR_FAILURE, "the weights have no layer %s: their deepest is %s", name,
                  all[count - 1].name);
    return -1;
}
