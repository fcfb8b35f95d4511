/* SPDX-License-Identifier: MIT */
#include "transfer/session.h"

#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "transfer/api_error.h"
#include "transfer/memory_fit.h"

/* ---- life and inputs ---- */

stylize_session *stylize_session_new(const stylize_recipe *recipe, stylize_error *err) {
    error e;
    stylize_session *self = memory_alloc(1, sizeof *self, &e);
    if (!self) {
        api_error(&e, err);
        return NULL;
    }
    self->recipe = stylize_recipe_copy(recipe, err);
    self->content_power = self->content_error = -1;
    if (self->recipe)
        return self;
    memory_free(self);
    return NULL;
}

void session_free_stage(stylize_session *self) {
    if (self->stage)
        stage_clear(self->stage);
    memory_free(self->stage);
    self->stage = NULL;
    self->started = false;
}

void stylize_session_free(stylize_session *self) {
    if (!self)
        return;
    session_free_stage(self);
    image_free(self->carried);
    denormals_team_clear(&self->denormals);
    stylize_recipe_free(self->recipe);
    memory_free(self->settings);
    memory_free(self);
}

/* Inputs are for before the first step: whether it is still to come. */
static bool takes_inputs(stylize_session *self) {
    self->planned = self->planned && self->begun;
    return !self->begun;
}

void stylize_session_set_content(stylize_session *self, const stylize_image *content) {
    if (takes_inputs(self))
        self->content = content;
}

void stylize_session_set_style(stylize_session *self, const stylize_image *style) {
    if (!takes_inputs(self))
        return;
    self->styles[0] = style;
    self->style_count = style != NULL;
}

/* Adds a picture to a list of at most as many as there may be styles. */
static bool add_picture(stylize_session *self, const stylize_image *picture, const char *what,
                        const image **list, int *count, stylize_error *err) {
    if (!picture)
        return stylize_error_set(err, STYLIZE_USAGE, "the %s to add is missing", what);
    if (!takes_inputs(self))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%ss must be added before the session's first step", what);
    if (*count == RECIPE_MOST_STYLES)
        return stylize_error_set(err, STYLIZE_USAGE, "more than %d %ss", RECIPE_MOST_STYLES, what);
    list[(*count)++] = picture;
    return true;
}

bool stylize_session_add_style(stylize_session *self, const stylize_image *style,
                               stylize_error *err) {
    return add_picture(self, style, "style", self->styles, &self->style_count, err);
}

bool stylize_session_add_mask(stylize_session *self, const stylize_image *mask,
                              stylize_error *err) {
    return add_picture(self, mask, "mask", self->pictures.masks, &self->pictures.mask_count, err);
}

bool stylize_session_add_style_map(stylize_session *self, const stylize_image *map,
                                   stylize_error *err) {
    return add_picture(self, map, "style map", self->pictures.style_maps,
                       &self->pictures.style_map_count, err);
}

void stylize_session_set_content_map(stylize_session *self, const stylize_image *map) {
    if (takes_inputs(self))
        self->pictures.content_map = map;
}

void stylize_session_set_content_weight_map(stylize_session *self, const stylize_image *map) {
    if (takes_inputs(self))
        self->pictures.content_weight = map;
}

void stylize_session_set_init(stylize_session *self, const stylize_image *init) {
    if (takes_inputs(self))
        self->init = init;
}

bool stylize_session_add_network(stylize_session *self, const stylize_network *network,
                                 stylize_error *err) {
    if (!network)
        return stylize_error_set(err, STYLIZE_USAGE, "the network to add is missing");
    if (!takes_inputs(self))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "networks must be added before the session's first step");
    if (self->network_count == RECIPE_MOST_STAGES)
        return stylize_error_set(err, STYLIZE_USAGE, "more than %d networks, one for each stage",
                                 RECIPE_MOST_STAGES);
    self->networks[self->network_count++] = network;
    return true;
}

void stylize_session_set_threads(stylize_session *self, int threads) {
    if (takes_inputs(self))
        self->threads = threads;
}

void stylize_session_set_cache(stylize_session *self, stylize_cache *cache) {
    if (takes_inputs(self))
        self->cache = cache;
}

