/* SPDX-License-Identifier: MIT
 *
 * Tests of schedule.c: sizes of stages and their iterations, whatever the defaults are. Those are
 * asked from the module itself, and what follows from them is compared.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recipes.h"
#include "transfer/schedule.h"

typedef struct trial {
    const char *scales, *iterations;
    image_extent result, style; /* no style: that of the result */
    bool goes_on;
} trial;

static bool try(const trial *self, schedule *made, error *err) {
    stylize_recipe *recipe =
        recipes_of("scales", self->scales ? self->scales : "auto", "iterations",
                   self->iterations ? self->iterations : "auto", NULL);
    const bool ok =
        schedule_make(made, recipe, self->result, self->style.width ? self->style : self->result,
                      self->goes_on, err);
    stylize_recipe_free(recipe);
    return ok;
}

static schedule make(const trial *self) {
    schedule made;
    error err;
    if (!try(self, &made, &err))
        fail_msg("%s", err.text);
    assert_in_range(made.count, 1, RECIPE_MOST_STAGES);
    assert_int_equal(made.sizes[made.count - 1].width, self->result.width);
    assert_int_equal(made.sizes[made.count - 1].height, self->result.height);
    return made;
}

static schedule of_size(const char *scales, int width, int height) {
    return make(&(trial){.scales = scales, .result = {width, height}});
}

static int longer(image_extent size) {
    return size.width > size.height ? size.width : size.height;
}

/* Longest sides of all stages, as text. */
static void expect_sides(const trial *self, const char *wanted) {
    const schedule made = make(self);
    char text[256] = "";
    for (int i = 0; i < made.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? "," : "",
                 longer(made.sizes[i]));
    assert_string_equal(text, wanted);
}

static void expect_iterations(const trial *self, const char *wanted) {
    const schedule made = make(self);
    char text[256] = "";
    for (int i = 0; i < made.count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? "," : "",
                 made.iterations[i]);
    assert_string_equal(text, wanted);
}

/* ---- sizes ---- */

/* From one stage to the next by one ratio, in the shape of the result. */
static void expect_ratio(const schedule *self, double ratio) {
    const image_extent result = self->sizes[self->count - 1];
    for (int i = 0; i < self->count; i++) {
        const double share = pow(ratio, self->count - 1 - i);
        assert_true(fabs(self->sizes[i].width - result.width / share) <= 0.5001);
        assert_true(fabs(self->sizes[i].height - result.height / share) <= 0.5001);
    }
}

static double default_ratio(void) {
    const schedule two = of_size("2", 65536, 65536);
    assert_int_equal(two.count, 2);
    return 65536.0 / two.sizes[0].width;
}

static void a_number_is_that_of_the_stages(void **state) {
    (void)state;
    const double ratio = default_ratio();
    assert_true(ratio > 1.1 && ratio < 5);
    for (int count = 1; count <= 5; count++) {
        char text[16];
        snprintf(text, sizeof text, "%d", count);
        const schedule made = of_size(text, 4000, 3000);
        assert_int_equal(made.count, count);
        expect_ratio(&made, ratio);
    }
}

/* The larger the picture, the more stages; all begin at about the same size, and go on from there
 * in equal ratios, which are not too large. */
static void auto_begins_at_one_size(void **state) {
    (void)state;
    const double ratio = default_ratio();
    double least = 1e9, most = 0;
    int before = 1, single = 0;
    for (int side = 16; side < 8000; side = side * 21 / 20 + 1) {
        const schedule made = of_size("auto", side, side * 3 / 4 < 16 ? 16 : side * 3 / 4);
        assert_true(made.count >= before && made.count <= before + 1);
        before = made.count;
        if (made.count == 1) {
            single = side;
            continue;
        }
        const double first = made.sizes[0].width, each = pow(side / first, 1.0 / (made.count - 1));
        assert_true(each <= ratio * 1.01);
        for (int i = 0; i < made.count; i++) {
            const double wanted = first * pow(each, i);
            assert_true(fabs(made.sizes[i].width - wanted) <= 1 + 0.01 * wanted);
        }
        least = fmin(least, first);
        most = fmax(most, first);
    }
    assert_true(before >= 3);
    assert_true(most <= least * ratio * 1.1 + 1); /* with the step from size to size */
    assert_true(single <= least * ratio && single >= least / 1.2); /* smaller ones have one */
}

