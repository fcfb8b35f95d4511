/* SPDX-License-Identifier: MIT
 *
 * Networks that are loaded for a recipe: down to the deepest layer that it compares, with the
 * same picture as from the whole; what is said of layers that were left out; and in its precision.
 */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cpu.h"
#include "network_files.h"
#include "recipes.h"
#include "sessions.h"
#include "simd/kernels.h"
#include "transfer/network_defaults.h"

/* One thread: threads that wait for one another cost more than the small work here. */
static int use_one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

static stylize_network *load_for(const stylize_recipe *recipe, const char *path) {
    stylize_error err;
    stylize_network *self = stylize_network_load_for(recipe, path, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

static stylize_network *load_layers(const char *content, const char *style, const char *path) {
    stylize_recipe *recipe = recipes_of("content-layers", content, "style-layers", style, NULL);
    stylize_network *self = load_for(recipe, path);
    stylize_recipe_free(recipe);
    return self;
}

static void expect_lacks(const stylize_network *self, const char *layer, const char *words) {
    stylize_error err = {STYLIZE_OK, ""};
    assert_false(stylize_network_has_layer(self, layer, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_string_equal(err.text, words);
}

/* ---- depth ---- */

/* The bundled network is a VGG-19 of 13 convolutions; auto looks down to relu4_1. */
static void loads_down_to_the_deepest_layer(void **state) {
    (void)state;
    static const struct {
        const char *content, *style;
        int convs;
    } cases[] = {
        {"auto", "auto", 9},        {"relu5_1", "auto", 13},     {"auto", "conv4_2", 10},
        {"relu1_1", "conv1_1", 1},  {"relu1_1", "pool2", 4},     {"pool2,conv3_1", "relu1_2", 5},
        {"relu1_1", "auto", 9},     {"auto", "relu1_1", 7},      {"auto", "relu5_4", 13},
        {"relu5_4", "relu1_1", 13}, {"relu2_1:0", "relu1_1", 3}, {"relu4_4", "relu1_1", 12},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stylize_network *self = load_layers(cases[i].content, cases[i].style, SESSIONS_BUNDLED);
        assert_int_equal(self->conv_count, cases[i].convs);
        stylize_network_free(self);
    }
}

/* To the bit. */
static void paints_what_the_whole_does(void **state) {
    (void)state;
    stylize_recipe *recipe =
        recipes_of("size", "48", "scales", "1", "iterations", "3", "precision", "fp32", NULL);
    stylize_network *part = load_for(recipe, SESSIONS_BUNDLED);
    stylize_network *whole = sessions_network(SESSIONS_BUNDLED);
    image *content = sessions_pattern(0, 48, 40), *style = sessions_pattern(1, 40, 48);
    session_inputs inputs = {.content = content, .style = style, .networks = {part}};
    image *a = sessions_run(&inputs, recipe, NULL);
    inputs.networks[0] = whole;
    image *b = sessions_run(&inputs, recipe, NULL);
    sessions_expect_same(a, b);
    image_free(a);
    image_free(b);
    image_free(content);
    image_free(style);
    stylize_network_free(part);
    stylize_network_free(whole);
    stylize_recipe_free(recipe);
}

/* A layer that was left out is told from one that the weights do not have. */
static void says_what_was_not_loaded(void **state) {
    (void)state;
    stylize_network *self = load_layers("relu2_1", "relu1_1", SESSIONS_BUNDLED);
    stylize_error err;
    assert_true(stylize_network_has_layer(self, "relu2_1", &err));
    expect_lacks(self, "relu2_2",
                 "the layer relu2_2 was not loaded: the network was loaded for another recipe, "
                 "down to relu2_1 only");
    expect_lacks(self, "relu5_2", "the weights have no layer relu5_2: their deepest is relu5_1");
    stylize_recipe *deeper = recipes_of("size", "48", "content-layers", "relu3_1", NULL);
    image *content = sessions_pattern(0, 48, 40);
    const session_inputs inputs = {.content = content, .style = content, .networks = {self}};
    sessions_expect_refused(&inputs, deeper, STYLIZE_FAILURE, "relu3_1 was not loaded");
    image_free(content);
    stylize_recipe_free(deeper);
    stylize_network_free(self);
    self = load_layers("relu5_1", "relu1_1", SESSIONS_BUNDLED);
    expect_lacks(self, "relu5_2", "the weights have no layer relu5_2: their deepest is relu5_1");
    stylize_network_free(self);
}

/* Wide networks are known as such also where their wide layers are left out. */
static void keeps_what_suits_the_whole(void **state) {
    (void)state;
    char path[] = "/tmp/stylize-network-for-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    network_file_write(&(network_file){.arch = 16, .convs = 5, .widths = {3, 4, 256}}, path);
    stylize_network *whole = sessions_network(path);
    stylize_network *part = load_layers("relu1_1", "relu1_1", path);
    remove(path);
    assert_int_equal(part->conv_count, 1);
    const network_defaults *suited = network_defaults_of(part->widths);
    assert_ptr_equal(suited, network_defaults_of(whole->widths));
    assert_true(suited->style_scale == 1);
    stylize_network_free(part);
    stylize_network_free(whole);
}

/* ---- precision ---- */

static const char *name_of(const kernel_set *kernels) {
    return kernels->precision == PRECISION_BF16 ? "bf16" : "fp32";
}

static void check_precision(const char *wanted, const kernel_set *kernels) {
    stylize_recipe *recipe = recipes_of("precision", wanted, NULL);
    stylize_network *self = load_for(recipe, SESSIONS_BUNDLED);
    assert_ptr_equal(self->kernels, kernels);
    assert_string_equal(stylize_network_precision(self), name_of(kernels));
    assert_string_equal(stylize_recipe_precision(recipe), name_of(kernels));
    stylize_network_free(self);
    stylize_recipe_free(recipe);
}

static void has_the_precision_that_is_wanted(void **state) {
    (void)state;
    const kernel_set *bf16 = kernels_best_of(PRECISION_BF16), *fp32 = kernels_best();
    const kernel_set *automatic = bf16->bf16_products ? bf16 : fp32;
    assert_int_equal(fp32->precision, PRECISION_FP32);
    check_precision("fp32", fp32);
    check_precision("bf16", bf16);
    check_precision("auto", automatic);
    assert_int_equal(stylize_bf16_products(), bf16->bf16_products);
    stylize_error err;
    stylize_network *self = stylize_network_load(SESSIONS_BUNDLED, &err);
    assert_non_null(self);
    assert_ptr_equal(self->kernels, automatic);
    stylize_network_free(self);
}

/* A set says itself what it is. */
static void tells_the_precision_of_its_kernels(void **state) {
    (void)state;
    kernel_set kernels = *kernels_best();
    stylize_network *self = sessions_network(SESSIONS_BUNDLED);
    const kernel_set *own = self->kernels;
    self->kernels = &kernels;
    kernels.precision = PRECISION_FP32;
    assert_string_equal(stylize_network_precision(self), "fp32");
    kernels.precision = PRECISION_BF16;
    assert_string_equal(stylize_network_precision(self), "bf16");
    self->kernels = own;
    stylize_network_free(self);
}

/* ---- what a caller may get wrong ---- */

static void refuses_what_is_not_there(void **state) {
    (void)state;
    stylize_error err = {STYLIZE_OK, ""};
    stylize_recipe *recipe = recipes_new();
    assert_null(stylize_network_load_for(NULL, SESSIONS_BUNDLED, &err));
    recipes_expect_error(&err, "no recipe", "recipe may not be NULL", "");
    assert_null(stylize_network_load_for(recipe, NULL, &err));
    recipes_expect_error(&err, "no path", "path may not be NULL", "");
    assert_null(stylize_network_load_for(recipe, "/nowhere/x", &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_ptr_equal(strstr(err.text, "/nowhere/x: "), err.text);
    stylize_recipe_free(recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_down_to_the_deepest_layer),
        cmocka_unit_test(paints_what_the_whole_does),
        cmocka_unit_test(says_what_was_not_loaded),
        cmocka_unit_test(keeps_what_suits_the_whole),
        cmocka_unit_test(has_the_precision_that_is_wanted),
        cmocka_unit_test(tells_the_precision_of_its_kernels),
        cmocka_unit_test(refuses_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, use_one_thread, NULL);
}
