/* SPDX-License-Identifier: MIT
 *
 * Sessions that are saved and loaded: after any iteration, with any optimiser, colours, regions and
 * number of threads they go on to the same bits and tell the same; another session is refused, and
 * so is whatever is damaged.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "byte_buffer.h"
#include "recipes.h"
#include "sessions.h"

static stylize_network *network, *other_network;
static image *content, *faded, *style, *mask;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    other_network = sessions_network("tests/golden/small19.safetensors");
    content = sessions_pattern(1, 48, 36);
    faded = sessions_pattern(1, 48, 36);
    sessions_fade(faded);
    style = sessions_pattern(2, 50, 40);
    mask = sessions_pattern(3, 48, 36);
    for (int i = 0; i < 3 * 48 * 36; i++)
        mask->planes[i] = i % 48 < 24 ? 0.0f : 1.0f;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_network_free(other_network);
    image_free(content);
    image_free(faded);
    image_free(style);
    image_free(mask);
    return 0;
}

/* ---- saving and loading ---- */

static bool write_bytes(void *user, const void *bytes, size_t count, stylize_error *err) {
    stream to = byte_buffer_writer(user);
    error e;
    (void)err;
    return to.write(to.user, bytes, count, &e);
}

typedef struct place_in {
    const byte_buffer *from;
    size_t count, at; /* bytes there are; and read */
} place_in;

static bool read_on(void *user, void *bytes, size_t count, stylize_error *err) {
    place_in *self = user;
    if (count > self->count - self->at)
        return stylize_error_set(err, STYLIZE_FAILURE, "the test is short");
    memcpy(bytes, self->from->bytes + self->at, count);
    self->at += count;
    return true;
}

enum { MOST = 80 };

/* What was told, and what was saved after each event of an iteration. */
typedef struct story {
    bool saves;
    int count;
    double total[MOST], alpha[MOST], error_left[MOST], seconds[MOST];
    int iteration[MOST], stage[MOST], evaluations[MOST];
    byte_buffer saved[MOST];
    int set_at; /* an iteration after which beta is changed; 0: none */
} story;

static int note(void *user, stylize_session *session, const stylize_event *now) {
    story *self = user;
    stylize_error err;
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    const int i = self->count++;
    assert_true(i < MOST);
    if (self->set_at && now->iteration == self->set_at)
        assert_true(stylize_session_set(session, "beta", 100, &err));
    self->total[i] = now->total;
    self->alpha[i] = now->alpha;
    self->error_left[i] = now->content_error;
    self->seconds[i] = now->seconds;
    self->iteration[i] = now->iteration;
    self->stage[i] = now->stage;
    self->evaluations[i] = now->evaluations;
    if (self->saves && !stylize_session_save(session, write_bytes, &self->saved[i], &err))
        fail_msg("%s", err.text);
    return 0;
}

/* A session of a case, ready to step. */
typedef struct setting {
    const char *fields[12]; /* name, value, ..., NULL */
    bool faded, masked, texture, bf16;
    int set_at;
} setting;

static stylize_session *new_session(const setting *of, story *told, int threads) {
    const session_inputs inputs = {.networks = {network},
                                   .content = of->texture ? NULL
                                              : of->faded ? faded
                                                          : content,
                                   .style = style,
                                   .threads = threads,
                                   .observer = note,
                                   .user = told};
    stylize_recipe *recipe = recipes_of("size", "48", NULL);
    stylize_error err;
    for (int i = 0; of->fields[i]; i += 2)
        recipes_set(recipe, of->fields[i], of->fields[i + 1]);
    stylize_session *self = sessions_new(&inputs, recipe);
    if (of->masked)
        assert_true(stylize_session_add_mask(self, mask, &err));
    stylize_recipe_free(recipe);
    return self;
}

static image *finish(stylize_session *session) {
    stylize_error err;
    if (!stylize_session_run(session, &err))
        fail_msg("%s", err.text);
    image *out = stylize_session_result(session, &err);
    if (!out)
        fail_msg("%s", err.text);
    stylize_session_free(session);
    return out;
}

static void load(stylize_session *session, const byte_buffer *saved) {
    place_in from = {.from = saved, .count = saved->count};
    stylize_error err;
    if (!stylize_session_load(session, read_on, &from, &err))
        fail_msg("%s", err.text);
    assert_int_equal(from.at, saved->count);
}

static void clear(story *told) {
    for (int i = 0; i < MOST; i++)
        free(told->saved[i].bytes);
}

