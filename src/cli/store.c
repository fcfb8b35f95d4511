/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/picture.h"
#include "core/retry.h"

enum { MOST_NETWORKS = 4 }; /* that nobody has */

/* A file and what it was read as: a picture or a network. */
typedef struct item {
    struct item *next; /* used longer ago */
    char *path;
    struct stat file; /* when it was read */
    int users;        /* who have it, or wait for it */
    bool loading, failed;
    bool ahead; /* read for somebody who is to take it yet */
    bool known; /* of a file that can be read twice: no pipe, no standard input */
    stylize_image *picture;
    stylize_network *network;
    int most_pixels;       /* of a picture; 0 of a network */
    const char *precision; /* of a network */
    uint64_t bytes;        /* of a picture */
} item;

struct store {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t loaded;
    item *items; /* the latest used first */
    uint64_t most_bytes, style_bytes;
    stylize_cache *cache;
    pthread_mutex_t digests_lock;
    digests digests;
};

store *store_new(uint64_t picture_bytes, uint64_t style_bytes, stylize_error *err) {
    store *self = calloc(1, sizeof *self);
    if (!self) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    self->cache = stylize_cache_new(style_bytes, err);
    if (!self->cache) {
        free(self);
        return NULL;
    }
    self->most_bytes = picture_bytes;
    self->style_bytes = style_bytes;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->loaded, NULL);
    pthread_mutex_init(&self->digests_lock, NULL);
    return self;
}

stylize_cache *store_cache(store *self) {
    return self ? self->cache : NULL;
}

digests *store_lock_digests(store *self) {
    if (!self)
        return NULL;
    pthread_mutex_lock(&self->digests_lock);
    return &self->digests;
}

void store_unlock_digests(store *self) {
    if (self)
        pthread_mutex_unlock(&self->digests_lock);
}

static void free_item(item *self) {
    stylize_image_free(self->picture);
    stylize_network_free(self->network);
    free(self->path);
    free(self);
}

