/* SPDX-License-Identifier: MIT
 *
 * --compat: the costs of whole sessions against those programs' own formulas, computed with PyTorch
 * (golden/compat.py); and which settings win.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "recipes.h"
#include "sessions.h"
#include "transfer/compat.h"

/* Parts of the cost in fp32; a Wasserstein distance is the small rest of large traces, and its
 * gradient theirs but for eigenvalues at which roots end early. */
#define COSTS 1e-5
#define DISTANCES 1e-4
#define DISTANCE_GRADIENTS 5e-4

enum { STEPS = 3 };

/* What a session's events told: of its start, and the totals of its steps. */
typedef struct told {
    double alpha, beta, tv; /* weights of the recipe */
    double content, style, smoothness, gradient_norm, totals[STEPS + 1];
} told;

static int listen(void *user, stylize_session *session, const stylize_event *event) {
    (void)session;
    told *self = user;
    if (event->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    assert_in_range(event->iteration, 0, STEPS);
    self->totals[event->iteration] = event->total;
    if (event->iteration > 0)
        return 0;
    self->content = self->alpha * event->content;
    self->style = self->beta * event->style;
    self->smoothness = self->tv * event->tv;
    self->gradient_norm = event->gradient_norm;
    return 0;
}

static image *picture_of(const json_t *spec) {
    return sessions_pattern((int)golden_number(spec, "k"), (int)golden_number(spec, "width"),
                            (int)golden_number(spec, "height"));
}

/* Runs a program's recipe from a point for so many steps, with its own tv or another. */
static told run_from(const json_t *entry, const json_t *point, const char *steps, const char *tv) {
    const json_t *content = json_object_get(entry, "content");
    image *from = picture_of(content), *style = picture_of(json_object_get(entry, "style")),
          *start = sessions_pattern((int)golden_number(point, "k"), from->width, from->height);
    char path[200];
    snprintf(path, sizeof path, "tests/%s", golden_string(entry, "weights"));
    stylize_network *network = sessions_network(path);
    stylize_recipe *recipe = recipes_of("size", "0", "iterations", steps, NULL);
    told self = {0};
    const session_inputs inputs = {.content = from,
                                   .style = style,
                                   .init = start,
                                   .networks = {network},
                                   .observer = listen,
                                   .user = &self};
    recipes_set(recipe, "compat", golden_string(entry, "compat"));
    if (tv)
        recipes_set(recipe, "tv", tv);
    assert_true(stylize_recipe_get_number(recipe, "alpha", &self.alpha) &&
                stylize_recipe_get_number(recipe, "beta", &self.beta) &&
                stylize_recipe_get_number(recipe, "tv", &self.tv));
    stylize_image_free(sessions_run(&inputs, recipe, NULL));
    stylize_recipe_free(recipe);
    stylize_network_free(network);
    image_free(from);
    image_free(style);
    image_free(start);
    return self;
}

static void check_point(const json_t *entry, const json_t *point) {
    const bool distance = !strcmp(golden_string(entry, "compat"), "style-transfer-pytorch");
    const double style = distance ? DISTANCES : COSTS,
                 slopes = distance ? DISTANCE_GRADIENTS : COSTS;
    const told is = run_from(entry, point, "0", NULL), without = run_from(entry, point, "0", "0");
    golden_expect("content", is.content, golden_number(point, "content"), COSTS);
    golden_expect("style", is.style, golden_number(point, "style"), style);
    golden_expect("tv", is.smoothness, golden_number(point, "tv"), COSTS);
    golden_expect("total", is.totals[0], is.content + is.style + is.smoothness, 1e-12);
    golden_expect("gradient", is.gradient_norm, golden_number(point, "gradient_norm"), slopes);
    golden_expect("gradient of the rest", without.gradient_norm,
                  golden_number(point, "gradient_norm_without_tv"), slopes);
}

static void check_entry(const json_t *entry) {
    const json_t *points = json_object_get(entry, "points");
    const json_t *steps = json_object_get(entry, "steps");
    for (size_t i = 0; i < json_array_size(points); i++)
        check_point(entry, json_array_get(points, i));
    if (!steps)
        return;
    const told is = run_from(entry, json_array_get(points, 0), "3", NULL);
    assert_int_equal(json_array_size(steps), STEPS + 1);
    for (size_t i = 0; i <= STEPS; i++)
        golden_expect("step", is.totals[i], json_number_value(json_array_get(steps, i)), 1e-3);
}

static void costs_are_theirs(void **state) {
    (void)state;
    const char *folder = getenv("STYLIZE_TEST_DATA");
    char path[512];
    json_error_t problem;
    snprintf(path, sizeof path, "%s/golden/compat.json", folder ? folder : "tests");
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        fail_msg("%s: %s", path, problem.text);
    /* every program but none */
    const stylize_field *field = stylize_recipe_field_named("compat");
    for (size_t i = 0; i < json_array_size(root); i++) {
        const json_t *entry = json_array_get(root, i);
        assert_string_equal(golden_string(entry, "compat"), field->words[i + 1]);
        check_entry(entry);
    }
    assert_null(field->words[json_array_size(root) + 1]);
    json_decref(root);
}

/* ---- which settings win ---- */

static void words_stand_for_settings(void **state) {
    (void)state;
    const stylize_field *compat = stylize_recipe_field_named("compat");
    for (int word = 0; compat->words[word]; word++) {
        stylize_recipe *self = recipes_of("compat", compat->words[word], NULL);
        const stylize_field *field;
        int others = 0;
        for (size_t i = 0; (field = stylize_recipe_field(i)); i++) {
            if (field == compat)
                continue;
            recipes_expect(self, field->name, compat_value(word, field));
            others += strcmp(compat_value(word, field), field->standard) != 0;
        }
        assert_true(word == RECIPE_COMPAT_NONE ? others == 0 : others >= 8);
        stylize_recipe_free(self);
    }
}

/* Whatever the order, and by text, number or JSON; and once more under another word. */
static void what_is_asked_for_wins(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *before = recipes_of("alpha", "3", "tv", "0", "pool", "max", NULL),
                   *after = recipes_of("compat", "course", "alpha", "3", "tv", "0", NULL);
    recipes_set(before, "compat", "course");
    assert_true(stylize_recipe_set_number(after, "pool", 0, &err));
    recipes_expect_equal(before, after);
    recipes_expect(after, "alpha", "3");
    recipes_expect(after, "beta", "40");
    recipes_set(after, "compat", "neural-style");
    recipes_expect(after, "alpha", "3");
    recipes_expect(after, "tv", "0");
    recipes_expect(after, "beta", "400");
    recipes_expect(after, "optimizer", "lbfgs"); /* no longer adam */
    stylize_recipe *json = recipes_new();
    recipes_read_json(json, "{\"alpha\": 3, \"tv\": 0, \"compat\": \"neural-style\"}");
    recipes_set(json, "pool", "max");
    recipes_expect_equal(json, after);
    recipes_set(after, "compat", "none");
    stylize_recipe *none = recipes_of("alpha", "3", "tv", "0", NULL);
    recipes_expect_equal(after, none);
    stylize_recipe_free(before);
    stylize_recipe_free(after);
    stylize_recipe_free(json);
    stylize_recipe_free(none);
}

/* A recipe that was written down has all fields: those that its word stands for follow another. */
static void written_recipes_read_back(void **state) {
    (void)state;
    stylize_error err;
    const stylize_field *compat = stylize_recipe_field_named("compat");
    for (int word = 0; compat->words[word]; word++) {
        stylize_recipe *self =
            recipes_of("beta", "7", "compat", compat->words[word], "seed", "5", NULL);
        char *json = stylize_recipe_write_json(self, &err);
        assert_non_null(json);
        stylize_recipe *back = recipes_of("compat", "course", NULL);
        recipes_read_json(back, json);
        recipes_expect_equal(self, back);
        stylize_recipe *copy = stylize_recipe_copy(back, &err);
        recipes_set(copy, "compat", "course");
        stylize_recipe *course = recipes_of("beta", "7", "compat", "course", "seed", "5", NULL);
        recipes_expect_equal(copy, course);
        stylize_recipe_free(self);
        stylize_recipe_free(back);
        stylize_recipe_free(copy);
        stylize_recipe_free(course);
        free(json);
    }
}

/* ---- the start ---- */

/* Grey within half a level, and other for every seed. */
static void grey_is_hardly_noise(void **state) {
    (void)state;
    stylize_network *network = sessions_network("tests/golden/small16.safetensors");
    image *from = sessions_pattern(1, 48, 32);
    const session_inputs inputs = {.content = from, .style = from, .networks = {network}};
    image *one = sessions_paint(&inputs, NULL, "init", "grey", "iterations", "0", NULL);
    image *other =
        sessions_paint(&inputs, NULL, "init", "grey", "iterations", "0", "seed", "1", NULL);
    assert_true(one->width == 48 && one->height == 32 && sessions_differ(one, other));
    for (int i = 0; i < 3 * 48 * 32; i++)
        golden_expect_near("grey", (double)one->planes[i], 0.5, 0.5001 / 255);
    image_free(one);
    image_free(other);
    image_free(from);
    stylize_network_free(network);
}

/* ---- how much layers count ---- */

/* Weights for activations as published, with a network whose channels were divided by their means:
 * content goes by the square of what relu4_2 was divided by, Gram matrices of relu1_1 by the
 * fourth power of that there. */
static void normalized_networks_count_as_published(void **state) {
    (void)state;
    stylize_network *network = sessions_network("tests/golden/small16.safetensors");
    stylize_recipe *self = recipes_of("compat", "course", NULL);
    error err;
    const int deep = vgg_layer_find(network, "relu4_2", &err),
              first = vgg_layer_find(network, "relu1_1", &err);
    assert_true(compat_content_scale(self, network, deep) == 0.5);
    assert_true(compat_style_scale(self, network, first) == 1);
    network->normalized = true;
    golden_expect("content", compat_content_scale(self, network, deep), 0.5 * 78.1 * 78.1, 1e-12);
    golden_expect("style", compat_style_scale(self, network, first), 24.2 * 24.2 * 24.2 * 24.2,
                  1e-12);
    recipes_set(self, "compat", "neural-style");
    golden_expect("gram-mean", compat_style_scale(self, network, first),
                  24.2 * 24.2 * 24.2 * 24.2 / 25, 1e-12);
    recipes_set(self, "compat", "gatys"); /* for networks of that kind */
    assert_true(compat_content_scale(self, network, deep) == 1 &&
                compat_style_scale(self, network, first) == 1);
    recipes_set(self, "compat", "none");
    assert_true(compat_style_scale(self, network, first) == 0.5); /* it is a narrow one */
    stylize_recipe_free(self);
    stylize_network_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs_are_theirs),
        cmocka_unit_test(words_stand_for_settings),
        cmocka_unit_test(what_is_asked_for_wins),
        cmocka_unit_test(written_recipes_read_back),
        cmocka_unit_test(grey_is_hardly_noise),
        cmocka_unit_test(normalized_networks_count_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
