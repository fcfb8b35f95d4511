/* SPDX-License-Identifier: MIT
 *
 * The bundled VGG-16 holds the numbers that it should: sums over each of its 26 tensors as they
 * are, and, once they are scaled back by the channels' means, what others have printed of the
 * network that K. Simonyan and A. Zisserman published.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "network/vgg_file.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

typedef struct sums {
    double sum, squares, least, most;
} sums;

/* Computed from the file by another program. */
static const struct expected {
    const char *name;
    size_t count;
    sums sums;
} table[] = {
    {"conv1_1.weight", 1728, {-0.143795759, 0.223366632, -0.0318365023, 0.0303585995}},
    {"conv1_1.bias", 64, {1.54800409, 0.0462344423, -0.00159118581, 0.053026747}},
    {"conv1_2.weight", 36864, {37.6347252, 6.0306963, -0.173949316, 0.128864154}},
    {"conv1_2.bias", 64, {-0.02269318, 0.00176082919, -0.0215992276, 0.0062348498}},
    {"conv2_1.weight", 73728, {-25.0129374, 59.4641547, -0.472910196, 0.714995146}},
    {"conv2_1.bias", 128, {0.0478451818, 0.000240894492, -0.0102723399, 0.00285320636}},
    {"conv2_2.weight", 147456, {-56.3430387, 160.928732, -0.490914196, 0.760318339}},
    {"conv2_2.bias", 128, {0.00657649398, 0.000183854651, -0.00332126091, 0.00678611454}},
    {"conv3_1.weight", 294912, {-52.4278279, 106.933934, -0.386185348, 0.773783028}},
    {"conv3_1.bias", 256, {0.0189587304, 3.50351314e-05, -0.000829279132, 0.00264447602}},
    {"conv3_2.weight", 589824, {-164.761134, 164.98844, -0.796123266, 0.796123266}},
    {"conv3_2.bias", 256, {0.0330157118, 3.2849107e-05, -0.000852793688, 0.00196355511}},
    {"conv3_3.weight", 589824, {-630.076394, 380.502954, -0.396781504, 0.888917804}},
    {"conv3_3.bias", 256, {0.0314841915, 6.87619273e-05, -0.00128524273, 0.00268609193}},
    {"conv4_1.weight", 1179648, {-730.897243, 362.4702, -1.44114482, 1.20284534}},
    {"conv4_1.bias", 512, {0.077576926, 0.000138150692, -0.00415214291, 0.00362003571}},
    {"conv4_2.weight", 2359296, {-2040.48538, 623.96121, -0.24197188, 0.465963542}},
    {"conv4_2.bias", 512, {0.198279072, 0.000268272475, -0.00201499439, 0.00265266281}},
    {"conv4_3.weight", 2359296, {-9064.52489, 6213.88689, -10.0143118, 3.46952534}},
    {"conv4_3.bias", 512, {0.743884595, 0.0133700836, -0.0666353032, 0.0193189755}},
    {"conv5_1.weight", 2359296, {-1603.22506, 236.868627, -0.153998405, 0.214920849}},
    {"conv5_1.bias", 512, {0.930669448, 0.0305930045, -0.0234269444, 0.0389469676}},
    {"conv5_2.weight", 2359296, {-4756.3541, 1588.88402, -2.40382576, 0.965315878}},
    {"conv5_2.bias", 512, {4.0139625, 0.38199009, -0.0877270326, 0.0936521217}},
    {"conv5_3.weight", 2359296, {-27281.1386, 14306.4948, -1.61800742, 1.21121109}},
    {"conv5_3.bias", 512, {60.5933111, 37.4846198, -0.668021381, 2.16999006}},
};

enum { TENSORS = sizeof table / sizeof *table, CONVS = 13 };

static float *weights[CONVS], *biases[CONVS]; /* of the file */
static vgg_source source;
static vgg_file *file;

static const char *bundled(const char *name) {
    static char path[400];
    const char *data = getenv("STYLIZE_TEST_DATA");
    snprintf(path, sizeof path, "%s/../weights/%s", data ? data : "tests", name);
    return path;
}

static int read_file(void **state) {
    error err;
    (void)state;
    file = vgg_file_open(bundled("vgg16.safetensors"), &err);
    if (!file) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    source = vgg_file_source(file);
    for (int i = 0; i < source.conv_count; i++) {
        const size_t in = (size_t)vgg_source_inputs(&source, i), out = (size_t)source.widths[i];
        weights[i] = memory_alloc(in * out, 9 * sizeof *weights[i], &err);
        biases[i] = memory_alloc(out, sizeof *biases[i], &err);
        if (!weights[i] || !biases[i] || !source.read(source.user, i, weights[i], biases[i], &err))
            return -1;
    }
    return 0;
}

