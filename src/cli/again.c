/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strdup, access */
#include "cli/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "cli/digest.h"
#include "cli/files.h"
#include "cli/networks.h"
#include "cli/paint.h"
#include "cli/record.h"
#include "cli/record_read.h"
#include "cli/report.h"
#include "cli/show_plan.h"
#include "cli/weights_path.h"
#include "core/retry.h"

/* Fields of pictures beside CONTENT and STYLE. */
enum { INIT, MASK, CONTENT_MAP, STYLE_MAP, CONTENT_WEIGHT_MAP, GUIDES };
static const struct guide {
    const char *field, *role;
    size_t list; /* its name_list in struct options */
} guides[GUIDES] = {
    [INIT] = {"init", "init", offsetof(options, init)},
    [MASK] = {"mask", "mask", offsetof(options, mask)},
    [CONTENT_MAP] = {"content-map", "content_map", offsetof(options, content_map)},
    [STYLE_MAP] = {"style-map", "style_map", offsetof(options, style_map)},
    [CONTENT_WEIGHT_MAP] = {"content-weight-map", "content_weight_map",
                            offsetof(options, content_weight_map)},
};

typedef struct again {
    const options *given;
    const char *path; /* of the picture with the record */
    record_content record;
    options options;      /* what is going to be painted */
    char *before[GUIDES]; /* of the record, to see which of them were given in its place; owned */
    char *weights;        /* likewise */
    char *places[RECORD_MOST_INPUTS];
    int place_count;
    char *styles; /* of --style, in pieces */
    digests digests;
} again;

