/* SPDX-License-Identifier: MIT
 *
 * Tests of recipe.c: defaults and where they lie, copies, numbers in and out, layers, errors that
 * change nothing, and stylize_error_set.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipes.h"
#include "transfer/recipe.h"

static void has_defaults(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    assert_true(self->strength == 5 && self->alpha == -1 && self->beta == -1 && self->tv == 0 &&
                self->style_scale.count == 1 && self->style_scale.items[0] == 1);
    assert_int_equal(self->content_layers.count, 0); /* auto */
    assert_int_equal(self->style_layers.count, 0);
    assert_int_equal(self->weights_word, 0);
    assert_null(self->weights);
    assert_int_equal(self->preset, RECIPE_PRESET_NORMAL);
    assert_int_equal(self->cost, RECIPE_COST_MEAN);
    assert_int_equal(self->color, RECIPE_COLOR_STYLE);
    assert_true(self->color_strength == 1);
    assert_int_equal(self->fit, RECIPE_FIT_CROP);
    assert_int_equal(self->pooling, RECIPE_POOL_MAX);
    assert_int_equal(self->optimizer, RECIPE_OPTIMIZER_LBFGS);
    assert_int_equal(self->init_word, RECIPE_INIT_CONTENT);
    assert_null(self->init);
    assert_true(self->size[0] == -1 && self->size[1] == 0 && !self->upscale);
    assert_true(self->scales.count == 0 && self->iterations.count == 0);
    assert_true(self->history == 7 && self->learning_rate == 0 && self->seed == 0);
    assert_int_equal(self->max_pixels, 1 << 28);
    stylize_recipe_free(self);
    stylize_recipe_free(NULL);
}

static void words_are_in_the_order_of_the_enums(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "cost", "gatys");
    recipes_set(self, "color", "content");
    recipes_set(self, "fit", "pad");
    recipes_set(self, "pool", "avg");
    recipes_set(self, "optimizer", "adam");
    assert_int_equal(self->cost, RECIPE_COST_GATYS);
    assert_int_equal(self->color, RECIPE_COLOR_CONTENT);
    recipes_set(self, "color", "match");
    assert_int_equal(self->color, RECIPE_COLOR_MATCH);
    recipes_set(self, "color", "start");
    assert_int_equal(self->color, RECIPE_COLOR_START);
    assert_int_equal(self->fit, RECIPE_FIT_PAD);
    assert_int_equal(self->pooling, RECIPE_POOL_AVG);
    assert_int_equal(self->optimizer, RECIPE_OPTIMIZER_ADAM);
    recipes_set(self, "optimizer", "gd");
    recipes_set(self, "fit", "stretch");
    assert_int_equal(self->optimizer, RECIPE_OPTIMIZER_GD);
    assert_int_equal(self->fit, RECIPE_FIT_STRETCH);
    stylize_recipe_free(self);
}

static void values_go_to_their_places(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "size", "640x480");
    recipes_set(self, "scales", "160,320,640");
    recipes_set(self, "iterations", "300,100");
    recipes_set(self, "seed", "9007199254740992");
    recipes_set(self, "learning-rate", "0.5");
    recipes_set(self, "upscale", "yes");
    assert_true(self->size[0] == 640 && self->size[1] == 480 && self->upscale);
    assert_true(self->scales.count == 3 && self->scales.items[2] == 640);
    assert_true(self->iterations.count == 2 && self->iterations.items[0] == 300);
    assert_true(self->seed == (uint64_t)1 << 53 && self->learning_rate == 0.5);
    recipes_set(self, "scales", "4");
    assert_true(self->scales.count == 4 && self->scales.items[0] == 0);
    recipes_set(self, "scales", "auto");
    recipes_set(self, "iterations", "auto");
    recipes_set(self, "learning-rate", "auto");
    recipes_set(self, "size", "0");
    assert_true(self->scales.count == 0 && self->iterations.count == 0);
    assert_true(self->learning_rate == 0 && self->size[0] == 0 && self->size[1] == 0);
    stylize_recipe_free(self);
}

static void the_start_is_a_word_or_a_file(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "init", "start.png");
    assert_int_equal(self->init_word, RECIPE_INIT_FILE);
    assert_string_equal(self->init, "start.png");
    recipes_expect(self, "init", "start.png");
    recipes_set(self, "init", "random");
    assert_int_equal(self->init_word, RECIPE_INIT_RANDOM);
    assert_null(self->init);
    recipes_expect(self, "init", "random");
    recipes_set(self, "init", "./random");
    assert_string_equal(self->init, "./random");
    stylize_recipe_free(self);
}

