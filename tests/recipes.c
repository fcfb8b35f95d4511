/* SPDX-License-Identifier: MIT */
#include "recipes.h"

#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

stylize_recipe *recipes_new(void) {
    stylize_error err = {0};
    stylize_recipe *self = stylize_recipe_new(&err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

void recipes_set(stylize_recipe *self, const char *name, const char *value) {
    stylize_error err = {0};
    if (!stylize_recipe_set(self, name, value, &err))
        fail_msg("%s=%s: %s", name, value, err.text);
}

stylize_recipe *recipes_of(const char *name, ...) {
    stylize_recipe *self = recipes_new();
    va_list rest;
    va_start(rest, name);
    for (; name; name = va_arg(rest, const char *))
        recipes_set(self, name, va_arg(rest, const char *));
    va_end(rest);
    return self;
}

void recipes_read_json(stylize_recipe *self, const char *json) {
    stylize_error err = {0};
    if (!stylize_recipe_read_json(self, json, strlen(json), &err))
        fail_msg("%s: %s", json, err.text);
}

void recipes_print(const stylize_recipe *self, char text[RECIPE_TEXT]) {
    const stylize_field *field;
    size_t used = 0;
    for (size_t i = 0; (field = stylize_recipe_field(i)); i++) {
        used += (size_t)snprintf(text + used, RECIPE_TEXT - used, "%s=", field->name);
        assert_true(used < RECIPE_TEXT);
        used += (size_t)stylize_recipe_get(self, field->name, text + used, RECIPE_TEXT - used);
        assert_true(used + 1 < RECIPE_TEXT);
        text[used++] = '\n';
    }
    text[used] = '\0';
}

void recipes_expect_equal(const stylize_recipe *a, const stylize_recipe *b) {
    char a_text[RECIPE_TEXT], b_text[RECIPE_TEXT];
    recipes_print(a, a_text);
    recipes_print(b, b_text);
    assert_string_equal(a_text, b_text);
}

void recipes_expect(const stylize_recipe *self, const char *name, const char *value) {
    char text[RECIPE_TEXT];
    const int length = stylize_recipe_get(self, name, text, sizeof text);
    if (length != (int)strlen(value) || strcmp(text, value) != 0)
        fail_msg("%s is \"%s\" [%d], not \"%s\"", name, text, length, value);
}

void recipes_expect_error(const stylize_error *err, const char *what, const char *words,
                          const char *more_words) {
    if (err->status != STYLIZE_USAGE || !strstr(err->text, words) ||
        !strstr(err->text, more_words) || strchr(err->text, '\n'))
        fail_msg("%s: status %d \"%s\" lacks \"%s\" or \"%s\"", what, (int)err->status, err->text,
                 words, more_words);
}
