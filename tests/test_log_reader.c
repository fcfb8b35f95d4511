/* SPDX-License-Identifier: MIT
 *
 * Logs read back: values in their rows, gaps between stages, and what is no log refused with the
 * number of its line.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/log_reader.h"

#define COSTS "\"total\":2,\"content\":1,\"style\":null"
#define LAYERS "\"content_layers\":{},\"style_layers\":{}"
#define ROW(number) "{\"iteration\":" #number "," COSTS "," LAYERS "}\n"
#define JOB_ROW(job, number) "{\"iteration\":" #number "," COSTS "," LAYERS ",\"job\":" #job "}\n"
#define STAGE(job) "{\"event\":\"stage\",\"size\":[32,22],\"job\":" #job "}\n"
#define START(job, out) "{\"event\":\"start\",\"options\":{\"out\":\"" out "\"},\"job\":" #job "}\n"

static bool read_text(log_runs *runs, const char *text, size_t size, stylize_error *err) {
    FILE *file = fmemopen((void *)(uintptr_t)text, size, "r");
    assert_non_null(file);
    *runs = (log_runs){0};
    const bool ok = log_read(runs, file, "a.jsonl", "", err);
    fclose(file);
    return ok;
}

static const curve *find(const curves *run, curve_part part, const char *layer) {
    for (int i = 0; i < run->item_count; i++) {
        if (run->items[i].part == part && !strcmp(run->items[i].layer, layer))
            return &run->items[i];
    }
    fail_msg("no curve %d %s", (int)part, layer);
    return NULL;
}

static void values_are_in_their_rows(void **state) {
    (void)state;
    static const char text[] =
        "{\"event\":\"start\",\"options\":{\"out\":\"folder/out.png\"}}\n"
        "{\"event\":\"stage\",\"size\":[32,22]}\n"
        "{\"iteration\":0,\"total\":9,\"content\":1,\"style\":4,\"content_layers\":{\"relu4_2\":1},"
        "\"style_layers\":{\"relu1_1\":5}}\n"
        "{\"iteration\":1,\"total\":8,\"content\":2,\"style\":null,\"content_layers\":{},"
        "\"style_layers\":{\"relu1_1\":6,\"relu2_1\":7}}\n"
        "{\"event\":\"something new\"}\n"
        "{\"event\":\"stage\",\"size\":[64,44]}\n" ROW(1) "{\"event\":\"end\"}\n{\"iter";
    log_runs runs;
    stylize_error err;
    if (!read_text(&runs, text, sizeof text - 1, &err))
        fail_msg("%s", err.text);
    assert_int_equal(runs.count, 1);
    const curves run = runs.items[0];
    assert_string_equal(run.name, "out.png");
    assert_int_equal(run.count, 4); /* with the gap */
    assert_int_equal(run.stage_count, 2);
    assert_string_equal(run.stages[1].size, "64x44");
    assert_true(run.stages[0].iteration == 0 && run.stages[1].iteration == 1);
    const curve *total = find(&run, CURVE_TOTAL, ""), *style = find(&run, CURVE_STYLE, "");
    const curve *first = find(&run, CURVE_STYLE, "relu1_1");
    const curve *late = find(&run, CURVE_STYLE, "relu2_1");
    assert_true(total->values[0] == 9 && total->values[1] == 8 && total->values[3] == 2);
    assert_true(isnan(total->values[2]) && isnan(style->values[1]));
    assert_true(first->values[0] == 5 && first->values[1] == 6 && isnan(first->values[3]));
    assert_true(isnan(late->values[0]) && late->values[1] == 7);
    log_runs_clear(&runs);
}

static void pictures_of_a_list_are_runs_of_their_own(void **state) {
    (void)state;
    static const char text[] = START(1, "a/one.png") START(2, "a/two.png") JOB_ROW(2, 5)
        START(3, "a/none.png") JOB_ROW(1, 7) JOB_ROW(2, 6);
    log_runs runs;
    stylize_error err;
    if (!read_text(&runs, text, sizeof text - 1, &err))
        fail_msg("%s", err.text);
    assert_int_equal(runs.count, 2); /* nothing of the third */
    assert_string_equal(runs.items[0].name, "one.png");
    assert_string_equal(runs.items[1].name, "two.png");
    assert_int_equal(runs.items[0].count, 1);
    assert_int_equal(runs.items[1].count, 2);
    assert_true(runs.items[0].iterations[0] == 7 && runs.items[1].iterations[1] == 6);
    log_runs_clear(&runs);
}

