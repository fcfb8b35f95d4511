/* SPDX-License-Identifier: MIT
 *
 * Tests of recipe_fields.c by the table alone, so that a new row is covered by itself: the rows are
 * complete and lie apart; a value set by text is the same by JSON and by number; what is wrong is
 * refused in words that name the field and what it takes, and changes nothing.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "recipes.h"
#include "transfer/field.h"

/* Values of each kind, in the words in which they are printed; those that a field refuses, because
 * its range is another, do not count. */
static const char *const of_kind[][12] = {
    [STYLIZE_FIELD_FLAG] = {"yes", "no"},
    [STYLIZE_FIELD_NUMBER] = {"auto", "0", "1", "0.1", "0.30000000000000004", "17.25", "1e+300",
                              "4.94066e-324"},
    [STYLIZE_FIELD_INTEGER] = {"auto", "0", "1", "16", "1000", "2147483647", "9007199254740992"},
    [STYLIZE_FIELD_TEXT] = {"vgg19", "a/b c.png", "\"\\/\x01\n\xc3\xa4\xe2\x82\xac", "auto", "7"},
    [STYLIZE_FIELD_LAYERS] = {"pool1", "conv5_4:0", "relu4_2,relu1_1,pool5",
                              "relu1_1:0.3,relu5_1:1e-09,conv1_1:300"},
    [STYLIZE_FIELD_COUNTS] = {"auto", "0", "1000000000", "300,100,0",
                              "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"},
    [STYLIZE_FIELD_SIZE] = {"0", "16", "65535", "640x480", "16x65535"},
    [STYLIZE_FIELD_SCALES] = {"auto", "1", "16", "16,17", "128,256,512"},
    [STYLIZE_FIELD_NUMBERS] = {"auto", "1", "0.5,2", "3,1,0.30000000000000004,1e+300"},
};

enum { KINDS = STYLIZE_FIELD_NUMBERS + 1, MOST_VALUES = 12 };

/* A field's words and then those values, the default for one that it refuses; false past the last.
 */
static bool value_at(const stylize_field *field, int index, const char **value) {
    stylize_error err;
    const int words = field_word_count(field);
    if (index < words) {
        *value = field->words[index];
        return true;
    }
    if (field->kind == STYLIZE_FIELD_WORD || index - words >= MOST_VALUES)
        return false;
    *value = of_kind[field->kind][index - words];
    if (*value && !stylize_field_check(field, *value, NULL, &err))
        *value = field->standard;
    return *value;
}

static const stylize_field *field_at(size_t index) {
    return stylize_recipe_field(index);
}

static void rows_are_complete(void **state) {
    (void)state;
    const stylize_field *field;
    for (size_t i = 0; (field = field_at(i)); i++) {
        const bool flag = field->kind == STYLIZE_FIELD_FLAG,
                   word = field->kind == STYLIZE_FIELD_WORD,
                   text = field->kind == STYLIZE_FIELD_TEXT;
        assert_true((int)field->kind < KINDS);
        assert_true(*field->name && *field->group && *field->help && *field->standard);
        assert_true(field->help[strlen(field->help) - 1] != '.');
        assert_int_equal(strspn(field->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(field->name));
        assert_true(!field->argument == flag);
        assert_true(!field->range == (word || text));
        assert_true(field->words ? word || text : !word);
        assert_true(flag || word || text || field->low < field->high);
        assert_ptr_equal(stylize_recipe_field_named(field->name), field);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(field->name, field_at(j)->name);
            assert_true(!field->letter || field->letter != field_at(j)->letter);
        }
    }
    assert_null(field_at(1000));
}

/* The member is of the kind, and no other row's. */
static void places_are_apart(void **state) {
    (void)state;
    static const size_t bytes[KINDS] = {
        [STYLIZE_FIELD_FLAG] = sizeof(bool),
        [STYLIZE_FIELD_NUMBER] = sizeof(double),
        [STYLIZE_FIELD_INTEGER] = sizeof(int),
        [STYLIZE_FIELD_WORD] = sizeof(int),
        [STYLIZE_FIELD_TEXT] = sizeof(char *),
        [STYLIZE_FIELD_LAYERS] = sizeof(recipe_layers),
        [STYLIZE_FIELD_COUNTS] = sizeof(recipe_numbers),
        [STYLIZE_FIELD_SIZE] = 2 * sizeof(int),
        [STYLIZE_FIELD_SCALES] = sizeof(recipe_numbers),
        [STYLIZE_FIELD_NUMBERS] = sizeof(recipe_amounts),
    };
    unsigned char taken[sizeof(stylize_recipe)] = {0};
    const recipe_field *row;
    for (size_t i = 0; (row = recipe_field_at(i)); i++) {
        const stylize_field *field = &row->field;
        const bool wide = field->kind == STYLIZE_FIELD_INTEGER && field->high > INT32_MAX;
        assert_int_equal(row->bytes, wide ? sizeof(uint64_t) : bytes[field->kind]);
        for (size_t j = 0; j < row->bytes; j++)
            assert_int_equal(taken[row->offset + j]++, 0);
        for (size_t j = 0; field->kind == STYLIZE_FIELD_TEXT && field->words && j < sizeof(int);
             j++)
            assert_int_equal(taken[row->word_offset + j]++, 0);
    }
}

