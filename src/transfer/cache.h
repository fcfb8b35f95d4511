/* SPDX-License-Identifier: MIT
 *
 * Targets of styles, kept from one session for the next: what the network has learnt of a picture
 * is looked up by a digest of all that it follows from, so that it is the same bits as an analysis
 * would make again. Any number of threads may use one cache.
 */
#ifndef STYLIZE_TRANSFER_CACHE_H
#define STYLIZE_TRANSFER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cost/term.h"
#include "network/vgg.h"
#include "transfer/stylize.h"

typedef struct cache_key {
    uint8_t bytes[32];
} cache_key;

/* What targets follow from. */
typedef struct cache_source {
    const vgg *network;
    pooling pooling;
    const float *planes; /* [3][height][width], as the network is shown them */
    int height, width;
    const cost_target *targets; /* [count]: kinds, layers, masks and the share, before they learn */
    int count;
} cache_source;

/* The key of the targets after an analysis of `source`; `before` is that of what they hold already,
 * NULL of nothing. */
cache_key cache_key_of(const cache_source *source, const cache_key *before);

/* Targets that are being learnt, in the memory of whoever learns them. */
typedef struct cache_work {
    struct cache_work *next;
    cache_key key;
} cache_work;

/* Fills the targets [count], which have their memory, when need be after waiting for another thread
 * that learns them; false when there are none of that key. Then `work` stands in the cache: the
 * caller learns them, whatever happens, and cache_put follows. */
bool cache_take(stylize_cache *self, const cache_key *key, cost_target *targets, int count,
                cache_work *work);

/* Ends the work. Keeps a copy of the targets, for which those go that were used longest ago; none
 * where there is no room or memory for it. */
void cache_put(stylize_cache *self, cache_work *work, const cost_target *targets, int count);

/* Bytes by which the cache may yet grow. */
size_t cache_room(stylize_cache *self);

/* Bytes that copies of such targets take in a cache; they have their sizes. */
size_t cache_bytes(const cost_target *targets, int count);

#endif
