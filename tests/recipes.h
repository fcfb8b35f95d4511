/* SPDX-License-Identifier: MIT
 *
 * Recipes in tests. Whatever should work and does not fails the test.
 */
#ifndef STYLIZE_TESTS_RECIPES_H
#define STYLIZE_TESTS_RECIPES_H

#include "transfer/stylize.h"

enum { RECIPE_TEXT = 8192 }; /* bytes: every field of a recipe */

/* A recipe of defaults; the caller frees it. */
stylize_recipe *recipes_new(void);

/* The same with fields set: recipes_of("size", "64", "scales", "1", NULL). */
stylize_recipe *recipes_of(const char *name, ...);

void recipes_set(stylize_recipe *self, const char *name, const char *value);
void recipes_read_json(stylize_recipe *self, const char *json);

/* All fields as name=value, one a line: equal texts are equal recipes. */
void recipes_print(const stylize_recipe *self, char text[RECIPE_TEXT]);
void recipes_expect_equal(const stylize_recipe *a, const stylize_recipe *b);

/* A field's value must be printed as this. */
void recipes_expect(const stylize_recipe *self, const char *name, const char *value);

/* An error of usage on one line that holds these words. */
void recipes_expect_error(const stylize_error *err, const char *what, const char *words,
                          const char *more_words);

#endif