void store_free(store *self) {
    if (!self)
        return;
    for (item *next; self->items; self->items = next) {
        next = self->items->next;
        free_item(self->items);
    }
    stylize_cache_free(self->cache);
    digests_clear(&self->digests);
    pthread_mutex_destroy(&self->digests_lock);
    pthread_cond_destroy(&self->loaded);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

/* ---- items; the lock is held ---- */

static void take_out(store *self, const item *which) {
    item **place = &self->items;
    while (*place != which)
        place = &(*place)->next;
    *place = which->next;
}

static void put_first(store *self, item *latest) {
    latest->next = self->items;
    self->items = latest;
}

/* Drops what nobody has, and is not read ahead, beyond what may be kept of its kind. */
static void drop_surplus(store *self, uint64_t most_bytes, int most_networks) {
    uint64_t bytes = 0;
    int count = 0;
    for (item **place = &self->items; *place;) {
        item *now = *place;
        if (now->users > 0 || (now->ahead && most_bytes > 0)) {
            place = &now->next;
            continue;
        }
        bytes += now->bytes;
        count += now->network != NULL;
        if (now->network ? count <= most_networks : bytes <= most_bytes) {
            place = &now->next;
            continue;
        }
        bytes -= now->bytes;
        *place = now->next;
        free_item(now);
    }
}

/* What an item is asked for as. */
typedef struct wish {
    const char *path;
    struct stat file;
    bool known;      /* there is such a file, which can be read twice */
    int most_pixels; /* 0 of a network */
    int read_pixels; /* at most, now */
    const stylize_recipe *recipe;
    store_suits *suits;
} wish;

static bool is_for(const item *self, const wish *wanted) {
    if (self->failed || strcmp(self->path, wanted->path) != 0 ||
        !digest_same_file(&self->file, &wanted->file) || self->most_pixels != wanted->most_pixels)
        return false;
    return !wanted->recipe || (!strcmp(self->precision, stylize_recipe_precision(wanted->recipe)) &&
                               (self->loading || wanted->suits(self->network, wanted->recipe)));
}

static item *find(store *self, const wish *wanted) {
    for (item *now = self->items; now && wanted->known; now = now->next) {
        if (is_for(now, wanted))
            return now;
    }
    return NULL;
}

/* A use less. */
static void leave(store *self, item *which) {
    which->users--;
    if ((which->failed || !which->known) && which->users == 0) {
        take_out(self, which);
        free_item(which);
    }
    drop_surplus(self, self->most_bytes, MOST_NETWORKS);
}

/* ---- reading ---- */

/* A new item, loading; NULL when memory is short. */
static item *new_item(const wish *wanted) {
    item *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->path = strdup(wanted->path);
    self->file = wanted->file;
    self->known = wanted->known;
    self->users = 1;
    self->loading = true;
    self->most_pixels = wanted->most_pixels;
    self->precision = wanted->recipe ? stylize_recipe_precision(wanted->recipe) : NULL;
    if (self->path)
        return self;
    free(self);
    return NULL;
}

/* Reads an item while others go on. The lock is held, before and after. NULL with *err. */
static item *load(store *self, const wish *wanted, stylize_error *err) {
    item *made = new_item(wanted);
    if (!made) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    put_first(self, made);
    pthread_mutex_unlock(&self->lock);
    stylize_network *network =
        wanted->recipe ? stylize_network_load_for(wanted->recipe, wanted->path, err) : NULL;
    stylize_image *picture =
        wanted->recipe ? NULL : picture_read(wanted->path, wanted->read_pixels, err);
    const bool ok = network || picture;
    pthread_mutex_lock(&self->lock);
    made->network = network;
    made->picture = picture;
    made->bytes = picture ? stylize_image_memory(picture) : 0;
    made->loading = false;
    made->failed = !ok;
    pthread_cond_broadcast(&self->loaded);
    if (ok)
        return made;
    leave(self, made);
    return NULL;
}

/* Whoever waits for another's reading looks again when that is done: it may have failed, or have
 * loaded too little of a network. */
static item *take(store *self, const wish *wanted, stylize_error *err) {
    item *found;
    pthread_mutex_lock(&self->lock);
    while ((found = find(self, wanted)) && found->loading) {
        found->users++;
        while (found->loading)
            pthread_cond_wait(&self->loaded, &self->lock);
        leave(self, found);
    }
    if (found) {
        found->users++;
        found->ahead = false;
        take_out(self, found);
        put_first(self, found);
    } else {
        found = load(self, wanted, err);
    }
    pthread_mutex_unlock(&self->lock);
    return found;
}

static wish wish_for(const char *path) {
    wish self = {.path = path};
    self.known =
        strcmp(path, "-") != 0 && retry_stat(path, &self.file) == 0 && S_ISREG(self.file.st_mode);
    return self;
}

stylize_image *store_take_picture(store *self, const char *path, int most_pixels,
                                  stylize_error *err) {
    if (!self)
        return picture_read(path, most_pixels, err);
    wish wanted = wish_for(path);
    wanted.most_pixels = wanted.read_pixels = most_pixels;
    const item *found = take(self, &wanted, err);
    if (!found && wanted.known && err->status == STYLIZE_MEMORY && store_drop_unused(self))
        found = take(self, &wanted, err);
    return found ? found->picture : NULL;
}

/* What was read ahead for pictures that others have painted meanwhile goes as the rest does. */
static void forget_ahead(store *self) {
    uint64_t bytes = 0;
    for (const item *now = self->items; now; now = now->next)
        bytes += now->ahead ? now->bytes : 0;
    for (item *now = self->items; now && bytes > self->most_bytes; now = now->next)
        now->ahead = false;
}

uint64_t store_read_ahead(store *self, const char *path, int most_pixels, uint64_t most_bytes) {
    stylize_error unused;
    uint64_t bytes = 0;
    wish wanted = wish_for(path);
    wanted.most_pixels = most_pixels;
    const uint64_t most = most_bytes / (4 * sizeof(uint16_t));
    wanted.read_pixels = most < (uint64_t)most_pixels ? (int)most : most_pixels;
    if (!wanted.known || wanted.read_pixels < 1)
        return 0;
    pthread_mutex_lock(&self->lock);
    forget_ahead(self);
    if (!find(self, &wanted)) {
        item *made = load(self, &wanted, &unused);
        if (made) {
            bytes = made->bytes;
            made->ahead = made->users == 1; /* nobody waits for it */
            leave(self, made);
        }
    }
    pthread_mutex_unlock(&self->lock);
    return bytes;
}

uint64_t store_bytes(store *self) {
    uint64_t bytes = 0;
    if (!self)
        return 0;
    pthread_mutex_lock(&self->lock);
    for (const item *now = self->items; now; now = now->next)
        bytes += now->bytes;
    pthread_mutex_unlock(&self->lock);
    return bytes;
}

stylize_network *store_take_network(store *self, const char *path, const stylize_recipe *recipe,
                                    store_suits *suits, stylize_error *err) {
    if (!self)
        return stylize_network_load_for(recipe, path, err);
    wish wanted = wish_for(path);
    wanted.recipe = recipe;
    wanted.suits = suits;
    const item *found = take(self, &wanted, err);
    return found ? found->network : NULL;
}

/* ---- giving back ---- */

/* Gives back what an item has; false where none has it. */
static bool give(store *self, const void *what) {
    if (!self)
        return false;
    pthread_mutex_lock(&self->lock);
    item *now = self->items;
    while (now && now->picture != what && now->network != what)
        now = now->next;
    if (now)
        leave(self, now);
    pthread_mutex_unlock(&self->lock);
    return now != NULL;
}

void store_give_picture(store *self, stylize_image *picture) {
    if (picture && !give(self, picture))
        stylize_image_free(picture);
}

void store_give_network(store *self, stylize_network *network) {
    if (network && !give(self, network))
        stylize_network_free(network);
}

static int count_items(const store *self) {
    int count = 0;
    for (const item *now = self->items; now; now = now->next)
        count++;
    return count;
}

bool store_drop_unused(store *self) {
    if (!self)
        return false;
    pthread_mutex_lock(&self->lock);
    const int before = count_items(self);
    drop_surplus(self, 0, 0);
    const bool dropped = count_items(self) < before;
    pthread_mutex_unlock(&self->lock);
    return dropped;
}

void store_drop_styles(store *self) {
    stylize_error unused;
    stylize_cache_free(self->cache);
    self->cache = stylize_cache_new(self->style_bytes, &unused);
}
