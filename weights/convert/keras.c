/* SPDX-License-Identifier: MIT */
#define H5_USE_110_API /* newer versions of the library have it too */
#include "convert/keras.h"

#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"

enum {
    MOST_DEPTH = 3, /* groups below that of a convolution */
    MOST_LINKS = 8, /* in one group: a hostile file can have all of them lead to one place */
};
#define MOST_VALUES ((size_t)1 << 26) /* of a kernel; VGG's largest has 2.4 million */

typedef struct reader {
    plain_vgg *net;
    const char *path;
    hid_t layers; /* the group that has the convolutions */
    error *err;
} reader;

static bool fail(const reader *r, const char *name, const char *what) {
    return error_set(r->err, ERROR_FAILURE, "%s: %s%s%s", r->path, name, *name ? ": " : "", what);
}

/* ---- finding ---- */

/* Opens what a link of the name leads to, if it is there and in this file; or a negative number. */
static hid_t open_link(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lexists(group, name, H5P_DEFAULT) <= 0 ||
        H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD)
        return -1;
    return H5Oopen(group, name, H5P_DEFAULT);
}

/* A convolution's datasets, by rank; negative where not found yet. */
typedef struct conv_data {
    hid_t kernel, bias;
} conv_data;

static void conv_data_close(conv_data *self) {
    if (self->kernel >= 0)
        H5Dclose(self->kernel);
    if (self->bias >= 0)
        H5Dclose(self->bias);
}

static int rank_of(hid_t dataset) {
    const hid_t space = H5Dget_space(dataset);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (space >= 0)
        H5Sclose(space);
    return rank;
}

/* Takes over `object`. */
static bool sort_in(const reader *r, const char *layer, hid_t object, int depth, conv_data *found);

/* Finds the datasets of a group and the groups below it. */
static bool search(const reader *r, const char *layer, hid_t group, int depth, conv_data *found) {
    H5G_info_t info;
    if (depth > MOST_DEPTH || H5Gget_info(group, &info) < 0 || info.nlinks > MOST_LINKS)
        return fail(r, layer, "its groups are nested or filled unlike those of any weights");
    for (hsize_t i = 0; i < info.nlinks; i++) {
        char name[256];
        const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                                  sizeof name, H5P_DEFAULT);
        if (length < 0 || length >= (ssize_t)sizeof name)
            return fail(r, layer, "a name is too long or cannot be read");
        const hid_t object = open_link(group, name);
        if (object < 0)
            return fail(r, layer, "a link is broken, or leads out of the file");
        if (!sort_in(r, layer, object, depth, found))
            return false;
    }
    return true;
}

static bool sort_in(const reader *r, const char *layer, hid_t object, int depth, conv_data *found) {
    const H5I_type_t type = H5Iget_type(object);
    const int rank = type == H5I_DATASET ? rank_of(object) : -1;
    hid_t *place = rank == 4 ? &found->kernel : rank == 1 ? &found->bias : NULL;
    bool ok = true;
    if (type == H5I_GROUP)
        ok = search(r, layer, object, depth + 1, found);
    else if (!place)
        ok = fail(r, layer, "holds something that is neither a kernel nor a bias");
    else if (*place >= 0)
        ok = fail(r, layer, rank == 4 ? "has two kernels" : "has two biases");
    else {
        *place = object; /* kept open */
        return true;
    }
    H5Oclose(object);
    return ok;
}

/* Whether a convolution is there. */
static bool has_layer(const reader *r, const char *name) {
    return H5Lexists(r->layers, name, H5P_DEFAULT) > 0;
}

static void layer_name(const vgg_architecture *arch, int conv, char name[32]) {
    const vgg_conv_name own = vgg_conv_name_of(arch, conv);
    snprintf(name, 32, "block%d_conv%d", own.block, own.number);
}

/* ---- reading ---- */

/* Whether the values are floats and lie in this file, packed at most by the library itself. */
static bool check_storage(const reader *r, const char *layer, hid_t dataset) {
    const hid_t type = H5Dget_type(dataset), plist = H5Dget_create_plist(dataset);
    bool ok = type >= 0 && plist >= 0;
    if (ok && H5Tget_class(type) != H5T_FLOAT)
        ok = fail(r, layer, "its values are not floating-point numbers");
    else if (ok && (H5Pget_layout(plist) == H5D_VIRTUAL || H5Pget_external_count(plist) != 0))
        ok = fail(r, layer, "its values are in another file");
    else if (!ok)
        fail(r, layer, "its type cannot be read");
    const int filters = ok ? H5Pget_nfilters(plist) : 0;
    for (int i = 0; ok && i < filters; i++) {
        unsigned flags, configuration;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(plist, (unsigned)i, &flags, &values, NULL, 0, NULL, &configuration);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
            filter != H5Z_FILTER_FLETCHER32)
            ok = fail(r, layer, "its values are packed with an unsupported filter");
    }
    if (type >= 0)
        H5Tclose(type);
    if (plist >= 0)
        H5Pclose(plist);
    return ok;
}

