/* SPDX-License-Identifier: MIT
 *
 * The store: what is read once, what is kept and what goes, and pictures that share memory.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <setjmp.h>       /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/room.h"
#include "cli/store.h"
#include "recipes.h"
#include "sessions.h"

enum { SIDE = 64, BYTES = SIDE * SIDE * 3, PICTURES = 3, MOST = 1 << 20 };

static char folder[] = "/tmp/stylize-store-XXXXXX", paths[PICTURES][64];

static void write_picture(const char *path, int pattern) {
    stylize_error err;
    image *picture = sessions_pattern(pattern, SIDE, SIDE);
    assert_true(stylize_image_write(picture, path, 0, 0, &err));
    image_free(picture);
}

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    for (int i = 0; i < PICTURES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%d.png", folder, i);
        write_picture(paths[i], 1 + i);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (int i = 0; i < PICTURES; i++)
        unlink(paths[i]);
    return rmdir(folder);
}

static store *new_store(uint64_t bytes) {
    stylize_error err;
    store *self = store_new(bytes, 0, &err);
    assert_non_null(self);
    return self;
}

static stylize_image *take(store *self, int index) {
    stylize_error err;
    stylize_image *picture = store_take_picture(self, paths[index], MOST, &err);
    if (!picture)
        fail_msg("%s", err.text);
    return picture;
}

static void reads_once_what_somebody_has(void **state) {
    store *self = new_store(0);
    stylize_image *first = take(self, 0), *second = take(self, 0), *other = take(self, 1);
    (void)state;
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, other);
    store_give_picture(self, first);
    assert_ptr_equal(take(self, 0), second);
    store_give_picture(self, second);
    store_give_picture(self, second);
    store_give_picture(self, other);
    assert_false(store_drop_unused(self)); /* nothing is kept in 0 bytes */
    store_free(self);
}

static void keeps_the_latest_in_its_bytes(void **state) {
    store *self = new_store(2 * BYTES);
    stylize_image *pictures[PICTURES];
    (void)state;
    for (int i = 0; i < PICTURES; i++) {
        pictures[i] = take(self, i);
        store_give_picture(self, pictures[i]);
    }
    assert_ptr_equal(take(self, 1), pictures[1]);
    assert_ptr_equal(take(self, 2), pictures[2]);
    store_give_picture(self, pictures[1]);
    store_give_picture(self, pictures[2]);
    assert_true(store_drop_unused(self));
    assert_false(store_drop_unused(self));
    store_free(self);
}

static void keeps_what_is_read_ahead(void **state) {
    store *self = new_store(BYTES);
    (void)state;
    assert_int_equal(store_read_ahead(self, paths[0], MOST, BYTES - 1), 0);
    assert_int_equal(store_bytes(self), 0);
    assert_true(store_read_ahead(self, paths[0], MOST, 3 * BYTES) == BYTES);
    assert_int_equal(store_read_ahead(self, paths[0], MOST, 3 * BYTES), 0); /* it is there */
    stylize_image *other = take(self, 1);
    store_give_picture(self, other); /* is kept, and the one read ahead beside it */
    assert_true(store_bytes(self) == 2 * BYTES);
    store_give_picture(self, take(self, 0));
    assert_true(store_bytes(self) == BYTES);
    store_read_ahead(self, paths[2], MOST, 3 * BYTES);
    assert_true(store_drop_unused(self));
    assert_int_equal(store_bytes(self), 0);
    store_free(self);
}

static void reads_again_what_has_changed(void **state) {
    store *self = new_store(10 * BYTES);
    stylize_image *before = take(self, 0);
    (void)state;
    unlink(paths[0]);
    write_picture(paths[0], 2);
    stylize_image *after = take(self, 0);
    assert_ptr_not_equal(before, after);
    assert_true(sessions_differ(before, after));
    store_give_picture(self, before);
    store_give_picture(self, after);
    store_free(self);
}

static void *write_pipe(void *user) {
    const char *const *names = user; /* from, to */
    uint8_t block[1 << 16];
    FILE *from = fopen(names[0], "rb"), *to = fopen(names[1], "wb");
    for (size_t length; from && to && (length = fread(block, 1, sizeof block, from)) > 0;)
        fwrite(block, 1, length, to);
    if (from)
        fclose(from);
    if (to)
        fclose(to);
    return NULL;
}

