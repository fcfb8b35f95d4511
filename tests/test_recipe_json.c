/* SPDX-License-Identifier: MIT
 *
 * Tests of recipe_json.c: what is written, every way of writing a value, and JSON that is damaged,
 * hostile or merely wrong, which changes nothing. test_recipe_fields.c goes through all fields.
 */
#define _XOPEN_SOURCE 700 /* fork */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recipes.h"
#include "transfer/recipe.h"
#include "watched.h"

/* Refused with these words, and nothing is changed. */
static void refuse_bytes(const char *json, size_t length, const char *words) {
    stylize_recipe *self = recipes_new(), *before = recipes_new();
    stylize_error err = {0};
    recipes_set(self, "weights", "mine");
    recipes_set(before, "weights", "mine");
    if (stylize_recipe_read_json(self, json, length, &err))
        fail_msg("%s: accepted", json);
    recipes_expect_error(&err, json, words, "");
    recipes_expect_equal(self, before);
    stylize_recipe_free(self);
    stylize_recipe_free(before);
}

static void refuse(const char *json, const char *words) {
    refuse_bytes(json, strlen(json), words);
}

/* What is read of this JSON must be printed so. */
static void expect(const char *json, const char *name, const char *value) {
    stylize_recipe *self = recipes_new();
    recipes_read_json(self, json);
    recipes_expect(self, name, value);
    stylize_recipe_free(self);
}

static void writes_one_line_to_read(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "alpha", "1e6");
    recipes_set(self, "size", "640x480");
    recipes_set(self, "iterations", "300,100");
    recipes_set(self, "scales", "3");
    recipes_set(self, "content-layers", "relu4_2:0.5,relu1_1:0.1");
    char *json = stylize_recipe_write_json(self, &err);
    assert_string_equal(
        json, "{\"preset\": \"normal\", \"compat\": \"none\", \"strength\": 5, \"alpha\": 1000000, "
              "\"beta\": \"auto\", \"tv\": 0, \"chroma_tv\": 350, "
              "\"content_layers\": {\"relu4_2\": 0.5, \"relu1_1\": 0.1}, "
              "\"style_layers\": \"auto\", \"cost\": \"mean\", \"style_cost\": \"gram\", "
              "\"tv_cost\": \"mean\", \"color\": \"style\", \"color_strength\": 1, "
              "\"texture\": false, \"tile\": false, \"style_weights\": \"auto\", "
              "\"mask\": \"none\", \"mask_rest\": false, \"content_map\": \"none\", "
              "\"style_map\": \"none\", \"content_weight_map\": \"none\", \"size\": [640, 480], "
              "\"fit\": \"crop\", \"upscale\": false, \"style_scale\": 1, \"scales\": 3, "
              "\"iterations\": [300, 100], \"optimizer\": \"lbfgs\", \"history\": 7, "
              "\"learning_rate\": \"auto\", \"adam_decay\": 0.999, \"average\": 0, "
              "\"init\": \"content\", \"seed\": 0, \"max_pixels\": 268435456, "
              "\"weights\": \"auto\", \"pool\": \"max\", \"precision\": \"auto\"}");
    free(json);
    stylize_recipe_free(self);
}

