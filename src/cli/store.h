/* SPDX-License-Identifier: MIT
 *
 * What several pictures of one process share: networks, decoded pictures, and what networks have
 * learnt of styles. Each is read once, by whoever asks first; any number of threads may ask.
 *
 * What somebody has taken stays until it is given back. Then it is kept for the next, pictures in a
 * number of bytes and networks in a small number; of these that which was used longest ago goes
 * first. A file that has changed meanwhile is read again.
 *
 * What is taken must not be changed. What is given that was never taken, goes; NULL is nothing.
 *
 * Wherever a store is a parameter NULL is one that keeps nothing.
 */
#ifndef STYLIZE_CLI_STORE_H
#define STYLIZE_CLI_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/digest.h"
#include "transfer/stylize.h"

typedef struct store store;

/* Keeps up to so many bytes of pictures that nobody has, and of what is learnt of styles. NULL with
 * *err when memory is short. All is to be given back before it is freed. */
store *store_new(uint64_t picture_bytes, uint64_t style_bytes, stylize_error *err);
void store_free(store *self);

/* The cache for sessions, or NULL. */
stylize_cache *store_cache(store *self);

/* A picture as picture_read reads it; what is no regular file is never kept. NULL with *err. */
stylize_image *store_take_picture(store *self, const char *path, int most_pixels,
                                  stylize_error *err);
void store_give_picture(store *self, stylize_image *picture);

/* A network in the recipe's precision, of whose layers `suits` says that they are enough for it; or
 * one loaded for it. NULL with *err. */
typedef bool store_suits(const stylize_network *network, const stylize_recipe *recipe);
stylize_network *store_take_network(store *self, const char *path, const stylize_recipe *recipe,
                                    store_suits *suits, stylize_error *err);
void store_give_network(store *self, stylize_network *network);

/* Digests of files, for whoever locks them alone until unlocking; NULL of no store. */
digests *store_lock_digests(store *self);
void store_unlock_digests(store *self);

/* Reads a picture into the store for whoever takes it first, until when it stays; not one of more
 * than so many bytes. Returns those that it has, 0 of none. */
uint64_t store_read_ahead(store *self, const char *path, int most_pixels, uint64_t most_bytes);

/* What its pictures have. */
uint64_t store_bytes(store *self);

/* Drops what was learnt of styles; no session may have the cache. */
void store_drop_styles(store *self);

/* Drops what nobody has, for want of memory; false where there was nothing. */
bool store_drop_unused(store *self);

#endif
