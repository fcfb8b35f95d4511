/* SPDX-License-Identifier: MIT
 *
 * The networks of a run: --weights names one, or several with commas between them, of which the
 * last is that of the final size and those before it of the coarser stages. A file that is named
 * twice is loaded once.
 */
#ifndef STYLIZE_CLI_NETWORKS_H
#define STYLIZE_CLI_NETWORKS_H

#include <stdbool.h>

#include "cli/store.h"
#include "transfer/stylize.h"

typedef struct networks {
    store *store;             /* they are taken from; borrowed, or NULL */
    char **paths;             /* [count], owned: the files, from the coarsest stage on */
    stylize_network **loaded; /* [count], owned; NULL before they are loaded */
    int count;
} networks;

/* Finds the files that `text` names, see weights_path.h. False with *err when one is not there.
 * networks_clear follows in any case. */
bool networks_find(networks *self, const char *text, store *from, stylize_error *err);
void networks_clear(networks *self);

/* The same of paths [count], count >= 1, which may lead nowhere. */
bool networks_name(networks *self, const char *const *paths, int count, stylize_error *err);

/* The same where there may be but one. */
bool networks_find_one(networks *self, const char *text, stylize_error *err);

/* Loads those from `first` on for the recipe, as far as they are not, and checks that they have its
 * layers. False with *err naming the file. */
bool networks_load(networks *self, int first, const stylize_recipe *recipe, stylize_error *err);

/* Frees the networks and keeps their files. */
void networks_unload(networks *self);

/* Each of these: false with *err when memory is short; networks_clear follows in any case. Repeats
 * the last one until there are `count`; puts that of `other`, which has one, loaded, and loses it,
 * in the last one's place; has the last `count` of them be the last one. */
bool networks_extend(networks *self, int count, stylize_error *err);
bool networks_replace_last(networks *self, networks *other, stylize_error *err);
bool networks_repeat_last(networks *self, int count, stylize_error *err);

/* Drops the first ones until at most `count` are left. */
void networks_keep_last(networks *self, int count);

#endif
