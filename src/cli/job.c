/* SPDX-License-Identifier: MIT */
#include "cli/job.h"

#include <stdio.h>
#include <string.h>

#include "cli/threads.h"

bool job_init(job *self, const options *opts, stylize_error *err) {
    *self = (job){.options = opts};
    return networks_find(&self->networks, stylize_recipe_weights(opts->recipe), err);
}

void job_clear(job *self) {
    stylize_session_free(self->session); /* borrows the others */
    inputs_clear(&self->inputs);
    networks_clear(&self->networks);
}

/* A session with the pictures and the networks from `first` on; NULL with *err. */
static stylize_session *new_session(const job *self, int first, stylize_error *err) {
    const inputs *in = &self->inputs;
    stylize_session *session = stylize_session_new(self->options->recipe, err);
    if (!session)
        return NULL;
    stylize_session_set_content(session, in->content);
    stylize_session_set_style(session, in->style);
    if (in->init)
        stylize_session_set_init(session, in->init);
    stylize_session_set_threads(session, self->options->threads);
    bool ok = true;
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

/* Whether a network is there and has what the recipe asks for. */
static bool is_usable(const char *name, const stylize_recipe *recipe) {
    networks trial;
    stylize_error unused;
    const bool usable =
        networks_find(&trial, name, &unused) && networks_load(&trial, 0, recipe, &unused);
    networks_clear(&trial);
    return usable;
}

/* Lets the last stages have the light network, as many as it takes for the job to fit into memory;
 * all or none where nothing helps. */
static bool lighten(job *self, stylize_error *err) {
    const stylize_recipe *recipe = self->options->recipe;
    const char *light = stylize_recipe_light_weights(recipe);
    const stylize_plan *plan = light ? stylize_session_plan(self->session, false, err) : NULL;
    if (!light || (plan && (plan->refusal.status == STYLIZE_OK || !is_usable(light, recipe))))
        return true;
    while (plan && plan->refusal.status != STYLIZE_OK && self->light_stages < plan->stage_count) {
        const int stages = plan->stage_count;
        stylize_session_free(self->session);
        self->session = NULL;
        if (!networks_replace_last(&self->networks, stages, ++self->light_stages, light, recipe,
                                   err))
            return false;
        self->session = new_session(self, 0, err);
        plan = self->session ? stylize_session_plan(self->session, false, err) : NULL;
    }
    return plan != NULL;
}

/* Loads the network of the last stage; where memory is short for it, the light one in its place. */
static bool load_last(job *self, stylize_error *err) {
    const stylize_recipe *recipe = self->options->recipe;
    const char *light = stylize_recipe_light_weights(recipe);
    networks *nets = &self->networks;
    if (networks_load(nets, nets->count - 1, recipe, err))
        return true;
    self->light_only = light && err->status == STYLIZE_MEMORY && is_usable(light, recipe);
    return self->light_only && networks_replace_last(nets, 1, 1, light, recipe, err);
}

bool job_read(job *self, stylize_error *err) {
    const stylize_recipe *recipe = self->options->recipe;
    self->threads = stylize_thread_count(self->options->threads);
    if (!inputs_read(&self->inputs, self->options, err) || !load_last(self, err) ||
        !threads_try(self->threads, err) || !drop_networks(self, err) ||
        !networks_load(&self->networks, 0, recipe, err))
        return false;
    self->session = new_session(self, 0, err);
    return self->session && (self->light_only || lighten(self, err));
}

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
    const int lighter = self->light_only ? plan->stage_count : self->light_stages;
    const stylize_stage *stage = lighter ? plan->stages[plan->stage_count - lighter] : NULL;
    if (!stage || self->options->quiet || plan->refusal.status != STYLIZE_OK)
        return;
    fprintf(stderr,
            "stylize: from %dx%d pixels on, %s is used: %s would need more memory than there is\n",
            stage->width, stage->height, stylize_recipe_light_weights(self->options->recipe),
            stylize_recipe_weights(self->options->recipe));
}

static void note_size(const job *self) {
    const options *opts = self->options;
    const int *content = self->inputs.content_size, *size = self->inputs.size;
    const char *name = strcmp(opts->content, "-") ? opts->content : "standard input";
    int larger[2];
    if (opts->quiet || !opts->size_given || !upscaled_size(self, larger) ||
        (larger[0] <= size[0] && larger[1] <= size[1]))
        return;
    fprintf(stderr,
            "stylize: %s has %dx%d pixels, so the result has %dx%d: --upscale makes it %dx%d\n",
            name, content[0], content[1], size[0], size[1], larger[0], larger[1]);
}

void job_note(const job *self, const stylize_plan *plan) {
    note_size(self);
    note_networks(self, plan);
}
