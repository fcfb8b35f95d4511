/* SPDX-License-Identifier: MIT
 *
 * Strength: what it stands for, the weights that are guessed and bettered, the powers by which they
 * are, and sessions that find them.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "cost_runs.h"
#include "recipes.h"
#include "sessions.h"
#include "tensors.h"
#include "transfer/strength.h"

/* ---- the arithmetic ---- */

static void stands_for_an_error_that_grows(void **state) {
    (void)state;
    for (double s = 0; s < 10; s += 0.5)
        assert_true(strength_target(s) < strength_target(s + 0.5));
    assert_true(fabs(strength_target(0) - 0.12) < 1e-12 && fabs(strength_target(5) - 0.9) < 1e-12);
    assert_true(fabs(strength_target(10) - 1.8) < 1e-12);
}

static void guesses_less_content_for_more_strength_and_weaker_styles(void **state) {
    (void)state;
    assert_true(strength_first(4, 1) > strength_first(5, 1));
    assert_true(strength_first(5, 2) > strength_first(5, 1));
    assert_true(fabs(strength_first(5, 1) - 0.55) < 1e-12);
    /* limits, which move with the strength */
    assert_true(strength_first(5, 1e9) == 3000 && strength_first(5, 0) == 0.0005);
    assert_true(strength_first(4, 1e9) > 3000 && strength_first(6, 0) < 0.0005);
}

static void betters_towards_the_error(void **state) {
    (void)state;
    const double wanted = strength_target(5);
    const double shares[] = {0.2, 0.5};
    for (int i = 0; i < 2; i++) {
        assert_true(fabs(strength_next(5, 2, wanted, shares[i]) - 2) < 1e-12);
        assert_true(fabs(strength_next(5, 2, wanted * 1.1, shares[i]) - 2 * pow(1.1, 2 + i)) <
                    1e-12);
        assert_true(strength_next(5, 2, 100, shares[i]) == 16);
        assert_true(strength_next(5, 2, 0, shares[i]) == 0.25);
    }
}

/* In the second stage an error counts as 0.86 of itself at first and more and more; what is near
 * is left alone, and what is too little, too, when it is late. */
static void settles_towards_the_error(void **state) {
    (void)state;
    const double wanted = strength_target(5), early = wanted / 0.9, late = wanted / 0.96;
    assert_true(strength_settle(5, 2, early * 1.09, 0.2) == 2);
    assert_true(strength_settle(5, 2, early * 0.91, 0.2) == 2);
    assert_true(fabs(strength_settle(5, 2, early * 1.2, 0.2) - 2 * pow(1.2, 2.5)) < 1e-12);
    assert_true(fabs(strength_settle(5, 2, early * 0.8, 0.2) - 2 * pow(0.8, 2.5)) < 1e-12);
    assert_true(fabs(strength_settle(5, 2, late * 1.2, 0.5) - 2 * pow(1.2, 2.5)) < 1e-12);
    assert_true(strength_settle(5, 2, late * 0.5, 0.5) == 2);
    assert_true(strength_settle(5, 2, 100, 0.2) == 12 && strength_settle(5, 6, 0, 0.2) == 1);
}

