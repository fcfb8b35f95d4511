/* SPDX-License-Identifier: MIT
 *
 * The converter's own work: F16, the measured means and the rescaling by them against the naive
 * reference, the choice between F16 and F32, the file written, the origins known.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
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

#include "convert/int8.h"
#include "convert/origin.h"
#include "convert/plain_vgg.h"
#include "convert/precision.h"
#include "convert/rescale.h"
#include "convert/writer.h"
#include "core/memory.h"
#include "network/vgg_file.h"
#include "reference.h"
#include "weights/half.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

static char folder[] = "/tmp/stylize-test-convert-XXXXXX";
static char path[64];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/network.safetensors", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void must(bool ok, const error *err) {
    if (!ok)
        fail_msg("%s", err->text);
}

/* The network of a file of tests/networks. */
static plain_vgg read_network(const char *file, bool all) {
    error err;
    plain_vgg net;
    vgg_file *open = vgg_file_open(file, &err);
    must(open != NULL, &err);
    const vgg_source source = vgg_file_source(open);
    must(plain_vgg_read(&net, &source, all, &err), &err);
    vgg_file_free(open);
    return net;
}

static plain_vgg read_tiny(void) {
    char file[400];
    const char *data = getenv("STYLIZE_TEST_DATA");
    snprintf(file, sizeof file, "%s/networks/tiny.safetensors", data ? data : "tests");
    return read_network(file, false);
}

static void write_network(const plain_vgg *net) {
    error err;
    size_t size;
    must(plain_vgg_write(net, AS_F32, &(provenance){.source = "test"}, path, &size, &err), &err);
}

/* ---- F16 ---- */

