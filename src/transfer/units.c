/* SPDX-License-Identifier: MIT
 *
 * The public API: where in pictures units of a layer are excited most.
 *
 * Of each picture the activations of the units looked at are kept while it is searched, nothing of
 * it afterwards. A search takes the greatest activation, then the greatest of those whose receptive
 * fields do not meet one taken before, and so on. Only units count whose fields lie inside of the
 * picture: what they see is a part of it, and no border that the network made up. The best places
 * of all pictures are the best of what each search finds.
 */
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/denormals.h"
#include "core/layout.h"
#include "core/memory_limit.h"
#include "image/image.h"
#include "network/vgg_run.h"
#include "transfer/api_error.h"
#include "transfer/recipe.h"

typedef struct unit {
    int channel;
    int count;             /* of places */
    stylize_place *places; /* [all->most], the best first; owned */
} unit;

struct stylize_units {
    const vgg *network; /* borrowed */
    pooling pooling;
    int layer;
    vgg_field field;
    int most; /* places of a unit */
    int threads;
    int pictures; /* shown so far */
    unit *units;  /* [count], owned */
    int count;
    denormals_team denormals;
};

/* A picture at work. */
typedef struct sight {
    stylize_units *all;
    vgg_run run;
    int width, height;       /* of the layer */
    int left, right;         /* units that count: from left on to before right */
    int top, bottom;         /* likewise */
    int across, down;        /* pixels of the picture */
    float *planes;           /* [3][down][across] of it */
    float *maps;             /* [count][height][width] */
    stylize_place *searched; /* [count][most] */
} sight;

/* ---- life ---- */

stylize_units *stylize_units_new(const stylize_recipe *recipe, const stylize_network *network,
                                 const char *layer, int places, stylize_error *err) {
    error e;
    if (!api_given(recipe, "stylize_units_new: recipe", err) ||
        !api_given(network, "stylize_units_new: network", err) ||
        !api_given(layer, "stylize_units_new: layer", err))
        return NULL;
    if (places < 1) {
        stylize_error_set(err, STYLIZE_USAGE, "stylize_units_new: %d places are too few", places);
        return NULL;
    }
    const int index = vgg_layer_find(network, layer, &e);
    stylize_units *self = index < 0 ? NULL : calloc(1, sizeof *self);
    if (index >= 0 && !self)
        error_set(&e, ERROR_MEMORY, "out of memory");
    if (!self) {
        api_error(&e, err);
        return NULL;
    }
    self->network = network;
    self->pooling = (pooling)recipe->pooling;
    self->layer = index;
    self->field = vgg_receptive_field(network, index);
    self->most = places;
    return self;
}

void stylize_units_free(stylize_units *self) {
    if (!self)
        return;
    for (int i = 0; i < self->count; i++)
        free(self->units[i].places);
    free(self->units);
    denormals_team_clear(&self->denormals);
    free(self);
}

void stylize_units_size(const stylize_units *self, int *units, int *side) {
    *units = self->network->layers[self->layer].channels;
    *side = self->field.size;
}

bool stylize_units_add(stylize_units *self, int channel, stylize_error *err) {
    const vgg_layer *layer = &self->network->layers[self->layer];
    if (self->pictures > 0)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "stylize_units_add: a picture has been shown already");
    if (channel < 0 || channel >= layer->channels)
        return stylize_error_set(err, STYLIZE_USAGE, "%s has no unit %d: it has %d", layer->name,
                                 channel, layer->channels);
    unit *more = realloc(self->units, ((size_t)self->count + 1) * sizeof *more);
    if (more)
        self->units = more;
    stylize_place *places = more ? calloc((size_t)self->most, sizeof *places) : NULL;
    if (!places)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->units[self->count++] = (unit){.channel = channel, .places = places};
    return true;
}

void stylize_units_set_threads(stylize_units *self, int threads) {
    self->threads = threads;
}

/* ---- what the network shows ---- */

/* Takes the values of the units looked at from a row of the layer. */
static void take_row(const sight *self, const tensor *rows, int row, int y) {
    enum { SOME = 32 }; /* pixels widened at once */
    const stylize_units *all = self->all;
    float values[SOME * CHANNEL_BLOCK];
    for (int x = 0, pixels; x < rows->width; x += pixels) {
        int held = -1; /* the channel block that stands in `values` */
        pixels = rows->width - x < SOME ? rows->width - x : SOME;
        for (int i = 0; i < all->count; i++) {
            const int block = all->units[i].channel / CHANNEL_BLOCK;
            const int lane = all->units[i].channel % CHANNEL_BLOCK;
            float *to = self->maps + ((ptrdiff_t)i * self->height + y) * self->width + x;
            if (block != held)
                all->network->kernels->widen(tensor_at(rows, row, block, x), values,
                                             (size_t)pixels * CHANNEL_BLOCK);
            held = block;
            for (int p = 0; p < pixels; p++)
                to[p] = values[p * CHANNEL_BLOCK + lane];
        }
    }
}

static void observe(void *user, int layer, int y, const tensor *rows) {
    const sight *self = user;
    (void)layer; /* the only one wanted */
#pragma omp for schedule(static)
    for (int row = 0; row < rows->height; row++)
        take_row(self, rows, row, y + row);
}

