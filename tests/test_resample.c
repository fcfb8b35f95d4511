/* SPDX-License-Identifier: MIT
 *
 * Tests of resample.c by properties that any good change of size has.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocations.h"
#include "core/layout.h"
#include "image/resample.h"
#include "watched.h"

static image *new_image(int width, int height) {
    error err = {0};
    image *self = image_new(width, height, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

static image *resampled(const image *source, int width, int height) {
    error err = {0};
    image *self = image_resample(source, width, height, &err);
    if (!self)
        fail_msg("%d x %d to %d x %d: %s", source->width, source->height, width, height, err.text);
    assert_int_equal(self->width, width);
    assert_int_equal(self->height, height);
    return self;
}

static float *pixel(const image *self, int x, int y, int c) {
    return self->planes + ((size_t)c * (size_t)self->height + (size_t)y) * (size_t)self->width +
           (size_t)x;
}

static size_t length(const image *self) {
    return IMAGE_CHANNELS * (size_t)self->width * (size_t)self->height;
}

static double mean(const image *self, int c) {
    const size_t plane = length(self) / IMAGE_CHANNELS;
    double sum = 0;
    for (size_t i = 0; i < plane; i++)
        sum += (double)self->planes[(size_t)c * plane + i];
    return sum / (double)plane;
}

static void fill_noise(image *self) {
    uint32_t state = 1;
    for (size_t i = 0; i < length(self); i++) {
        state = state * 1664525u + 1013904223u;
        self->planes[i] = (float)(state >> 8) / (float)(1 << 24);
    }
}

/* Sizes from the largest ratio to the smallest picture, in both directions. */
static const int sizes[][4] = {
    {1, 1, 1, 2},      {1, 1, 300, 200},  {300, 200, 1, 1},      {1, 100, 1, 16},
    {100, 1, 16, 1},   {1, 5, 64, 5},     {5, 1, 64, 64},        {16, 16, 100, 3},
    {16, 16, 17, 15},  {3, 3, 2, 2},      {2, 2, 1, 1},          {640, 480, 512, 384},
    {33, 47, 32, 64},  {65500, 1, 3, 1},  {1, 300000, 1, 1},     {1, 1, 65500, 1},
    {20000, 2, 9, 40}, {16, 16, 256, 16}, {100000, 1, 99999, 1},
};

static void constant_stays_constant(void **state) {
    (void)state;
    static const float values[] = {0.0f, 0.2f, 0.7f, 1.0f};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        image *source = new_image(sizes[i][0], sizes[i][1]);
        for (size_t j = 0; j < length(source); j++)
            source->planes[j] = values[(i + j * IMAGE_CHANNELS / length(source)) % 4];
        image *result = resampled(source, sizes[i][2], sizes[i][3]);
        for (size_t j = 0; j < length(result); j++) {
            const float expected = values[(i + j * IMAGE_CHANNELS / length(result)) % 4];
            assert_true(fabsf(result->planes[j] - expected) < 1e-5f);
        }
        image_free(result);
        image_free(source);
    }
}

static void same_size_gives_the_same_bits(void **state) {
    (void)state;
    image *source = new_image(31, 17);
    fill_noise(source);
    source->planes[3] = -0.0f;
    image *result = resampled(source, 31, 17);
    assert_ptr_not_equal(source->planes, result->planes);
    assert_memory_equal(source->planes, result->planes, length(source) * sizeof(float));
    image_free(result);
    image_free(source);
}

/* Flat inside; at the border the mirrored picture breaks the pattern's phase, by under 4/255. */
static void checkerboard_becomes_grey(void **state) {
    (void)state;
    image *source = new_image(128, 96);
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int y = 0; y < 96; y++) {
            for (int x = 0; x < 128; x++)
                *pixel(source, x, y, c) = (float)((x + y) % 2);
        }
    }
    image *result = resampled(source, 32, 24);
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int y = 0; y < 24; y++) {
            for (int x = 0; x < 32; x++) {
                const bool inside = x >= 2 && x < 30 && y >= 2 && y < 22;
                const float limit = inside ? 1e-5f : 4.0f / 255.0f;
                assert_true(fabsf(*pixel(result, x, y, c) - 0.5f) < limit);
            }
        }
    }
    image_free(result);
    image_free(source);
}

static void mean_is_preserved(void **state) {
    (void)state;
    static const int targets[][2] = {{100, 75}, {50, 40}, {400, 300}, {20, 15}, {333, 77}};
    image *source = new_image(200, 150);
    fill_noise(source);
    for (size_t i = 0; i < length(source); i++) /* away from 0 and 1, so that nothing clips */
        source->planes[i] = 0.3f + 0.4f * source->planes[i];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        image *result = resampled(source, targets[i][0], targets[i][1]);
        for (int c = 0; c < IMAGE_CHANNELS; c++)
            assert_true(fabs(mean(result, c) - mean(source, c)) < 2e-3);
        image_free(result);
    }
    image_free(source);
}