static void a_picture_of_a_list_may_begin_again(void **state) {
    (void)state;
    static const char text[] = START(1, "one.png") STAGE(1) JOB_ROW(1, 0) JOB_ROW(1, 1)
        JOB_ROW(1, 2) START(1, "one.png") STAGE(1) JOB_ROW(1, 1) JOB_ROW(1, 2);
    log_runs runs;
    stylize_error err;
    if (!read_text(&runs, text, sizeof text - 1, &err))
        fail_msg("%s", err.text);
    assert_int_equal(runs.count, 1);
    const curves *run = &runs.items[0];
    const double rows[] = {0, 1, 1, 2}; /* with a gap where it went on */
    assert_int_equal(run->count, 4);
    for (int i = 0; i < 4; i++)
        assert_true(run->iterations[i] == rows[i]);
    assert_int_equal(run->stage_count, 2);
    log_runs_clear(&runs);
}

static void what_is_no_log_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"\n", "a.jsonl:1: this is no line of a log, which is JSON"},
        {ROW(0) "[1]\n", "a.jsonl:2: this is no line of a log"},
        {ROW(0) "{\"a\":1}\n", "a.jsonl:2: this is no line of a log"},
        {ROW(0) "{\"a\"\n" ROW(1), "a.jsonl:2: this is no line of a log, which is JSON"},
        {ROW(-1), "a.jsonl:1: \"iteration\" is no number of one"},
        {ROW(1.5), "a.jsonl:1: \"iteration\" is no number of one"},
        {ROW(1000000001), "a.jsonl:1: \"iteration\" is no number of one"},
        {ROW(2) ROW(1), "a.jsonl:2: iterations go back"},
        {"{\"iteration\":0}\n", "a.jsonl:1: \"total\" is no number"},
        {"{\"iteration\":0," COSTS "}\n", "a.jsonl:1: \"content_layers\" has no layers"},
        {"{\"iteration\":0," COSTS ",\"content_layers\":{\"x\":1}}\n", "has something else than"},
        {"{\"iteration\":0," COSTS ",\"content_layers\":{\"relu1_1\":\"1\"}}\n",
         "has something else than costs of layers"},
        {"{\"event\":\"stage\",\"size\":[1]}\n", "a.jsonl:1: \"size\" is no size of a stage"},
        {"{\"event\":\"stage\",\"size\":[0,5]}\n", "\"size\" is no size of a stage"},
        {"{\"event\":\"stage\",\"size\":[5,1e9]}\n", "\"size\" is no size of a stage"},
        {"{\"job\":0}\n", "a.jsonl:1: \"job\" is no number of a picture"},
        {"{\"job\":\"1\"}\n", "a.jsonl:1: \"job\" is no number of a picture"},
        {"{\"event\":\"start\"}\n", "a.jsonl: there are no costs in it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        log_runs runs;
        stylize_error err;
        if (read_text(&runs, cases[i].text, strlen(cases[i].text), &err) ||
            !strstr(err.text, cases[i].words))
            fail_msg("%zu: %s", i, err.text);
        log_runs_clear(&runs);
    }
}

static void long_lines_are_refused(void **state) {
    (void)state;
    log_runs runs;
    stylize_error err;
    const size_t size = LOG_MOST_LINE + 2;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    text[0] = '\n';
    memcpy(text, "{}", 2);
    assert_false(read_text(&runs, text, size, &err));
    assert_non_null(strstr(err.text, "a.jsonl:1: a line longer than any of a log"));
    log_runs_clear(&runs);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_in_their_rows),
        cmocka_unit_test(pictures_of_a_list_are_runs_of_their_own),
        cmocka_unit_test(a_picture_of_a_list_may_begin_again),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(long_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
