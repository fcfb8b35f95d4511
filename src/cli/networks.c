/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "cli/networks.h"

#include <stdlib.h>
#include <string.h>

#include "cli/weights_path.h"

/* ---- files ---- */

/* Finds the file of each name in `names`, which is cut at its commas. */
static bool find_each(networks *self, char *names, const weights_folders *folders,
                      stylize_error *err) {
    for (char *name = names, *comma; name; name = comma) {
        comma = strchr(name, ',');
        if (comma)
            *comma++ = '\0';
        if (!*name)
            return stylize_error_set(err, STYLIZE_USAGE, "--weights: a name in the list is empty");
        self->paths[self->count] = weights_path_find(name, folders, err);
        if (!self->paths[self->count])
            return false;
        self->count++;
    }
    return true;
}

bool networks_find(networks *self, const char *text, store *from, stylize_error *err) {
    weights_folders folders;
    size_t most = 1;
    *self = (networks){.store = from};
    for (const char *c = text; *c; c++)
        most += *c == ',';
    char *names = strdup(text);
    self->paths = calloc(most, sizeof *self->paths);
    self->loaded = calloc(most, sizeof *self->loaded);
    bool ok = names && self->paths && self->loaded;
    if (ok) {
        weights_folders_init(&folders);
        ok = find_each(self, names, &folders, err);
        weights_folders_clear(&folders);
    } else {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    }
    free(names);
    return ok;
}

bool networks_name(networks *self, const char *const *paths, int count, stylize_error *err) {
    *self = (networks){.paths = calloc((size_t)count, sizeof *self->paths),
                       .loaded = calloc((size_t)count, sizeof *self->loaded)};
    bool ok = self->paths && self->loaded;
    while (ok && self->count < count) {
        self->paths[self->count] = strdup(paths[self->count]);
        /* analysed: networks_clear frees it */
        ok = self->paths[self->count++] != NULL;
    }
    return ok || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

bool networks_find_one(networks *self, const char *text, stylize_error *err) {
    if (!networks_find(self, text, NULL, err))
        return false;
    return self->count == 1 || stylize_error_set(err, STYLIZE_USAGE,
                                                 "--weights: '%.80s' is more than one network's "
                                                 "name",
                                                 text);
}

/* ---- networks ---- */

/* Frees one and forgets it wherever else it stands. */
static void unload(networks *self, int index) {
    stylize_network *network = self->loaded[index];
    for (int i = 0; i < self->count; i++) {
        if (self->loaded[i] == network)
            self->loaded[i] = NULL;
    }
    store_give_network(self->store, network);
}

void networks_unload(networks *self) {
    for (int i = 0; i < self->count; i++)
        unload(self, i);
}

void networks_clear(networks *self) {
    networks_unload(self);
    for (int i = 0; i < self->count; i++)
        free(self->paths[i]);
    free(self->paths);
    free(self->loaded);
    *self = (networks){0};
}

/* The layer of that number that a network is going to be asked for; NULL past the last. */
static const char *layer_at(const stylize_network *network, const stylize_recipe *recipe,
                            const char *field, int index) {
    return stylize_recipe_layer_count(recipe, field) > 0
               ? stylize_recipe_layer(recipe, field, index, NULL)
               : stylize_network_suited_layer(network, field, index);
}

static bool check_layers(const stylize_network *network, const char *path,
                         const stylize_recipe *recipe, const char *field, stylize_error *err) {
    stylize_error cause;
    const char *layer;
    for (int i = 0; (layer = layer_at(network, recipe, field, i)); i++) {
        if (!stylize_network_has_layer(network, layer, &cause))
            return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s; choose others with --%s", path,
                                     cause.text, field);
    }
    return true;
}

static bool has_layers(const stylize_network *network, const stylize_recipe *recipe) {
    stylize_error unused;
    return check_layers(network, "", recipe, "content-layers", &unused) &&
           check_layers(network, "", recipe, "style-layers", &unused);
}

bool networks_load(networks *self, int first, const stylize_recipe *recipe, stylize_error *err) {
    for (int i = first; i < self->count; i++) {
        const char *path = self->paths[i];
        for (int j = 0; j < self->count && !self->loaded[i]; j++) {
            if (!strcmp(self->paths[j], path))
                self->loaded[i] = self->loaded[j];
        }
        if (!self->loaded[i])
            self->loaded[i] = store_take_network(self->store, path, recipe, has_layers, err);
        if (!self->loaded[i] ||
            !check_layers(self->loaded[i], path, recipe, "content-layers", err) ||
            !check_layers(self->loaded[i], path, recipe, "style-layers", err))
            return false;
    }
    return true;
}

bool networks_extend(networks *self, int count, stylize_error *err) {
    if (self->count >= count)
        return true;
    char **paths = realloc(self->paths, (size_t)count * sizeof *paths);
    stylize_network **loaded = NULL;
    if (paths) {
        self->paths = paths;
        loaded = realloc(self->loaded, (size_t)count * sizeof *loaded);
    }
    if (!loaded)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->loaded = loaded;
    while (self->count < count) {
        self->paths[self->count] = strdup(self->paths[self->count - 1]);
        /* analysed: networks_clear frees it */
        if (!self->paths[self->count])
            return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        self->loaded[self->count] = self->loaded[self->count - 1];
        /* analysed: likewise */
        self->count++;
    }
    return true;
}

/* Takes one away; its network goes where nobody else has it. */
static void take_away(networks *self, int index) {
    stylize_network *network = self->loaded[index];
    bool kept = false;
    free(self->paths[index]);
    self->paths[index] = NULL;
    self->loaded[index] = NULL;
    for (int i = 0; i < self->count; i++)
        kept = kept || self->loaded[i] == network;
    if (!kept)
        store_give_network(self->store, network);
}

/* Puts a network in the place of another one. */
static bool put(networks *self, int index, const char *path, stylize_network *network,
                stylize_error *err) {
    char *copy = strdup(path);
    if (!copy)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    take_away(self, index);
    self->paths[index] = copy; /* analysed: networks_clear frees it */
    self->loaded[index] = network;
    return true;
}

bool networks_replace_last(networks *self, networks *other, stylize_error *err) {
    const bool ok = put(self, self->count - 1, other->paths[0], other->loaded[0], err);
    if (ok)
        other->loaded[0] = NULL;
    return ok;
}

bool networks_repeat_last(networks *self, int count, stylize_error *err) {
    const int last = self->count - 1;
    bool ok = true;
    for (int i = self->count - count; ok && i < last; i++)
        ok = self->loaded[i] == self->loaded[last] ||
             put(self, i, self->paths[last], self->loaded[last], err);
    return ok;
}

void networks_keep_last(networks *self, int count) {
    while (self->count > count && self->count > 1) {
        take_away(self, 0);
        self->count--;
        memmove(self->paths, self->paths + 1, (size_t)self->count * sizeof *self->paths);
        memmove(self->loaded, self->loaded + 1, (size_t)self->count * sizeof *self->loaded);
    }
}
