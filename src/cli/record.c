/* SPDX-License-Identifier: MIT */
#include "cli/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/options_json.h"
#include "cli/record_read.h"
#include "cli/run_json.h"
#include "core/json_text.h"

struct run_record {
    json_t *base;         /* recipe, settings and inputs */
    digest_text *digests; /* of the networks, one for each of their files */
    const networks *networks;
};

/* ---- what decides a picture ---- */

/* What stylize resume was asked for beside the recipe: NULL where that is nothing. */
static json_t *changes_json(const options *opts) {
    json_t *changed = json_object();
    if (opts->more > 0)
        json_object_set_new(changed, "iterations", json_integer(opts->more));
    for (int i = 0; i < OPTIONS_NEW_WEIGHTS; i++) {
        char name[OPTION_JSON_NAME];
        option_json_name(stylize_recipe_field_named(options_new_weights[i]), name);
        if (opts->new_weights[i])
            json_object_set_new(changed, name, json_real(strtod(opts->new_weights[i], NULL)));
    }
    if (json_object_size(changed) > 0)
        return changed;
    json_decref(changed);
    return NULL;
}

/* NULL with *err. */
static json_t *base_json(const options *opts, digests *known, stylize_error *err) {
    json_t *inputs = run_json_inputs(opts, known, err);
    if (!inputs)
        return NULL;
    json_t *settings = json_object();
    const bool ok = settings && options_add_own(settings, opts, true);
    json_t *base = json_pack("{s:o, s:o, s:o, s:o*}", "recipe", run_json_recipe(opts->recipe, true),
                             "settings", settings, "inputs", inputs, "changed", changes_json(opts));
    if (base && ok)
        return base;
    json_decref(base);
    stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return NULL;
}

static digest_text *network_digests(const networks *nets, digests *known, stylize_error *err) {
    digest_text *texts = calloc((size_t)nets->count, sizeof *texts);
    if (!texts)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (int i = 0; texts && i < nets->count; i++) {
        if (!digest_file(known, nets->paths[i], texts[i], err)) {
            free(texts);
            texts = NULL;
        }
    }
    return texts;
}

run_record *record_new(const options *opts, const networks *nets, digests *known,
                       stylize_error *err) {
    run_record *self = calloc(1, sizeof *self);
    if (!self) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    self->networks = nets;
    self->base = base_json(opts, known, err);
    self->digests = self->base ? network_digests(nets, known, err) : NULL;
    if (self->digests)
        return self;
    record_free(self);
    return NULL;
}

void record_free(run_record *self) {
    if (!self)
        return;
    json_decref(self->base);
    free(self->digests);
    free(self);
}

/* ---- the whole ---- */