static void reads_values_in_every_form(void **state) {
    (void)state;
    expect("{}", "beta", "auto");
    expect(" {\n\"beta\"\t:1e3 } \r\n", "beta", "1000");
    expect("{\"history\": 20.0}", "history", "20");
    expect("{\"history\": 2e1}", "history", "20");
    expect("{\"seed\": 9007199254740992}", "seed", "9007199254740992");
    expect("{\"upscale\": true}", "upscale", "yes");
    expect("{\"learning_rate\": \"auto\"}", "learning-rate", "auto");
    expect("{\"learning_rate\": 0.5}", "learning-rate", "0.5");
    expect("{\"size\": 0}", "size", "0");
    expect("{\"size\": [640, 480]}", "size", "640x480");
    expect("{\"iterations\": 70}", "iterations", "70");
    expect("{\"iterations\": [70]}", "iterations", "70");
    expect("{\"iterations\": [70, 7]}", "iterations", "70,7");
    expect("{\"scales\": 2}", "scales", "2");
    expect("{\"scales\": [64, 128]}", "scales", "64,128");
    expect("{\"init\": \"./random\"}", "init", "./random");
    expect("{\"init\": \"random\"}", "init", "random");
    expect("{\"weights\": \"\\u00e4\\ud83d\\ude00\\\"\\\\\"}", "weights",
           "\xc3\xa4\xf0\x9f\x98\x80\"\\");
    expect("{\"style_layers\": {\"relu5_1\": 1, \"pool1\": 0.1}}", "style-layers",
           "relu5_1:1,pool1:0.1");
    expect("{\"style_layers\": {\"relu5_1\": 0.5, \"pool1\": 0.5}}", "style-layers",
           "relu5_1,pool1");
}

static void leaves_other_fields_alone(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    recipes_set(self, "tv", "3");
    recipes_set(self, "init", "start.png");
    recipes_read_json(self, "{\"alpha\": 2, \"init\": \"other.png\"}");
    recipes_expect(self, "tv", "3");
    recipes_expect(self, "alpha", "2");
    recipes_expect(self, "init", "other.png");
    recipes_read_json(self, "{\"init\": \"random\"}");
    recipes_expect(self, "init", "random");
    assert_null(self->init);
    stylize_recipe_free(self);
}

/* To the last bit, in whatever locale and however small. */
static void numbers_come_back_exactly(void **state) {
    (void)state;
    static const double numbers[] = {0.1,     1.0 / 3,    0.1 + 0.2,       DBL_MIN,
                                     DBL_MAX, 5e-324,     1 + DBL_EPSILON, 123456789012345680.0,
                                     1e15,    0x1p53 + 2, 999999999999999, 1e15 + 0.5,
                                     -0.0,    1e22};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        stylize_error err;
        double back = -1;
        stylize_recipe *self = recipes_new(), *other = recipes_new();
        assert_true(stylize_recipe_set_number(self, "beta", numbers[i], &err));
        char *json = stylize_recipe_write_json(self, &err);
        recipes_read_json(other, json);
        assert_true(stylize_recipe_get_number(other, "beta", &back));
        assert_memory_equal(&back, &numbers[i], sizeof back);
        free(json);
        stylize_recipe_free(self);
        stylize_recipe_free(other);
    }
}

static void refuses_wrong_values(void **state) {
    (void)state;
    refuse("{\"bata\": 1}", "unknown field 'bata'; did you mean beta?");
    refuse("{\"style-scale\": 1}", "unknown field 'style-scale'; did you mean style_scale?");
    refuse("{\"learningrate\": 1}", "did you mean learning_rate?");
    refuse("{\"\": 1}", "unknown field ''");
    refuse("{\"alph\\nXX\": 1}", "unknown field 'alph?XX'");
    refuse("{\"beta\": \"300\"}", "beta: a string in JSON, expected a number");
    refuse("{\"beta\": [300]}", "beta: an array in JSON, expected a number");
    refuse("{\"beta\": null}", "beta: null in JSON, expected a number");
    refuse("{\"beta\": -1}", "beta: -1 is out of range (auto, or 0 or more)");
    refuse("{\"upscale\": 1}", "upscale: a number in JSON, expected true or false");
    refuse("{\"learning_rate\": 0}", "learning-rate: 0 is out of range (auto, or above 0)");
    refuse("{\"learning_rate\": null}", "expected a number, or \"auto\"");
    refuse("{\"learning_rate\": \"fast\"}", "learning-rate: a string in JSON, expected a number");
    refuse("{\"optimizer\": \"lbgfs\"}", "did you mean lbfgs?");
    refuse("{\"history\": 2.5}", "history: 2.5 is not a whole number");
    refuse("{\"seed\": 9007199254740993}", "seed: 9007199254740993 is out of range (0 to 2^53)");
    refuse("{\"seed\": 9223372036854775807}", "seed: 9223372036854775807 is out of range");
    refuse("{\"seed\": 1e30}", "seed: 1e+30 is out of range (0 to 2^53)");
    refuse("{\"weights\": \"\"}", "weights: the value is empty, expected FILE|NAME");
    refuse("{\"alpha\": 5, \"beta\": 6, \"tv\": -1}", "tv: -1 is out of range");
    refuse("{\"init\": \"x.png\", \"weights\": \"y\", \"tv\": true}", "tv: true or false in JSON");
}