static bool get_shape(hid_t dataset, hsize_t *shape, int rank) {
    const hid_t space = H5Dget_space(dataset);
    const bool ok = space >= 0 && H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

/* The width of convolution `conv`, whose inputs are known; 0 with the error set. */
static int check_shapes(const reader *r, const char *layer, int conv, const conv_data *data) {
    hsize_t kernel[4], bias[1];
    const hsize_t in = (hsize_t)plain_vgg_inputs(r->net, conv);
    if (data->kernel < 0 || data->bias < 0)
        return fail(r, layer, data->kernel < 0 ? "has no kernel" : "has no bias");
    if (!get_shape(data->kernel, kernel, 4) || !get_shape(data->bias, bias, 1) || kernel[0] != 3 ||
        kernel[1] != 3)
        return fail(r, layer, "is not a 3x3 convolution [3, 3, in, out]");
    if (kernel[2] != in)
        return fail(r, layer, "its input channels do not match the layer before it");
    if (kernel[3] < 1 || kernel[3] > VGG_MAX_WIDTH || kernel[2] * kernel[3] > MOST_VALUES / 9 ||
        bias[0] != kernel[3])
        return fail(r, layer, "has an invalid number of output channels or of biases");
    return (int)kernel[3];
}

static bool read_values(const reader *r, const char *layer, hid_t dataset, float *out,
                        size_t count) {
    if (!check_storage(r, layer, dataset))
        return false;
    if (H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0)
        return fail(r, layer, "its values cannot be read (is the file truncated?)");
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(out[i]))
            return fail(r, layer, "has a value that is infinite or not a number");
    }
    return true;
}

/* From [3][3][in][out] to [out][in][3][3]. */
static void turn(const float *from, float *to, int in, int out) {
    for (int tap = 0; tap < 9; tap++) {
        for (int i = 0; i < in; i++) {
            for (int o = 0; o < out; o++)
                to[((size_t)o * (size_t)in + (size_t)i) * 9 + (size_t)tap] = *from++;
        }
    }
}

static bool read_data(const reader *r, const char *layer, int conv, const conv_data *data) {
    plain_vgg *net = r->net;
    if (!(net->widths[conv] = check_shapes(r, layer, conv, data)) ||
        !plain_vgg_alloc_conv(net, conv, r->err))
        return false;
    const size_t count = plain_vgg_weight_count(net, conv), biases = (size_t)net->widths[conv];
    float *stored = memory_alloc(count, sizeof *stored, r->err);
    const bool ok = stored && read_values(r, layer, data->kernel, stored, count) &&
                    read_values(r, layer, data->bias, net->biases[conv], biases);
    if (ok)
        turn(stored, net->weights[conv], plain_vgg_inputs(net, conv), net->widths[conv]);
    memory_free(stored);
    return ok;
}

static bool read_conv(const reader *r, int conv) {
    char layer[32];
    conv_data data = {-1, -1};
    layer_name(r->net->arch, conv, layer);
    const hid_t group = open_link(r->layers, layer);
    if (group < 0 || H5Iget_type(group) != H5I_GROUP) {
        if (group >= 0)
            H5Oclose(group);
        return fail(r, layer, "is not a group of this file");
    }
    const bool ok = search(r, layer, group, 0, &data) && read_data(r, layer, conv, &data);
    conv_data_close(&data);
    H5Gclose(group);
    return ok;
}

/* By the same rule as for other files: a fourth convolution of a block makes it a VGG-19. */
static const vgg_architecture *detect_architecture(const reader *r) {
    return has_layer(r, "block3_conv4") || has_layer(r, "block4_conv4") ||
                   has_layer(r, "block5_conv4")
               ? &vgg_19
               : &vgg_16;
}

/* The number of leading convolutions; 0 with the error set where there is none, or a gap. */
static int count_convs(const reader *r) {
    char layer[32];
    int count = 0;
    const vgg_architecture *arch = r->net->arch;
    for (int i = 0; i < arch->conv_count; i++) {
        layer_name(arch, i, layer);
        if (!has_layer(r, layer))
            continue;
        if (i != count++) {
            layer_name(arch, count - 1, layer);
            return fail(r, layer, "is missing");
        }
    }
    return count ? count : fail(r, "", "not a VGG of Keras: no block1_conv1");
}

static bool read_layers(const reader *r, bool all) {
    plain_vgg *net = r->net;
    net->arch = detect_architecture(r);
    net->input = vgg_input_caffe;
    const int count = count_convs(r), most = all ? count : plain_vgg_cut(net->arch);
    for (; net->conv_count < (count < most ? count : most); net->conv_count++) {
        if (!read_conv(r, net->conv_count))
            return false;
    }
    return count > 0;
}

/* ---- the public functions ---- */

bool keras_is_file(const char *path) {
    static const unsigned char mark[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[sizeof mark];
    FILE *file = fopen(path, "rb");
    const bool is = file && fread(start, 1, sizeof start, file) == sizeof start &&
                    !memcmp(start, mark, sizeof mark);
    if (file)
        fclose(file);
    return is;
}

bool keras_read(plain_vgg *self, const char *path, bool all, error *err) {
    reader r = {.net = self, .path = path, .layers = -1, .err = err};
    *self = (plain_vgg){0};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it would print */
    H5PLset_loading_state(0);              /* and load what a file names */
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return fail(&r, "", "broken HDF5 file (is it truncated?)");
    r.layers = open_link(file, "model_weights");
    const bool inner = r.layers >= 0 && H5Iget_type(r.layers) == H5I_GROUP;
    const hid_t other = r.layers;
    if (!inner)
        r.layers = file;
    const bool ok = read_layers(&r, all);
    if (other >= 0)
        H5Oclose(other);
    H5Fclose(file);
    return ok;
}
