/* SPDX-License-Identifier: MIT
 *
 * Charts: what is drawn where, in each format, and that hostile numbers and texts do no harm.
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

#include "report/chart.h"

static bool is_built(void) {
    stylize_error err;
    return chart_available("a test", &err);
}

/* The chart as a picture. */
static stylize_image *draw(const chart *self) {
    stylize_error err;
    char *data;
    size_t size;
    if (!chart_encode(self, CHART_PNG, &data, &size, &err))
        fail_msg("%s", err.text);
    FILE *file = fmemopen(data, size, "rb");
    assert_non_null(file);
    stylize_image *picture = stylize_image_read_stream(file, "chart", 1 << 24, &err);
    fclose(file);
    free(data);
    if (!picture)
        fail_msg("%s", err.text);
    return picture;
}

/* How many pixels of a picture have a colour, and in which columns they lie. */
typedef struct found {
    int count, first, last;
} found;

static found find(const stylize_image *picture, unsigned color) {
    int width, height;
    stylize_error err;
    found all = {0, 1 << 30, -1};
    stylize_image_size(picture, &width, &height);
    unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
    assert_non_null(pixels);
    assert_true(stylize_image_to_pixels(picture, pixels, (size_t)width * 3, 3, STYLIZE_U8, &err));
    for (int i = 0; i < width * height; i++) {
        const unsigned char *pixel = pixels + (ptrdiff_t)i * 3;
        if ((unsigned)(pixel[0] << 16 | pixel[1] << 8 | pixel[2]) != color)
            continue;
        all.count++;
        all.first = i % width < all.first ? i % width : all.first;
        all.last = i % width > all.last ? i % width : all.last;
    }
    free(pixels);
    return all;
}

enum { BLUE = 0x0072b2, ORANGE = 0xd55e00 };

static void lines_have_their_places_and_colours(void **state) {
    (void)state;
    static const double x[] = {0, 1, 2, 3, 4}, y[] = {100, 10, NAN, 0, 1}, up[] = {1, 2, 3, 4, 5};
    const chart_series series[] = {
        {.label = "falling", .x = x, .y = y, .count = 5, .look = 0, .unnamed = true},
        {.label = "rising", .x = x, .y = up, .count = 5, .look = 1, .unnamed = true}};
    const chart_panel panel = {.label = "cost", .log = true, .series = series, .series_count = 2};
    const chart_mark mark = {2, "a stage"};
    const chart whole = {.title = "Title",
                         .label = "iteration",
                         .panels = &panel,
                         .panel_count = 1,
                         .marks = &mark,
                         .mark_count = 1};
    if (!is_built())
        skip();
    stylize_image *picture = draw(&whole);
    const found rising = find(picture, ORANGE), falling = find(picture, BLUE);
    const int span = rising.last - rising.first;
    assert_true(rising.count > 500);
    /* from 0 to 1, then a gap, then a dot at the end, which the axis cuts in half */
    assert_true(falling.count > 200 && abs(falling.first - rising.first) < 8);
    assert_true(falling.count < rising.count);
    assert_true(abs(falling.last - rising.last) < 8);
    stylize_image_free(picture);

    const chart_panel only = {.label = "cost", .log = true, .series = series, .series_count = 1};
    chart less = whole;
    less.panels = &only;
    chart_series half = series[0];
    half.count = 4; /* without the dot */
    const chart_panel cut = {.label = "cost", .log = true, .series = &half, .series_count = 1};
    less.panels = &cut;
    less.mark_count = 0;
    picture = draw(&less);
    assert_true(find(picture, BLUE).last - find(picture, BLUE).first > span - 20);
    assert_int_equal(find(picture, ORANGE).count, 0);
    stylize_image_free(picture);
}

static void formats_are_what_they_say(void **state) {
    (void)state;
    static const double x[] = {0, 1}, y[] = {3, 4};
    const chart_series series = {.label = "a & <b>", .x = x, .y = y, .count = 2};
    const chart_panel panel = {.label = "", .series = &series, .series_count = 1};
    const chart whole = {.title = "", .label = "", .panels = &panel, .panel_count = 1};
    static const char *const begins[] = {
        [CHART_SVG] = "<?xml", [CHART_PNG] = "\x89PNG", [CHART_PDF] = "%PDF-"};
    if (!is_built())
        skip();
    for (int format = CHART_SVG; format <= CHART_PDF; format++) {
        char *data, *again;
        size_t size, size_again;
        stylize_error err;
        assert_true(chart_encode(&whole, (chart_format)format, &data, &size, &err));
        assert_memory_equal(data, begins[format], strlen(begins[format]));
        assert_true(chart_encode(&whole, (chart_format)format, &again, &size_again, &err));
        assert_int_equal(size, size_again);
        if (format != CHART_SVG) /* in which names are numbered */
            assert_memory_equal(data, again, size);
        free(data);
        free(again);
    }
}

static void odd_charts_are_drawn(void **state) {
    (void)state;
    static const double x[] = {0, 1e300, NAN, -5}, y[] = {1e-300, 1e300, 0, -INFINITY};
    static char name[3000];
    chart_series series[40];
    chart_mark marks[3] = {{-5, "\xff\n"}, {0, name}, {1e300, "end"}};
    memset(name, 'w', sizeof name - 1);
    for (int i = 0; i < 40; i++)
        series[i] = (chart_series){
            .label = i % 2 ? name : "\xc3", .x = x, .y = y, .count = (size_t)(i % 5), .look = i};
    const chart_panel panels[] = {
        {.label = name, .log = true, .series = series, .series_count = 40},
        {.label = "linear", .series = series, .series_count = 40},
        {.label = "none", .log = true, .series = series, .series_count = 0}};
    const chart whole = {.title = name,
                         .label = "\xe2\x82",
                         .panels = panels,
                         .panel_count = 3,
                         .marks = marks,
                         .mark_count = 3};
    if (!is_built())
        skip();
    stylize_image *picture = draw(&whole);
    assert_true(find(picture, BLUE).count > 0);
    stylize_image_free(picture);
}

static void formats_come_from_endings(void **state) {
    (void)state;
    assert_int_equal(chart_format_of_path("a.b/costs.svg"), CHART_SVG);
    assert_int_equal(chart_format_of_path("costs.PNG"), CHART_PNG);
    assert_int_equal(chart_format_of_path(".pdf"), CHART_PDF);
    assert_int_equal(chart_format_of_path("svg"), CHART_NONE);
    assert_int_equal(chart_format_of_path("costs.svg.gz"), CHART_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_places_and_colours),
        cmocka_unit_test(formats_are_what_they_say),
        cmocka_unit_test(odd_charts_are_drawn),
        cmocka_unit_test(formats_come_from_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
