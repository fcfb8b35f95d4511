/* SPDX-License-Identifier: MIT
 *
 * The memory that pictures share which are painted at a time. One after the other they prepare:
 * read, load and plan; a picture is read ahead as they do. A picture begins its work when its plan
 * fits beside what those at work were planned to take; so none gets another precision or network
 * because of its neighbours, and none fails for them.
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
    bool preparing;  /* somebody */
    int working;     /* pictures at work, */
    uint64_t taken;  /* what was planned for them, bytes, */
    uint64_t budget; /* and what there is for them and for what the store holds */
    int waiting;     /* who want to be alone */
} room;

void room_init(room *self);
void room_clear(room *self);

/* Waits until nobody else prepares. */
void room_prepare(room *self);

/* Waits until nobody else is at work or prepares, and keeps others from it until room_give_up. */
void room_empty(room *self);

/* While preparing: whether so many bytes fit beside all that is planned for others, where
 * `available` are left and the store holds `kept`. */
bool room_fits(room *self, uint64_t needed, uint64_t available, uint64_t kept);

/* Bytes that are left beside all that is planned and kept; 0 before anything is. */
uint64_t room_spare(room *self, uint64_t kept);

/* Gives memory that was freed back to the system. */
void room_trim(void);

/* While preparing: waits for a picture to leave; false when none is at work. */
bool room_wait(room *self);

/* Ends the preparation: with work for which so much is planned, or without. */
void room_work(room *self, uint64_t needed);
void room_give_up(room *self);

/* Ends the work. */
void room_leave(room *self, uint64_t needed);

#endif
