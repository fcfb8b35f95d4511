/* SPDX-License-Identifier: MIT
 *
 * Loading a network: any widths and depths, both architectures, name schemes and types compute what
 * the reference computes; what is no VGG is refused, saying why. Runs are tested in test_vgg_run.c.
 */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <glob.h>
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
#include "network_files.h"
#include "network_runs.h"
#include "tensors.h"

#define TOLERANCE 1e-5 /* of the norm */

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

static vgg *load(const kernel_set *kernels) {
    error err;
    vgg *network = vgg_load(path, kernels, &err);
    if (!network)
        fail_msg("%s", err.text);
    return network;
}

/* ---- what loads ---- */

/* Every layer of the network against the reference on a picture. */
static void check_forward(int width, int height) {
    vgg *network = load(kernels_best());
    reference_vgg other;
    reference_run expected;
    reference_image image = reference_pattern_image(1, width, height);
    assert_true(reference_vgg_load(&other, path));
    reference_run_init(&expected, &other, REFERENCE_MAX, &image);
    run_spec spec = {.network = network, .height = height, .width = width, .picture = image.pixels};
    for (int i = 0; i < network->layer_count; i++)
        spec.wanted[i] = true;
    run_result result = run_once(&spec);
    for (int i = 0; i < network->layer_count; i++) {
        const reference_layer *layer = reference_run_find(&expected, network->layers[i].name);
        assert_non_null(layer);
        assert_int_equal(layer->c, network->layers[i].channels);
        const double off =
            relative_error(result.activations[i], layer->values, layer->c * layer->h * layer->w);
        if (!(off < TOLERANCE))
            fail_msg("%s: off by %g of its norm", layer->name, off);
    }
    run_result_clear(&result);
    reference_run_clear(&expected);
    reference_vgg_clear(&other);
    free(image.pixels);
    vgg_free(network);
}

/* Cut short after any convolution, in every scheme and type. */
static void test_schemes_types_and_depths(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        network_file file = odd;
        file.arch = i & 1 ? 16 : 19;
        file.torchvision = i & 2;
        file.f16 = (i & 12) == 4;
        file.i8 = i & 8;
        for (file.convs = 1; file.convs < file.arch - 3; file.convs += i < 2 ? 1 : 5) {
            network_file_write(&file, path);
            check_forward(21, 18);
        }
        file.convs = file.arch - 3; /* all of them */
        network_file_write(&file, path);
        check_forward(32, 33);
        vgg *network = load(kernels_best());
        assert_string_equal(network->arch->name, file.arch == 16 ? "vgg16" : "vgg19");
        assert_string_equal(network->layers[network->layer_count - 1].name, "pool5");
        vgg_free(network);
    }
}

static void test_wide_network(void **state) {
    (void)state;
    network_file_write(&(network_file){.arch = 16, .convs = 5, .widths = {48, 80, 100}}, path);
    check_forward(20, 17);
}

