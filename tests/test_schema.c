/* SPDX-License-Identifier: MIT
 *
 * Tests of schema.c: that it says of every setting what is read, by a small checker of schemas that
 * must agree with the reader on many values, and that the defaults are those there are.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options_json.h"
#include "cli/schema.h"

/* ---- a checker of what the schema uses ---- */

static bool valid(const json_t *schema, const json_t *value);

static bool has_type(const char *type, const json_t *value) {
    const double number = json_number_value(value);
    if (!strcmp(type, "boolean"))
        return json_is_boolean(value);
    if (!strcmp(type, "number"))
        return json_is_number(value);
    if (!strcmp(type, "integer"))
        return json_is_number(value) && number == floor(number);
    if (!strcmp(type, "string"))
        return json_is_string(value);
    if (!strcmp(type, "array"))
        return json_is_array(value);
    if (!strcmp(type, "object"))
        return json_is_object(value);
    fail_msg("unknown type %s", type);
    return false;
}

/* -1, 0 or 1; whole numbers are compared as such. */
static int compare(const json_t *a, const json_t *b) {
    if (json_is_integer(a) && json_is_integer(b))
        return (json_integer_value(a) > json_integer_value(b)) -
               (json_integer_value(a) < json_integer_value(b));
    return (json_number_value(a) > json_number_value(b)) -
           (json_number_value(a) < json_number_value(b));
}

static bool is_equal(const json_t *a, const json_t *b) {
    return json_is_number(a) && json_is_number(b) ? compare(a, b) == 0 : json_equal(a, b);
}

static bool any(const json_t *list, const json_t *value,
                bool (*test)(const json_t *, const json_t *)) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (test(json_array_get(list, i), value))
            return true;
    }
    return false;
}

static bool valid_members(const json_t *schema, json_t *value) {
    const json_t *members = json_object_get(schema, "properties"),
                 *names = json_object_get(schema, "propertyNames"),
                 *others = json_object_get(schema, "additionalProperties");
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member) {
        const json_t *own = json_object_get(members, name);
        json_t *text = json_string(name);
        const bool named = !names || valid(names, text);
        json_decref(text);
        if (!named || (own ? !valid(own, member)
                           : json_is_false(others) || (others && !valid(others, member))))
            return false;
    }
    return true;
}

static bool valid_items(const json_t *items, const json_t *value) {
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!valid(items, json_array_get(value, i)))
            return false;
    }
    return true;
}

static bool valid_by(const char *keyword, const json_t *rule, const json_t *value) {
    const bool number = json_is_number(value);
    const size_t size = json_is_object(value) ? json_object_size(value) : json_array_size(value);
    const json_int_t limit = json_integer_value(rule);
    if (!strcmp(keyword, "type"))
        return has_type(json_string_value(rule), value);
    if (!strcmp(keyword, "const"))
        return is_equal(rule, value);
    if (!strcmp(keyword, "enum"))
        return any(rule, value, is_equal);
    if (!strcmp(keyword, "anyOf"))
        return any(rule, value, valid);
    if (!strcmp(keyword, "minimum"))
        return !number || compare(value, rule) >= 0;
    if (!strcmp(keyword, "exclusiveMinimum"))
        return !number || compare(value, rule) > 0;
    if (!strcmp(keyword, "maximum"))
        return !number || compare(value, rule) <= 0;
    if (!strcmp(keyword, "minLength"))
        return !json_is_string(value) || json_string_length(value) >= (size_t)limit;
    if (!strcmp(keyword, "minItems") || !strcmp(keyword, "minProperties"))
        return size >= (size_t)limit;
    if (!strcmp(keyword, "maxItems"))
        return size <= (size_t)limit;
    if (!strcmp(keyword, "items"))
        return valid_items(rule, value);
    if (!strstr("$schema title description default properties propertyNames additionalProperties",
                keyword))
        fail_msg("the checker does not know %s", keyword);
    return true;
}

static bool valid(const json_t *schema, const json_t *value) {
    const char *keyword;
    json_t *rule;
    json_object_foreach((json_t *)(uintptr_t)schema, keyword, rule) {
        if (!valid_by(keyword, rule, value))
            return false;
    }
    return !json_is_object(value) || valid_members(schema, (json_t *)(uintptr_t)value);
}

/* ---- the schema ---- */

static json_t *schema;

static int set_up(void **state) {
    (void)state;
    stylize_error err;
    char *text = schema_write(&err);
    schema = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(text);
    return schema ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    json_decref(schema);
    return 0;
}