static void auto_goes_on_in_one_stage(void **state) {
    (void)state;
    expect_sides(&(trial){.result = {2000, 1000}, .goes_on = true}, "2000");
    assert_int_equal(of_size("auto", 2000, 1000).count > 1, 1);
    /* Unless more are asked for. */
    const trial three = {.scales = "3", .result = {2000, 1000}, .goes_on = true};
    assert_int_equal(make(&three).count, 3);
    expect_sides(&(trial){.scales = "100,500", .result = {2000, 1000}, .goes_on = true},
                 "100,500,2000");
}

static void sizes_as_given(void **state) {
    (void)state;
    expect_sides(&(trial){.scales = "100,200,400", .result = {400, 300}}, "100,200,400");
    expect_sides(&(trial){.scales = "100,200", .result = {400, 300}}, "100,200,400");
    expect_sides(&(trial){.scales = "100,200,400", .result = {250, 300}}, "100,200,300");
    expect_sides(&(trial){.scales = "100,200,400", .result = {200, 150}}, "100,200");
    expect_sides(&(trial){.scales = "100,200,400", .result = {90, 70}}, "90");
    expect_sides(&(trial){.scales = "300,512", .result = {512, 512}}, "300,512");
    const schedule made = of_size("100,200", 400, 300);
    assert_int_equal(made.sizes[0].height, 75);
    assert_int_equal(made.sizes[1].height, 150);
}

/* As many as there can be; the last is the result's own. */
static void there_are_no_more_stages_than_possible(void **state) {
    (void)state;
    expect_sides(
        &(trial){.scales = "20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35", .result = {900, 900}},
        "20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,900");
    const schedule made = of_size("16", 60000, 60000);
    assert_true(made.count <= RECIPE_MOST_STAGES && made.count > 3);
}

/* Stages of which the picture or the style would be too small are left out. */
static void what_is_too_small_is_left_out(void **state) {
    (void)state;
    expect_sides(&(trial){.scales = "100,400,1000", .result = {2000, 64}}, "1000,2000");
    expect_sides(&(trial){.scales = "100,400,1000", .result = {64, 2000}}, "1000,2000");
    expect_sides(&(trial){.scales = "100,500,1000", .result = {2000, 64}}, "500,1000,2000");
    expect_sides(&(trial){.scales = "100,400,1000", .result = {2000, 2000}, .style = {2000, 64}},
                 "1000,2000");
    expect_sides(&(trial){.scales = "100,400,1000", .result = {2000, 2000}, .style = {400, 200}},
                 "400,1000,2000");
    expect_sides(&(trial){.scales = "100,400,1000", .result = {2000, 17}}, "2000");
    const schedule made = of_size("auto", 4000, 40);
    for (int i = 0; i < made.count; i++)
        assert_true(made.sizes[i].height >= STYLIZE_LEAST_SIDE);
}

/* ---- iterations ---- */

static void defaults_of_all_stages(void **state) {
    (void)state;
    for (int side = 64; side < 5000; side *= 2) {
        const schedule made = of_size("auto", side, side);
        for (int i = 0; i < made.count; i++)
            assert_in_range(made.iterations[i], 1, 100000);
    }
}

static void numbers_as_given(void **state) {
    (void)state;
    expect_iterations(&(trial){.scales = "100,200", .iterations = "30,20,10", .result = {400, 300}},
                      "30,20,10");
    expect_iterations(&(trial){.scales = "1", .iterations = "77", .result = {400, 300}}, "77");
    expect_iterations(&(trial){.scales = "1", .iterations = "0", .result = {400, 300}}, "0");
}

/* Fewer numbers than stages: the rest in the default's proportion, and no more than the last. */
static void the_rest_goes_in_proportion(void **state) {
    (void)state;
    const schedule usual = of_size("4", 1600, 1600);
    for (int given = 1; given <= 3; given++) {
        static const char *const texts[] = {"1000", "700,1000", "5,700,1000"};
        const schedule made =
            make(&(trial){.scales = "4", .iterations = texts[given - 1], .result = {1600, 1600}});
        assert_int_equal(made.iterations[given - 1], 1000);
        for (int i = given; i < 4; i++) {
            const double share = (double)usual.iterations[i] / usual.iterations[given - 1];
            assert_int_equal(made.iterations[i], fmin(floor(1000 * share + 0.5), 1000));
        }
    }
    /* In a number too large for an int there is no overflow. */
    const schedule many =
        make(&(trial){.scales = "4", .iterations = "1000000000", .result = {1600, 1600}});
    for (int i = 0; i < 4; i++)
        assert_in_range(many.iterations[i], 1, 1000000000);
}