static void defaults_are_those_of_the_table(void **state) {
    (void)state;
    stylize_recipe *self = recipes_new();
    const stylize_field *field;
    for (size_t i = 0; (field = field_at(i)); i++)
        recipes_expect(self, field->name, field->standard);
    stylize_recipe_free(self);
}

static void json_name(const char *name, char *key, size_t size) {
    snprintf(key, size, "%s", name);
    for (char *letter = key; *letter; letter++) {
        if (*letter == '-')
            *letter = '_';
    }
}

/* A recipe of defaults but for one member of this JSON. */
static stylize_recipe *by_json_member(const char *json, const char *name) {
    char key[60];
    json_name(name, key, sizeof key);
    json_t *whole = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    json_t *member = json_object_get(whole, key);
    assert_non_null(member);
    json_t *one = json_pack("{sO}", key, member);
    char *text = json_dumps(one, 0);
    stylize_recipe *self = recipes_new();
    recipes_read_json(self, text);
    free(text);
    json_decref(one);
    json_decref(whole);
    return self;
}

/* All fields at once, over others than the defaults. */
static void expect_identity(const stylize_recipe *self, const char *json) {
    stylize_recipe *back = recipes_new();
    stylize_error err;
    recipes_set(back, "style-layers", "pool1:7");
    recipes_set(back, "init", "before.png");
    recipes_set(back, "size", "99x88");
    recipes_set(back, "scales", "3");
    recipes_set(back, "iterations", "5,4,3");
    recipes_read_json(back, json);
    recipes_expect_equal(self, back);
    char *again = stylize_recipe_write_json(back, &err);
    assert_non_null(again);
    assert_string_equal(again, json);
    free(again);
    stylize_recipe_free(back);
}

static void check_value(const stylize_field *field, const char *value) {
    stylize_error err;
    stylize_recipe *self = recipes_new();
    recipes_set(self, field->name, value);
    recipes_expect(self, field->name, value);
    for (size_t i = 0; field_at(i); i++) {
        if (field_at(i) != field && strcmp(field->name, "compat") != 0) /* which sets others */
            recipes_expect(self, field_at(i)->name, field_at(i)->standard);
    }
    char *json = stylize_recipe_write_json(self, &err);
    assert_non_null(json);
    expect_identity(self, json);
    stylize_recipe *member = by_json_member(json, field->name);
    recipes_expect_equal(self, member);
    double number, typed;
    if (stylize_recipe_get_number(self, field->name, &number)) {
        assert_true(stylize_field_check(field, value, &typed, &err) && typed == number);
        stylize_recipe *by_number = recipes_new();
        assert_true(stylize_recipe_set_number(by_number, field->name, number, &err));
        recipes_expect_equal(self, by_number);
        stylize_recipe_free(by_number);
    }
    stylize_recipe_free(member);
    stylize_recipe_free(self);
    free(json);
}

static void a_value_is_the_same_by_every_way(void **state) {
    (void)state;
    const stylize_field *field;
    for (size_t i = 0; (field = field_at(i)); i++) {
        const char *value;
        int others = 0;
        for (int j = 0; value_at(field, j, &value); j++) {
            check_value(field, value);
            others += strcmp(value, field->standard) != 0;
        }
        if (others == 0)
            fail_msg("%s: no value but the default is tried", field->name);
    }
}

/* ---- refusals ---- */