/* Loads what was saved after event `first`, goes on and compares. */
static void expect_same_end(const setting *of, const story *all, int first, const image *out,
                            int threads) {
    story rest = {.set_at = of->set_at};
    stylize_session *session = new_session(of, &rest, threads);
    load(session, &all->saved[first]);
    const stylize_event *now = stylize_session_event(session);
    assert_int_equal(rest.count, 0);
    assert_int_equal(now->iteration, all->iteration[first]);
    assert_int_equal(now->stage, all->stage[first]);
    assert_true(now->total == all->total[first] && now->seconds >= all->seconds[first]);
    image *again = finish(session);
    assert_int_equal(rest.count, all->count - 1 - first);
    for (int i = 0; i < rest.count; i++) {
        const int k = first + 1 + i;
        assert_true(rest.total[i] == all->total[k] && rest.alpha[i] == all->alpha[k]);
        assert_true(rest.error_left[i] == all->error_left[k]);
        assert_int_equal(rest.iteration[i], all->iteration[k]);
        assert_int_equal(rest.stage[i], all->stage[k]);
        assert_int_equal(rest.evaluations[i], all->evaluations[k]);
    }
    sessions_expect_same(again, out);
    image_free(again);
}

static const setting cases[] = {
    {.fields = {"scales", "32,48", "iterations", "9,6"}},
    {.fields = {"scales", "24,32,48", "iterations", "5,2,3", "alpha", "1", "history", "3"}},
    {.fields = {"scales", "32,48", "iterations", "4,5", "optimizer", "adam"}},
    {.fields = {"scales", "1", "iterations", "7", "optimizer", "adam", "average", "0.02"}},
    {.fields = {"scales", "32,48", "iterations", "5,4", "optimizer", "gd"}},
    {.fields = {"scales", "32,48", "iterations", "4,4", "color", "content"}, .faded = true},
    {.fields = {"scales", "32,48", "iterations", "3,3", "color", "match"}, .faded = true},
    {.fields = {"scales", "1", "iterations", "5", "color", "start", "strength", "8"}},
    {.fields = {"scales", "32,48", "iterations", "3,3", "mask-rest", "yes"}, .masked = true},
    {.fields = {"scales", "32,48", "iterations", "3,3", "texture", "yes", "tile", "yes"},
     .texture = true},
    {.fields = {"scales", "1", "iterations", "4", "style-cost", "bures", "init", "noise"}},
    {.fields = {"scales", "32,48", "iterations", "6,4"}, .set_at = 3},
    {.fields = {"scales", "1", "iterations", "0"}},
};

static void goes_on_to_the_same_bits(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        story all = {.saves = true, .set_at = cases[i].set_at};
        image *out = finish(new_session(&cases[i], &all, 1));
        for (int first = 0; first < all.count; first++)
            expect_same_end(&cases[i], &all, first, out, 1 + first % 3);
        clear(&all);
        image_free(out);
    }
}

/* Between the stages, and cancelled in a stage's phases, before it has a start. */
static int cancel_in_phase(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    return now->kind == STYLIZE_EVENT_PHASE && now->stage == 1 && now->phase == STYLIZE_PHASE_STYLE;
}

static void goes_on_from_between_stages(void **state) {
    (void)state;
    const setting *of = &cases[1];
    story all = {.saves = false}, rest = {.saves = false};
    image *out = finish(new_session(of, &all, 1));
    stylize_session *session = new_session(of, &rest, 1);
    byte_buffer saved = {0};
    stylize_error err;
    assert_true(stylize_session_observe(session, cancel_in_phase, NULL, 0, &err));
    assert_true(stylize_session_run(session, &err));
    assert_true(stylize_session_save(session, write_bytes, &saved, &err));
    stylize_session_free(session);
    session = new_session(of, &rest, 2);
    load(session, &saved);
    assert_int_equal(stylize_session_event(session)->iteration, 5);
    assert_int_equal(stylize_session_event(session)->stage, 1);
    image *shown = stylize_session_result(session, &err); /* that of the stage before */
    assert_non_null(shown);
    image_free(shown);
    image *again = finish(session);
    sessions_expect_same(again, out);
    image_free(again);
    image_free(out);
    free(saved.bytes);
}

/* A session that was saved at its end is done; with more iterations it goes on as one that had them
 * from the start. */
static void ends_where_it_ended(void **state) {
    (void)state;
    const setting *of = &cases[1];
    const setting longer = {
        .fields = {"scales", "24,32,48", "iterations", "5,2,7", "alpha", "1", "history", "3"}};
    story all = {.saves = true}, more = {.saves = false}, rest = {.saves = false};
    image *out = finish(new_session(of, &all, 1)), *far = finish(new_session(&longer, &more, 1));
    const byte_buffer *last = &all.saved[all.count - 1];
    stylize_session *session = new_session(of, &rest, 1);
    stylize_error err;
    load(session, last);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_DONE);
    assert_int_equal(stylize_session_event(session)->stop, STYLIZE_STOP_ITERATIONS);
    assert_int_equal(stylize_session_event(session)->iteration, 10);
    assert_false(stylize_session_add_iterations(session, 1, &err));
    image *again = finish(session);
    sessions_expect_same(again, out);
    image_free(again);
    for (int k = 0; k < 2; k++) { /* at the end, and before */
        session = new_session(of, &rest, 1);
        load(session, k ? last : &all.saved[6]);
        assert_true(stylize_session_add_iterations(session, 3, &err));
        assert_true(stylize_session_add_iterations(session, 0, &err));
        assert_false(stylize_session_add_iterations(session, -1, &err));
        assert_false(stylize_session_add_iterations(session, INT_MAX, &err));
        assert_int_equal(err.status, STYLIZE_USAGE);
        assert_true(stylize_session_add_iterations(session, 1, &err));
        assert_int_equal(stylize_session_event(session)->iterations, 14);
        again = finish(session);
        sessions_expect_same(again, far);
        image_free(again);
    }
    image_free(far);
    image_free(out);
    clear(&all);
}

