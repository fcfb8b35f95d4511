/* SPDX-License-Identifier: MIT
 *
 * The cache of what networks have learnt of styles: the same bits as without it, an analysis only
 * where something is another, no more bytes than it may have, and several threads at once.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "recipes.h"
#include "sessions.h"
#include "transfer/cache.h"

enum { LARGE = 64 << 20, STYLES = 2 };

static stylize_network *network, *other;
static image *content, *styles[STYLES], *mask;

static int set_up(void **state) {
    (void)state;
    network = sessions_network(SESSIONS_BUNDLED);
    other = sessions_network(SESSIONS_BUNDLED);
    content = sessions_pattern(1, 64, 48);
    for (int i = 0; i < STYLES; i++)
        styles[i] = sessions_pattern(2 + i, 40 + 8 * i, 52);
    mask = sessions_pattern(1, 64, 48);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_network_free(other);
    image_free(content);
    image_free(mask);
    for (int i = 0; i < STYLES; i++)
        image_free(styles[i]);
    return 0;
}

static stylize_cache *new_cache(uint64_t bytes) {
    stylize_error err;
    stylize_cache *self = stylize_cache_new(bytes, &err);
    assert_non_null(self);
    return self;
}

/* ---- sessions ---- */

/* What one is made from, beside the content. */
typedef struct trial {
    const stylize_network *network;
    int styles;        /* so many, */
    int first;         /* from that one on */
    bool masked;       /* the content's left part by the first style, the rest by the second */
    const char *field; /* of the recipe, beside a small size and few iterations; or NULL */
    const char *value;
    bool known; /* its parts have been learnt before */
} trial;

static image *paint(const trial *self, stylize_cache *cache) {
    const session_inputs inputs = {.networks = {self->network}, .content = content};
    stylize_recipe *recipe = recipes_of("size", "64", "iterations", "2", "scales", "2", NULL);
    stylize_error err = {STYLIZE_OK, ""};
    if (self->field)
        recipes_set(recipe, self->field, self->value);
    stylize_session *session = sessions_new(&inputs, recipe);
    bool ok = true;
    for (int i = 0; i < self->styles; i++)
        ok = ok && stylize_session_add_style(session, styles[(self->first + i) % STYLES], &err);
    if (self->masked)
        ok = ok && stylize_session_add_mask(session, mask, &err);
    stylize_session_set_cache(session, cache);
    if (!ok || !stylize_session_run(session, &err))
        fail_msg("%s", err.text);
    image *out = stylize_session_result(session, &err);
    if (!out)
        fail_msg("%s", err.text);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    return out;
}

/* Paints with and without the cache; returns the bytes by which the cache grew. */
static size_t grow(const trial *self, stylize_cache *cache) {
    const size_t room = cache_room(cache);
    image *plain = paint(self, NULL), *cached = paint(self, cache);
    sessions_expect_same(plain, cached);
    image_free(plain);
    image_free(cached);
    return room - cache_room(cache);
}

static const trial trials[] = {
    {.styles = 1},
    {.styles = 1, .first = 1},
    {.styles = 2},
    {.styles = 2, .field = "style-weights", .value = "1,3"},
    {.styles = 2, .masked = true, .known = true}, /* each region by one style */
    {.styles = 1, .field = "style-cost", .value = "bures"},
    {.styles = 1, .field = "style-cost", .value = "moments"},
    {.styles = 1, .field = "style-scale", .value = "1.5"},
    {.styles = 1, .field = "pool", .value = "avg"},
    {.styles = 1, .field = "style-layers", .value = "relu1_1,relu3_1"},
    {.styles = 1, .field = "color", .value = "match"},
};

enum { TRIALS = sizeof trials / sizeof *trials };

static void gives_the_same_bits_and_learns_what_is_new_only(void **state) {
    stylize_cache *cache = new_cache(LARGE);
    (void)state;
    for (int i = 0; i < TRIALS; i++) {
        trial now = trials[i];
        now.network = network;
        if ((grow(&now, cache) == 0) != now.known)
            fail_msg("trial %d is taken for another, or not for what it is", i);
        if (grow(&now, cache) != 0)
            fail_msg("trial %d is not found again", i);
    }
    trial now = trials[0];
    now.network = other;
    assert_true(grow(&now, cache) > 0); /* a network is itself alone */
    now.field = "beta";
    now.value = "3000";
    assert_true(grow(&now, cache) == 0); /* what does not matter to styles */
    stylize_cache_free(cache);
}

static void keeps_to_its_bytes(void **state) {
    trial now = trials[0];
    now.network = network;
    stylize_cache *large = new_cache(LARGE);
    const size_t bytes = grow(&now, large); /* of the targets of two stages */
    stylize_cache_free(large);
    (void)state;

    stylize_cache *cache = new_cache(bytes);
    assert_true(grow(&now, cache) == bytes);
    now.first = 1;
    assert_true(grow(&now, cache) == 0); /* in the place of the others */
    assert_true(cache_room(cache) == 0);
    now.first = 0;
    assert_true(grow(&now, cache) == 0);
    stylize_cache_free(cache);

    cache = new_cache(1000);
    assert_true(grow(&now, cache) == 0);
    assert_true(cache_room(cache) == 1000);
    stylize_cache_free(cache);
}

static void counts_in_the_plan(void **state) {
    const session_inputs inputs = {.networks = {network}, .content = content, .style = styles[0]};
    stylize_cache *cache = new_cache(LARGE);
    stylize_recipe *recipe = recipes_of("size", "64", "iterations", "2", "scales", "2", NULL);
    stylize_session *session = sessions_new(&inputs, recipe);
    stylize_error err;
    (void)state;
    const uint64_t without = stylize_session_plan(session, false, &err)->needed;
    stylize_session_set_cache(session, cache);
    const uint64_t with = stylize_session_plan(session, false, &err)->needed;
    assert_true(stylize_session_run(session, &err));
    const size_t grown = LARGE - cache_room(cache);
    assert_true(grown > 0 && with - without >= grown && with - without < 2 * grown);
    stylize_session_free(session);
    stylize_recipe_free(recipe);
    stylize_cache_free(cache);
}

/* ---- threads ---- */

enum { THREADS = 4 };

typedef struct painter {
    trial trial;
    stylize_cache *cache;
    image *out[2];
} painter;

static void *work(void *user) {
    painter *self = user;
    for (int i = 0; i < 2; i++)
        self->out[i] = paint(&self->trial, self->cache);
    return NULL;
}

static void serves_several_threads(void **state) {
    stylize_cache *cache = new_cache(LARGE);
    painter painters[THREADS];
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        painters[i] = (painter){.trial = trials[i % 2], .cache = cache};
        painters[i].trial.network = network;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &painters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        image *plain = paint(&painters[i].trial, NULL);
        for (int k = 0; k < 2; k++) {
            sessions_expect_same(plain, painters[i].out[k]);
            image_free(painters[i].out[k]);
        }
        image_free(plain);
    }
    stylize_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_bits_and_learns_what_is_new_only),
        cmocka_unit_test(keeps_to_its_bytes),
        cmocka_unit_test(counts_in_the_plan),
        cmocka_unit_test(serves_several_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