static void copies_are_their_own(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "init", "start.png");
    recipes_set(self, "style-layers", "pool1:3,pool2:0.1");
    stylize_recipe *copy = stylize_recipe_copy(self, &err);
    assert_non_null(copy);
    recipes_expect_equal(self, copy);
    recipes_set(self, "init", "other.png");
    recipes_set(self, "weights", "other");
    recipes_expect(copy, "init", "start.png");
    recipes_expect(copy, "weights", "auto");
    stylize_recipe_free(self);
    recipes_expect(copy, "style-layers", "pool1:3,pool2:0.1");
    stylize_recipe_free(copy);
}

static void takes_and_gives_numbers(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    stylize_error err = {0};
    double value = -7;
    assert_true(stylize_recipe_set_number(self, "beta", 0.1 + 0.2, &err));
    assert_true(stylize_recipe_get_number(self, "beta", &value) && value == 0.1 + 0.2);
    assert_true(stylize_recipe_set_number(self, "seed", 0x1p53, &err));
    assert_true(stylize_recipe_get_number(self, "seed", &value) && value == 0x1p53);
    assert_true(stylize_recipe_set_number(self, "optimizer", 2, &err));
    recipes_expect(self, "optimizer", "gd");
    assert_true(stylize_recipe_set_number(self, "upscale", 1, &err));
    recipes_expect(self, "upscale", "yes");
    assert_true(stylize_recipe_set_number(self, "learning-rate", 2, &err));
    assert_true(stylize_recipe_set_number(self, "learning-rate", 0, &err));
    recipes_expect(self, "learning-rate", "auto");
    assert_true(stylize_recipe_get_number(self, "learning-rate", &value) && value == 0);
    assert_true(stylize_recipe_set_number(self, "size", 640, &err));
    recipes_expect(self, "size", "640");
    assert_true(stylize_recipe_set_number(self, "iterations", 0, &err));
    recipes_expect(self, "iterations", "0");
    assert_true(stylize_recipe_set_number(self, "scales", 3, &err));
    recipes_expect(self, "scales", "3");
    value = -7;
    static const char *const others[] = {"size",    "iterations", "scales",       "init",
                                         "weights", "nosuch",     "style-layers", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(stylize_recipe_get_number(self, others[i], &value));
    assert_true(value == -7);
    stylize_recipe_free(self);
}

static void refuses_wrong_numbers(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double value;
        const char *words;
    } bad[] = {
        {"beta", NAN, "beta: nan is not a finite decimal number"},
        {"beta", INFINITY, "beta: inf is not a finite"},
        {"beta", -2, "beta: -2 is out of range (auto, or 0 or more)"},
        {"style-scale", 0, "style-scale: 0 is out of range (above 0)"},
        {"history", 2.5, "history: 2.5 is not a whole number"},
        {"history", 1e10, "history: 1e+10 is out of range (1 to 1000)"},
        {"seed", 0x1p53 + 2, "seed: 9007199254740994 is out of range"},
        {"upscale", 2, "upscale: 2 is out of range (0 to 1)"},
        {"upscale", NAN, "out of range (0 to 1)"},
        {"optimizer", 3, "optimizer: 3 is out of range (0 to 2)"},
        {"optimizer", 0.5, "optimizer: 0.5 is out of range"},
        {"optimizer", -1, "optimizer: -1 is out of range"},
        {"scales", 0, "scales: 0 is out of range"},
        {"scales", 512, "scales: 512 is out of range"},
        {"size", 3,
         "size: 3 is out of range (auto, 0, 16 to 65535, or WxH with sides of 16 to 65535)"},
        {"iterations", -1, "iterations: -1 is out of range"},
        {"weights", 1, "weights: not settable by a number, expected FILE|NAME"},
        {"style-layers", 1, "style-layers: not settable by a number, expected LIST"},
        {"bata", 1, "unknown field 'bata'; did you mean beta?"},
    };
    stylize_recipe *self = recipes_new(), *defaults = recipes_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stylize_error err = {0};
        if (stylize_recipe_set_number(self, bad[i].name, bad[i].value, &err))
            fail_msg("%s=%g is accepted", bad[i].name, bad[i].value);
        recipes_expect_error(&err, bad[i].name, bad[i].words, "");
    }
    recipes_expect_equal(self, defaults);
    stylize_recipe_free(self);
    stylize_recipe_free(defaults);
}