/* Refused as text or as JSON, with the field's name first and these words in the error. */
static void refuse(const stylize_field *field, bool as_json, const char *value, const char *words) {
    stylize_recipe *self = recipes_new(), *before = recipes_new();
    stylize_error err = {0};
    char json[600], start_of_error[60], key[60];
    json_name(field->name, key, sizeof key);
    snprintf(start_of_error, sizeof start_of_error, "%s: ", field->name);
    const int length = snprintf(json, sizeof json, "{\"%s\": 7, \"%s\": %s}",
                                strcmp(key, "alpha") != 0 ? "alpha" : "beta", key, value);
    assert_true(length < (int)sizeof json);
    const bool accepted = as_json ? stylize_recipe_read_json(self, json, strlen(json), &err)
                                  : stylize_recipe_set(self, field->name, value, &err);
    if (accepted)
        fail_msg("%s=%s is accepted", field->name, value);
    recipes_expect_error(&err, json, start_of_error, words);
    if (strstr(err.text, start_of_error) != err.text)
        fail_msg("\"%s\" does not begin with %s", err.text, start_of_error);
    recipes_expect_equal(self, before);
    stylize_recipe_free(self);
    stylize_recipe_free(before);
}

static void refuses_what_is_out_of_range(void **state) {
    (void)state;
    const stylize_field *field;
    int tried = 0;
    for (size_t i = 0; (field = field_at(i)); i++) {
        const double bad[] = {field->low - 1, -1e-300, field->high * 1.0001 + 1, 2 * field->high};
        const bool whole = field->kind != STYLIZE_FIELD_NUMBER;
        if (field->kind == STYLIZE_FIELD_FLAG || field->kind == STYLIZE_FIELD_WORD ||
            field->kind == STYLIZE_FIELD_TEXT || field->kind == STYLIZE_FIELD_LAYERS)
            continue;
        for (size_t j = 0; j < sizeof bad / sizeof *bad; j++) {
            const double value = whole ? floor(bad[j]) : bad[j];
            char text[DECIMAL_ROOM];
            stylize_error err = {0};
            const bool stages = field->kind == STYLIZE_FIELD_SCALES && value > 0 && value <= 16;
            const bool automatic = field->automatic && value == -1; /* what stands for it */
            if (isinf(value) || stages || automatic)
                continue;
            decimal_print(value, text);
            refuse(field, false, text, field->range);
            refuse(field, true, text, field->range);
            stylize_recipe *self = recipes_new();
            assert_false(stylize_recipe_set_number(self, field->name, value, &err));
            recipes_expect_error(&err, text, field->name, field->range);
            stylize_recipe_free(self);
            tried++;
        }
    }
    assert_true(tried > 20);
}

static void refuses_the_wrong_kind(void **state) {
    (void)state;
    static const char *const values[] = {"null", "true", "7", "\"seven\"", "[[]]", "{\"a\": null}"};
    enum { ANY_NULL, ANY_BOOLEAN, ANY_NUMBER, ANY_STRING, ANY_ARRAY, ANY_OBJECT };
    const stylize_field *field;
    for (size_t i = 0; (field = field_at(i)); i++) {
        const bool text = field->kind == STYLIZE_FIELD_WORD || field->kind == STYLIZE_FIELD_TEXT;
        for (int j = ANY_NULL; j <= ANY_OBJECT; j++) {
            const bool right = (field->kind == STYLIZE_FIELD_FLAG && j == ANY_BOOLEAN) ||
                               (text && j == ANY_STRING);
            const bool number = field->kind != STYLIZE_FIELD_FLAG && !text &&
                                field->kind != STYLIZE_FIELD_LAYERS && j == ANY_NUMBER;
            if (!right && !number)
                refuse(field, true, values[j], "expected ");
        }
        if (field->kind == STYLIZE_FIELD_WORD)
            refuse(field, true, "\"no such word\"", field->words[0]);
    }
}

static void refuses_what_is_no_value(void **state) {
    (void)state;
    const stylize_field *field;
    for (size_t i = 0; (field = field_at(i)); i++) {
        refuse(field, false, "", "empty, expected ");
        if (field->kind == STYLIZE_FIELD_TEXT)
            refuse(field, true, "\"\"", "empty, expected ");
        else
            refuse(field, false, "no such value!", "'no such value!'");
        const bool word = field->kind == STYLIZE_FIELD_WORD && !strcmp(field->words[0], "auto");
        if (field->automatic || word || field->kind == STYLIZE_FIELD_TEXT)
            continue;
        refuse(field, false, "auto", "'auto'");
        refuse(field, true, "\"auto\"", field->kind == STYLIZE_FIELD_WORD ? "auto" : "expected");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(places_are_apart),
        cmocka_unit_test(defaults_are_those_of_the_table),
        cmocka_unit_test(a_value_is_the_same_by_every_way),
        cmocka_unit_test(refuses_what_is_out_of_range),
        cmocka_unit_test(refuses_the_wrong_kind),
        cmocka_unit_test(refuses_what_is_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