static int free_file(void **state) {
    (void)state;
    for (int i = 0; i < CONVS; i++) {
        memory_free(weights[i]);
        memory_free(biases[i]);
    }
    vgg_file_free(file);
    return 0;
}

static sums add_up(const float *values, size_t count) {
    sums s = {.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < count; i++) {
        const double value = (double)values[i];
        s.sum += value;
        s.squares += value * value;
        s.least = fmin(s.least, value);
        s.most = fmax(s.most, value);
    }
    return s;
}

static void expect_near(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%s: %.9g, not %.9g", what, found, expected);
}

/* Sums in the table have nine digits; the order of adding changes no more than the last. */
static void test_every_tensor(void **state) {
    (void)state;
    assert_int_equal(source.conv_count, CONVS);
    assert_int_equal(TENSORS, 2 * CONVS);
    for (int i = 0; i < TENSORS; i++) {
        const struct expected *row = &table[i];
        const int conv = i / 2, in = vgg_source_inputs(&source, conv);
        const size_t out = (size_t)source.widths[conv], count = i % 2 ? out : out * (size_t)in * 9;
        const sums s = add_up(i % 2 ? biases[conv] : weights[conv], count);
        assert_int_equal(count, row->count);
        expect_near(row->name, s.sum, row->sums.sum, 1e-8 * sqrt(s.squares * (double)count));
        expect_near(row->name, s.squares, row->sums.squares, 1e-8 * s.squares);
        expect_near(row->name, s.least, row->sums.least, 1e-8 * fabs(s.least));
        expect_near(row->name, s.most, row->sums.most, 1e-8 * fabs(s.most));
    }
}

static void test_metadata(void **state) {
    (void)state;
    assert_memory_equal(&source.input, &vgg_input_caffe, sizeof source.input);
    assert_ptr_equal(source.arch, &vgg_16);
    assert_non_null(strstr(vgg_file_metadata(file, "license"), "CC BY 4.0"));
    assert_non_null(strstr(vgg_file_metadata(file, "source"), "K. Simonyan and A. Zisserman"));
    assert_non_null(strstr(vgg_file_metadata(file, "changes"), "rounded to 8 bits"));
}

/* ---- what was published ---- */

/* What the channels of a convolution were divided by. */
static void read_means(const char *name, float *means) {
    error err;
    weights_file *all = weights_open(bundled("vgg16.means"), &err);
    assert_non_null(all);
    const weights_tensor *tensor = weights_file_find(all, name);
    assert_non_null(tensor);
    assert_true(weights_file_read(all, tensor, means, &err));
    weights_file_free(all);
}

/* Biases are not rounded: all digits that Keras prints of those of conv5_3. */
static void test_published_biases(void **state) {
    (void)state;
    enum { CONV5_1 = 10, CONV5_2, CONV5_3, WIDTH = 512 };
    static const double first[] = {0.09722325, 0.21327873, 0.18837857};
    static const char *const names[] = {"conv5_1.mean", "conv5_2.mean", "conv5_3.mean"};
    float means[WIDTH], values[WIDTH];
    for (int conv = CONV5_1; conv <= CONV5_3; conv++) {
        read_means(names[conv - CONV5_1], means);
        for (int i = 0; i < WIDTH; i++)
            values[i] = biases[conv][i] * means[i];
        expect_near("first bias", (double)values[0], first[conv - CONV5_1], 3e-8);
    }
    const sums s = add_up(values, WIDTH);
    const double mean = s.sum / WIDTH;
    expect_near("mean", mean, 0.14986369, 2e-8);
    expect_near("standard deviation", sqrt(s.squares / WIDTH - mean * mean), 0.4928213, 1e-7);
    expect_near("minimum", s.least, -0.50036746, 6e-8);
    expect_near("maximum", s.most, 9.431553, 1e-6);
}

/* Weights are rounded: by a step or two. */
static void test_published_weights(void **state) {
    (void)state;
    enum { CONV5_1 = 10 };
    float means[64], before[512], after[512];
    static const double keras[] = {0.429470569, 0.117273867, 0.0340129584};
    read_means("conv1_1.mean", means);
    for (int out = 0; out < 3; out++)
        expect_near("conv1_1", (double)(weights[0][out * 27] * means[out]), keras[out], 0.01);
    read_means("conv4_3.mean", before);
    read_means("conv5_1.mean", after);
    const double value = (double)(weights[CONV5_1][0] * after[0] / before[0]);
    expect_near("conv5_1", value, -0.0006068934, 3e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_tensor),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_published_biases),
        cmocka_unit_test(test_published_weights),
    };
    return cmocka_run_group_tests(tests, read_file, free_file);
}