/* ---- the search ---- */

/* Whether the field at x, y meets one of the places. */
static bool meets(const stylize_place *places, int count, int x, int y, int size) {
    for (int i = 0; i < count; i++) {
        if (abs(x - places[i].x) < size && abs(y - places[i].y) < size)
            return true;
    }
    return false;
}

/* The best place besides the `count` that are taken; its value is 0 where there is none. */
static stylize_place search(const sight *self, const float *map, const stylize_place *taken,
                            int count) {
    const vgg_field *field = &self->all->field;
    stylize_place best = {.picture = self->all->pictures};
    for (int y = self->top; y < self->bottom; y++) {
        const float *row = map + (ptrdiff_t)y * self->width;
        for (int x = self->left; x < self->right; x++) {
            const int at_x = field->first + x * field->step, at_y = field->first + y * field->step;
            if ((double)row[x] <= best.value || meets(taken, count, at_x, at_y, field->size))
                continue;
            best.x = at_x;
            best.y = at_y;
            best.value = (double)row[x];
        }
    }
    return best;
}

/* Puts a place among those of a unit, after its equals; false where it is none of the best. */
static bool insert(unit *self, int most, const stylize_place *place) {
    int at = self->count;
    while (at > 0 && self->places[at - 1].value < place->value)
        at--;
    if (at == most)
        return false;
    self->count += self->count < most;
    memmove(self->places + at + 1, self->places + at,
            (size_t)(self->count - 1 - at) * sizeof *self->places);
    self->places[at] = *place;
    return true;
}

static void search_unit(const sight *self, int index) {
    stylize_units *all = self->all;
    const float *map = self->maps + (ptrdiff_t)index * self->height * self->width;
    stylize_place *taken = self->searched + (ptrdiff_t)index * all->most;
    for (int i = 0; i < all->most; i++) {
        taken[i] = search(self, map, taken, i);
        if (taken[i].value <= 0 || !insert(&all->units[index], all->most, &taken[i]))
            return;
    }
}

/* ---- a picture ---- */

static void walk(void *part, layout *to) {
    sight *self = part;
    const size_t count = (size_t)self->all->count, area = (size_t)self->width * self->height;
    vgg_run_layout(&self->run, to);
    self->planes = layout_take(to, (size_t)self->across * (size_t)self->down,
                               IMAGE_CHANNELS * sizeof *self->planes);
    self->maps = layout_take(to, area, count * sizeof *self->maps);
    self->searched = layout_take(to, (size_t)self->all->most, count * sizeof *self->searched);
}

/* Whether there is memory for it. */
static bool check_memory(sight *self, const image *picture, error *err) {
    const memory_limit limit = memory_limit_get(0);
    layout size = layout_measure();
    walk(self, &size);
    return !limit.name || layout_bytes(&size) <= limit.bytes ||
           error_set(err, ERROR_MEMORY,
                     "a picture of %dx%d pixels needs about %zu MB of memory, but only %zu MB are "
                     "left of %s: make it smaller",
                     picture->width, picture->height, (layout_bytes(&size) >> 20) + 1,
                     (size_t)(limit.bytes >> 20), limit.name);
}

static void load_planes(const sight *self, const image *picture) {
    float *to = self->planes;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        for (int y = 0; y < self->down; y++, to += self->across)
            image_unpack(picture, c, 0, y, self->across, to);
    }
}

static bool look(stylize_units *all, const image *picture, error *err) {
    const vgg *network = all->network;
    sight self = {.all = all, .across = picture->width, .down = picture->height};
    bool wanted[VGG_MAX_LAYERS] = {false};
    layout memory;
    wanted[all->layer] = true;
    self.width = vgg_layer_side(network, all->layer, picture->width);
    self.height = vgg_layer_side(network, all->layer, picture->height);
    vgg_units_inside(network, all->layer, picture->width, &self.left, &self.right);
    vgg_units_inside(network, all->layer, picture->height, &self.top, &self.bottom);
    if (!vgg_run_prepare(&self.run, network, all->pooling, picture->height, picture->width, wanted,
                         false, err) ||
        !check_memory(&self, picture, err) || !layout_make(&memory, walk, &self, err))
        return false;
    load_planes(&self, picture);
    vgg_run_forward(&self.run, self.planes, &(vgg_visitor){.observe = observe, .user = &self});
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < all->count; i++)
        search_unit(&self, i);
    layout_free(&memory);
    all->pictures++;
    return true;
}

bool stylize_units_show(stylize_units *self, const stylize_image *picture, stylize_error *err) {
    error e;
    if (!api_given(self, "stylize_units_show: self", err) ||
        !api_given(picture, "stylize_units_show: picture", err))
        return false;
    const int threads = cpu_use_threads(self->threads);
    const bool ok = denormals_off_team(&self->denormals, &e) && look(self, picture, &e);
    denormals_restore_team(&self->denormals);
    cpu_set_threads(threads);
    return ok || api_error(&e, err);
}

const stylize_place *stylize_units_place(const stylize_units *self, int index, int number) {
    const bool there =
        index >= 0 && index < self->count && number >= 0 && number < self->units[index].count;
    return there ? &self->units[index].places[number] : NULL;
}
