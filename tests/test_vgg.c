/* SPDX-License-Identifier: MIT
 *
 * The network: any widths and depths, both architectures, name schemes and types load and compute
 * what the reference computes, forward and back; what is no VGG is refused, saying why.
 */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "engine.h"
#include "network/vgg_run.h"
#include "network_files.h"

#define TOLERANCE 2e-5 /* relative to the root mean square */

static char path[] = "/tmp/stylize-test-vgg-XXXXXX";

/* One thread: threads that wait for one another cost more than the small work here. */
static int make_path(void **state) {
    (void)state;
    cpu_set_threads(1);
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

/* Widths that are no multiples of 16. */
static const network_file odd = {.arch = 19, .convs = 13, .widths = {5, 12, 20, 33, 17}};

static void expect_close(const char *what, const double *values, const double *expected,
                         int count) {
    double squares = 0, errors = 0;
    for (int i = 0; i < count; i++) {
        squares += expected[i] * expected[i];
        errors += (values[i] - expected[i]) * (values[i] - expected[i]);
    }
    if (!(errors <= TOLERANCE * TOLERANCE * squares))
        fail_msg("%s: off by %g of its norm", what, sqrt(errors / squares));
}

static vgg *load(const kernel_set *kernels) {
    error err;
    vgg *network = vgg_load(path, kernels, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

/* ---- forward ---- */

/* Every layer of the network against the reference on a picture. */
static void check_forward(const kernel_set *kernels, pooling mode, int width, int height) {
    vgg *network = load(kernels);
    reference_vgg other;
    reference_run expected;
    bool wanted[VGG_MAX_LAYERS] = {false};
    error err;
    reference_image image = reference_pattern_image(1, width, height);
    float *planes = engine_planes(&image);
    assert_true(reference_vgg_load(&other, path));
    reference_run_init(&expected, &other, mode == POOLING_MAX ? REFERENCE_MAX : REFERENCE_AVERAGE,
                       &image);
    for (int i = 0; i < network->layer_count; i++)
        wanted[i] = true;
    vgg_run *run = vgg_run_new(network, mode, height, width, wanted, &err);
    if (!run)
        fail_msg("%s", err.text);
    vgg_run_forward(run, planes);
    for (int i = 0; i < network->layer_count; i++) {
        const reference_layer *layer = reference_run_find(&expected, network->layers[i].name);
        assert_non_null(layer);
        assert_int_equal(layer->c, network->layers[i].channels);
        const tensor *activation = vgg_run_activation(run, i);
        assert_int_equal(activation->height, layer->h);
        assert_int_equal(activation->width, layer->w);
        double *values = tensor_planar(activation);
        expect_close(layer->name, values, layer->values, layer->c * layer->h * layer->w);
        free(values);
    }
    vgg_run_free(run);
    reference_run_clear(&expected);
    reference_vgg_clear(&other);
    free(planes);
    free(image.pixels);
    vgg_free(network);
}

static void test_every_kernel_set(void **state) {
    (void)state;
    static const int sizes[][2] = {{16, 16}, {17, 19}, {33, 16}, {37, 29}};
    network_file_write(&odd, path);
    for (int k = 0; kernels_at(k); k++) {
        for (size_t s = 0; kernels_supported(kernels_at(k)) && s < 4; s++)
            check_forward(kernels_at(k), s % 2 ? POOLING_AVG : POOLING_MAX, sizes[s][0],
                          sizes[s][1]);
    }
}

/* Cut short after any convolution, in every scheme and type. */
static void test_schemes_types_and_depths(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) {
        network_file file = odd;
        file.arch = i & 1 ? 16 : 19;
        file.torchvision = i & 2;
        file.f16 = i & 4;
        for (file.convs = 1; file.convs < file.arch - 3; file.convs += i < 2 ? 1 : 5) {
            network_file_write(&file, path);
            check_forward(kernels_best(), POOLING_MAX, 21, 18);
        }
        file.convs = file.arch - 3; /* all of them */
        network_file_write(&file, path);
        check_forward(kernels_best(), POOLING_MAX, 32, 33);
        vgg *network = load(kernels_best());
        assert_string_equal(network->arch, file.arch == 16 ? "vgg16" : "vgg19");
        assert_string_equal(network->layers[network->layer_count - 1].name, "pool5");
        vgg_free(network);
    }
}

static void test_wide_network(void **state) {
    (void)state;
    network_file_write(&(network_file){.arch = 16, .convs = 5, .widths = {48, 80, 100}}, path);
    check_forward(kernels_best(), POOLING_MAX, 20, 17);
}

static void test_input(void **state) {
    (void)state;
    network_file file = odd;
    file.convs = 3;
    file.metadata = "\"mean\":\"103.939,116.779,123.680\",\"std\":\"57.375,57.120,58.395\","
                    "\"channel_order\":\"BGR\",\"input_range\":\"255\",\"license\":\"none\"";
    network_file_write(&file, path);
    check_forward(kernels_best(), POOLING_MAX, 19, 17);
    vgg *network = load(kernels_best());
    assert_int_equal(network->source[0], 2);
    golden_expect("scale", (double)network->scale[0], 255 / 57.375, 1e-6);
    golden_expect("offset", (double)network->offset[0], -103.939 / 57.375, 1e-6);
    vgg_free(network);
}

/* ---- back ---- */

typedef struct seeds {
    double *values[VGG_MAX_LAYERS]; /* planar, or NULL */
} seeds;

static bool give_seed(void *user, int layer, const tensor *activation, const tensor *gradient) {
    const double *values = ((const seeds *)user)->values[layer];
    const int area = activation->height * activation->width;
    if (!values)
        return false;
    for (int i = 0; i < activation->blocks * CHANNEL_BLOCK * area; i++) {
        const int c = i / area, y = i / activation->width % activation->height;
        tensor_row(gradient, y,
                   c / CHANNEL_BLOCK)[i % activation->width * CHANNEL_BLOCK + c % CHANNEL_BLOCK] =
            c < activation->channels ? (float)values[i] : 0;
    }
    return true;
}

/* Back through the reference: layer by layer, seeds added where they belong. */
static double *reference_back(const reference_vgg *net, const reference_run *run, const seeds *s,
                              const vgg *network, int width, int height) {
    double *gradient = NULL;
    for (int i = network->layer_count - 1; i >= 0; i--) {
        const reference_layer *layer = reference_run_find(run, network->layers[i].name);
        const reference_layer *below =
            i ? reference_run_find(run, network->layers[i - 1].name) : NULL;
        const int count = layer->c * layer->h * layer->w;
        const int below_count = below ? below->c * below->h * below->w : 3 * width * height;
        double *next = calloc((size_t)below_count, sizeof *next);
        assert_non_null(next);
        if (!gradient)
            gradient = calloc((size_t)count, sizeof *gradient);
        assert_non_null(gradient);
        for (int k = 0; s->values[i] && k < count; k++)
            gradient[k] += s->values[i][k];
        if (network->layers[i].kind == VGG_CONV)
            reference_conv3x3_backward(gradient, layer->c, layer->h, layer->w,
                                       net->conv[network->layers[i].conv].weights,
                                       below ? below->c : 3, next);
        else if (network->layers[i].kind == VGG_RELU)
            reference_relu_backward(below->values, gradient, count, next);
        else
            reference_pool_backward(below->values, gradient, below->c, below->h, below->w,
                                    run->pooling, next);
        free(gradient);
        gradient = next;
    }
    for (int k = 0; k < 3 * width * height; k++)
        gradient[k] *= net->range / net->std[k / (width * height)];
    return gradient;
}

/* The gradient at the picture for seeds at `names`, which must be layers of the network. */
static void check_backward(const kernel_set *kernels, pooling mode, const char *const *names,
                           int width, int height) {
    vgg *network = load(kernels);
    reference_vgg other;
    reference_run expected;
    bool wanted[VGG_MAX_LAYERS] = {false};
    seeds s = {{NULL}};
    error err;
    unsigned seed = 5;
    reference_image image = reference_pattern_image(1, width, height);
    float *planes = engine_planes(&image);
    assert_true(reference_vgg_load(&other, path));
    reference_run_init(&expected, &other, mode == POOLING_MAX ? REFERENCE_MAX : REFERENCE_AVERAGE,
                       &image);
    for (; *names; names++) {
        const int layer = engine_layer(network, *names);
        const reference_layer *shape = reference_run_find(&expected, *names);
        const int count = shape->c * shape->h * shape->w;
        wanted[layer] = true;
        s.values[layer] = malloc((size_t)count * sizeof(double));
        assert_non_null(s.values[layer]);
        for (int i = 0; i < count; i++) {
            seed = seed * 1664525u + 1013904223u;
            s.values[layer][i] = (seed >> 8) / 8388608.0 - 1;
        }
    }
    vgg_run *run = vgg_run_new(network, mode, height, width, wanted, &err);
    assert_non_null(run);
    vgg_run_forward(run, planes);
    vgg_run_backward(run, give_seed, &s, planes);
    double *back = reference_back(&other, &expected, &s, network, width, height);
    double *values = malloc((size_t)(3 * width * height) * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < 3 * width * height; i++)
        values[i] = (double)planes[i];
    expect_close("gradient", values, back, 3 * width * height);
    for (int i = 0; i < VGG_MAX_LAYERS; i++)
        free(s.values[i]);
    vgg_run_free(run);
    reference_run_clear(&expected);
    reference_vgg_clear(&other);
    free(planes);
    free(values);
    free(back);
    free(image.pixels);
    vgg_free(network);
}

static void test_backward(void **state) {
    (void)state;
    static const char *const sets[][6] = {
        {"relu1_1"},
        {"conv1_1", "relu1_1", "pool1"},
        {"conv2_2"},
        {"pool2", "relu2_2", "conv2_2"},
        {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2"},
        {"pool3", "conv3_2", "relu3_2", "conv1_2", "pool1"},
    };
    network_file file = odd;
    file.convs = 10;
    network_file_write(&file, path);
    for (int k = 0; kernels_at(k); k++) {
        for (size_t s = 0; kernels_supported(kernels_at(k)) && s < sizeof sets / sizeof *sets;
             s++) {
            check_backward(kernels_at(k), POOLING_MAX, sets[s], 21, 18);
            check_backward(kernels_at(k), POOLING_AVG, sets[s], 17, 35);
        }
    }
}

/* ---- layers ---- */

static void test_layer_names(void **state) {
    (void)state;
    static const char *const known[] = {"conv1_1", "relu1_2", "pool1",
                                        "relu3_4", "conv5_4", "pool5"};
    static const char *const unknown[] = {"",         "relu1_3", "relu6_1",  "pool6",
                                          "pool0",    "Relu1_1", "relu1",    "relu1_1 ",
                                          "relu1_11", "conv0_1", "features", "pool1_1"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(vgg_layer_known(known[i]));
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_false(vgg_layer_known(unknown[i]));

    network_file file = odd;
    error err = {0};
    file.convs = 16;
    network_file_write(&file, path);
    vgg *network = load(kernels_best());
    assert_int_equal(network->layer_count, VGG_MAX_LAYERS);
    for (int i = 0; i < network->layer_count; i++) {
        assert_true(vgg_layer_known(network->layers[i].name));
        assert_int_equal(vgg_layer_find(network, network->layers[i].name, &err), i);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(vgg_layer_find(network, unknown[i], &err), -1);
    vgg_free(network);
}

static void test_missing_layer_names_the_deepest(void **state) {
    (void)state;
    static const struct {
        int convs;
        const char *deepest;
    } cases[] = {{1, "relu1_1"}, {2, "pool1"}, {7, "relu3_3"}, {8, "pool3"}, {9, "relu4_1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        network_file file = odd;
        error err = {0};
        file.convs = cases[i].convs;
        file.metadata = "\"arch\":\"vgg19\"";
        network_file_write(&file, path);
        vgg *network = load(kernels_best());
        assert_true(vgg_layer_find(network, "relu1_1", &err) >= 0);
        assert_int_equal(vgg_layer_find(network, "relu5_1", &err), -1);
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_non_null(strstr(err.text, "relu5_1"));
        assert_non_null(strstr(err.text, cases[i].deepest));
        vgg_free(network);
    }
}

static void test_too_small_a_picture(void **state) {
    (void)state;
    bool wanted[VGG_MAX_LAYERS] = {false};
    error err = {0};
    network_file_write(&odd, path);
    vgg *network = load(kernels_best());
    wanted[engine_layer(network, "relu5_1")] = true;
    vgg_run *run = vgg_run_new(network, POOLING_MAX, 16, 16, wanted, &err);
    assert_non_null(run);
    vgg_run_free(run);
    assert_null(vgg_run_new(network, POOLING_MAX, 15, 64, wanted, &err));
    assert_non_null(strstr(err.text, "64x15"));
    vgg_free(network);
}

/* ---- refusals ---- */

static void expect_refused(network_file file, const char *what) {
    error err = {0};
    network_file_write(&file, path);
    vgg *network = vgg_load(path, kernels_best(), &err);
    if (network)
        fail_msg("accepted: %s", what);
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_non_null(strstr(err.text, path));
    if (!strstr(err.text, what))
        fail_msg("'%s' does not say '%s'", err.text, what);
}

static network_file with(network_file file, const char *metadata) {
    file.metadata = metadata;
    return file;
}

static void test_refusals(void **state) {
    (void)state;
    network_file f = odd;
    f.without_bias = 3;
    expect_refused(f, "the bias of conv2_1");
    f.torchvision = true;
    expect_refused(f, "the bias of conv2_1");
    f = odd;
    f.without_weight = 4;
    expect_refused(f, "the weight of conv2_2");
    f = odd;
    f.without_weight = f.without_bias = 5; /* a hole in the sequence */
    expect_refused(f, "the weight of conv3_1");
    f = odd;
    f.widths[1] = 0;
    expect_refused(f, "conv2_1.weight gives 0 channels");
    f = odd;
    f.without_weight = 1;
    expect_refused(f, "conv1_1");
    f = odd;
    f.wrong_in = 3;
    expect_refused(f, "conv2_1.weight takes 6 channels where 5 come in");
    f = odd;
    f.wrong_kernel = 2;
    expect_refused(f, "conv1_2.weight");
    f = odd;
    f.wrong_bias = 6;
    expect_refused(f, "conv3_2.bias");
    f = odd;
    f.with_nan = 7;
    expect_refused(f, "conv3_3.weight");
    f.f16 = true;
    expect_refused(f, "conv3_3.weight");
    f = odd;
    f.extra = "\"conv6_1.weight\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},";
    f.convs = 0;
    expect_refused(f, "conv6_1.weight");
}

/* Three of the four entries that come together name the one that lacks. */
static void test_incomplete_metadata(void **state) {
    (void)state;
    static const char *const keys[] = {"mean", "std", "channel_order", "input_range"};
    static const char *const values[] = {"0,0,0", "1,1,1", "RGB", "1"};
    for (int lacking = 0; lacking < 4; lacking++) {
        char metadata[200], expected[32];
        int length = 0;
        for (int i = 0; i < 4; i++) {
            if (i != lacking)
                length += snprintf(metadata + length, sizeof metadata - (size_t)length,
                                   "%s\"%s\":\"%s\"", length ? "," : "", keys[i], values[i]);
        }
        snprintf(expected, sizeof expected, "lacks '%s'", keys[lacking]);
        expect_refused(with(odd, metadata), expected);
    }
}

static void test_metadata_refusals(void **state) {
    (void)state;
    static const char *const bad_means[] = {"0,0", "0,0,0,0", "0,nan,0", "0,inf,0",
                                            "",    "0,,0",    "0;0;0",   "0,0,0 "};
    static const char *const bad_stds[] = {"1,0,1", "1,1,-1", "0,1,1", "1,1,1x", "1,1,inf"};
    char text[200];
    for (size_t i = 0; i < sizeof bad_means / sizeof *bad_means; i++) {
        snprintf(text, sizeof text,
                 "\"mean\":\"%s\",\"std\":\"1,1,1\",\"channel_order\":\"RGB\","
                 "\"input_range\":\"1\"",
                 bad_means[i]);
        expect_refused(with(odd, text), "mean");
    }
    for (size_t i = 0; i < sizeof bad_stds / sizeof *bad_stds; i++) {
        snprintf(text, sizeof text,
                 "\"mean\":\"0,0,0\",\"std\":\"%s\",\"channel_order\":\"RGB\","
                 "\"input_range\":\"1\"",
                 bad_stds[i]);
        expect_refused(with(odd, text), "std");
    }
    expect_refused(with(odd, "\"mean\":\"0,0,0\",\"std\":\"1,1,1\",\"channel_order\":\"GBR\","
                             "\"input_range\":\"1\""),
                   "GBR");
    expect_refused(with(odd, "\"mean\":\"0,0,0\",\"std\":\"1,1,1\",\"channel_order\":\"BGR\","
                             "\"input_range\":\"256\""),
                   "256");
}

/* A classifier and other tensors beside the convolutions do no harm. */
static void test_other_tensors(void **state) {
    (void)state;
    network_file file = odd;
    file.convs = 0;
    file.extra =
        "\"classifier.0.weight\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]},";
    expect_refused(file, "conv1_1"); /* but they are no VGG by themselves */
    file.convs = 3;
    error err;
    /* An empty tensor may lie anywhere that keeps the offsets contiguous: at the end of the data.
     */
    const size_t end = sizeof(float) * (5 * 3 * 9 + 5 + 5 * 5 * 9 + 5 + 12 * 5 * 9 + 12);
    char extra[200];
    snprintf(
        extra, sizeof extra,
        "\"classifier.0.weight\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[%zu,%zu]},",
        end, end);
    file.extra = extra;
    network_file_write(&file, path);
    vgg *network = vgg_load(path, kernels_best(), &err);
    if (!network)
        fail_msg("%s", err.text);
    assert_int_equal(network->conv_count, 3);
    vgg_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kernel_set),
        cmocka_unit_test(test_schemes_types_and_depths),
        cmocka_unit_test(test_wide_network),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_backward),
        cmocka_unit_test(test_layer_names),
        cmocka_unit_test(test_missing_layer_names_the_deepest),
        cmocka_unit_test(test_too_small_a_picture),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_incomplete_metadata),
        cmocka_unit_test(test_metadata_refusals),
        cmocka_unit_test(test_other_tensors),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