/* A slope keeps its place: a shift by a part of a pixel would show. */
static void position_is_kept(void **state) {
    (void)state;
    static const int widths[] = {40, 64, 160, 240, 999};
    image *source = new_image(160, 4);
    for (size_t i = 0; i < length(source); i++)
        source->planes[i] = ((float)(i % 160) + 0.5f) / 160.0f;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        image *result = resampled(source, widths[i], 4);
        for (int x = widths[i] / 10; x < widths[i] * 9 / 10; x++) {
            const float expected = ((float)x + 0.5f) / (float)widths[i];
            assert_true(fabsf(*pixel(result, x, 2, 1) - expected) < 1e-4f);
        }
        image_free(result);
    }
    image_free(source);
}

static void channels_and_axes_stay_apart(void **state) {
    (void)state;
    image *source = new_image(60, 40);
    for (int y = 0; y < 40; y++) {
        for (int x = 0; x < 60; x++) {
            *pixel(source, x, y, 0) = x < 30 ? 0.0f : 1.0f;
            *pixel(source, x, y, 1) = y < 20 ? 0.0f : 1.0f;
            *pixel(source, x, y, 2) = 0.25f;
        }
    }
    image *result = resampled(source, 90, 20);
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 90; x++) {
            if (x < 35 || x >= 55)
                assert_true(fabsf(*pixel(result, x, y, 0) - (x < 45 ? 0.0f : 1.0f)) < 1e-5f);
            if (y < 7 || y >= 13)
                assert_true(fabsf(*pixel(result, x, y, 1) - (y < 10 ? 0.0f : 1.0f)) < 1e-5f);
            assert_true(fabsf(*pixel(result, x, y, 2) - 0.25f) < 1e-5f);
        }
    }
    image_free(result);
    image_free(source);
}

/* An edge overshoots with any sharp filter; the result is clipped all the same. */
static void result_is_clipped(void **state) {
    (void)state;
    image *source = new_image(20, 20);
    for (size_t i = 0; i < length(source); i++)
        source->planes[i] = i % 20 < 10 ? 0.0f : 1.0f;
    image *result = resampled(source, 77, 77);
    for (size_t i = 0; i < length(result); i++)
        assert_true(result->planes[i] >= 0.0f && result->planes[i] <= 1.0f);
    image_free(result);
    image_free(source);
}

static void refuses_an_impossible_size(void **state) {
    (void)state;
    image *source = new_image(3, 3);
    error err = {0};
    assert_null(image_resample(source, 0, 4, &err));
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_null(image_resample(source, 1 << 20, 1 << 20, &err));
    assert_true(err.text[0] != '\0');
    image_free(source);
}

/* ---- memory ---- */

static void walk(void *part, layout *to) {
    resampling_layout(part, to);
}

/* All of it is in the layout, but what zimg may want besides what is foreseen, which depends on its
 * version and on the machine. */
static void takes_what_is_measured(void **state) {
    (void)state;
    static const int some[][4] = {{100, 80, 100, 80}, {100, 80, 50, 40},      {90, 70, 333, 201},
                                  {1500, 9, 500, 3},  {20000, 100, 100, 100}, {7, 3000, 5, 3}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        image *from = new_image(some[i][0], some[i][1]), *to = new_image(some[i][2], some[i][3]);
        resampling work = {
            .source = image_view_of(from->planes, from->width, from->height, IMAGE_CHANNELS),
            .target = image_view_of(to->planes, to->width, to->height, IMAGE_CHANNELS)};
        error err;
        layout memory;
        assert_true(layout_make(&memory, walk, &work, &err));
        const size_t planned = layout_bytes(&memory), before = allocations_bytes();
        assert_true(resampling_run(&work, &err));
        assert_in_range(allocations_bytes() - before, 0, planned / 4 + (1 << 17));
        layout_free(&memory);
        image_free(from);
        image_free(to);
    }
    /* In several passes, which take turns in the same memory. */
    resampling long_way = {.source = image_view_of(NULL, 20000, 100, IMAGE_CHANNELS),
                           .target = image_view_of(NULL, 100, 100, IMAGE_CHANNELS)};
    layout measured = layout_measure();
    resampling_layout(&long_way, &measured);
    assert_true(layout_bytes(&measured) > image_memory(312, 100));
    assert_true(layout_bytes(&measured) < 20100 * 100 * 6);
}

static void pictures_take_what_is_announced(void **state) {
    (void)state;
    static const int some[][2] = {{1, 1}, {100, 80}, {333, 201}, {1000, 900}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        const int width = some[i][0], height = some[i][1];
        error err;
        size_t before = allocations_bytes();
        image *self = new_image(width, height);
        assert_int_equal(allocations_bytes() - before, image_memory(width, height));
        before = allocations_bytes();
        assert_true(image_add_alpha(self, &err));
        assert_int_equal(allocations_bytes() - before, image_alpha_memory(width, height));
        image_free(self);
    }
}