static void is_due_where_there_is_time_for_it(void **state) {
    (void)state;
    const struct {
        int stage, iterations, first, count;
    } cases[] = {
        {0, 44, 8, 3}, {0, 40, 7, 3}, {0, 11, 2, 3}, {0, 10, 0, 0}, {0, 1, 0, 0},
        {1, 23, 4, 4}, {1, 11, 2, 4}, {1, 10, 0, 0}, {2, 25, 0, 0}, {0, 1000000000, 181818181, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int count = 0, first = 0;
        for (int n = 1; n < 200; n++) {
            if (!strength_is_due(cases[i].stage, n, cases[i].iterations))
                continue;
            first = count++ ? first : n;
        }
        assert_int_equal(count, cases[i].count);
        assert_int_equal(count ? first : cases[i].first, cases[i].first);
    }
    assert_true(strength_is_due(0, 181818181, 1000000000));
}

static void goes_by_what_is_set(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    assert_true(strength_rules(self) && strength_alpha(self) == 1 && strength_beta(self) == 300);
    recipes_set(self, "strength", "2");
    assert_true(strength_recolor(self) == 0.4 && strength_coarsening(self) == 1 &&
                strength_noise(self) == 0);
    recipes_set(self, "strength", "10");
    assert_true(strength_recolor(self) == 1 && strength_coarsening(self) == 0.5 &&
                fabs(strength_noise(self) - 0.6) < 1e-12);
    const char *const other[][3] = {
        {"alpha", "0", "auto"}, {"beta", "7", "auto"}, {"cost", "gatys", "mean"}};
    for (int i = 0; i < 3; i++) {
        recipes_set(self, other[i][0], other[i][1]);
        assert_true(!strength_rules(self) && strength_recolor(self) == 1 &&
                    strength_coarsening(self) == 1 && strength_noise(self) == 0);
        recipes_set(self, other[i][0], other[i][2]);
        assert_true(strength_rules(self));
    }
    stylize_error err;
    double value;
    recipes_set(self, "alpha", "0");
    assert_true(strength_alpha(self) == 0);
    assert_true(stylize_recipe_set_number(self, "alpha", -1, &err)); /* auto */
    assert_true(stylize_recipe_get_number(self, "alpha", &value) && value == -1);
    recipes_expect(self, "alpha", "auto");
    stylize_recipe_free(self);
}

/* ---- powers ---- */

static void style_power_is_that_of_gram_matrices(void **state) {
    (void)state;
    double three[] = {1, 2, 3, 2, 5, 6, 3, 6, 9}, one[] = {4};
    const cost_target targets[] = {{.channels = 3, .matrix = three},
                                   {.channels = 1, .matrix = one}};
    const cost_term terms[] = {{.weight = 100},
                               {.weight = 0.5, .target = &targets[0]},
                               {.weight = 2, .target = &targets[1]}};
    const double squares = 1 + 25 + 81 + 2 * (4 + 9 + 36);
    const double wanted = 0.5 * squares / 36 + 2 * 16.0 / 4;
    assert_true(fabs(strength_style_power(terms, 3) - wanted) < 1e-12);
}

/* Of an odd size, with unused lanes, in both precisions. */
static void content_power_is_a_mean_square(void **state) {
    (void)state;
    enum { CHANNELS = 19, HEIGHT = 5, WIDTH = 70 };
    const kernel_set *sets[] = {kernels_best(), kernels_best_of(PRECISION_BF16)};
    for (int i = 0; i < 2; i++) {
        const size_t bytes = kernels_activation_bytes(sets[i]);
        size_t values;
        assert_true(tensor_values(CHANNELS, HEIGHT, WIDTH, &values));
        void *memory = calloc(values, bytes);
        assert_non_null(memory);
        cost_target target = {.channels = CHANNELS, .height = HEIGHT, .width = WIDTH};
        target.features = tensor_view(memory, bytes, CHANNELS, HEIGHT, WIDTH);
        double wanted = 0;
        for (int y = 0; y < HEIGHT; y++) {
            for (int c = 0; c < CHANNELS; c++) {
                for (int x = 0; x < WIDTH; x++) {
                    const float value = (float)((x + 3 * y + c) % 7) / 4; /* exact in bf16 */
                    float block[CHANNEL_BLOCK] = {0};
                    sets[i]->widen(tensor_at(&target.features, y, c / CHANNEL_BLOCK, x), block,
                                   CHANNEL_BLOCK);
                    block[c % CHANNEL_BLOCK] = value;
                    sets[i]->narrow(block, tensor_at(&target.features, y, c / CHANNEL_BLOCK, x),
                                    CHANNEL_BLOCK);
                    wanted += (double)value * (double)value;
                }
            }
        }
        wanted /= CHANNELS * HEIGHT * WIDTH;
        assert_true(fabs(strength_content_power(&target, sets[i]) - wanted) < 1e-9);
        free(memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stands_for_an_error_that_grows),
        cmocka_unit_test(guesses_less_content_for_more_strength_and_weaker_styles),
        cmocka_unit_test(betters_towards_the_error),
        cmocka_unit_test(settles_towards_the_error),
        cmocka_unit_test(is_due_where_there_is_time_for_it),
        cmocka_unit_test(goes_by_what_is_set),
        cmocka_unit_test(style_power_is_that_of_gram_matrices),
        cmocka_unit_test(content_power_is_a_mean_square),
    };
    return cmocka_run_group_tests_name("strength", tests, NULL, NULL);
}