static void refuses_wrong_lists(void **state) {
    (void)state;
    refuse("{\"size\": [640]}", "size: an array of one number in JSON, expected a number or [");
    refuse("{\"size\": []}", "size: the list is empty");
    refuse("{\"size\": [640, 480, 3]}", "size: more than two numbers");
    refuse("{\"size\": [640, 0]}", "size: 0 is out of range");
    refuse("{\"size\": [640, \"480\"]}", "size: a string in a JSON array, expected a number");
    refuse("{\"size\": \"640x480\"}", "size: a string in JSON, expected a number or [width, he");
    refuse("{\"scales\": [64]}", "scales: an array of one number");
    refuse("{\"scales\": [64, 64]}", "scales: 64 comes after 64");
    refuse("{\"scales\": [64, 32]}", "scales: 32 comes after 64");
    refuse("{\"scales\": 17}", "scales: 17 is out of range");
    refuse("{\"iterations\": []}", "iterations: the list is empty");
    refuse("{\"iterations\": [1, null]}", "iterations: null in a JSON array");
    refuse("{\"iterations\": [1, 1e10]}", "iterations: 1e+10 is out of range");
    refuse("{\"iterations\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}", "more than 16 numbers");
    refuse("{\"iterations\": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]}", "more than 16");
    refuse("{\"style_layers\": {}}", "style-layers: the object is empty");
    refuse("{\"style_layers\": [\"relu1_1\"]}", "style-layers: an array in JSON, expected an");
    refuse("{\"style_layers\": {\"relu9_1\": 1}}",
           "style-layers: 'relu9_1' is not a layer of VGG-19");
    refuse("{\"style_layers\": {\"relu1_1\": -1}}", "the weight '-1' of relu1_1 is not a number");
    refuse("{\"style_layers\": {\"relu1_1\": true}}", "true or false in JSON, expected a weight");
    refuse("{\"style_layers\": {\"relu1_1\": 1, \"relu1_1\": 1}}", "duplicate");
}

static void refuses_what_is_no_json(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "{\"beta\"",
        "{\"beta\":}",
        "{\"beta\": 1,}",
        "{\"beta\": 1",
        "{\"beta\": 1]",
        "{beta: 1}",
        "{'beta': 1}",
        "{\"beta\": 01}",
        "{\"beta\": .5}",
        "{\"beta\": +1}",
        "{\"beta\": 0x10}",
        "{\"beta\": NaN}",
        "{\"beta\": Infinity}",
        "{\"beta\": -Infinity}",
        "{\"beta\": 1e999}",
        "{\"seed\": 99999999999999999999999}",
        "{\"beta\": 1} x",
        "{\"beta\": 1}{}",
        "{\"beta\": 1, \"beta\": 1}",
        "{\"beta\": 1, \"bet\\u0061\": 1}",
        "{\"beta\": 1 /* more */}",
        "\xef\xbb\xbf{}",
        "{\"weights\": \"\xff\"}",
        "{\"weights\": \"\xc3\"}",
        "{\"weights\": \"\xc0\x80\"}",
        "{\"weights\": \"\xed\xa0\x80\"}",
        "{\"weights\": \"\\ud800\"}",
        "{\"weights\": \"a\\u0000b\"}",
        "{\"weights\\u0000\": \"a\"}",
        "{\"weights\": \"a\nb\"}",
        "{\"weights\": \"a",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refuse(bad[i], "JSON, line ");
    refuse_bytes("{\"weights\": \"a\0b\"}", 18, "JSON, line 1");
    refuse_bytes("{}\0", 3, "JSON, line 1");
    refuse("[]", "JSON: an array, expected an object of fields");
    refuse("null", "JSON: null, expected an object");
    refuse("\"beta\"", "JSON: a string, expected an object");
}

