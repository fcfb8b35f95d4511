/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* getrlimit */
#include "cli/room.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifdef __GLIBC__
static bool is_limited(int what) {
    struct rlimit limit;
    return !getrlimit((__rlimit_resource_t)what, &limit) && limit.rlim_cur != RLIM_INFINITY;
}
#endif

void room_init(room *self) {
#ifdef __GLIBC__
    /* A fixed threshold: otherwise it grows, and large blocks stay in heaps when they are freed. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    /* Each further heap of a thread would take 64 MB of what is limited, and hardly use it. */
    if (is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA))
        mallopt(M_ARENA_MAX, 1);
#endif
    *self = (room){0};
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
}

void room_clear(room *self) {
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
}

void room_prepare(room *self) {
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    while (self->preparing || self->waiting > 0)
        pthread_cond_wait(&self->changed, &self->lock);
    self->preparing = true;
    pthread_mutex_unlock(&self->lock);
}

void room_empty(room *self) {
    pthread_mutex_lock(&self->lock);
    self->waiting++;
    while (self->preparing || self->working > 0)
        pthread_cond_wait(&self->changed, &self->lock);
    self->waiting--;
    self->preparing = true;
    pthread_mutex_unlock(&self->lock);
}

static uint64_t add(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What those at work have touched is missing in `available`, but not in the budget. */
bool room_fits(room *self, uint64_t needed, uint64_t available, uint64_t kept) {
    if (!self)
        return true;
    pthread_mutex_lock(&self->lock);
    const uint64_t all = add(available, kept);
    if (self->working == 0 || self->budget < all)
        self->budget = all;
    const bool fits = self->working == 0 ||
                      (needed <= available && add(add(needed, self->taken), kept) <= self->budget);
    pthread_mutex_unlock(&self->lock);
    return fits;
}

uint64_t room_spare(room *self, uint64_t kept) {
    pthread_mutex_lock(&self->lock);
    const uint64_t used = add(self->taken, kept);
    const uint64_t spare = self->budget > used ? self->budget - used : 0;
    pthread_mutex_unlock(&self->lock);
    return spare;
}

void room_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

bool room_wait(room *self) {
    if (!self)
        return false;
    pthread_mutex_lock(&self->lock);
    const int before = self->working;
    while (self->working > 0 && self->working == before)
        pthread_cond_wait(&self->changed, &self->lock);
    pthread_mutex_unlock(&self->lock);
    return before > 0;
}

void room_work(room *self, uint64_t needed) {
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->working++;
    self->taken += needed;
    self->preparing = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

void room_give_up(room *self) {
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->preparing = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

void room_leave(room *self, uint64_t needed) {
    if (!self)
        return;
    pthread_mutex_lock(&self->lock);
    self->working--;
    self->taken -= needed;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}
