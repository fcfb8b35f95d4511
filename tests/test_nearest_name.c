/* SPDX-License-Identifier: MIT
 *
 * Tests of nearest_name.c: slips of the finger are understood, other words are not.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/nearest_name.h"

static const char *const names[] = {"alpha",         "beta",  "tv",          "content-layers",
                                    "style-layers",  "size",  "style-scale", "scales",
                                    "iterations",    "lbfgs", "optimizer",   "gd",
                                    "learning-rate", "seed"};
enum { NAMES = sizeof names / sizeof *names };

/* The name must be found for the word; "" for none. */
static void expect(const char *word, const char *name) {
    const char *found = nearest_name(word, names, NAMES);
    if (strcmp(found ? found : "", name) != 0)
        fail_msg("'%s': '%s', not '%s'", word, found ? found : "", name);
}

static void understands_slips(void **state) {
    (void)state;
    for (size_t i = 0; i < NAMES; i++)
        expect(names[i], names[i]);
    expect("bata", "beta");      /* another letter */
    expect("bet", "beta");       /* one too few */
    expect("betta", "beta");     /* one too many */
    expect("ebta", "beta");      /* two swapped, which as two replaced would be too far */
    expect("lbgfs", "lbfgs");
    expect("LBFGS", "lbfgs");
    expect("Size", "size");
    expect("style_scale", "style-scale");
    expect("iteratoins", "iterations");
    expect("itaretions", "iterations");
    expect("sgd", "gd");
    expect("learningrate", "learning-rate");
    expect("scale", "scales");
}

static void completes_what_is_cut_short(void **state) {
    (void)state;
    expect("opt", "optimizer");
    expect("iter", "iterations");
    expect("Learning", "learning-rate");
    expect("style_s", "style-scale");
    expect("style-", ""); /* of two, so which is not known */
    expect("s", "");
}

static void leaves_other_words_alone(void **state) {
    (void)state;
    expect("", "");
    expect("x", "");
    expect("tx", "");
    expect("ab", "");
    expect("gamma", "");
    expect("brightness", "");
    expect("sezi", ""); /* two errors in four letters */
    expect("\xc3\xa4\xc3\xb6\xc3\xbc", "");
    assert_null(nearest_name("beta", names, 0));
    assert_null(nearest_name("beta", names, 1));
}

static void words_may_be_long(void **state) {
    (void)state;
    char word[300], name[300];
    const char *const long_names[] = {name, "beta"};
    memset(word, 'a', sizeof word);
    memset(name, 'a', sizeof name);
    for (size_t length = 50; length < sizeof word; length++) {
        word[length] = name[length] = '\0';
        const char *found = nearest_name(word, long_names, 2);
        assert_true(length <= 63 ? found == name : !found);
        found = nearest_name("beta", long_names, 2);
        assert_ptr_equal(found, long_names[1]);
        word[length] = name[length] = 'a';
    }
}

static void the_first_of_equals_counts(void **state) {
    (void)state;
    static const char *const equals[] = {"pat", "pad", "pan"};
    assert_ptr_equal(nearest_name("paz", equals, 3), equals[0]);
    assert_ptr_equal(nearest_name("pan", equals, 3), equals[2]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_slips),
        cmocka_unit_test(completes_what_is_cut_short),
        cmocka_unit_test(leaves_other_words_alone),
        cmocka_unit_test(words_may_be_long),
        cmocka_unit_test(the_first_of_equals_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
