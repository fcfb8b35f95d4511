/* SPDX-License-Identifier: MIT
 *
 * Planned bytes against what sessions really take, each measured in a process of its own.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "image/image.h"
#include "network_files.h"
#include "recipes.h"
#include "sessions.h"
#include "watched.h"

#define BUNDLED SESSIONS_BUNDLED

/* A session and the pictures it is made from. */
typedef struct trial {
    const char *weights, *second; /* networks of the first and of the other stages */
    int content, style;           /* longest side of the pictures; the other is two thirds of it */
    int threads;
    enum {
        PLAIN,
        RICH,      /* the content has alpha and a profile of 15 MB */
        CANCELLED, /* likewise, and the last stage is cancelled: its memory goes first */
        SAVES,     /* the picture is encoded on the way */
        GOES_ON,   /* from a picture with alpha, to one with alpha */
        MASKED,    /* two styles by masks as large as the content, which has weights as large */
        MAPPED,    /* likewise by maps as large as content and style */
        TEXTURE,   /* there is no content */
    } kind;
    const char *fields; /* of the recipe: name=value, separated by blanks */
} trial;

static image *make_picture(int longest, bool upright) {
    error err;
    const int other = longest * 2 / 3;
    image *self = image_new(upright ? other : longest, upright ? longest : other, &err);
    assert_non_null(self);
    for (int i = 0; i < 2 * longest * other; i++)
        self->planes[i] = (float)(i % 256 * 31 % 256) / 255;
    return self;
}

static void enrich(image *self) {
    const size_t size = (size_t)15 << 20;
    error err;
    uint8_t *profile = calloc(size, 1);
    assert_non_null(profile);
    profile[1] = 0xf0; /* its size */
    memcpy(profile + 16, "RGB ", 4);
    memcpy(profile + 36, "acsp", 4);
    assert_true(image_add_alpha(self, &err));
    assert_true(image_properties_set_profile(&self->properties, profile, size, &err));
    assert_int_equal(self->properties.profile_size, size);
    free(profile);
}

static int encode(void *user, stylize_session *session, const stylize_event *now) {
    char *data;
    size_t size;
    stylize_error err;
    (void)user;
    if (now->kind == STYLIZE_EVENT_ITERATION) {
        assert_true(stylize_image_encode(stylize_session_picture(session), STYLIZE_PNG, 16, 0,
                                         "picture", &data, &size, &err));
        free(data);
    }
    return 0;
}

static int stop(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    return now->stage + 1 == now->stage_count && now->stage_iteration == 1;
}

static stylize_recipe *make_recipe(const char *fields) {
    stylize_recipe *self = recipes_of("upscale", "yes", NULL);
    char text[256];
    snprintf(text, sizeof text, "%s", fields);
    for (char *rest, *name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(name, '=');
        *value++ = '\0';
        recipes_set(self, name, value);
    }
    return self;
}

/* Left and right halves: the first is white, or red where the other is green. */
static image *make_halves(int longest, bool upright, bool colored) {
    image *self = make_picture(longest, upright);
    const int n = self->width * self->height;
    for (int i = 0; i < 3 * n; i++) {
        const int half = i % self->width * 2 / self->width;
        self->planes[i] = colored ? i / n == half : half == 0;
    }
    return self;
}

/* Two styles, the second as large as the first, and where they paint. */
static void add_regions(const trial *self, stylize_session *session) {
    stylize_error err;
    bool ok = stylize_session_add_style(session, make_picture(self->style, true), &err);
    for (int i = 0; i < 2 && self->kind == MASKED; i++)
        ok =
            ok && stylize_session_add_mask(session, make_halves(self->content, false, false), &err);
    for (int i = 0; i < 2 && self->kind == MAPPED; i++)
        ok = ok &&
             stylize_session_add_style_map(session, make_halves(self->style, true, true), &err);
    assert_true(ok);
    if (self->kind == MASKED)
        stylize_session_set_content_weight_map(session, make_halves(self->content, false, false));
    else
        stylize_session_set_content_map(session, make_halves(self->content, false, true));
}