void stylize_session_cancel(stylize_session *self) {
    atomic_store(&self->cancelled, true);
}

/* ---- stages ---- */

bool session_has_improved(const stylize_session *self) {
    const optimizer *method = &self->stage->optimizer;
    double start = 0;
    for (int kind = 0; kind < COST_KINDS; kind++)
        start += self->stage->objective.spec.factors[kind] * self->start_kinds[kind];
    return self->restarted ? method->best_value < start : method->best_iteration > 0;
}

bool session_enter_stage(stylize_session *self, const stage_inputs *inputs, error *err) {
    self->event.stage_iteration = 0;
    session_tell(self, STYLIZE_EVENT_STAGE);
    if (session_is_cancelled(self))
        return true;
    self->stage = memory_alloc(1, sizeof *self->stage, err);
    if (!self->stage || !stage_prepare(self->stage, &self->plan.stages[self->index], err))
        return false;
    stage *now = self->stage;
    now->cancelled = &self->cancelled;
    now->cache = self->cache;
    self->changed = false; /* its settings are the latest */
    session_tell_phase(self, STYLIZE_PHASE_RESIZE);
    if (session_is_cancelled(self))
        return true;
    if (!stage_place(now, inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_CONTENT);
    if (session_is_cancelled(self))
        return true;
    if (!stage_analyse_content(now, inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_STYLE);
    if (session_is_cancelled(self))
        return true;
    if (!stage_analyse_style(now, inputs, err) || !stage_take_start(now, inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_OPTIMIZE);
    return true;
}

/* Prepares the stage and evaluates its start. True also when it was cancelled on the way; then
 * `started` is not set. */
static bool begin_stage(stylize_session *self, error *err) {
    const stage_inputs inputs = session_inputs(self);
    if (!session_enter_stage(self, &inputs, err))
        return false;
    if (session_is_cancelled(self))
        return true;
    stage *now = self->stage;
    image_free(self->carried); /* it is in the optimiser's start */
    self->carried = NULL;
    session_guess_weight(self);
    if (self->changed) /* now, or by an observer, on the way here */
        stage_adopt_factors(now, self->plan.stages[self->index].factors);
    self->changed = false;
    if (!stage_start(now, err))
        return false;
    self->started = true;
    self->restarted = false;
    memcpy(self->start_kinds, objective_values(&now->objective)->kinds, sizeof self->start_kinds);
    self->over = self->converged = false;
    self->could_improve =
        self->could_improve || objective_values(&now->objective)->gradient_norm > 0;
    session_tell_iteration(self);
    return true;
}

/* Keeps the best picture of a stage that is over for the next one. */
static bool leave_stage(stylize_session *self, error *err) {
    stage *now = self->stage;
    self->carried = image_new(now->settings.frame.width, now->settings.frame.height, err);
    if (!self->carried)
        return false;
    canvas_paint(&now->canvas, optimizer_best(&now->optimizer), self->carried->planes);
    self->iterations += now->optimizer.iterations;
    self->evaluations += now->optimizer.evaluations;
    session_free_stage(self);
    self->index++;
    return true;
}

static stylize_progress end(stylize_session *self, stylize_stop stop) {
    if (self->stage)
        stage_end(self->stage);
    self->ended = true;
    session_tell_end(self, stop);
    return STYLIZE_DONE;
}

/* ---- steps ---- */

bool session_begin(stylize_session *self, error *err) {
    if (self->begun)
        return true;
    if (!session_make_plan(self, err) || !session_note_settings(self, err))
        return false;
    const plan_job job = session_job(self);
    self->begun = true;
    self->begin = cpu_seconds();
    return memory_fit_check(&self->plan, &job, memory_fit_limit(), err);
}

/* One iteration. */
static bool work(stylize_session *self, optimizer_status *status, error *err) {
    stage *now = self->stage;
    if (self->changed) {
        self->changed = false;
        self->improved = self->improved || session_has_improved(self);
        if (!stage_set_factors(now, self->plan.stages[self->index].factors, err))
            return false;
        self->restarted = true;
    }
    *status = stage_step(now);
    if (*status != OPTIMIZER_STEPPED) {
        if (*status == OPTIMIZER_CONVERGED && !session_has_improved(self) &&
            session_retry_weight(self))
            *status = OPTIMIZER_STEPPED;
        return true;
    }
    session_better_weight(self);
    session_tell_iteration(self);
    return true;
}

/* Whether the stage at work has nothing left to do, as one that was loaded may. */
static bool is_done(const stylize_session *self) {
    return (self->converged && !self->changed) ||
           self->stage->optimizer.iterations >= self->stage->settings.iterations;
}

/* One step. A stage that is over stays until the next step, for those who ask for its picture. */
static stylize_progress advance(stylize_session *self, void *unused, error *err) {
    optimizer_status status = OPTIMIZER_STEPPED;
    (void)unused;
    if (session_is_cancelled(self))
        return end(self, STYLIZE_STOP_CANCELLED);
    if (self->over && !leave_stage(self, err))
        return STYLIZE_FAILED;
    if (self->stage && is_done(self))
        status = self->converged ? OPTIMIZER_CONVERGED : OPTIMIZER_STEPPED;
    else if (!(self->stage ? work(self, &status, err) : begin_stage(self, err)))
        return STYLIZE_FAILED;
    if (session_is_cancelled(self))
        return end(self, STYLIZE_STOP_CANCELLED);
    const stage *now = self->stage;
    const bool done = now->optimizer.iterations >= now->settings.iterations;
    self->converged = status == OPTIMIZER_CONVERGED;
    if (!done && status == OPTIMIZER_STEPPED)
        return STYLIZE_MORE;
    self->improved = self->improved || session_has_improved(self);
    if (session_is_last(self))
        return end(self, done ? STYLIZE_STOP_ITERATIONS : STYLIZE_STOP_CONVERGED);
    stage_end(self->stage);
    self->over = true;
    return STYLIZE_MORE;
}

stylize_progress session_work_on(stylize_session *self, session_work *part, void *what,
                                 stylize_error *err) {
    if (self->failed) {
        stylize_error_set(err, STYLIZE_USAGE, "the session has already failed");
        return STYLIZE_FAILED;
    }
    const int threads = cpu_use_threads(self->threads);
    stylize_progress progress = STYLIZE_FAILED;
    error e;
    if (session_begin(self, &e) && denormals_off_team(&self->denormals, &e))
        progress = part(self, what, &e);
    denormals_restore_team(&self->denormals);
    cpu_set_threads(threads);
    if (progress == STYLIZE_FAILED) {
        self->failed = true;
        api_error(&e, err);
    }
    return progress;
}

stylize_progress stylize_session_step(stylize_session *self, stylize_error *err) {
    return self->ended ? STYLIZE_DONE : session_work_on(self, advance, NULL, err);
}

bool stylize_session_run(stylize_session *self, stylize_error *err) {
    stylize_progress progress;
    while ((progress = stylize_session_step(self, err)) == STYLIZE_MORE)
        ;
    return progress == STYLIZE_DONE;
}

/* ---- changes on the way ---- */

/* The factor of that name; NULL for one that cannot be changed. */
static double *factor_of(stage_settings *s, const char *name) {
    const struct {
        const char *name;
        cost_kind kind;
    } factors[] = {{"alpha", COST_CONTENT},
                   {"beta", s->style_kind},
                   {"tv", COST_SMOOTHNESS},
                   {"chroma-tv", COST_CHROMA}};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        if (!strcmp(factors[i].name, name))
            return &s->factors[factors[i].kind];
    }
    return NULL;
}

bool stylize_session_set(stylize_session *self, const char *name, double value,
                         stylize_error *err) {
    if (!factor_of(&self->plan.stages[0], name))
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "'%.40s' cannot be changed during a run: only alpha, beta, tv and chroma-tv can", name);
    if (value < 0)
        return stylize_error_set(err, STYLIZE_USAGE, "%s: %g is out of range (0 or more)", name,
                                 value);
    if (!stylize_recipe_set_number(self->recipe, name, value, err))
        return false;
    for (int n = 0; n < self->plan.count; n++)
        *factor_of(&self->plan.stages[n], name) = value; /* analysed: the first stage has it */
    self->changed = self->stage != NULL;
    return true;
}
