/* SPDX-License-Identifier: MIT
 *
 * The memory that pictures share which are painted at a time. One after the other they prepare:
 * read, load and plan. A picture begins its work when its plan fits beside what those at work were
 * planned to take; so none gets another precision or network because of its neighbours, and none
 * fails for them.
 *
 * Wherever a room is a parameter NULL is that of a picture alone.
 */
#ifndef STYLIZE_CLI_ROOM_H
#define STYLIZE_CLI_ROOM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct room {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool preparing; /* somebody */
    int working;    /* pictures at work, */
    uint64_t taken; /* and what was planned for them, bytes */
} room;

void room_init(room *self);
void room_clear(room *self);

/* Waits until nobody else prepares. */
void room_prepare(room *self);

/* While preparing: whether so many bytes fit beside what others may yet take of `available`. */
bool room_fits(room *self, uint64_t needed, uint64_t available);

/* While preparing: waits for a picture to leave; false when none is at work. */
bool room_wait(room *self);

/* Ends the preparation: with work for which so much is planned, or without. */
void room_work(room *self, uint64_t needed);
void room_give_up(room *self);

/* Ends the work. */
void room_leave(room *self, uint64_t needed);

#endif
