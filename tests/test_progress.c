/* SPDX-License-Identifier: MIT
 *
 * Tests of progress.c that need no terminal: the pace of iterations, and durations as text.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/progress.h"

static void expect_each(const progress_pace *pace, double each) {
    const double found = progress_pace_each(pace);
    if (!(fabs(found - each) < 1e-9))
        fail_msg("%g seconds an iteration, expected %g", found, each);
}

static void the_pace_is_of_the_latest(void **state) {
    (void)state;
    progress_pace pace = {0};
    double time = 7; /* the start may have taken long */
    expect_each(&pace, 0);
    progress_pace_add(&pace, time);
    expect_each(&pace, 0);
    progress_pace_add(&pace, time += 10); /* a slow first one: better than nothing ... */
    expect_each(&pace, 10);
    for (int i = 2; i <= 30; i++) { /* ... and then it does not count */
        progress_pace_add(&pace, time += 2);
        expect_each(&pace, 2);
    }
    /* The machine becomes busy: after twenty iterations nothing else is remembered. */
    for (int i = 1; i <= 20; i++) {
        progress_pace_add(&pace, time += 3);
        expect_each(&pace, 2 + i / 20.0);
    }
    progress_pace_add(&pace, time += 3);
    expect_each(&pace, 3);
}

static void durations_are_read_easily(void **state) {
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {-1, "0 s"},          {0.4, "0 s"},         {41.4, "41 s"},
        {59.6, "1 min 00 s"}, {200, "3 min 20 s"},  {3599.4, "59 min 59 s"},
        {3600, "1 h 00 min"}, {7500, "2 h 05 min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[40];
        progress_duration(cases[i].seconds, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
}

/* Later stages take longer by their pixels; what is done is not counted again. */
static void the_time_left_counts_pixels(void **state) {
    (void)state;
    const stylize_stage first = {.width = 100, .height = 50, .iterations = 200};
    const stylize_stage second = {.width = 200, .height = 100, .iterations = 100};
    const stylize_stage third = {.width = 400, .height = 200, .iterations = 50};
    const stylize_stage *const stages[] = {&first, &second, &third};
    const stylize_plan plan = {.stage_count = 3, .stages = stages};
    stylize_event event = {.stage = 0, .plan = &first, .stage_iteration = 50};
    assert_true(fabs(progress_seconds_left(&plan, &event, 0.5) - 0.5 * (150 + 400 + 800)) < 1e-9);
    event = (stylize_event){.stage = 1, .plan = &second, .stage_iteration = 100};
    assert_true(fabs(progress_seconds_left(&plan, &event, 2) - 2 * 200) < 1e-9);
    event = (stylize_event){.stage = 2, .plan = &third, .stage_iteration = 50};
    assert_true(progress_seconds_left(&plan, &event, 8) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pace_is_of_the_latest),
        cmocka_unit_test(durations_are_read_easily),
        cmocka_unit_test(the_time_left_counts_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
