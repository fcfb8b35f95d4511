/* SPDX-License-Identifier: MIT */
#include "transfer/cache.h"

#include <nettle/sha2.h>
#include <pthread.h>
#include <string.h>

#include "core/memory.h"
#include "cost/kind.h"
#include "image/image.h"
#include "transfer/api_error.h"

typedef struct entry {
    struct entry *next; /* used longer ago */
    cache_key key;
    size_t bytes; /* that it takes with all */
    layout memory;
    int count;
    cost_target targets[];
} entry;

struct stylize_cache {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t learnt;
    cache_work *works; /* that others wait for */
    entry *entries;    /* the latest used first */
    size_t bytes, most;
};

stylize_cache *stylize_cache_new(uint64_t most_bytes, stylize_error *err) {
    error e;
    stylize_cache *self = memory_alloc(1, sizeof *self, &e);
    if (self && pthread_mutex_init(&self->lock, NULL) != 0) {
        error_set(&e, ERROR_FAILURE, "out of memory");
        memory_free(self);
        self = NULL;
    }
    if (self && pthread_cond_init(&self->learnt, NULL) != 0) {
        error_set(&e, ERROR_FAILURE, "out of memory");
        pthread_mutex_destroy(&self->lock);
        memory_free(self);
        self = NULL;
    }
    if (!self) {
        api_error(&e, err);
        return NULL;
    }
    self->most = most_bytes < SIZE_MAX ? (size_t)most_bytes : SIZE_MAX;
    return self;
}

static void free_entry(entry *self) {
    layout_free(&self->memory);
    memory_free(self);
}

void stylize_cache_free(stylize_cache *self) {
    if (!self)
        return;
    for (entry *next; self->entries; self->entries = next) {
        next = self->entries->next;
        free_entry(self->entries);
    }
    pthread_cond_destroy(&self->learnt);
    pthread_mutex_destroy(&self->lock);
    memory_free(self);
}

/* ---- keys ---- */

static void add(struct sha256_ctx *context, const void *data, size_t size) {
    sha256_update(context, size, data);
}

static void add_mask(struct sha256_ctx *context, const cost_mask *mask) {
    const int size[2] = {mask ? mask->height : 0, mask ? mask->width : 0};
    add(context, size, sizeof size);
    if (mask)
        add(context, mask->weights, (size_t)size[0] * (size_t)size[1] * sizeof *mask->weights);
}

cache_key cache_key_of(const cache_source *source, const cache_key *before) {
    const int numbers[] = {source->pooling, source->height, source->width, source->count,
                           before != NULL};
    struct sha256_ctx context;
    cache_key key;
    sha256_init(&context);
    add(&context, &source->network->number, sizeof source->network->number);
    add(&context, numbers, sizeof numbers);
    for (int i = 0; i < source->count; i++) {
        const cost_target *target = &source->targets[i];
        const int what[] = {(int)target->kind, target->layer};
        add(&context, what, sizeof what);
        add(&context, &target->share, sizeof target->share);
        add_mask(&context, target->mask);
    }
    if (before)
        add(&context, before->bytes, sizeof before->bytes);
    add(&context, source->planes,
        IMAGE_CHANNELS * (size_t)source->height * (size_t)source->width * sizeof(float));
    sha256_digest(&context, sizeof key.bytes, key.bytes);
    return key;
}

/* ---- entries ---- */

static void walk(void *part, layout *to) {
    entry *self = part;
    for (int i = 0; i < self->count; i++)
        cost_target_layout(&self->targets[i], to);
}

static size_t room_for(int count) {
    return memory_block(1, sizeof(entry) + (size_t)count * sizeof(cost_target));
}

size_t cache_bytes(const cost_target *targets, int count) {
    layout to = layout_measure();
    for (int i = 0; i < count; i++) {
        cost_target copy = targets[i];
        cost_target_layout(&copy, &to);
    }
    return memory_add(room_for(count), memory_block(layout_bytes(&to), 1));
}

/* Takes the entry of that key out of the list; NULL where there is none. */
static entry *take_out(stylize_cache *self, const cache_key *key) {
    for (entry **place = &self->entries; *place; place = &(*place)->next) {
        entry *found = *place;
        if (memcmp(found->key.bytes, key->bytes, sizeof key->bytes) != 0)
            continue;
        *place = found->next;
        return found;
    }
    return NULL;
}

static void put_first(stylize_cache *self, entry *latest) {
    latest->next = self->entries;
    self->entries = latest;
}

/* The place of the work on that key in the list; that of its end where there is none. */
static cache_work **find_work(stylize_cache *self, const cache_key *key) {
    cache_work **place = &self->works;
    while (*place && memcmp((*place)->key.bytes, key->bytes, sizeof key->bytes) != 0)
        place = &(*place)->next;
    return place;
}

bool cache_take(stylize_cache *self, const cache_key *key, cost_target *targets, int count,
                cache_work *work) {
    const bool kept = cache_bytes(targets, count) <= self->most; /* else nobody waits for another */
    *work = (cache_work){.key = *key};
    pthread_mutex_lock(&self->lock);
    entry *found;
    while (!(found = take_out(self, key)) && kept && *find_work(self, key))
        pthread_cond_wait(&self->learnt, &self->lock);
    if (!found && kept) {
        work->next = self->works;
        self->works = work;
    }
    for (int i = 0; found && i < count; i++)
        cost_target_copy(&targets[i], &found->targets[i]);
    if (found)
        put_first(self, found);
    pthread_mutex_unlock(&self->lock);
    return found != NULL;
}

/* Lets the oldest entries go until there is room. */
static void make_room(stylize_cache *self, size_t bytes) {
    while (self->entries && self->bytes > self->most - bytes) {
        entry **oldest = &self->entries;
        while ((*oldest)->next)
            oldest = &(*oldest)->next;
        self->bytes -= (*oldest)->bytes;
        free_entry(*oldest);
        *oldest = NULL;
    }
}

/* A copy; NULL when memory is short. */
static entry *new_entry(const cache_key *key, const cost_target *targets, int count, size_t bytes) {
    error unused;
    entry *self = memory_alloc(1, sizeof *self + (size_t)count * sizeof *targets, &unused);
    if (!self)
        return NULL;
    self->key = *key;
    self->bytes = bytes;
    self->count = count;
    memcpy(self->targets, targets, (size_t)count * sizeof *targets);
    if (!layout_make(&self->memory, walk, self, &unused)) {
        memory_free(self);
        return NULL;
    }
    for (int i = 0; i < count; i++)
        cost_target_copy(&self->targets[i], &targets[i]);
    return self;
}

void cache_put(stylize_cache *self, cache_work *work, const cost_target *targets, int count) {
    const size_t bytes = cache_bytes(targets, count);
    if (bytes > self->most)
        return;
    pthread_mutex_lock(&self->lock);
    *find_work(self, &work->key) = work->next;
    make_room(self, bytes);
    entry *latest = new_entry(&work->key, targets, count, bytes);
    if (latest) {
        self->bytes += bytes;
        put_first(self, latest);
    }
    pthread_cond_broadcast(&self->learnt);
    pthread_mutex_unlock(&self->lock);
}

size_t cache_room(stylize_cache *self) {
    pthread_mutex_lock(&self->lock);
    const size_t room = self->most - self->bytes;
    pthread_mutex_unlock(&self->lock);
    return room;
}