/* What was added is saved, too. */
static void more_iterations_are_saved(void **state) {
    (void)state;
    const setting *of = &cases[1];
    story all = {.saves = true}, rest = {.saves = true}, third = {.saves = false};
    image_free(finish(new_session(of, &all, 1)));
    stylize_session *session = new_session(of, &rest, 1);
    stylize_error err;
    load(session, &all.saved[all.count - 1]);
    assert_true(stylize_session_add_iterations(session, 4, &err));
    image *out = finish(session);
    session = new_session(of, &third, 1);
    load(session, &rest.saved[1]);
    image *again = finish(session);
    assert_int_equal(third.count, 2);
    sessions_expect_same(again, out);
    image_free(again);
    image_free(out);
    clear(&all);
    clear(&rest);
}

/* ---- refusals ---- */

static void expect_refused(stylize_session *session, const byte_buffer *saved, size_t count,
                           const char *words) {
    place_in from = {.from = saved, .count = count};
    stylize_error err = {STYLIZE_OK, ""};
    if (stylize_session_load(session, read_on, &from, &err))
        fail_msg("accepted: %s", words);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_FAILED);
    stylize_session_free(session);
}

static void another_session_is_refused(void **state) {
    (void)state;
    const setting of = {.fields = {"scales", "32,48", "iterations", "3,3"}};
    const setting *const others[] = {
        &(setting){.fields = {"scales", "32,48", "iterations", "3,3", "strength", "7"}},
        &(setting){.fields = {"scales", "32,48", "iterations", "3,4"}},
        &(setting){.fields = {"scales", "32,48", "iterations", "3,3"}, .faded = true},
    };
    const char *const words[] = {"made with strength: 5, not 7", "made with iterations: 3,3, not",
                                 "other pictures"};
    story all = {.saves = true}, rest = {.saves = false};
    image_free(finish(new_session(&of, &all, 1)));
    const byte_buffer *saved = &all.saved[2];
    for (int i = 0; i < 3; i++)
        expect_refused(new_session(others[i], &rest, 1), saved, saved->count, words[i]);
    /* of other pictures and networks of the same sizes the cost is another */
    stylize_recipe *recipe = recipes_of("size", "48", "scales", "32,48", "iterations", "3,3", NULL);
    session_inputs inputs = {.networks = {network}, .content = content, .style = style};
    style->planes[700] += 0.25f;
    expect_refused(sessions_new(&inputs, recipe), saved, saved->count, "its cost was");
    style->planes[700] -= 0.25f;
    inputs.networks[0] = other_network;
    expect_refused(sessions_new(&inputs, recipe), saved, saved->count, "networks");
    stylize_recipe_free(recipe);
    /* too early, too late */
    stylize_session *session = new_session(&of, &rest, 1);
    byte_buffer nothing = {0};
    place_in from = {.from = saved, .count = saved->count};
    stylize_error err;
    assert_false(stylize_session_save(session, write_bytes, &nothing, &err));
    assert_false(stylize_session_add_iterations(session, 1, &err));
    assert_int_equal(stylize_session_step(session, &err), STYLIZE_MORE);
    assert_false(stylize_session_load(session, read_on, &from, &err));
    stylize_session_free(session);
    clear(&all);
}

/* Cut at any byte, and with any byte changed. Whatever lies past the head is the optimiser's. */
static void damage_is_refused(void **state) {
    (void)state;
    const setting of = {
        .fields = {"scales", "1", "iterations", "2", "size", "24", "optimizer", "gd"}};
    story all = {.saves = true}, rest = {.saves = false};
    image_free(finish(new_session(&of, &all, 1)));
    byte_buffer *saved = &all.saved[1];
    for (size_t i = 0; i < saved->count; i += 3 + (i > 4600) * 97) {
        expect_refused(new_session(&of, &rest, 1), saved, i, "the test is short");
        saved->bytes[i] ^= (unsigned char)(1 + i % 255);
        place_in from = {.from = saved, .count = saved->count};
        stylize_session *session = new_session(&of, &rest, 1);
        stylize_error err;
        if (stylize_session_load(session, read_on, &from, &err))
            fail_msg("accepted: byte %zu", i);
        saved->bytes[i] ^= (unsigned char)(1 + i % 255);
        stylize_session_free(session);
    }
    clear(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_to_the_same_bits),    cmocka_unit_test(ends_where_it_ended),
        cmocka_unit_test(goes_on_from_between_stages), cmocka_unit_test(more_iterations_are_saved),
        cmocka_unit_test(another_session_is_refused),  cmocka_unit_test(damage_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
