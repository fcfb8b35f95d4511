/* SPDX-License-Identifier: MIT
 *
 * Tests of session_settings.c: the text by which saved sessions are compared has what decides a
 * session, and of pictures only that they are there.
 */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "recipes.h"
#include "transfer/session.h"

/* The settings of a session with a recipe, which is freed; the caller frees. */
static char *settings_of(stylize_recipe *recipe) {
    stylize_error failure;
    error err;
    stylize_session *session = stylize_session_new(recipe, &failure);
    assert_non_null(session);
    char *texts[2];
    for (int i = 0; i < 2; i++) { /* again it is the same */
        assert_true(session_note_settings(session, &err));
        texts[i] = strdup(session->settings);
        assert_non_null(texts[i]);
    }
    assert_string_equal(texts[0], texts[1]);
    free(texts[1]);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return texts[0];
}

/* Whether it has that line. */
static bool has(const char *settings, const char *line) {
    const size_t length = strlen(line);
    for (const char *at = settings; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (!strncmp(at, line, length) && at[length] == '\n')
            return true;
    }
    return false;
}

static void pictures_are_only_there(void **state) {
    (void)state;
    char *own = settings_of(recipes_of("mask", "a.png", "content-map", "b.png", "init", "c.png",
                                       "weights", "mine.pth", "precision", "fp32", NULL));
    char *other = settings_of(recipes_of("mask", "d.png", "content-map", "e.png", "init", "f.png",
                                         "weights", "yours.pth", "max-pixels", "7", NULL));
    assert_string_equal(own, other);
    assert_true(has(own, "mask (a picture)"));
    assert_true(has(own, "content-map (a picture)"));
    assert_true(has(own, "init (a picture)"));
    assert_true(has(own, "style-map none"));
    assert_null(strstr(own, "weights m"));
    assert_null(strstr(own, "max-pixels"));
    free(own);
    free(other);
}

static void everything_else_counts(void **state) {
    (void)state;
    char *plain = settings_of(recipes_new());
    assert_true(has(plain, "mask none"));
    assert_true(has(plain, "content-map none"));
    assert_true(has(plain, "init content"));
    assert_true(has(plain, "optimizer lbfgs"));
    const char *const fields[][2] = {
        {"mask", "alpha"}, {"mask", "a.png"}, {"init", "random"}, {"alpha", "2"}, {"seed", "7"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char *text = settings_of(recipes_of(fields[i][0], fields[i][1], NULL));
        assert_string_not_equal(text, plain);
        free(text);
    }
    free(plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_only_there),
        cmocka_unit_test(everything_else_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