static void more_numbers_than_stages_are_refused(void **state) {
    (void)state;
    static const trial trials[] = {
        {"1", "5,5", {400, 300}, {0, 0}, false},
        {"2", "1,2,3", {180, 90}, {0, 0}, false},
        {"100,200", "1,2,3,4", {400, 300}, {0, 0}, false}, /* 100, 200 and 400 at most */
    };
    static const char *const words[] = {"2 numbers for 1 stage:", "3 numbers for 2 stages",
                                        "4 numbers for 3 stages"};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        schedule made;
        error err = {0};
        assert_false(try(&trials[i], &made, &err));
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, words[i]) || !strstr(err.text, "iterations"))
            fail_msg("%s", err.text);
    }
}

/* A small picture has fewer stages than others of the same recipe. */
static void numbers_for_larger_pictures_are_ignored(void **state) {
    (void)state;
    trial t = {.iterations = "7,5,3", .result = {200, 150}};
    expect_iterations(&t, "7");
    t.goes_on = true;
    expect_iterations(&t, "7");
    t = (trial){.scales = "100,200,400", .iterations = "1,2,3", .result = {180, 90}};
    expect_iterations(&t, "1,2");
}

/* Stages without iterations are left out, but the last, which makes the result. */
static void no_iterations_no_stage(void **state) {
    (void)state;
    trial t = {.scales = "100,200", .iterations = "0,0,10", .result = {400, 300}};
    expect_iterations(&t, "10");
    expect_sides(&t, "400");
    t.iterations = "0,7,10";
    expect_iterations(&t, "7,10");
    expect_sides(&t, "200,400");
    t.iterations = "5,0,0";
    expect_iterations(&t, "5,0");
    expect_sides(&t, "100,400");
    t.iterations = "0";
    expect_iterations(&t, "0");
    expect_sides(&t, "400");
    t.iterations = "4,0";
    expect_sides(&t, "100,400");
    expect_iterations(&t, "4,0");
}

/* From noise the first of several stages takes longer: of a texture, and with --init noise; a
 * picture to go on from is none. */
static void noise_takes_longer(void **state) {
    (void)state;
    static const char *const fields[][2] = {{"texture", "yes"}, {"init", "noise"}};
    const image_extent size = {512, 400};
    const schedule usual = of_size(NULL, 512, 400);
    for (int i = 0; i < 2; i++) {
        stylize_recipe *recipe = recipes_of(fields[i][0], fields[i][1], NULL);
        schedule made;
        error err;
        assert_true(schedule_make(&made, recipe, size, size, false, &err));
        assert_int_equal(made.count, usual.count);
        assert_int_equal(made.iterations[0], 2 * usual.iterations[0]);
        assert_int_equal(made.iterations[1], usual.iterations[1]);
        recipes_set(recipe, "scales", "2");
        assert_true(schedule_make(&made, recipe, size, size, true, &err));
        assert_int_equal(made.iterations[0], usual.iterations[0]);
        stylize_recipe_free(recipe);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_that_of_the_stages),
        cmocka_unit_test(auto_begins_at_one_size),
        cmocka_unit_test(auto_goes_on_in_one_stage),
        cmocka_unit_test(sizes_as_given),
        cmocka_unit_test(there_are_no_more_stages_than_possible),
        cmocka_unit_test(what_is_too_small_is_left_out),
        cmocka_unit_test(defaults_of_all_stages),
        cmocka_unit_test(numbers_as_given),
        cmocka_unit_test(the_rest_goes_in_proportion),
        cmocka_unit_test(more_numbers_than_stages_are_refused),
        cmocka_unit_test(numbers_for_larger_pictures_are_ignored),
        cmocka_unit_test(no_iterations_no_stage),
        cmocka_unit_test(noise_takes_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
