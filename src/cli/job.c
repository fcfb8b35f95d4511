/* SPDX-License-Identifier: MIT */
#include "cli/job.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "cli/threads.h"

bool job_init(job *self, const options *opts, store *from, room *beside, stylize_error *err) {
    *self = (job){.options = opts,
                  .recipe = stylize_recipe_copy(opts->recipe, err),
                  .store = from,
                  .room = beside};
    return self->recipe &&
           networks_find(&self->networks, stylize_recipe_weights(self->recipe), from, err);
}

bool job_init_found(job *self, const options *opts, const char *precision, const char *const *paths,
                    int count, stylize_error *err) {
    *self = (job){.options = opts, .recipe = stylize_recipe_copy(opts->recipe, err), .found = true};
    return self->recipe && stylize_recipe_set(self->recipe, "precision", precision, err) &&
           networks_name(&self->networks, paths, count, err);
}

void job_clear(job *self) {
    stylize_session_free(self->session); /* borrows the others */
    inputs_clear(&self->inputs);
    networks_clear(&self->networks);
    stylize_recipe_free(self->recipe);
    if (self->working)
        room_leave(self->room, self->needed);
    self->working = false;
}

/* A session with the pictures and the networks from `first` on; NULL with *err. */
static stylize_session *new_session(const job *self, int first, stylize_error *err) {
    const inputs *in = &self->inputs;
    stylize_session *session = stylize_session_new(self->recipe, err);
    if (!session)
        return NULL;
    if (in->content)
        stylize_session_set_content(session, in->content);
    if (in->init)
        stylize_session_set_init(session, in->init);
    stylize_session_set_threads(session, self->options->threads);
    stylize_session_set_cache(session, store_cache(self->store));
    bool ok = true;
    for (int i = 0; ok && i < in->style_count; i++)
        ok = stylize_session_add_style(session, in->styles[i], err);
    for (int i = 0; ok && i < in->mask_count; i++)
        ok = stylize_session_add_mask(session, in->masks[i], err);
    for (int i = 0; ok && i < in->style_map_count; i++)
        ok = stylize_session_add_style_map(session, in->style_maps[i], err);
    stylize_session_set_content_map(session, in->content_map);
    stylize_session_set_content_weight_map(session, in->content_weight_map);
    for (int i = first; ok && i < self->networks.count; i++)
        ok = stylize_session_add_network(session, self->networks.loaded[i], err);
    if (ok)
        return session;
    stylize_session_free(session);
    return NULL;
}

/* Drops the networks for which there is no stage. */
static bool drop_networks(job *self, stylize_error *err) {
    if (self->networks.count == 1)
        return true;
    stylize_session *session = new_session(self, self->networks.count - 1, err);
    const stylize_plan *plan = session ? stylize_session_plan(session, false, err) : NULL;
    if (plan)
        networks_keep_last(&self->networks, plan->stage_count);
    stylize_session_free(session);
    return plan != NULL;
}

/* Makes the session anew; its plan, or NULL with *err. */
static const stylize_plan *renew_session(job *self, stylize_error *err) {
    stylize_session_free(self->session);
    self->session = new_session(self, 0, err);
    return self->session ? stylize_session_plan(self->session, false, err) : NULL;
}

/* ---- when memory is short ---- */

static bool fits(const stylize_plan *plan) {
    return plan->refusal.status == STYLIZE_OK;
}

bool job_may_halve(const job *self) {
    stylize_error unused;
    stylize_recipe *other = stylize_recipe_copy(self->recipe, &unused);
    double precision;
    const bool may =
        other && stylize_recipe_get_number(other, "precision", &precision) && precision == 0 &&
        stylize_recipe_set(other, "precision", "bf16", &unused) &&
        strcmp(stylize_recipe_precision(other), stylize_recipe_precision(self->recipe)) != 0;
    stylize_recipe_free(other);
    return may;
}

const char *job_may_lighten(const job *self) {
    const char *light =
        self->lightened || self->found ? NULL : stylize_recipe_light_weights(self->recipe);
    networks trial;
    stylize_error unused;
    if (!light)
        return NULL;
    const bool there = networks_find(&trial, light, NULL, &unused);
    networks_clear(&trial);
    return there ? light : NULL;
}

/* Loads the light network as the only one of `light`; false where it is not there or lacks what the
 * recipe asks for. networks_clear follows in any case. */
static bool load_light(const job *self, networks *light) {
    stylize_error unused;
    return networks_find(light, stylize_recipe_light_weights(self->recipe), self->store, &unused) &&
           networks_load(light, 0, self->recipe, &unused);
}

/* Loads the networks again in bf16, from `first` on. On failure, with *err, none is loaded and the
 * precision is open as before. */
static bool load_in_bf16(job *self, int first, stylize_error *err) {
    stylize_error unused;
    networks_unload(&self->networks);
    store_drop_unused(self->store);
    if (stylize_recipe_set(self->recipe, "precision", "bf16", err) &&
        networks_load(&self->networks, first, self->recipe, err))
        return true;
    networks_unload(&self->networks);
    stylize_recipe_set(self->recipe, "precision", "auto", &unused);
    return false;
}

/* Where the plan does not fit, loads the networks again in bf16 if it may. The new plan, or NULL
 * with *err. */
static const stylize_plan *halve(job *self, const stylize_plan *plan, stylize_error *err) {
    if (fits(plan) || !job_may_halve(self))
        return plan;
    return load_in_bf16(self, 0, err) || networks_load(&self->networks, 0, self->recipe, err)
               ? renew_session(self, err)
               : NULL;
}