/* Each time there is another picture in it. */
static void keeps_nothing_of_pipes(void **state) {
    char pipe[80];
    store *self = new_store(10 * BYTES);
    stylize_image *pictures[2];
    stylize_error err;
    (void)state;
    snprintf(pipe, sizeof pipe, "%s/pipe", folder);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    for (int i = 0; i < 2; i++) {
        const char *names[] = {paths[1 + i], pipe};
        pthread_t writer;
        assert_int_equal(pthread_create(&writer, NULL, write_pipe, names), 0);
        pictures[i] = store_take_picture(self, pipe, MOST, &err);
        assert_non_null(pictures[i]);
        assert_true(i == 0 || pictures[1] != pictures[0]);
        assert_int_equal(pthread_join(writer, NULL), 0);
    }
    assert_true(sessions_differ(pictures[0], pictures[1]));
    for (int i = 0; i < 2; i++)
        store_give_picture(self, pictures[i]);
    assert_false(store_drop_unused(self));
    unlink(pipe);
    store_free(self);
}

static void says_what_cannot_be_read(void **state) {
    store *self = new_store(10 * BYTES);
    stylize_error err;
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_null(store_take_picture(self, "missing.png", MOST, &err));
    assert_null(store_take_picture(self, paths[0], 100, &err)); /* too many pixels */
    assert_non_null(take(self, 0));
    store_free(self);
}

static bool always(const stylize_network *network, const stylize_recipe *recipe) {
    (void)network;
    (void)recipe;
    return true;
}

static bool never(const stylize_network *network, const stylize_recipe *recipe) {
    (void)network;
    (void)recipe;
    return false;
}

static void shares_networks_that_suit(void **state) {
    store *self = new_store(0);
    stylize_recipe *recipe = recipes_of("precision", "fp32", NULL);
    stylize_error err;
    (void)state;
    stylize_network *first = store_take_network(self, SESSIONS_BUNDLED, recipe, always, &err);
    store_give_network(self, first);
    assert_ptr_equal(store_take_network(self, SESSIONS_BUNDLED, recipe, always, &err), first);
    stylize_network *deeper = store_take_network(self, SESSIONS_BUNDLED, recipe, never, &err);
    assert_ptr_not_equal(deeper, first);
    recipes_set(recipe, "precision", "bf16");
    stylize_network *other = store_take_network(self, SESSIONS_BUNDLED, recipe, always, &err);
    assert_true(other != first && other != deeper);
    store_give_network(self, first);
    store_give_network(self, deeper);
    store_give_network(self, other);
    stylize_recipe_free(recipe);
    store_free(self);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 50 };

static void *take_and_give(void *user) {
    store *self = user;
    for (int i = 0; i < ROUNDS; i++) {
        stylize_image *picture = take(self, i % PICTURES);
        int width, height;
        stylize_image_size(picture, &width, &height);
        assert_int_equal(width, SIDE);
        store_give_picture(self, picture);
    }
    return NULL;
}

static void serves_several_threads(void **state) {
    store *self = new_store(BYTES);
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, self), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    store_free(self);
}

/* ---- memory ---- */

static void lets_in_what_fits(void **state) {
    room self;
    (void)state;
    room_init(&self);
    room_prepare(&self);
    assert_true(room_fits(&self, 100, 150, 0)); /* alone: it is refused elsewhere */
    assert_false(room_wait(&self));
    room_work(&self, 100);
    room_prepare(&self);
    assert_int_equal(room_spare(&self, 10), 40);
    assert_true(room_fits(&self, 50, 150, 0));
    assert_true(room_fits(&self, 50, 50, 0)); /* the first has taken all of its 100 */
    assert_false(room_fits(&self, 50, 49, 0));
    assert_false(room_fits(&self, 51, 150, 0));  /* it may yet take them */
    assert_false(room_fits(&self, 50, 140, 10)); /* the store has the rest */
    room_give_up(&self);
    room_leave(&self, 100);
    room_prepare(&self);
    assert_false(room_wait(&self));
    room_give_up(&self);
    room_clear(&self);
    assert_true(room_fits(NULL, 2, 1, 0));
    assert_false(room_wait(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_once_what_somebody_has),
        cmocka_unit_test(keeps_the_latest_in_its_bytes),
        cmocka_unit_test(keeps_what_is_read_ahead),
        cmocka_unit_test(reads_again_what_has_changed),
        cmocka_unit_test(keeps_nothing_of_pipes),
        cmocka_unit_test(says_what_cannot_be_read),
        cmocka_unit_test(shares_networks_that_suit),
        cmocka_unit_test(serves_several_threads),
        cmocka_unit_test(lets_in_what_fits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
