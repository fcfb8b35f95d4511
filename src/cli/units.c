/* SPDX-License-Identifier: MIT */
#include "cli/units.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/picture.h"
#include "cli/networks.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/sheet.h"
#include "cli/signals.h"
#include "cli/threads.h"

enum {
    SIDE = 3,             /* patches of a block in either direction */
    PATCHES = SIDE * SIDE /* of a unit */
};
enum { PATCH_PIXELS = 64 }; /* about the side at which a patch is shown */

typedef struct patch {
    stylize_place place;
    unsigned char *pixels; /* [side][side][3], owned; NULL: there is none */
} patch;

typedef struct units {
    const options *options;
    stylize_recipe *recipe;
    networks networks;
    stylize_units *units;
    int *picked; /* [count], owned: numbers of units, from 1 */
    int count;
    int side;        /* of a patch */
    patch *patches;  /* [count][PATCHES] */
    int most_pixels; /* of --max-pixels */
    sheet sheet;
    progress progress;
} units;

/* ---- --pick ---- */

/* Reads N or N-M at *text and goes on to what follows the comma, NULL at the end. False where there
 * is none. */
static bool read_range(const char **text, long *first, long *last) {
    const char *from = *text;
    char *end;
    if (*from < '1' || *from > '9')
        return false;
    *first = *last = strtol(from, &end, 10);
    if (*end == '-') {
        if (end[1] < '1' || end[1] > '9')
            return false;
        *last = strtol(end + 1, &end, 10);
    }
    *text = *end ? end + 1 : NULL;
    return (*end == ',' || !*end) && *first <= *last;
}

static bool check_pick(const char *pick, stylize_error *err) {
    const char *rest = pick;
    long first, last;
    while (rest) {
        if (!read_range(&rest, &first, &last))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--pick: '%.80s' is no list of units, such as 1-9,17", pick);
    }
    return true;
}

static bool add_unit(units *self, int number, stylize_error *err) {
    int *more = realloc(self->picked, ((size_t)self->count + 1) * sizeof *more);
    if (!more)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->picked = more;
    self->picked[self->count++] = number;
    return stylize_units_add(self->units, number - 1, err);
}