/* Where the plan does not fit, lets the last stages have the light network, as many as it takes;
 * all or none where nothing helps. */
static bool lighten(job *self, const stylize_plan *plan, stylize_error *err) {
    networks *nets = &self->networks, light;
    if (fits(plan) || !job_may_lighten(self))
        return true;
    const int stages = plan->stage_count;
    self->lightened = load_light(self, &light);
    bool ok = !self->lightened ||
              (networks_extend(nets, stages, err) && networks_replace_last(nets, &light, err));
    networks_clear(&light);
    for (int count = 1; ok && self->lightened && !fits(plan) && count <= stages; count++) {
        plan = networks_repeat_last(nets, count, err) ? renew_session(self, err) : NULL;
        ok = plan != NULL;
    }
    return ok;
}

/* Whether there may be more memory now: of what nobody has, or of pictures that are done. */
static bool make_room(job *self) {
    const bool made = store_drop_unused(self->store) || room_wait(self->room);
    room_trim();
    return made;
}

/* Loads the network of the last stage; where memory is short for it, in bf16, or else the light one
 * in its place. */
static bool load_last(job *self, stylize_error *err) {
    networks *nets = &self->networks, light;
    const int last = nets->count - 1;
    bool ok;
    do
        ok = networks_load(nets, last, self->recipe, err);
    while (!ok && err->status == STYLIZE_MEMORY && make_room(self));
    if (!ok && err->status == STYLIZE_MEMORY && job_may_halve(self))
        ok = load_in_bf16(self, last, err);
    if (ok || err->status != STYLIZE_MEMORY || !job_may_lighten(self))
        return ok;
    self->lightened = load_light(self, &light) && networks_replace_last(nets, &light, err);
    networks_clear(&light);
    return self->lightened;
}

/* A place beside the pictures at work; the plan then, or NULL with *err. */
static const stylize_plan *find_room(job *self, const stylize_plan *plan, stylize_error *err) {
    while (plan &&
           !(fits(plan) &&
             room_fits(self->room, plan->needed, plan->available, store_bytes(self->store))) &&
           make_room(self))
        plan = renew_session(self, err);
    return plan;
}

static bool read_all(job *self, stylize_error *err) {
    self->threads = stylize_thread_count(self->options->threads);
    if (!inputs_read(&self->inputs, self->options, self->store, err) || !load_last(self, err) ||
        !threads_try(self->threads, err) || !drop_networks(self, err) ||
        !networks_load(&self->networks, 0, self->recipe, err))
        return false;
    const stylize_plan *plan = find_room(self, renew_session(self, err), err);
    plan = plan ? halve(self, plan, err) : NULL;
    return plan && lighten(self, plan, err);
}

bool job_read(job *self, stylize_error *err) {
    if (!self->room)
        return read_all(self, err);
    room_prepare(self->room);
    const bool ok = read_all(self, err);
    const stylize_plan *plan = ok ? stylize_session_plan(self->session, false, err) : NULL;
    self->working = plan != NULL;
    self->needed = plan ? plan->needed : 0;
    if (plan)
        room_work(self->room, self->needed);
    else
        room_give_up(self->room);
    return plan != NULL;
}

/* ---- notes ---- */

/* The size that the result would have with --upscale; false when memory is short. */
static bool upscaled_size(const job *self, int size[2]) {
    const int *content = self->inputs.content_size;
    stylize_error err;
    stylize_recipe *recipe = stylize_recipe_copy(self->options->recipe, &err);
    const bool ok = recipe && stylize_recipe_set(recipe, "upscale", "yes", &err);
    if (ok)
        stylize_recipe_result_size(recipe, content[0], content[1], &size[0], &size[1]);
    stylize_recipe_free(recipe);
    return ok;
}

/* What the memory made of the networks. */
static void note_networks(const job *self, const stylize_plan *plan) {
    const networks *nets = &self->networks;
    const char *wanted = stylize_recipe_precision(self->options->recipe);
    const char *used = stylize_recipe_precision(self->recipe);
    int i = 0;
    if (self->options->quiet || self->found || !fits(plan))
        return;
    if (strcmp(wanted, used) != 0)
        report_print(stderr, "stylize: %s is used: %s would need more memory than there is\n", used,
                     wanted);
    if (!self->lightened)
        return;
    while (strcmp(nets->paths[plan->stages[i]->network], nets->paths[nets->count - 1]) != 0)
        i++;
    report_print(stderr,
                 "stylize: from %dx%d pixels on, %s is used: %s would need more memory than "
                 "there is\n",
                 plan->stages[i]->width, plan->stages[i]->height,
                 stylize_recipe_light_weights(self->recipe), stylize_recipe_weights(self->recipe));
}

static void note_size(const job *self) {
    const options *opts = self->options;
    const int *content = self->inputs.content_size, *size = self->inputs.size;
    int larger[2];
    if (opts->quiet || !opts->size_given || !opts->content || !upscaled_size(self, larger) ||
        (larger[0] <= size[0] && larger[1] <= size[1]))
        return;
    const char *name = strcmp(opts->content, "-") ? opts->content : "standard input";
    report_print(stderr,
                 "stylize: %s has %dx%d pixels, so the result has %dx%d: --upscale makes it "
                 "%dx%d\n",
                 name, content[0], content[1], size[0], size[1], larger[0], larger[1]);
}

void job_note(const job *self, const stylize_plan *plan) {
    note_size(self);
    note_networks(self, plan);
}