static void every_beginning_is_refused(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *self = recipes_new();
    char *json = stylize_recipe_write_json(self, &err);
    const size_t length = strlen(json);
    for (size_t i = 0; i < length; i++) {
        char *start = malloc(i + 1); /* so that a read past the end is seen */
        memcpy(start, json, i);
        start[i] = '\0';
        refuse_bytes(start, i, "JSON, line 1");
        free(start);
    }
    free(json);
    stylize_recipe_free(self);
}

static void depth_does_not_matter(void **state) {
    (void)state;
    enum { DEEP = 1 << 20 };
    char *json = malloc(DEEP + 20);
    const int start = snprintf(json, DEEP + 20, "{\"beta\": ");
    memset(json + start, '[', DEEP);
    refuse_bytes(json, (size_t)start + DEEP, "depth");
    const int shallow = 1000;
    memset(json + start + shallow, ']', (size_t)shallow);
    json[start + 2 * shallow] = '}';
    refuse_bytes(json, (size_t)(start + 2 * shallow + 1), "beta: an array in JSON");
    free(json);
}

static void long_texts_come_back(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *self = recipes_new(), *back = recipes_new();
    char *name = malloc(100001);
    for (size_t i = 0; i < 100000; i++)
        name[i] = "a\"\n\\"[i % 4];
    name[100000] = '\0';
    assert_true(stylize_recipe_set(self, "weights", name, &err));
    char *json = stylize_recipe_write_json(self, &err);
    recipes_read_json(back, json);
    assert_string_equal(back->weights, name);
    free(json);
    free(name);
    stylize_recipe_free(self);
    stylize_recipe_free(back);
}

static void names_a_text_that_json_cannot_hold(void **state) {
    (void)state;
    stylize_error err = {0};
    stylize_recipe *self = recipes_new();
    recipes_set(self, "weights", "a\xff.pth");
    assert_null(stylize_recipe_write_json(self, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_string_equal(err.text, "weights: 'a?.pth' is not UTF-8, as JSON requires");
    stylize_recipe_free(self);
}

/* Leaves nothing to be had of whatever size. */
static void use_up_memory(void) {
    const struct rlimit none = {0, 0};
    void *volatile block;
    setrlimit(RLIMIT_AS, &none);
    for (size_t size = 1 << 24; size > 0; size = size > 8192 ? size / 2 : size - 8) {
        while ((block = malloc(size)))
            ;
    }
}

/* In a process of its own. */
static void tells_short_memory(void **state) {
    (void)state;
    int status;
    stylize_error err = {0};
    if (is_watched())
        skip();
    stylize_recipe *self = recipes_new();
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        use_up_memory();
        const bool written = stylize_recipe_write_json(self, &err);
        _exit(written || err.status != STYLIZE_FAILURE ||
              strcmp(err.text, "not enough memory for a recipe as JSON") != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    stylize_recipe_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_one_line_to_read),
        cmocka_unit_test(reads_values_in_every_form),
        cmocka_unit_test(leaves_other_fields_alone),
        cmocka_unit_test(numbers_come_back_exactly),
        cmocka_unit_test(refuses_wrong_values),
        cmocka_unit_test(refuses_wrong_lists),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(every_beginning_is_refused),
        cmocka_unit_test(depth_does_not_matter),
        cmocka_unit_test(long_texts_come_back),
        cmocka_unit_test(names_a_text_that_json_cannot_hold),
        cmocka_unit_test(tells_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