/* In a process of its own: the peak that is planned when pictures and networks are there, and the
 * peak after the work. */
static void measure(const void *what, void *results) {
    const trial *self = what;
    uint64_t *peaks = results;
    stylize_error err;
    error e;
    image *content = make_picture(self->content, false), *init = NULL;
    session_inputs inputs = {
        .networks = {sessions_network(self->weights),
                     self->second ? sessions_network(self->second) : NULL},
        .content = self->kind == TEXTURE ? NULL : content,
        .style = make_picture(self->style, true),
        .threads = self->threads,
    };
    if (self->kind == RICH || self->kind == CANCELLED)
        enrich(content);
    if (self->kind == CANCELLED)
        inputs.observer = stop;
    if (self->kind == SAVES) {
        inputs.observer = encode;
        inputs.bytes = 3 * 4 * 2; /* three times what all samples take */
    }
    if (self->kind == GOES_ON) {
        assert_true(image_add_alpha(content, &e));
        inputs.init = init = make_picture(self->content * 3 / 4, true);
        assert_true(image_add_alpha(init, &e));
    }
    stylize_recipe *recipe = make_recipe(self->fields);
    stylize_session *session = sessions_new(&inputs, recipe);
    if (self->kind == MASKED || self->kind == MAPPED)
        add_regions(self, session);
    const stylize_plan *plan = stylize_session_plan(session, false, &err);
    assert_non_null(plan);
    peaks[0] = plan->peak;
    peaks[2] = (uint64_t)plan->stage_count;
    assert_true(stylize_session_run(session, &err));
    assert_non_null(stylize_session_result(session, &err));
    peaks[1] = stylize_memory_peak();
}

static void expect_peak(const trial *self) {
    uint64_t peaks[3] = {0, 0, 0};
    if (is_under_valgrind())
        skip(); /* there is nothing to measure */
    sessions_apart(measure, self, peaks, sizeof peaks);
    const double off = (double)peaks[0] / (double)peaks[1] - 1;
    printf("%-12.12s content %4d style %4d threads %d kind %d %s, stages %d: %6.1f MB planned, "
           "%6.1f MB measured, %+.1f %%\n",
           strrchr(self->weights, '/') + 1, self->content, self->style, self->threads, self->kind,
           self->fields, (int)peaks[2], (double)peaks[0] / 1048576, (double)peaks[1] / 1048576,
           100 * off);
    if (!is_watched() && (off < -0.1 || off > 0.1))
        fail_msg("the plan is off by %.1f %%", 100 * off);
}

static char wide[64];

#define ONE "scales=1 iterations=1 "

