/* SPDX-License-Identifier: MIT
 *
 * Other weights that are tried where a stage finds nothing better than its start: session.h alone,
 * since sessions rarely come there.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "recipes.h"
#include "transfer/session.h"
#include "transfer/strength.h"

static stylize_image *read(const char *path) {
    stylize_error err;
    stylize_image *whole = stylize_image_read(path, 1 << 24, &err);
    if (!whole)
        fail_msg("%s", err.text);
    stylize_image *small = stylize_image_resize(whole, 64, 48, &err);
    assert_non_null(small);
    stylize_image_free(whole);
    return small;
}

/* Only a few times, only where the weight is another, and only in the first stage. */
static void weights_are_retried(void **state) {
    (void)state;
    stylize_error err;
    stylize_network *network = stylize_network_load("weights/vgg19-slim.safetensors", &err);
    stylize_image *content = read("examples/content-harbour.jpg");
    stylize_image *style = read("examples/style-storm.jpg");
    stylize_recipe *recipe =
        recipes_of("size", "64", "strength", "3", "scales", "1", "iterations", "20", NULL);
    stylize_session *session = stylize_session_new(recipe, &err);
    assert_true(network && session);
    stylize_session_set_threads(session, 1);
    stylize_session_set_content(session, content);
    assert_true(stylize_session_add_network(session, network, &err));
    assert_true(stylize_session_add_style(session, style, &err));
    for (int i = 0; i < 4; i++)
        assert_int_equal(stylize_session_step(session, &err), STYLIZE_MORE);
    session->recipe->strength = 0.5; /* for which there is by far too little of the content */
    double *const alpha = &session->plan.stages[0].factors[COST_CONTENT];
    const double right = strength_next(0.5, 1, session->content_error, 0);
    assert_true(fmax(right, 1) > 2 * fmin(right, 1)); /* or it would test nothing */
    *alpha = 1;
    session->index = 1;
    assert_false(session_retry_weight(session));
    session->index = 0;
    for (int i = 1; i <= SESSION_MOST_RETRIES; i++) {
        session->changed = false;
        *alpha = 1;
        assert_true(session_retry_weight(session));
        assert_true(*alpha == right && session->changed);
        assert_int_equal(session->retries, i);
    }
    *alpha = 1;
    assert_false(session_retry_weight(session));
    assert_true(*alpha == 1);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    stylize_network_free(network);
    stylize_image_free(content);
    stylize_image_free(style);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(weights_are_retried)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