static void test_input(void **state) {
    (void)state;
    network_file file = odd;
    file.convs = 3;
    file.metadata = "\"mean\":\"103.939,116.779,123.680\",\"std\":\"57.375,57.120,58.395\","
                    "\"channel_order\":\"BGR\",\"input_range\":\"255\",\"license\":\"none\"";
    network_file_write(&file, path);
    check_forward(19, 17);
    vgg *network = load(kernels_best());
    assert_int_equal(network->first.source[0], 2);
    golden_expect("scale", (double)network->first.scale[0], 255 / 57.375, 1e-6);
    golden_expect("offset", (double)network->first.offset[0], -103.939 / 57.375, 1e-6);
    vgg_free(network);
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
    expect_refused(f, "conv2_1.weight has 0 output channels");
    f = odd;
    f.without_weight = 1;
    expect_refused(f, "conv1_1");
    f = odd;
    f.wrong_in = 3;
    expect_refused(f, "conv2_1.weight has 6 input channels, expected 5");
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

#define ONE_EACH "tensor 'conv1_1.weight_scale': not one F32 value for each of 1 channels"
#define NO_SCALE "tensor 'conv1_1.weight_scale': value 0 is not a scale between 1e-37 and 1e+36"

/* The files vgg-* of tests/hostile (made by make.py there). */
static void test_hostile_files(void **state) {
    (void)state;
    static const char *const files[][2] = {
        {"nan", "tensor 'conv1_1.weight': value 5 is NaN or infinite"},
        {"infinite-bias", "tensor 'conv1_1.bias': value 0 is NaN or infinite"},
        {"integers", "tensor 'conv1_1.weight': dtype is neither F32 nor F16"},
        {"i8-without-scale", "tensor 'conv1_1.weight': I8 without conv1_1.weight_scale"},
        {"i8-scale-f16", ONE_EACH},
        {"i8-scale-integer", ONE_EACH},
        {"i8-scale-too-long", ONE_EACH},
        {"i8-scale-of-none", ONE_EACH},
        {"i8-scale-scalar", ONE_EACH},
        {"i8-scale-rank-2", ONE_EACH},
        {"i8-scale-zero", NO_SCALE},
        {"i8-scale-minus-zero", NO_SCALE},
        {"i8-scale-negative", NO_SCALE},
        {"i8-scale-infinite", NO_SCALE},
        {"i8-scale-nan", NO_SCALE},
        {"i8-scale-subnormal", NO_SCALE},
        {"i8-scale-too-large", NO_SCALE},
        {"i8-scale-other-name", "tensor 'features.0.weight_scale': features.0.weight is missing"},
        {"i8-bias", "tensor 'conv1_1.bias': dtype is neither F32 nor F16"},
        {"i8-bias-scale", "tensor 'conv1_1.bias_scale' is not part of a vgg16"},
        {"u8", "tensor 'conv1_1.weight_scale': conv1_1.weight is not I8"},
        {"f32-with-scale", "tensor 'conv1_1.weight_scale': conv1_1.weight is not I8"},
        {"scale-without-weight", "tensor 'conv1_2.weight_scale': conv1_2.weight is missing"},
        {"kernel-5x5", "conv1_1.weight is not a 3x3 convolution"},
        {"flat-weight", "conv1_1.weight is not a 3x3 convolution"},
        {"four-inputs", "conv1_1.weight has 4 input channels, expected 3"},
        {"no-outputs", "conv1_1.weight has 0 output channels"},
        {"without-bias", "the bias of conv1_1 is missing"},
        {"bias-too-long", "conv1_1.bias does not have one value for each of 1 channels"},
        {"without-start", "not a VGG: no conv1_1.weight or features.0.weight"},
        {"with-gap", "the weight of conv1_2 is missing"},
        {"batch-norm", "'features.1.running_mean' is not part of a vgg16"},
        {"classifier-alone", "not a VGG: no conv1_1.weight or features.0.weight"},
    };
    const char *data = getenv("STYLIZE_TEST_DATA");
    char pattern[400];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/hostile/vgg-*.safetensors", data ? data : "tests");
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, sizeof files / sizeof *files);
    globfree(&found);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char file[512];
        error err = {0};
        snprintf(file, sizeof file, "%s/hostile/vgg-%s.safetensors", data ? data : "tests",
                 files[i][0]);
        assert_null(vgg_load(file, kernels_best(), &err));
        if (strstr(err.text, file) != err.text || !strstr(err.text, files[i][1]))
            fail_msg("'%s' does not say '%s'", err.text, files[i][1]);
    }
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
        cmocka_unit_test(test_schemes_types_and_depths),
        cmocka_unit_test(test_wide_network),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_layer_names),
        cmocka_unit_test(test_missing_layer_names_the_deepest),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_incomplete_metadata),
        cmocka_unit_test(test_metadata_refusals),
        cmocka_unit_test(test_other_tensors),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
