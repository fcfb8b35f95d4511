/* SPDX-License-Identifier: MIT
 *
 * Sessions that find the content's weight for a strength: when it changes, that it leads where it
 * is to, that it is the same with any number of threads, and what keeps it as it is.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "recipes.h"
#include "sessions.h"
#include "transfer/strength.h"

static stylize_network *network;
static image *content, *style;

static image *read(const char *path) {
    stylize_error err;
    image *self = stylize_image_read(path, 1 << 24, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    content = read("examples/content-harbour.jpg");
    style = read("examples/style-storm.jpg");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    image_free(content);
    image_free(style);
    return 0;
}

/* What was told: the weight and the error after each iteration of all stages. */
typedef struct story {
    int count, terms;
    double alpha[100], error_left[100];
    int stage_iteration[100], stage[100];
    double setting; /* of alpha by the observer at the third iteration; 0: none */
} story;

static int note(void *user, stylize_session *session, const stylize_event *now) {
    story *self = user;
    stylize_error err;
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    assert_true(self->count < 100);
    self->alpha[self->count] = now->alpha;
    self->error_left[self->count] = now->content_error;
    self->stage[self->count] = now->stage;
    self->stage_iteration[self->count++] = now->stage_iteration;
    self->terms = now->term_count;
    assert_true(now->terms[0]->weight == now->alpha);
    if (self->setting > 0 && now->iteration == 3)
        assert_true(stylize_session_set(session, "alpha", self->setting, &err));
    return 0;
}

static image *paint(story *told, int threads, const char *strength, const char *name,
                    const char *value) {
    const session_inputs inputs = {.networks = {network},
                                   .content = content,
                                   .style = style,
                                   .threads = threads,
                                   .observer = note,
                                   .user = told};
    return sessions_paint(&inputs, NULL, "size", "64", "strength", strength, "scales", "40,64",
                          "iterations", "33,12", name, value, NULL);
}

/* Changed weights are at work in the iteration after that at which they are due. */
static void weights_change_when_they_are_due(void **state) {
    (void)state;
    story told = {0};
    image_free(paint(&told, 1, "3", "seed", "0"));
    assert_true(told.count == 34 + 13 && told.terms == 1 + 4 + 2);
    int changes[2] = {0};
    assert_true(told.error_left[0] < 0); /* the start is not looked at */
    for (int i = 1; i < told.count; i++) {
        const bool due =
            told.stage_iteration[i] > 0 &&
            strength_is_due(told.stage[i], told.stage_iteration[i] - 1, told.stage[i] ? 12 : 33);
        assert_true(told.stage_iteration[i] == 0 ? told.error_left[i] < 0 : told.error_left[i] > 0);
        changes[told.stage[i]] += told.alpha[i] != told.alpha[i - 1];
        if (!due)
            assert_true(told.alpha[i] == told.alpha[i - 1]);
        else if (told.stage[i] == 0)
            assert_true(told.alpha[i] == strength_next(3, told.alpha[i - 1], told.error_left[i - 1],
                                                       (told.stage_iteration[i] - 1) / 33.0));
        else
            assert_true(told.alpha[i] == strength_settle(3, told.alpha[i - 1],
                                                         told.error_left[i - 1],
                                                         (told.stage_iteration[i] - 1) / 12.0));
    }
    assert_int_equal(changes[0], 3);
    assert_in_range(changes[1], 1, 4);
}

static void more_strength_leaves_less_of_the_content(void **state) {
    (void)state;
    double before = 0;
    for (int s = 0; s <= 6; s += 2) {
        const char text[] = {(char)('0' + s), '\0'};
        story told = {0};
        image_free(paint(&told, 1, text, "seed", "0"));
        assert_true(told.error_left[told.count - 1] > before);
        before = told.error_left[told.count - 1];
    }
}

static void threads_do_not_matter(void **state) {
    (void)state;
    story one = {0}, three = {0};
    image *a = paint(&one, 1, "6", "seed", "0"), *b = paint(&three, 3, "6", "seed", "0");
    sessions_expect_same(a, b);
    assert_memory_equal(one.alpha, three.alpha, sizeof one.alpha);
    image_free(a);
    image_free(b);
}

/* Where weights are the caller's, whatever the strength, nothing is looked for. */
static void weights_that_are_set_stay(void **state) {
    (void)state;
    image *same = NULL;
    for (int i = 0; i < 2; i++) {
        story told = {0};
        image *out = paint(&told, 1, i ? "9" : "1", "beta", "300");
        for (int k = 0; k < told.count; k++)
            assert_true(told.alpha[k] == 1 && told.error_left[k] < 0);
        if (same)
            sessions_expect_same(same, out);
        image_free(same);
        same = out;
    }
    image_free(same);
}

static void a_weight_that_is_set_on_the_way_stays(void **state) {
    (void)state;
    story told = {.setting = 7};
    image_free(paint(&told, 1, "5", "seed", "0"));
    for (int i = 4; i < told.count; i++)
        assert_true(told.alpha[i] == 7);
}

static void auto_is_no_weight_on_the_way(void **state) {
    (void)state;
    stylize_error err;
    stylize_recipe *recipe = recipes_of("size", "64", "iterations", "3", NULL);
    const session_inputs inputs = {.networks = {network}, .content = content, .style = style};
    stylize_session *session = sessions_new(&inputs, recipe);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_MORE);
    assert_false(stylize_session_set(session, "alpha", -1, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_string_equal(err.text, "alpha: -1 is out of range (0 or more)");
    stylize_session_free(session);
    stylize_recipe_free(recipe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_change_when_they_are_due),
        cmocka_unit_test(more_strength_leaves_less_of_the_content),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(weights_that_are_set_stay),
        cmocka_unit_test(a_weight_that_is_set_on_the_way_stays),
        cmocka_unit_test(auto_is_no_weight_on_the_way),
    };
    return cmocka_run_group_tests_name("session strength", tests, set_up, tear_down);
}