static bool is_read(const char *text, stylize_error *err) {
    options opts;
    assert_true(options_init(&opts, err));
    const bool ok = options_read_json(&opts, text, strlen(text), err);
    options_clear(&opts);
    return ok;
}

static bool is_valid(const char *text) {
    json_t *value = json_loads(text, 0, NULL);
    if (!value)
        fail_msg("no JSON: %s", text);
    const bool ok = valid(schema, value);
    json_decref(value);
    return ok;
}

#define SIXTEEN "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"

/* clang-format off */
static const char *const values[] = {
    "null", "true", "false", "-1", "-0.5", "0", "0.0", "5e-324", "0.5", "0.99999989", "0.99999991",
    "1", "1.0", "1.5", "2", "7", "8", "10", "10.5", "15", "16", "16.5", "17", "100", "101", "1000",
    "1001", "1024", "1025", "65535", "65536", "1000000000", "1000000001", "2147483647",
    "2147483648", "9007199254740992", "9007199254740994", "1e308",
    "\"\"", "\"auto\"", "\"none\"", "\"content\"", "\"8\"", "\"what\"", "\"a,b.png\"",
    "[]", "[1]", "[16]", "[0.5]", "[1.5, 2]", "[16, 32]", "[0, 16]", "[16, 0]", "[-1, 16]",
    "[16, 65535]", "[16, 65536]", "[16, 32, 64]", "[16, true]", "[\"auto\"]", "[" SIXTEEN "]",
    "[" SIXTEEN ",1]", "[16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31]",
    "[16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]",
    "{}", "{\"relu1_1\": 1}", "{\"relu1_1\": 0.5, \"pool5\": 0}", "{\"relu1_1\": -1}",
    "{\"relu1_1\": \"1\"}", "{\"conv3_4\": 1e9}", "{\"conv2_3\": 1}", "{\"pool6\": 1}",
};
/* clang-format on */

static void agrees_with_the_reader(void **state) {
    (void)state;
    option entry;
    size_t count = 0;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char name[OPTION_JSON_NAME], text[400];
        int accepted = 0;
        stylize_error err;
        option_json_name(entry.field, name);
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            snprintf(text, sizeof text, "{\"%s\": %s}", name, values[j]);
            const bool read = is_read(text, &err);
            if (read != is_valid(text))
                fail_msg("%s: %s", text, read ? "read, but not valid" : err.text);
            accepted += read;
        }
        for (const char *const *word = entry.filed ? entry.field->words : NULL; word && *word;
             word++) {
            const bool digits = entry.own && option_words_are_numbers(entry.field);
            snprintf(text, sizeof text, digits ? "{\"%s\": %s}" : "{\"%s\": \"%s\"}", name, *word);
            if (!is_read(text, &err) || !is_valid(text))
                fail_msg("%s is refused", text);
            accepted++;
        }
        if ((accepted > 0) != entry.filed)
            fail_msg("%s: %d values accepted", name, accepted);
        count += entry.filed;
    }
    assert_int_equal(json_object_size(json_object_get(schema, "properties")), count + 1);
    assert_true(is_valid("{\"$schema\": \"settings.json\", \"beta\": 1, \"depth\": 16}"));
    assert_false(is_valid("{\"what\": 1}"));
}

/* Also where neither is there. */
static bool same(const json_t *a, const json_t *b) {
    return a == b || json_equal(a, b);
}

static void has_the_defaults(void **state) {
    (void)state;
    options opts;
    option entry;
    stylize_error err;
    assert_true(options_init(&opts, &err));
    char *text = options_write_json(&opts, true, &err);
    assert_non_null(text);
    assert_true(is_valid(text));
    json_t *printed = json_loads(text, 0, NULL);
    for (size_t i = 0; options_at(i, &entry); i++) {
        char name[OPTION_JSON_NAME];
        option_json_name(entry.field, name);
        const json_t *member = json_object_get(json_object_get(schema, "properties"), name);
        const json_t *standard = json_object_get(member, "default");
        if (entry.filed)
            assert_string_equal(json_string_value(json_object_get(member, "description")),
                                entry.field->help);
        if ((!entry.own || entry.of_file) && !same(standard, json_object_get(printed, name)))
            fail_msg("%s has another default", name);
        if (standard && !valid(member, standard))
            fail_msg("%s: the default is not valid", name);
    }
    json_decref(printed);
    free(text);
    options_clear(&opts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reader),
        cmocka_unit_test(has_the_defaults),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