/* Adds the units of --pick, which is a list. */
static bool pick(units *self, stylize_error *err) {
    const char *text = self->options->pick;
    long first, last;
    int most;
    stylize_units_size(self->units, &most, &self->side);
    while (text && read_range(&text, &first, &last)) {
        if (last > most)
            return stylize_error_set(err, STYLIZE_USAGE, "--pick: %s has no unit %ld: it has %d",
                                     self->options->layer, first > most ? first : last, most);
        for (long i = first; i <= last; i++) {
            if (!add_unit(self, (int)i, err))
                return false;
        }
    }
    self->patches = calloc((size_t)self->count * PATCHES, sizeof *self->patches);
    return self->patches || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

/* ---- before the work ---- */

static bool check_names(units *self, stylize_error *err) {
    const options *opts = self->options;
    if (strpbrk(opts->layer, ":,"))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--layer: '%.80s' is more than one layer's name", opts->layer);
    return check_pick(opts->pick, err) &&
           networks_find_one(&self->networks, stylize_recipe_weights(opts->recipe), err) &&
           files_check(opts, self->networks.paths, 1, err);
}

static bool load(units *self, stylize_error *err) {
    const char *layer = self->options->layer, *path = self->networks.paths[0];
    stylize_error cause;
    if (!stylize_recipe_set(self->recipe, "content-layers", layer, err) ||
        !stylize_recipe_set(self->recipe, "style-layers", layer, err))
        return false;
    self->networks.loaded[0] = stylize_network_load_for(self->recipe, path, err);
    if (!self->networks.loaded[0])
        return false;
    self->units = stylize_units_new(self->recipe, self->networks.loaded[0], layer, PATCHES, &cause);
    return self->units ||
           stylize_error_set(err, cause.status, "%s: %s; choose another with --layer", path,
                             cause.text);
}

/* How many times its size a patch is shown. */
static int factor(const units *self) {
    const int times = (int)lround((double)PATCH_PIXELS / self->side);
    return times > 1 ? times : 1;
}

static bool open_sheet(units *self, stylize_error *err) {
    stylize_error cause;
    const int columns = (int)ceil(sqrt(self->count));
    const int cell = self->side * factor(self);
    const sheet_format format = {
        .columns = SIDE * columns,
        .rows = SIDE * ((self->count + columns - 1) / columns),
        .cell_width = cell,
        .cell_height = cell,
        .gap = 2,
        .group = SIDE,
        .margin = 12,
    };
    return sheet_init(&self->sheet, &format, self->most_pixels, &cause) ||
           stylize_error_set(err, cause.status, "--pick: %s: pick fewer units", cause.text);
}

static bool prepare(units *self, stylize_error *err) {
    double most = 0;
    self->recipe = stylize_recipe_copy(self->options->recipe, err);
    if (!self->recipe || !check_names(self, err))
        return false;
    stylize_recipe_get_number(self->recipe, "max-pixels", &most);
    self->most_pixels = most < STYLIZE_MOST_PIXELS ? (int)most : STYLIZE_MOST_PIXELS;
    progress_begin(&self->progress, "reading the network", "");
    if (!load(self, err) || !pick(self, err) || !open_sheet(self, err) ||
        !threads_try(stylize_thread_count(self->options->threads), err))
        return false;
    stylize_units_set_threads(self->units, self->options->threads);
    return true;
}

/* ---- patches ---- */

/* A picture at work. */
typedef struct view {
    const unsigned char *pixels; /* [height][width][3] */
    int width, height;
} view;

/* What a unit sees at a place: grey beyond the picture. */
static unsigned char *cut(const view *from, const stylize_place *place, int side) {
    unsigned char *pixels = malloc((size_t)side * (size_t)side * 3), *to = pixels;
    for (int y = place->y; pixels && y < place->y + side; y++) {
        for (int x = place->x; x < place->x + side; x++, to += 3) {
            if (x >= 0 && x < from->width && y >= 0 && y < from->height)
                memcpy(to, from->pixels + ((ptrdiff_t)y * from->width + x) * 3, 3);
            else
                memset(to, SHEET_GREY, 3);
        }
    }
    return pixels;
}

/* The patch of a place that a unit had before the present picture, whose pixels it loses. */
static unsigned char *take_old(patch old[PATCHES], const stylize_place *place) {
    for (int i = 0; i < PATCHES; i++) {
        const stylize_place *other = &old[i].place;
        unsigned char *pixels = old[i].pixels;
        if (!pixels || other->picture != place->picture || other->x != place->x ||
            other->y != place->y)
            continue;
        old[i].pixels = NULL;
        return pixels;
    }
    return NULL;
}

/* Brings the patches of a unit up to date after a picture was shown. */
static bool renew(units *self, int index, int picture, const view *from) {
    patch *patches = self->patches + (ptrdiff_t)index * PATCHES, old[PATCHES];
    bool ok = true;
    memcpy(old, patches, sizeof old);
    for (int i = 0; i < PATCHES; i++) {
        const stylize_place *place = stylize_units_place(self->units, index, i);
        patches[i] = (patch){0};
        if (!place)
            continue;
        patches[i].place = *place;
        patches[i].pixels =
            place->picture == picture ? cut(from, place, self->side) : take_old(old, place);
        ok = ok && patches[i].pixels;
    }
    for (int i = 0; i < PATCHES; i++)
        free(old[i].pixels);
    return ok;
}

static bool renew_all(units *self, int picture, const stylize_image *shown, stylize_error *err) {
    int width, height;
    stylize_image_size(shown, &width, &height);
    const size_t stride = (size_t)width * 3;
    unsigned char *pixels = malloc(stride * (size_t)height);
    const view from = {pixels, width, height};
    bool ok = pixels && stylize_image_to_pixels(shown, pixels, stride, 3, STYLIZE_U8, err);
    for (int i = 0; ok && i < self->count; i++)
        ok = renew(self, i, picture, &from);
    free(pixels);
    return ok || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

/* ---- the work ---- */

/* A picture at the size of --size; NULL with *err. */
static stylize_image *read_at_size(const units *self, const char *path, stylize_error *err) {
    stylize_image *read = picture_read(path, self->most_pixels, err), *small;
    const int side = self->options->side;
    int width, height;
    if (!read)
        return NULL;
    stylize_image_size(read, &width, &height);
    const int longest = width > height ? width : height;
    if (side == 0 || longest <= side)
        return read;
    const double ratio = (double)side / longest;
    small = stylize_image_resize(read, (int)fmax(round(width * ratio), 1),
                                 (int)fmax(round(height * ratio), 1), err);
    stylize_image_free(read);
    return small;
}

static bool look_at(units *self, int index, stylize_error *err) {
    const char *path = self->options->operands[index];
    stylize_error cause;
    stylize_image *picture = read_at_size(self, path, err);
    if (!picture)
        return false;
    const bool shown = stylize_units_show(self->units, picture, &cause);
    const bool ok = shown && renew_all(self, index, picture, err);
    stylize_image_free(picture);
    return ok || (!shown && stylize_error_set(err, cause.status, "%s: %s", path, cause.text));
}

static bool work(units *self, stylize_error *err) {
    for (int i = 0; i < self->options->operand_count; i++) {
        char what[60];
        snprintf(what, sizeof what, "looking at picture %d/%d:", i + 1,
                 self->options->operand_count);
        progress_begin(&self->progress, what, files_base(self->options->operands[i]));
        if (!look_at(self, i, err))
            return false;
    }
    return true;
}

/* ---- what is shown ---- */

static void fill_sheet(units *self) {
    const int columns = self->sheet.format.columns / SIDE;
    for (int i = 0; i < self->count * PATCHES; i++) {
        const int unit = i / PATCHES, n = i % PATCHES;
        sheet_put(&self->sheet, unit % columns * SIDE + n % SIDE, unit / columns * SIDE + n / SIDE,
                  self->patches[i].pixels, self->side, self->side, factor(self));
    }
}

static bool save(units *self, stylize_error *err) {
    progress_begin(&self->progress, "saving", self->options->out);
    fill_sheet(self);
    stylize_image *out = sheet_picture(&self->sheet, err);
    const bool ok = out && files_save_out(out, self->options, err);
    stylize_image_free(out);
    return ok;
}

static void print_unit(const units *self, int index) {
    const patch *patches = self->patches + (ptrdiff_t)index * PATCHES;
    const int columns = self->sheet.format.columns / SIDE;
    report_print(stderr, "unit %d: block %d in row %d\n", self->picked[index], index % columns + 1,
                 index / columns + 1);
    for (int i = 0; i < PATCHES && patches[i].pixels; i++) {
        const stylize_place *place = &patches[i].place;
        report_print(stderr, "  %.4g at %d,%d of %s\n", place->value, place->x, place->y,
                     self->options->operands[place->picture]);
    }
}

static void print_notes(const units *self) {
    for (int i = 0; i < self->count; i++) {
        if (self->options->verbose)
            print_unit(self, i);
        if (!self->options->quiet && !self->patches[(ptrdiff_t)i * PATCHES].pixels)
            report_print(stderr, "stylize: nothing excites unit %d: its block is grey\n",
                         self->picked[i]);
    }
}

int units_show(const options *opts) {
    units self = {.options = opts};
    stylize_error err;
    signals_catch();
    progress_init(&self.progress, opts->quiet, opts->progress);
    const bool ok = prepare(&self, &err) && work(&self, &err) && save(&self, &err);
    progress_clear(&self.progress);
    if (ok)
        print_notes(&self);
    for (int i = 0; i < self.count * PATCHES && self.patches; i++)
        free(self.patches[i].pixels);
    free(self.patches);
    free(self.picked);
    sheet_clear(&self.sheet);
    stylize_units_free(self.units);
    networks_clear(&self.networks);
    stylize_recipe_free(self.recipe);
    return ok ? EXIT_DONE : report_failure(&err);
}