/* The network of each stage. */
static json_t *networks_json(const run_record *self, const stylize_plan *plan) {
    json_t *array = json_array();
    for (int i = 0; array && i < plan->stage_count; i++) {
        const int n = plan->stages[i]->network;
        const char *digest = self->digests[n];
        json_t *item = json_pack("{s:o, s:s?, s:s}", "name",
                                 run_json_string(files_base(self->networks->paths[n])), "sha256",
                                 *digest ? digest : NULL, "precision",
                                 stylize_network_precision(self->networks->loaded[n]));
        if (!item || json_array_append_new(array, item) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* Below, NULL is a lack of memory. The values of a kind by layer, of regions each by itself. */
static json_t *best_layers(const cost_table *costs, const char *kind) {
    json_t *object = json_object();
    for (int i = 0; object && i < costs->count; i++) {
        const cost_row *row = &costs->rows[i];
        if (!strcmp(row->kind, kind) &&
            json_object_set_new(object, row->layer, run_json_number(row->best)) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

static json_t *costs_json(const record_outcome *of) {
    const stylize_event *event = of->event;
    const cost_table *best = of->costs;
    if (best && best->lacks_memory)
        return NULL;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "total",
        run_json_number(best ? best->best_total : event->total), "content",
        run_json_number(best ? best->content : event->content), "style",
        run_json_number(best ? best->style : event->style), "tv",
        run_json_number(best ? best->tv : event->tv), "chroma_tv",
        run_json_number(best ? best->chroma_tv : event->chroma_tv), "alpha",
        run_json_number(event->alpha), "content_error",
        event->content_error < 0 ? json_null() : run_json_number(event->content_error),
        "content_layers", best ? best_layers(best, "content") : run_json_layers(event, "content"),
        "style_layers", best ? best_layers(best, "style") : run_json_layers(event, "style"));
}

bool record_attach(const run_record *self, const record_outcome *of, stylize_image *picture,
                   stylize_error *err) {
    const stylize_event *event = of->event;
    int width, height;
    stylize_image_size(picture, &width, &height);
    json_t *whole = json_pack("{s:i, s:s}", "format", RECORD_FORMAT, "version", stylize_version());
    json_t *run = json_pack(
        "{s:o, s:s, s:o, s:s?, s:i, s:i, s:o}", "networks", networks_json(self, of->plan),
        "instruction_set", stylize_instruction_set(), "size", run_json_size(width, height), "stop",
        event->kind == STYLIZE_EVENT_END ? stylize_stop_name(event->stop) : NULL, "iterations",
        event->iteration, "best_iteration", event->best_iteration, "costs", costs_json(of));
    char *text = whole && run && json_object_update(whole, self->base) == 0 &&
                         json_object_update(whole, run) == 0
                     ? json_text_dump(whole, JSON_COMPACT | JSON_REAL_PRECISION(17))
                     : NULL;
    json_decref(run);
    json_decref(whole);
    const bool ok = text ? stylize_image_set_record(picture, text, err)
                         : stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    free(text);
    return ok;
}

/* ---- comparing ---- */

/* Whether the inputs have the same digests in the same order; what came from a pipe never is. */
static bool same_inputs(const record_content *found, const json_t *wanted) {
    if (found->input_count != (int)json_array_size(wanted))
        return false;
    for (int i = 0; i < found->input_count; i++) {
        const json_t *item = json_array_get(wanted, (size_t)i);
        const char *digest = json_string_value(json_object_get(item, "sha256"));
        if (!digest || !found->inputs[i].sha256 || strcmp(digest, found->inputs[i].sha256) != 0 ||
            strcmp(json_string_value(json_object_get(item, "role")), found->inputs[i].role) != 0)
            return false;
    }
    return true;
}

/* The same where stages may also have the network of the digest `light`, "" for none. */
static bool same_networks(const record_content *found, const networks *nets, const char *light,
                          digests *known) {
    stylize_error unused;
    bool same = found->network_count > 0;
    digest_text *texts = network_digests(nets, known, &unused);
    for (int i = 0; texts && i < found->network_count; i++) {
        const char *digest = found->networks[i].sha256;
        same = same && digest &&
               (!strcmp(digest, texts[record_network_of(found, i, nets->count)]) ||
                (*light && !strcmp(digest, light)));
    }
    free(texts);
    return texts && same;
}

bool record_same_networks(const record_content *found, const networks *nets, digests *known) {
    return same_networks(found, nets, "", known);
}

/* The digest of the network that stages have where memory is short; "" where there is none. */
static void light_digest(const stylize_recipe *recipe, digests *known, digest_text text) {
    const char *name = stylize_recipe_light_weights(recipe);
    networks light;
    stylize_error unused;
    *text = '\0';
    if (!name)
        return;
    if (networks_find(&light, name, NULL, &unused) &&
        !digest_file(known, light.paths[0], text, &unused))
        *text = '\0';
    networks_clear(&light);
}

/* Equal but for what changes no picture. */
static bool same_recipe(json_t *found, json_t *wanted) {
    json_t *a = json_text_copy(found), *b = json_text_copy(wanted);
    json_object_del(a, "max_pixels");
    json_object_del(b, "max_pixels");
    const bool same = a && b && json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return same;
}

bool record_matches(const char *path, const options *opts, const networks *nets, digests *known) {
    stylize_error unused;
    record_content found;
    json_t *wanted = NULL;
    digest_text light;
    bool same = record_read(&found, path, &unused) && found.finished && !found.changed;
    if (same)
        wanted = base_json(opts, known, &unused);
    same = wanted && same_recipe(found.recipe, json_object_get(wanted, "recipe")) &&
           json_equal(found.settings, json_object_get(wanted, "settings")) &&
           same_inputs(&found, json_object_get(wanted, "inputs"));
    if (same) {
        light_digest(opts->recipe, known, light);
        same = same_networks(&found, nets, light, known);
    }
    json_decref(wanted);
    record_content_clear(&found);
    return same;
}