static float half_to_float(uint16_t half) {
    const uint32_t bits = half_to_float_bits(half);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void test_halves_come_back(void **state) {
    (void)state;
    for (unsigned half = 0; half < 65536; half++) {
        if ((half >> 10 & 31) != 31)
            assert_int_equal(half_of_float(half_to_float((uint16_t)half)), half);
    }
}

/* Between two neighbours the nearer is taken, of two equally near the even one. */
static void test_halves_are_nearest(void **state) {
    (void)state;
    for (unsigned half = 0; half < 0x7bff; half++) {
        const float low = half_to_float((uint16_t)half), high = half_to_float((uint16_t)(half + 1));
        const float middle = (low + high) / 2; /* exact */
        assert_int_equal(half_of_float(nextafterf(middle, 0)), half);
        assert_int_equal(half_of_float(nextafterf(middle, high)), half + 1);
        assert_int_equal(half_of_float(middle), half + half % 2);
        assert_int_equal(half_of_float(-middle), 0x8000 | (half + half % 2));
    }
    assert_int_equal(half_of_float(HALF_MAX), 0x7bff);
    assert_int_equal(half_of_float(65519.99f), 0x7bff);
    assert_int_equal(half_of_float(65520), 0x7c00);
    assert_int_equal(half_of_float(3e38f), 0x7c00);
    assert_int_equal(half_of_float(1e-40f), 0);
}

/* ---- rescaling ---- */

enum { WIDTH = 38, HEIGHT = 35, PICTURES = 2 };

typedef struct gallery {
    image *images[PICTURES];
    reference_run runs[PICTURES];
} gallery;

/* Two pictures, and what the reference makes of them with the network of `path`. */
static gallery gallery_open(void) {
    gallery self;
    reference_vgg net;
    assert_true(reference_vgg_load(&net, path));
    for (int i = 0; i < PICTURES; i++) {
        error err;
        reference_image picture = reference_pattern_image((unsigned)i + 1, WIDTH, HEIGHT);
        self.images[i] = image_new(WIDTH, HEIGHT, &err);
        assert_non_null(self.images[i]);
        for (int k = 0; k < 3 * WIDTH * HEIGHT; k++)
            self.images[i]->planes[k] = (float)picture.pixels[k];
        reference_run_init(&self.runs[i], &net, REFERENCE_MAX, &picture);
        free(picture.pixels);
    }
    reference_vgg_clear(&net);
    return self;
}

static void gallery_close(gallery *self) {
    for (int i = 0; i < PICTURES; i++) {
        image_free(self->images[i]);
        reference_run_clear(&self->runs[i]);
    }
}

static const reference_layer *relu_of(const gallery *self, int picture, const plain_vgg *net,
                                      int conv) {
    char name[24];
    const vgg_conv_name own = vgg_conv_name_of(net->arch, conv);
    snprintf(name, sizeof name, "relu%d_%d", own.block, own.number);
    const reference_layer *layer = reference_run_find(&self->runs[picture], name);
    assert_non_null(layer);
    return layer;
}

static double mean_of(const gallery *self, const plain_vgg *net, int conv, int channel) {
    double mean = 0;
    for (int i = 0; i < PICTURES; i++) {
        const reference_layer *layer = relu_of(self, i, net, conv);
        const int area = layer->h * layer->w;
        for (int k = 0; k < area; k++)
            mean += layer->values[channel * area + k] / (area * PICTURES);
    }
    return mean;
}

/* Channel 1 of conv2_1 never fires; channel 2 fires less than a thousandth of what its layer does.
 */
static plain_vgg make_quiet_network(void) {
    plain_vgg net = read_tiny();
    enum { CONV = 2 };
    const size_t taps = 9 * (size_t)plain_vgg_inputs(&net, CONV);
    for (size_t i = 0; i < taps; i++) {
        net.weights[CONV][taps + i] = -fabsf(net.weights[CONV][taps + i]);
        net.weights[CONV][2 * taps + i] = 1e-6f;
    }
    net.biases[CONV][1] = -1;
    net.biases[CONV][2] = 0;
    return net;
}

static channel_means measure(const plain_vgg *net, const gallery *pictures) {
    error err;
    channel_means means;
    must(channel_means_measure(&means, net, pictures->images, PICTURES, &err), &err);
    return means;
}

static void test_means(void **state) {
    (void)state;
    plain_vgg net = make_quiet_network();
    write_network(&net);
    gallery pictures = gallery_open();
    channel_means means = measure(&net, &pictures);
    for (int conv = 0; conv < net.conv_count; conv++) {
        for (int c = 0; c < net.widths[conv]; c++) {
            const double expected = mean_of(&pictures, &net, conv, c);
            if (!(fabs(means.of[conv][c] - expected) <= 1e-4 * expected + 1e-12))
                fail_msg("conv %d channel %d: %g, not %g", conv, c, means.of[conv][c], expected);
        }
    }
    assert_true(means.of[2][1] == 0);
    channel_means_clear(&means);
    gallery_close(&pictures);
    plain_vgg_clear(&net);
}

/* What few pictures leave nearly alone is divided by a quarter of its layer's mean, at least. */
static void test_low_means(void **state) {
    (void)state;
    double first[4] = {2, 1, 0.9, 0.1};
    const plain_vgg net = {.conv_count = 1, .widths = {4}};
    channel_means means = {.of = {first}};
    channel_means_make_divisors(&means, &net);
    assert_true(first[0] == 2 && first[1] == 1 && first[2] == (double)0.9f && first[3] == 0.25);
}

/* Whether a channel is divided by a quarter of what its layer has in the middle. */
static bool is_low(const channel_means *divisors, const plain_vgg *net, int conv, int channel) {
    double sum = 0;
    for (int c = 0; c < net->widths[conv]; c++)
        sum += divisors->of[conv][c];
    const double least = 0.25 * sum / net->widths[conv];
    return divisors->of[conv][channel] <= least;
}

/* Means become 1, those that are low remain so, and the network computes what it did but for the
 * divisors of its channels. */
static void test_rescaling(void **state) {
    (void)state;
    plain_vgg net = make_quiet_network();
    write_network(&net);
    gallery before = gallery_open();
    channel_means means = measure(&net, &before);
    const double usual = (means.of[2][0] + means.of[2][1] + means.of[2][2]) / 3;
    channel_means_make_divisors(&means, &net);
    plain_vgg_rescale(&net, &means);
    write_network(&net);
    gallery after = gallery_open();
    for (int conv = 0; conv < net.conv_count; conv++) {
        for (int c = 0; c < net.widths[conv]; c++) {
            const double divisor = means.of[conv][c], mean = mean_of(&after, &net, conv, c);
            const bool quiet = conv == 2 && c > 0;
            assert_true(quiet
                            ? divisor == (double)(float)usual && mean < 1e-3
                            : fabs(mean - 1) < 1e-4 || (mean < 1 && is_low(&means, &net, conv, c)));
            const reference_layer *old = relu_of(&before, 0, &net, conv);
            const reference_layer *new = relu_of(&after, 0, &net, conv);
            const int area = old->h * old->w;
            double off = 0, norm = 0;
            for (int k = c * area; k < (c + 1) * area; k++) {
                off += pow(new->values[k] * divisor - old->values[k], 2);
                norm += pow(old->values[k], 2);
            }
            assert_true(sqrt(off) <= 1e-4 * sqrt(norm));
        }
    }
    channel_means_clear(&means);
    gallery_close(&before);
    gallery_close(&after);
    plain_vgg_clear(&net);
}

/* ---- F16 or F32 ---- */

static double half_difference(const plain_vgg *net, const gallery *pictures) {
    error err;
    double difference;
    must(
        plain_vgg_half_difference(net, pictures->images[0], pictures->images[1], &difference, &err),
        &err);
    return difference;
}

static void test_half_difference(void **state) {
    (void)state;
    plain_vgg net = read_tiny(); /* which F16 holds exactly */
    write_network(&net);
    gallery pictures = gallery_open();
    assert_true(half_difference(&net, &pictures) == 0);
    /* Far below the last place of F16: little changes. */
    net.weights[3][0] += 1e-7f;
    const double little = half_difference(&net, &pictures);
    assert_true(little > 0 && little < PRECISION_BAR);
    /* All weights of a layer below the least half: rounding makes them 0. */
    for (size_t i = 0; i < plain_vgg_weight_count(&net, 3); i++)
        net.weights[3][i] *= 1e-9f;
    for (size_t i = 0; i < plain_vgg_weight_count(&net, 4); i++)
        net.weights[4][i] *= 1e9f;
    assert_false(plain_vgg_within(&net, HALF_MAX));
    assert_true(half_difference(&net, &pictures) > PRECISION_BAR ||
                isnan(half_difference(&net, &pictures)));
    gallery_close(&pictures);
    plain_vgg_clear(&net);
}

static void test_range_of_halves(void **state) {
    (void)state;
    plain_vgg net = read_tiny();
    assert_true(plain_vgg_within(&net, HALF_MAX));
    net.biases[12][3] = -HALF_MAX;
    assert_true(plain_vgg_within(&net, HALF_MAX));
    net.biases[12][3] = nextafterf(-HALF_MAX, -INFINITY);
    assert_false(plain_vgg_within(&net, HALF_MAX));
    plain_vgg_clear(&net);
}

/* ---- files ---- */

static void expect_metadata(const weights_file *file, const char *key, const char *value) {
    const char *found = weights_file_metadata(file, key);
    if (!found != !value || (value && strcmp(found, value)))
        fail_msg("%s: '%s', not '%s'", key, found ? found : "(none)", value ? value : "(none)");
}

static void test_written_file(void **state) {
    (void)state;
    error err;
    size_t size;
    plain_vgg net = read_tiny();
    const provenance from = {.licence = "none", .source = "\"quoted\"", .source_sha256 = "0123"};
    for (int as_half = 0; as_half < 2; as_half++) {
        must(plain_vgg_write(&net, as_half ? AS_F16 : AS_F32, &from, path, &size, &err), &err);
        weights_file *file = weights_open(path, &err);
        must(file != NULL, &err);
        const weights_tensor *bias = weights_file_find(file, "conv5_1.bias");
        assert_non_null(bias);
        assert_int_equal(bias->type, as_half ? WEIGHTS_F16 : WEIGHTS_F32);
        expect_metadata(file, "arch", "vgg19");
        expect_metadata(file, "mean", "103.939,116.779,123.68");
        expect_metadata(file, "std", "1,1,1");
        expect_metadata(file, "channel_order", "BGR");
        expect_metadata(file, "input_range", "255");
        expect_metadata(file, "license", "none");
        expect_metadata(file, "source", "\"quoted\"");
        expect_metadata(file, "source_sha256", "0123");
        expect_metadata(file, "normalized", NULL);
        weights_file_free(file);

        plain_vgg back = read_network(path, true);
        assert_int_equal(back.conv_count, 13);
        assert_memory_equal(&back.input, &vgg_input_caffe, sizeof back.input);
        for (int i = 0; i < net.conv_count; i++) {
            assert_memory_equal(back.weights[i], net.weights[i],
                                plain_vgg_weight_count(&net, i) * sizeof(float));
            assert_memory_equal(back.biases[i], net.biases[i],
                                (size_t)net.widths[i] * sizeof(float));
        }
        plain_vgg_clear(&back);
    }
    plain_vgg_clear(&net);
}

/* Integers and scales come back as their products, biases as they were. */
static void test_written_integers(void **state) {
    (void)state;
    error err;
    size_t size;
    plain_vgg net = read_tiny();
    must(plain_vgg_write(&net, AS_I8, &(provenance){.changes = "rounded"}, path, &size, &err),
         &err);
    weights_file *file = weights_open(path, &err);
    must(file != NULL, &err);
    assert_int_equal(weights_file_find(file, "conv5_1.weight")->type, WEIGHTS_I8);
    assert_int_equal(weights_file_find(file, "conv5_1.bias")->type, WEIGHTS_F32);
    expect_metadata(file, "changes", "rounded");
    expect_metadata(file, "source", NULL);
    weights_file_free(file);
    plain_vgg back = read_network(path, true);
    for (int conv = 0; conv < net.conv_count; conv++) {
        const size_t count = plain_vgg_weight_count(&net, conv),
                     channels = (size_t)net.widths[conv];
        const size_t each = count / channels;
        signed char *integers = memory_alloc(each, 1, &err);
        for (size_t i = 0; i < count; i += each) {
            const float scale = int8_round(net.weights[conv] + i, each / INT8_TAPS, integers);
            for (size_t k = 0; k < each; k++)
                assert_true(back.weights[conv][i + k] == (float)integers[k] * scale);
        }
        memory_free(integers);
        assert_memory_equal(back.biases[conv], net.biases[conv], channels * sizeof(float));
    }
    plain_vgg_clear(&back);
    plain_vgg_clear(&net);
}

static void test_cut(void **state) {
    (void)state;
    assert_int_equal(plain_vgg_cut(&vgg_16), 11);
    assert_int_equal(plain_vgg_cut(&vgg_19), 13);
}

/* ---- origins ---- */

static void test_hashes(void **state) {
    (void)state;
    error err;
    file_hashes hashes;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("abc", file) >= 0);
    assert_int_equal(fclose(file), 0);
    must(file_hashes_read(&hashes, path, &err), &err);
    assert_string_equal(hashes.md5, "900150983cd24fb0d6963f7d28e17f72");
    assert_string_equal(hashes.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_null(origin_find(&hashes));
    assert_false(file_hashes_read(&hashes, folder, &err));
    assert_non_null(strstr(err.text, folder));
}

static void test_known_origins(void **state) {
    (void)state;
    const file_hashes keras = {.md5 = "253f8cb515780f3b799900260a226db6", .sha256 = "00"};
    const file_hashes torch = {.md5 = "00", .sha256 = "dcbb9e9d00000000"};
    const file_hashes caffe = {.md5 = "00", .sha256 = "d01eb7cb00000000"};
    assert_ptr_equal(origin_find(&keras)->input, &vgg_input_caffe);
    assert_non_null(strstr(origin_find(&keras)->licence, "CC BY 4.0"));
    assert_ptr_equal(origin_find(&torch)->input, &vgg_input_torchvision);
    assert_ptr_equal(origin_find(&caffe)->input, &vgg_input_caffe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves_come_back),
        cmocka_unit_test(test_halves_are_nearest),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_low_means),
        cmocka_unit_test(test_rescaling),
        cmocka_unit_test(test_half_difference),
        cmocka_unit_test(test_range_of_halves),
        cmocka_unit_test(test_written_file),
        cmocka_unit_test(test_written_integers),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_known_origins),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
