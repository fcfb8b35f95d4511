/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/places.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct kept {
    char *path;
    stylize_output *place;
    int users;
    unsigned long age; /* number of the call that kept it */
} kept;

static kept all[MOST];
static unsigned long calls;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* With the lock held. */
static kept *find(const char *path) {
    for (int i = 0; i < MOST; i++) {
        if (all[i].path && !strcmp(all[i].path, path))
            return &all[i];
    }
    return NULL;
}

static void clear(kept *slot) {
    free(slot->path);
    stylize_output_free(slot->place);
    *slot = (kept){0};
}

/* A slot that is free, or the oldest of those that nobody uses; NULL: none. */
static kept *make_room(void) {
    kept *found = NULL;
    for (int i = 0; i < MOST; i++) {
        if (!all[i].path)
            return &all[i];
        if (!all[i].users && (!found || all[i].age < found->age))
            found = &all[i];
    }
    if (found)
        clear(found);
    return found;
}

/* Takes over a place, unless its path is kept already or cannot be. */
static void keep(const char *path, stylize_output *place) {
    pthread_mutex_lock(&lock);
    kept *slot = find(path) ? NULL : make_room();
    char *name = slot ? strdup(path) : NULL;
    if (name)
        *slot = (kept){name, place, 0, ++calls};
    pthread_mutex_unlock(&lock);
    if (!name) /* analysed: what there is, the slot keeps */
        stylize_output_free(place);
}

/* The place that is kept, for release; or one that is found now, with *slot NULL. */
static stylize_output *take(const char *path, kept **slot, stylize_error *err) {
    pthread_mutex_lock(&lock);
    *slot = find(path);
    if (*slot)
        (*slot)->users++;
    pthread_mutex_unlock(&lock);
    return *slot ? (*slot)->place : stylize_output_new(path, err);
}

static void release(stylize_output *place, kept *slot) {
    if (!slot) {
        stylize_output_free(place);
        return;
    }
    pthread_mutex_lock(&lock);
    slot->users--;
    pthread_mutex_unlock(&lock);
}

bool places_keep(const char *path, bool whole, stylize_error *err) {
    kept *slot;
    stylize_output *place = take(path, &slot, err);
    const bool ok = place && (!whole || stylize_output_check(place, err));
    if (ok && !slot)
        keep(path, place);
    else
        release(place, slot);
    return ok;
}

void places_drop(const char *path) {
    pthread_mutex_lock(&lock);
    kept *slot = find(path);
    if (slot && !slot->users)
        clear(slot);
    pthread_mutex_unlock(&lock);
}

bool places_is_special(const char *path) {
    kept *slot;
    stylize_error unused;
    stylize_output *place = take(path, &slot, &unused);
    const bool special = stylize_output_is_special(place);
    release(place, slot);
    return special;
}

bool places_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                  stylize_error *err) {
    kept *slot;
    stylize_output *place = take(path, &slot, err);
    const bool ok = place && stylize_output_write(place, data, size, abandoned, err);
    release(place, slot);
    return ok;
}

bool places_compose(const char *path, stylize_composer *compose, void *user,
                    bool (*abandoned)(void), stylize_error *err) {
    kept *slot;
    stylize_output *place = take(path, &slot, err);
    const bool ok = place && stylize_output_compose(place, compose, user, abandoned, err);
    release(place, slot);
    return ok;
}

int places_open(const char *path, int flags) {
    kept *slot;
    stylize_error unused;
    errno = EACCES; /* for a link that is refused */
    stylize_output *place = take(path, &slot, &unused);
    const int descriptor = place ? stylize_output_open(place, flags) : -1;
    const int number = errno;
    release(place, slot);
    errno = number;
    return descriptor;
}