static bool no_memory(stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

/* ---- what the record says ---- */

static bool is_file(const char *path) {
    struct stat status;
    return retry_stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool has_digest(again *self, const char *path, const char *digest) {
    digest_text text;
    stylize_error unused;
    return digest && digest_file(&self->digests, path, text, &unused) && !strcmp(text, digest);
}

/* `name` beside the picture, or in the working directory, or `other`, which may be NULL: the first
 * with the digest, else the first one there. NULL where there is none; the caller frees. */
static char *find_file(again *self, const char *name, const char *digest, const char *other) {
    const int folder = (int)(files_base(self->path) - self->path); /* bytes */
    const size_t room = (size_t)folder + strlen(name) + 3;
    char *beside = malloc(room), *here = malloc(room);
    const char *const places[] = {beside, here, other}, *found = NULL;
    if (beside && here) {
        snprintf(beside, room, "%.*s%s", folder, self->path, name);
        snprintf(here, room, "./%s", name);
        for (int i = 0; i < 3; i++) {
            if (!places[i] || !is_file(places[i]))
                continue;
            const bool same = has_digest(self, places[i], digest);
            found = same || !found ? places[i] : found;
            if (same)
                break;
        }
    }
    char *copy = found ? strdup(found) : NULL;
    free(beside);
    free(here);
    return copy;
}

/* A file of weights that the record names, also among those that are installed; NULL where there is
 * none. */
static char *find_weights(again *self, const record_network *network) {
    weights_folders folders;
    stylize_error unused;
    char *name = strdup(network->name), *dot = name ? strrchr(name, '.') : NULL, *installed = NULL;
    if (dot) {
        *dot = '\0';
        weights_folders_init(&folders);
        installed = weights_path_find(name, &folders, &unused);
        weights_folders_clear(&folders);
    }
    free(name);
    char *found = find_file(self, network->name, network->sha256, installed);
    free(installed);
    return found;
}

/* Names each stage's file, where all of them are found: also those that were taken for want of
 * memory. With `exact` only those that have not changed. */
static bool name_weights(again *self, stylize_recipe *recipe, bool exact, stylize_error *err) {
    const record_content *record = &self->record;
    char *list = NULL;
    bool found = true;
    for (int i = 0; found && i < record->network_count; i++) {
        const record_network *network = &record->networks[i];
        char *path = find_weights(self, network);
        found = path && !strchr(path, ',') && (!exact || has_digest(self, path, network->sha256));
        const size_t used = list ? strlen(list) : 0;
        const size_t room = found ? used + strlen(path) + 2 : 0;
        char *longer = found ? realloc(list, room) : NULL;
        if (longer) {
            list = longer;
            snprintf(list + used, room - used, "%s%s", used ? "," : "", path);
        }
        found = longer != NULL;
        free(path);
    }
    const bool ok = !found || stylize_recipe_set(recipe, "weights", list, err);
    free(list);
    return ok;
}

/* The network of the record and its precision, where the recipe leaves them open or names a file
 * that lies elsewhere now. What is not found, the run will tell. */
static bool take_networks(again *self, stylize_recipe *recipe, stylize_error *err) {
    const record_network *last = &self->record.networks[self->record.network_count - 1];
    networks nets = {0};
    stylize_error unused;
    const bool found = networks_find(&nets, stylize_recipe_weights(recipe), NULL, &unused);
    const bool same = found && record_same_networks(&self->record, &nets, &self->digests);
    networks_clear(&nets);
    if (!same && !name_weights(self, recipe, found, err))
        return false;
    return !strcmp(stylize_recipe_precision(recipe), last->precision) ||
           stylize_recipe_set(recipe, "precision", last->precision, err);
}

/* What argv is read over. */
static bool take_record(void *user, options *opts, stylize_error *err) {
    again *self = user;
    stylize_error cause;
    if (!record_apply(&self->record, opts, &cause) || !take_networks(self, opts->recipe, &cause))
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: its record: %s", self->path,
                                 cause.text);
    bool ok = (self->weights = options_field_text(opts->recipe, "weights")) != NULL;
    for (int i = 0; ok && i < GUIDES; i++)
        ok = (self->before[i] = options_field_text(opts->recipe, guides[i].field)) != NULL;
    return ok || no_memory(err);
}

/* ---- the inputs ---- */

/* Says of a picture that it is not the one of the record. */
static void note_change(again *self, const record_input *input, const char *path) {
    const bool there = access(path, R_OK) == 0; /* else the run says so */
    if (there && !self->options.quiet && input->sha256 && !has_digest(self, path, input->sha256))
        report_print(stderr,
                     "stylize: %s is not what %s was painted with: the %s has changed, or is "
                     "another\n",
                     path, self->path, input->role);
}

/* The input of that role and number; NULL past the last. */
static const record_input *input_of(const record_content *record, const char *role, int number) {
    for (int i = 0; i < record->input_count; i++) {
        if (!strcmp(record->inputs[i].role, role) && number-- == 0)
            return &record->inputs[i];
    }
    return NULL;
}

/* Where an input lies now, said with `said_by` where it is found no more. NULL with *err. */
static const char *place_of(again *self, const record_input *input, const char *said_by,
                            stylize_error *err) {
    char *path = input->name ? find_file(self, input->name, input->sha256, NULL) : NULL;
    if (path) {
        self->places[self->place_count++] = path;
        note_change(self, input, path);
    } else if (input->name) {
        stylize_error_set(err, STYLIZE_FAILURE,
                          "%s, the %s of %s, is neither beside it nor here: say where with %s",
                          input->name, input->role, self->path, said_by);
    } else {
        stylize_error_set(err, STYLIZE_FAILURE, "the %s of %s came from a pipe: give it with %s",
                          input->role, self->path, said_by);
    }
    return path;
}

static bool take_content(again *self, stylize_error *err) {
    const record_input *input = input_of(&self->record, "content", 0);
    options *opts = &self->options;
    double texture = 0;
    stylize_recipe_get_number(opts->recipe, "texture", &texture);
    opts->content = texture == 0 ? opts->content_place : NULL;
    if (opts->content && input)
        note_change(self, input, opts->content);
    if (texture != 0 || opts->content)
        return true;
    if (!input)
        return stylize_error_set(err, STYLIZE_FAILURE,
                                 "%s: its record names no content: give one with --content FILE",
                                 self->path);
    opts->content = place_of(self, input, "--content FILE", err);
    return opts->content != NULL;
}

static bool take_given_styles(again *self, stylize_error *err) {
    options *opts = &self->options;
    self->styles = strdup(opts->style_places);
    if (!self->styles)
        return no_memory(err);
    for (char *item = self->styles, *comma; item; item = comma ? comma + 1 : NULL) {
        comma = strchr(item, ',');
        if (comma)
            *comma = '\0';
        if (!*item)
            return stylize_error_set(err, STYLIZE_USAGE, "--style: a name is empty");
        if (opts->style_count == STYLIZE_MOST_STYLES)
            return stylize_error_set(err, STYLIZE_USAGE, "--style: more than %d names",
                                     STYLIZE_MOST_STYLES);
        const record_input *input = input_of(&self->record, "style", opts->style_count);
        opts->styles[opts->style_count++] = item;
        if (input)
            note_change(self, input, item);
    }
    return true;
}

static bool take_styles(again *self, stylize_error *err) {
    options *opts = &self->options;
    const record_input *input;
    if (opts->style_places)
        return take_given_styles(self, err);
    while ((input = input_of(&self->record, "style", opts->style_count))) {
        if (opts->style_count == STYLIZE_MOST_STYLES)
            return stylize_error_set(err, STYLIZE_FAILURE, "%s: its record has more than %d styles",
                                     self->path, STYLIZE_MOST_STYLES);
        const char *path = place_of(self, input, "--style FILE[,FILE...]", err);
        if (!path)
            return false;
        opts->styles[opts->style_count++] = path;
    }
    return opts->style_count > 0 ||
           stylize_error_set(err, STYLIZE_FAILURE,
                             "%s: its record names no style: give one with --style FILE",
                             self->path);
}

/* The files of a field, unless others were given in their place. */
static bool take_guide(again *self, int index, stylize_error *err) {
    const struct guide *of = &guides[index];
    name_list *list = (name_list *)((char *)&self->options + of->list);
    char *now = options_field_text(self->options.recipe, of->field), said_by[40];
    const bool given = now && strcmp(now, self->before[index]) != 0;
    bool ok = now != NULL || no_memory(err);
    int number = 0;
    free(now);
    snprintf(said_by, sizeof said_by, "--%s", of->field);
    for (int i = 0; ok && !given && i < list->count; i++) {
        if (index == MASK && !strcmp(list->items[i], "alpha"))
            continue;
        const record_input *input = input_of(&self->record, of->role, number++);
        if (!input)
            return stylize_error_set(err, STYLIZE_FAILURE,
                                     "%s: its record is damaged: its %s is not among the inputs",
                                     self->path, of->role);
        list->items[i] = place_of(self, input, said_by, err);
        ok = list->items[i] != NULL;
    }
    return ok;
}

/* ---- the whole ---- */

/* Says what else may make the picture another one. */
static void note_machine(again *self) {
    const record_content *record = &self->record;
    networks nets;
    stylize_error unused;
    if (self->options.quiet)
        return;
    if (record->changed)
        report_print(
            stderr,
            "stylize: %s went on with other settings (stylize show: \"changed\"); it is painted "
            "as it was asked for at first\n",
            self->path);
    if (strcmp(record->version, stylize_version()) != 0 ||
        strcmp(record->instruction_set, stylize_instruction_set()) != 0)
        report_print(stderr,
                     "stylize: %s was painted by version %s with %s, this is %s with %s: pixels "
                     "may differ a little\n",
                     self->path, record->version, record->instruction_set, stylize_version(),
                     stylize_instruction_set());
    char *now = options_field_text(self->options.recipe, "weights");
    if (now && !strcmp(now, self->weights) &&
        networks_find(&nets, stylize_recipe_weights(self->options.recipe), NULL, &unused) &&
        !record_same_networks(record, &nets, &self->digests))
        report_print(stderr, "stylize: %s is not the network that %s was painted with\n",
                     nets.paths[nets.count - 1], self->path);
    networks_clear(&nets);
    free(now);
}

static bool prepare(again *self, stylize_error *err) {
    options *opts = &self->options;
    if (!record_read(&self->record, self->path, err) ||
        !options_parse_over(opts, self->given, take_record, self, err))
        return false;
    opts->command = NULL;
    bool ok = take_content(self, err) && take_styles(self, err);
    for (int i = 0; ok && i < GUIDES; i++)
        ok = take_guide(self, i, err);
    if (ok)
        note_machine(self);
    return ok;
}

int paint_again(const options *opts) {
    again self = {.given = opts, .path = opts->operands[0]};
    stylize_error err;
    const bool ok = prepare(&self, &err);
    const int code = !ok                 ? report_failure(&err)
                     : self.options.plan ? plan_show(&self.options)
                                         : paint(&self.options);
    for (int i = 0; i < self.place_count; i++)
        free(self.places[i]);
    for (int i = 0; i < GUIDES; i++)
        free(self.before[i]);
    free(self.weights);
    free(self.styles);
    options_clear(&self.options);
    record_content_clear(&self.record);
    digests_clear(&self.digests);
    return code;
}
