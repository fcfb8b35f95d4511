/* SPDX-License-Identifier: MIT */
#include "cli/room.h"

#include <stddef.h>

void room_init(room *self) {
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
    while (self->preparing)
        pthread_cond_wait(&self->changed, &self->lock);
    self->preparing = true;
    pthread_mutex_unlock(&self->lock);
}

bool room_fits(room *self, uint64_t needed, uint64_t available) {
    if (!self)
        return true;
    pthread_mutex_lock(&self->lock);
    const bool fits =
        self->working == 0 || (needed <= available && self->taken <= available - needed);
    pthread_mutex_unlock(&self->lock);
    return fits;
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