static void names_what_was_meant(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new(), *defaults = recipes_new();
    static const char *const bad[][3] = {
        {"bata", "1", "unknown field 'bata'; did you mean beta?"},
        {"style_scale", "1", "unknown field 'style_scale'; did you mean style-scale?"},
        {"depth", "8", "unknown field 'depth'"},
        {"", "8", "unknown field ''"},
        {"optimizer", "lbgfs",
         "optimizer: 'lbgfs' is not one of lbfgs, adam, gd; did you mean lbfgs?"},
        {"beta", "x", "beta: 'x' is not a finite decimal number"},
        {"beta", "-1", "beta: -1 is out of range (auto, or 0 or more)"},
        {"weights", "", "weights: the value is empty, expected FILE|NAME[,...]"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        stylize_error err = {0};
        assert_false(stylize_recipe_set(self, bad[i][0], bad[i][1], &err));
        assert_int_equal(err.status, STYLIZE_USAGE);
        assert_string_equal(err.text, bad[i][2]);
    }
    recipes_expect_equal(self, defaults);
    char text[8] = "before";
    assert_int_equal(stylize_recipe_get(self, "bata", text, sizeof text), -1);
    assert_string_equal(text, "before");
    assert_null(stylize_recipe_field_named("bata"));
    stylize_recipe_free(self);
    stylize_recipe_free(defaults);
}

static void tells_its_layers(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    double weight = -1;
    recipes_set(self, "style-layers", "pool1:3,conv5_4:0.1");
    assert_int_equal(stylize_recipe_layer_count(self, "style-layers"), 2);
    assert_int_equal(stylize_recipe_layer_count(self, "content-layers"), 0);
    assert_int_equal(stylize_recipe_layer_count(self, "weights"), 0);
    assert_int_equal(stylize_recipe_layer_count(self, "nosuch"), 0);
    assert_string_equal(stylize_recipe_layer(self, "style-layers", 1, &weight), "conv5_4");
    assert_true(weight == 0.1);
    assert_string_equal(stylize_recipe_layer(self, "style-layers", 0, NULL), "pool1");
    assert_null(stylize_recipe_layer(self, "style-layers", 2, &weight));
    assert_null(stylize_recipe_layer(self, "style-layers", -1, &weight));
    assert_null(stylize_recipe_layer(self, "weights", 0, &weight));
    assert_null(stylize_recipe_layer(self, "nosuch", 0, &weight));
    assert_true(weight == 0.1);
    stylize_recipe_free(self);
}

/* Networks that are named are taken, however little memory there is. */
static void tells_its_networks(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    assert_string_equal(stylize_recipe_weights(self), "vgg16");
    assert_string_equal(stylize_recipe_light_weights(self), "vgg19-slim");
    recipes_set(self, "weights", "vgg19");
    assert_string_equal(stylize_recipe_weights(self), "vgg19");
    assert_null(stylize_recipe_light_weights(self));
    recipes_set(self, "weights", "auto");
    assert_string_equal(stylize_recipe_weights(self), "vgg16");
    assert_string_equal(stylize_recipe_light_weights(self), "vgg19-slim");
    stylize_recipe_free(self);
}

static void errors_are_one_line(void **state) {
    (void)state;
    stylize_error err;
    char name[3000];
    assert_false(stylize_error_set(&err, STYLIZE_FAILURE, "%s: %d", "a\nb\033", 7));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_string_equal(err.text, "a?b?: 7");
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(stylize_error_set(&err, STYLIZE_USAGE, "%s: name another", name));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_non_null(strstr(err.text, "n...n"));
    assert_non_null(strstr(err.text, "n: name another"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(words_are_in_the_order_of_the_enums),
        cmocka_unit_test(values_go_to_their_places),
        cmocka_unit_test(the_start_is_a_word_or_a_file),
        cmocka_unit_test(copies_are_their_own),
        cmocka_unit_test(takes_and_gives_numbers),
        cmocka_unit_test(refuses_wrong_numbers),
        cmocka_unit_test(names_what_was_meant),
        cmocka_unit_test(tells_its_layers),
        cmocka_unit_test(tells_its_networks),
        cmocka_unit_test(errors_are_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
