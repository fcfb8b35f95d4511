/* SPDX-License-Identifier: MIT
 *
 * The file of what channels are divided by: what is written comes back, all else is refused.
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

#include "convert/means.h"
#include "core/memory.h"

enum { CONVS = 5 };

static char path[] = "/tmp/stylize-test-means-XXXXXX";

static int make_path(void **state) {
    (void)state;
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

static void must(bool ok, const error *err) {
    if (!ok)
        fail_msg("%s", err->text);
}

/* A network of which only the shapes matter. */
static plain_vgg make_network(void) {
    return (plain_vgg){.arch = &vgg_16, .conv_count = CONVS, .widths = {3, 1, 17, 2, 5}};
}

static channel_means make_means(const plain_vgg *net) {
    error err;
    channel_means means = {0};
    for (int conv = 0; conv < CONVS; conv++) {
        means.of[conv] = memory_alloc((size_t)net->widths[conv], sizeof(double), &err);
        must(means.of[conv] != NULL, &err);
        for (int c = 0; c < net->widths[conv]; c++)
            means.of[conv][c] = (double)(float)(1.1 * conv + c + 0.01);
    }
    return means;
}

/* Also of a network that ends before the file does. */
static void test_comes_back(void **state) {
    (void)state;
    error err;
    char *text;
    plain_vgg net = make_network();
    channel_means means = make_means(&net), back;
    must(channel_means_write(&means, &net, "over two", path, &err), &err);
    for (; net.conv_count > 0; net.conv_count -= 2) {
        must(channel_means_read(&back, &net, path, &text, &err), &err);
        assert_string_equal(text, "over two");
        free(text);
        for (int conv = 0; conv < net.conv_count; conv++)
            assert_memory_equal(back.of[conv], means.of[conv],
                                (size_t)net.widths[conv] * sizeof(double));
        channel_means_clear(&back);
    }
    channel_means_clear(&means);
}

static void expect_refused(const plain_vgg *net, const char *what) {
    error err = {0};
    channel_means means;
    char *text;
    assert_false(channel_means_read(&means, net, path, &text, &err));
    if (strstr(err.text, path) != err.text || !strstr(err.text, what))
        fail_msg("'%s' does not say '%s'", err.text, what);
    channel_means_clear(&means);
    free(text);
}

static void test_other_networks(void **state) {
    (void)state;
    error err;
    plain_vgg net = make_network();
    channel_means means = make_means(&net);
    must(channel_means_write(&means, &net, "", path, &err), &err);
    net.widths[2]++;
    expect_refused(&net, "conv2_1.mean does not have one value for each of 18 channels");
    net.widths[2]--;
    net.widths[net.conv_count++] = 4;
    expect_refused(&net, "conv3_2.mean is missing");
    net.conv_count--;
    net.arch = &vgg_19;
    expect_refused(&net, "not the means of a vgg19");
    channel_means_clear(&means);
}

static void test_bad_values(void **state) {
    (void)state;
    static const double bad[] = {0, -1, INFINITY, NAN};
    error err;
    plain_vgg net = make_network();
    channel_means means = make_means(&net);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        means.of[3][1] = bad[i];
        must(channel_means_write(&means, &net, "", path, &err), &err);
        expect_refused(&net, i < 2 ? "conv2_2.mean: value 1 is not above 0"
                                   : "'conv2_2.mean': value 1 is NaN or infinite");
    }
    channel_means_clear(&means);
}

static void test_no_such_file(void **state) {
    (void)state;
    error err = {0};
    plain_vgg net = make_network();
    channel_means means;
    char *text;
    assert_false(channel_means_read(&means, &net, "/tmp/no/such", &text, &err));
    assert_non_null(strstr(err.text, "/tmp/no/such"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_other_networks),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_no_such_file),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