static void one_stage_takes_what_is_planned(void **state) {
    (void)state;
    const trial trials[] = {
        {BUNDLED, NULL, 640, 640, 1, PLAIN, ONE "size=128"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=320"},
        {BUNDLED, NULL, 640, 640, 1, PLAIN, ONE "size=512 history=3"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=512 history=20"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=512 optimizer=adam"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=512 optimizer=gd"},
        {BUNDLED, NULL, 1280, 1000, 2, PLAIN, ONE "size=512 style-scale=0.4"},
        {BUNDLED, NULL, 640, 1000, 2, PLAIN, ONE "size=256 style-scale=4 optimizer=gd"},
        {BUNDLED, NULL, 200, 3000, 2, PLAIN, ONE "size=192"},
        {BUNDLED, NULL, 3000, 200, 2, PLAIN, ONE "size=192"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=400x500"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=500x300 fit=pad"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=256 style-cost=covariance"},
        {wide, NULL, 640, 640, 2, PLAIN, ONE "size=128"},
        {wide, NULL, 640, 640, 2, PLAIN, ONE "size=256 history=3"},
        {wide, NULL, 640, 640, 1, PLAIN, ONE "size=192 style-scale=2 optimizer=adam"},
        {BUNDLED, NULL, 640, 640, 1, RICH, ONE "size=192 history=3"},
        {BUNDLED, NULL, 640, 640, 1, CANCELLED, "scales=1 iterations=9 size=192 history=3"},
        {BUNDLED, NULL, 640, 300, 1, RICH, ONE "size=640 style-scale=0.3 optimizer=gd"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, ONE "size=384 color=content"},
        {BUNDLED, NULL, 640, 640, 1, PLAIN,
         ONE "size=512 style-scale=0.3 optimizer=adam "
             "color=content"},
        {BUNDLED, NULL, 640, 300, 1, SAVES, ONE "size=640 style-scale=0.3 optimizer=gd"},
        {BUNDLED, NULL, 640, 300, 1, GOES_ON, ONE "size=512 style-scale=0.3 optimizer=adam"},
        {BUNDLED, NULL, 1280, 640, 2, MASKED, ONE "size=256"},
        {BUNDLED, NULL, 640, 640, 2, MASKED, ONE "size=512 mask-rest=yes history=3"},
        {BUNDLED, NULL, 640, 1280, 1, MAPPED, ONE "size=320 color=content"},
        {BUNDLED, NULL, 640, 640, 2, MAPPED, ONE "size=512 style-cost=moments"},
        {BUNDLED, NULL, 640, 640, 2, TEXTURE, ONE "size=512 texture=yes"},
        {BUNDLED, NULL, 640, 400, 2, TEXTURE, ONE "size=500x400 texture=yes tile=yes"},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        expect_peak(&trials[i]);
}

#define SEVERAL "scales=3 iterations=1,1,1 "

static void several_stages_take_what_is_planned(void **state) {
    (void)state;
    const trial trials[] = {
        {BUNDLED, NULL, 640, 640, 2, PLAIN, "scales=auto iterations=1 size=512"},
        {BUNDLED, NULL, 640, 640, 1, PLAIN, SEVERAL "size=512 history=20"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, SEVERAL "size=600 optimizer=adam"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, SEVERAL "size=600 optimizer=gd style-scale=2"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, "scales=500,512 iterations=1,1 size=512"},
        {BUNDLED, NULL, 640, 640, 1, RICH, SEVERAL "size=384 history=3"},
        {BUNDLED, NULL, 640, 300, 1, RICH, SEVERAL "size=512 color=content optimizer=adam"},
        {BUNDLED, NULL, 640, 640, 2, PLAIN, SEVERAL "size=512 color=content"},
        {BUNDLED, NULL, 640, 300, 1, SAVES, SEVERAL "size=512 style-scale=0.3 optimizer=gd"},
        {BUNDLED, NULL, 640, 300, 1, GOES_ON, SEVERAL "size=512 style-scale=0.3"},
        {BUNDLED, NULL, 640, 640, 2, MASKED, SEVERAL "size=512"},
        {BUNDLED, NULL, 640, 640, 2, MAPPED, SEVERAL "size=512 style-scale=1,0.5"},
        {BUNDLED, NULL, 640, 640, 1, TEXTURE, SEVERAL "size=600 texture=yes"},
        {BUNDLED, NULL, 640, 640, 2, TEXTURE, SEVERAL "size=600x400 texture=yes tile=yes"},
        {BUNDLED, NULL, 640, 300, 1, TEXTURE,
         SEVERAL "size=512 texture=yes tile=yes optimizer=adam style-scale=0.3"},
        {wide, BUNDLED, 640, 640, 2, PLAIN, "scales=256,512 iterations=1,1 size=512"},
        {BUNDLED, wide, 640, 640, 2, PLAIN, "scales=200,256 iterations=1,1 size=256"},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        expect_peak(&trials[i]);
}

int main(void) {
    char folder[] = "/tmp/stylize-test-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    snprintf(wide, sizeof wide, "%s/wide.safetensors", folder);
    network_file_write(
        &(network_file){.arch = 16, .convs = 13, .widths = {64, 128, 192, 256, 256}, .f16 = true},
        wide);
    const struct CMUnitTest tests[] = {/* processes are to be fresh: nothing else comes before */
                                       cmocka_unit_test(one_stage_takes_what_is_planned),
                                       cmocka_unit_test(several_stages_take_what_is_planned)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(wide);
    rmdir(folder);
    return failed;
}
