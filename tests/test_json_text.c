/* SPDX-License-Identifier: MIT
 *
 * Tests of json_text.c: whichever allocation fails, JSON comes whole or not at all, with a word.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"

/* Strings and numbers longer than jansson's first buffers, and more members than its first tables
 * have room for. */
static const char text[] =
    "{\"mean\": \"0.406000000000000000000000000000000000000000001\", \"number\": "
    "1.00000000000000000000000000000000000000000000000000000000000000001,"
    "\"list\": [1, 2, 3, 4, 5, 6, 7, 8, 9, {\"inner\": \"\\u00e4\\u00e4\"}], \"a\": 1, \"b\": 2,"
    "\"c\": 3, \"d\": 4, \"e\": 5, \"f\": true, \"g\": false, \"h\": null, \"i\": \"\"}";

/* What jansson allocates with, below what json_text.c puts before it. */
static int left = -1; /* allocations before one fails; below 0 none does */
static int failures;

static void *failing_malloc(size_t size) {
    if (left-- != 0)
        return malloc(size);
    failures++;
    return NULL;
}

/* The next allocation but `after` fails; below 0 none does. */
static void starve(int after) {
    left = after;
    failures = 0;
}

static json_t *wanted;

static int open_all(void **state) {
    (void)state;
    json_set_alloc_funcs(failing_malloc, free);
    wanted = json_text_load(text, strlen(text), 0, NULL);
    return wanted ? 0 : -1;
}

static int close_all(void **state) {
    (void)state;
    json_decref(wanted);
    return 0;
}

static void loads_all_or_nothing(void **state) {
    (void)state;
    int after = 0;
    for (;; after++) {
        json_error_t problem;
        starve(after);
        json_t *json = json_text_load(text, strlen(text), JSON_REJECT_DUPLICATES, &problem);
        const int failed = failures;
        starve(-1);
        if (failed) {
            assert_null(json);
            assert_true(json_text_lacks_memory(&problem));
            assert_string_equal(problem.text, "not enough memory");
            continue;
        }
        assert_true(json_equal(json, wanted));
        json_decref(json);
        break;
    }
    assert_in_range(after, 40, 1000);
}

static void writes_all_or_nothing(void **state) {
    (void)state;
    char *whole = json_text_dump(wanted, JSON_COMPACT);
    int after = 0;
    for (;; after++) {
        starve(after);
        char *written = json_text_dump(wanted, JSON_COMPACT);
        const int failed = failures;
        starve(-1);
        if (failed) {
            assert_null(written);
            continue;
        }
        assert_string_equal(written, whole);
        free(written);
        break;
    }
    free(whole);
    assert_in_range(after, 5, 1000);
}

static void copies_all_or_nothing(void **state) {
    (void)state;
    int after = 0;
    for (;; after++) {
        starve(after);
        json_t *copy = json_text_copy(wanted);
        const int failed = failures;
        starve(-1);
        if (failed) {
            assert_null(copy);
            continue;
        }
        assert_true(json_equal(copy, wanted));
        json_decref(copy);
        break;
    }
    assert_in_range(after, 5, 1000);
    assert_null(json_text_copy(NULL));
}

static void tells_bad_text_from_short_memory(void **state) {
    (void)state;
    json_error_t problem;
    bool lacks_memory;
    assert_null(json_text_load("{\"a\": }", 7, 0, &problem));
    assert_false(json_text_lacks_memory(&problem));
    assert_true(*problem.text);
    assert_null(json_text_string("\xff", &lacks_memory));
    assert_false(lacks_memory);
    starve(0);
    assert_null(json_text_string("text", &lacks_memory));
    assert_true(lacks_memory);
    starve(-1);
    json_t *json = json_text_string("text", &lacks_memory);
    assert_string_equal(json_string_value(json), "text");
    json_decref(json);
}

/* Commands to terminals, which JSON lets stand. */
static void escapes_control_characters(void **state) {
    (void)state;
    static const char bytes[] = "a\033\177\302\200\302\237\302\240\303\237\n";
    bool lacks_memory;
    json_t *json = json_text_string(bytes, &lacks_memory);
    char *written = json_text_dump(json, JSON_ENCODE_ANY);
    assert_string_equal(written,
                        "\"a\\u001B\\u007F\\u0080\\u009F\302\240\303\237\\n\"");
    json_t *again = json_text_load(written, strlen(written), JSON_DECODE_ANY, NULL);
    assert_true(json_equal(again, json));
    json_decref(again);
    json_decref(json);
    free(written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_all_or_nothing),
        cmocka_unit_test(writes_all_or_nothing),
        cmocka_unit_test(copies_all_or_nothing),
        cmocka_unit_test(escapes_control_characters),
        cmocka_unit_test(tells_bad_text_from_short_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