/* `times` x `times` of a picture, side by side. */
static image *tiled(const image *one, int times) {
    image *self = new_image(times * one->width, times * one->height);
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int y = 0; y < self->height; y++) {
            for (int x = 0; x < self->width; x++)
                *pixel(self, x, y, c) = *pixel(one, x % one->width, y % one->height, c);
        }
    }
    return self;
}

/* One that repeats becomes what the middle of many becomes: enlarged, shrunk, both at once. */
static void what_repeats_goes_on_repeating(void **state) {
    (void)state;
    static const int trials[][4] = {
        {20, 14, 37, 28}, {40, 32, 10, 8}, {24, 20, 12, 50}, {200, 2, 2, 3}};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        const int *t = trials[i];
        image *one = new_image(t[0], t[1]), *out = new_image(t[2], t[3]);
        error err;
        fill_noise(one);
        image *many = tiled(one, 5);
        image *wanted = resampled(many, 5 * t[2], 5 * t[3]);
        assert_true(image_view_resample(image_view_of(one->planes, t[0], t[1], IMAGE_CHANNELS),
                                        image_view_of(out->planes, t[2], t[3], IMAGE_CHANNELS),
                                        true, &err));
        for (int c = 0; c < IMAGE_CHANNELS; c++) {
            for (int y = 0; y < t[3]; y++) {
                for (int x = 0; x < t[2]; x++)
                    assert_float_equal(*pixel(out, x, y, c),
                                       *pixel(wanted, 2 * t[2] + x, 2 * t[3] + y, c), 1e-5);
            }
        }
        image_free(one);
        image_free(out);
        image_free(many);
        image_free(wanted);
    }
}

/* ---- short memory ---- */

typedef struct short_run {
    resampling work;
    int left;       /* KB of the heap left to it */
    bool ok;
    error err;
} short_run;

static void walk_work(void *part, layout *to) {
    resampling_layout(part, to);
}

/* Takes all that malloc can still give, then gives some of it back. */
static void starve(int left) {
    void **last = NULL;
    for (size_t size = (size_t)1 << 20; size >= 16; size /= 2) {
        for (void **block; (block = malloc(size)); last = block)
            *block = last;
    }
    for (int i = 0; last && i < left * 64; i++) {
        void **next = *last;
        free(last);
        last = next;
    }
}

/* In a thread of its own, in which zimg has had no error yet. */
static void *resize_starved(void *run) {
    short_run *self = run;
    free(malloc(100)); /* the thread's heap */
    const struct rlimit none = {0, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &none);
    starve(self->left);
    self->ok = resampling_run(&self->work, &self->err);
    return NULL;
}

/* What a process whose memory ends as it resizes comes to: 0 with a proper error or the result. */
static int starved_process(int left) {
    static float from[64 * 64], to[32 * 32];
    short_run run = {.work = {.source = image_view_of(from, 64, 64, 1),
                              .target = image_view_of(to, 32, 32, 1)},
                     .left = left};
    layout memory;
    pthread_t thread;
    if (!layout_make(&memory, walk_work, &run.work, &run.err) ||
        pthread_create(&thread, NULL, resize_starved, &run) || pthread_join(thread, NULL))
        return 2;
    const char *end = "not enough memory";
    return run.ok || (run.err.code == ERROR_MEMORY && strlen(run.err.text) > strlen(end) &&
                      !strcmp(run.err.text + strlen(run.err.text) - strlen(end), end))
               ? (run.ok ? 0 : 3)
               : 1;
}

/* Never an end of the process, nor an error without words. */
static void tells_that_memory_is_short(void **state) {
    (void)state;
    int short_ones = 0, status = 0;
    if (is_watched())
        skip();
    for (int left = 0; left < 64; left += left < 8 ? 1 : 7) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(starved_process(left));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 3))
            fail_msg("with %d KB left: status %#x", left, (unsigned)status);
        short_ones += WEXITSTATUS(status) == 3;
    }
    assert_true(short_ones > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_stays_constant),
        cmocka_unit_test(same_size_gives_the_same_bits),
        cmocka_unit_test(checkerboard_becomes_grey),
        cmocka_unit_test(mean_is_preserved),
        cmocka_unit_test(position_is_kept),
        cmocka_unit_test(channels_and_axes_stay_apart),
        cmocka_unit_test(result_is_clipped),
        cmocka_unit_test(what_repeats_goes_on_repeating),
        cmocka_unit_test(refuses_an_impossible_size),
        cmocka_unit_test(takes_what_is_measured),
        cmocka_unit_test(tells_that_memory_is_short),
        cmocka_unit_test(pictures_take_what_is_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
