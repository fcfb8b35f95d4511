/* SPDX-License-Identifier: MIT */
#include "transfer/session.h"

#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "transfer/api_error.h"
#include "transfer/memory_fit.h"
#include "transfer/transparency.h"

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

static void free_stage(stylize_session *self) {
    if (self->stage)
        stage_clear(self->stage);
    memory_free(self->stage);
    self->stage = NULL;
    self->started = false;
}

void stylize_session_free(stylize_session *self) {
    if (!self)
        return;
    free_stage(self);
    image_free(self->carried);
    denormals_team_clear(&self->denormals);
    stylize_recipe_free(self->recipe);
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

static bool is_cancelled(const stylize_session *self) {
    return atomic_load(&self->cancelled);
}

/* Whether the stage at work has a better picture than its start, by the factors of now. */
static bool has_improved(const stylize_session *self) {
    const optimizer *method = &self->stage->optimizer;
    double start = 0;
    for (int kind = 0; kind < COST_KINDS; kind++)
        start += self->stage->objective.spec.factors[kind] * self->start_kinds[kind];
    return self->restarted ? method->best_value < start : method->best_iteration > 0;
}

static bool is_last(const stylize_session *self) {
    return self->index + 1 == self->plan.count;
}

/* Prepares the stage and evaluates its start. True also when it was cancelled on the way; then
 * `started` is not set. */
static bool begin_stage(stylize_session *self, error *err) {
    const stage_inputs inputs = session_inputs(self);
    self->event.stage_iteration = 0;
    session_tell(self, STYLIZE_EVENT_STAGE);
    if (is_cancelled(self))
        return true;
    self->stage = memory_alloc(1, sizeof *self->stage, err);
    if (!self->stage || !stage_prepare(self->stage, &self->plan.stages[self->index], err))
        return false;
    stage *now = self->stage;
    now->cancelled = &self->cancelled;
    now->cache = self->cache;
    self->changed = false; /* its settings are the latest */
    session_tell_phase(self, STYLIZE_PHASE_RESIZE);
    if (is_cancelled(self))
        return true;
    if (!stage_place(now, &inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_CONTENT);
    if (is_cancelled(self))
        return true;
    if (!stage_analyse_content(now, &inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_STYLE);
    if (is_cancelled(self))
        return true;
    if (!stage_analyse_style(now, &inputs, err) || !stage_take_start(now, &inputs, err))
        return false;
    session_tell_phase(self, STYLIZE_PHASE_OPTIMIZE);
    if (is_cancelled(self))
        return true;
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
    self->over = false;
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
    free_stage(self);
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

static bool begin(stylize_session *self, error *err) {
    if (!session_make_plan(self, err))
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
        self->improved = self->improved || has_improved(self);
        if (!stage_set_factors(now, self->plan.stages[self->index].factors, err))
            return false;
        self->restarted = true;
    }
    *status = stage_step(now);
    if (*status != OPTIMIZER_STEPPED) {
        if (*status == OPTIMIZER_CONVERGED && !has_improved(self) && session_retry_weight(self))
            *status = OPTIMIZER_STEPPED;
        return true;
    }
    session_better_weight(self);
    session_tell_iteration(self);
    return true;
}

/* One step. A stage that is over stays until the next step, for those who ask for its picture. */
static stylize_progress advance(stylize_session *self, error *err) {
    optimizer_status status = OPTIMIZER_STEPPED;
    if (is_cancelled(self))
        return end(self, STYLIZE_STOP_CANCELLED);
    if (self->over && !leave_stage(self, err))
        return STYLIZE_FAILED;
    if (!(self->stage ? work(self, &status, err) : begin_stage(self, err)))
        return STYLIZE_FAILED;
    if (is_cancelled(self))
        return end(self, STYLIZE_STOP_CANCELLED);
    const stage *now = self->stage;
    const bool done = now->optimizer.iterations >= now->settings.iterations;
    if (!done && status == OPTIMIZER_STEPPED)
        return STYLIZE_MORE;
    self->improved = self->improved || has_improved(self);
    if (is_last(self))
        return end(self, done ? STYLIZE_STOP_ITERATIONS : STYLIZE_STOP_CONVERGED);
    stage_end(self->stage);
    self->over = true;
    return STYLIZE_MORE;
}

stylize_progress stylize_session_step(stylize_session *self, stylize_error *err) {
    if (self->ended)
        return STYLIZE_DONE;
    if (self->failed) {
        stylize_error_set(err, STYLIZE_USAGE, "the session has already failed");
        return STYLIZE_FAILED;
    }
    const int threads = cpu_use_threads(self->threads);
    stylize_progress progress = STYLIZE_FAILED;
    error e;
    if ((self->begun || begin(self, &e)) && denormals_off_team(&self->denormals, &e))
        progress = advance(self, &e);
    denormals_restore_team(&self->denormals);
    cpu_set_threads(threads);
    if (progress == STYLIZE_FAILED) {
        self->failed = true;
        api_error(&e, err);
    }
    return progress;
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
        *factor_of(&self->plan.stages[n], name) = value;
    self->changed = self->stage != NULL;
    return true;
}

/* ---- pictures ---- */

const stylize_image *stylize_session_picture(stylize_session *self) {
    if (!self->started)
        return NULL;
    self->picture = canvas_show(&self->stage->canvas, self->stage->optimizer.x);
    self->picture.properties = session_model(self)->properties;
    return &self->picture;
}

static bool at_final_size(const stylize_session *self) {
    return self->started && is_last(self);
}

/* A picture of an earlier stage at the final size; NULL with *err. */
static image *enlarge(const stylize_session *self, const image *small, error *err) {
    const frame *final = &self->plan.frame;
    image *out = image_new(final->width, final->height, err);
    if (out && !image_view_resample(
                   image_view_of(small->planes, small->width, small->height, IMAGE_CHANNELS),
                   image_view_of(out->planes, out->width, out->height, IMAGE_CHANNELS),
                   self->recipe->tile, err)) {
        image_free(out);
        return NULL;
    }
    return out;
}

/* The best picture of the stage at work, or what the one before it made, brought to the final size;
 * only where it has that size by itself its transparency is restored. */
static image *best_picture(const stylize_session *self, error *err) {
    if (!self->started) {
        if (self->carried)
            return enlarge(self, self->carried, err);
        error_set(err, ERROR_FAILURE, "%s there was a picture",
                  is_cancelled(self) ? "cancelled before" : "asked for a result before");
        return NULL;
    }
    const canvas *painted = &self->stage->canvas;
    const float *variables = optimizer_best(&self->stage->optimizer);
    image *best = image_new(painted->width, painted->height, err);
    if (best && at_final_size(self)) {
        canvas_finish(painted, variables, best->planes);
    } else if (best) {
        canvas_paint(painted, variables, best->planes);
        image *larger = enlarge(self, best, err);
        image_free(best);
        best = larger;
    }
    return best;
}

/* Brings planes of the content, or of a picture to start from, to those of `to`. */
static bool bring(const stylize_session *self, const image *from, float *planes, int count,
                  const image *to, float *place, error *err) {
    const image_view source = image_view_of(planes, from->width, from->height, count);
    const image_view target = image_view_of(place, to->width, to->height, count);
    return from == self->content && !self->init
               ? frame_bring(&self->plan.frame, source, target, err)
               : image_view_resample(source, target, false, err);
}

/* What the canvas does at the end of the last stage, for a picture that comes from before it. */
static bool restore_transparency(const stylize_session *self, image *out, error *err) {
    const image *reference = session_inputs(self).reference;
    image *start = image_new(out->width, out->height, err);
    bool ok = start &&
              bring(self, reference, reference->planes, IMAGE_CHANNELS, start, start->planes, err);
    if (ok && reference->alpha)
        ok = image_add_alpha(start, err) &&
             bring(self, reference, reference->alpha, 1, start, start->alpha, err);
    if (ok)
        transparency_restore(out, start);
    image_free(start);
    return ok;
}

/* Gives a picture of the final size what it takes over from the content. */
static bool take_over(const stylize_session *self, image *out, error *err) {
    const image *content = self->content;
    if (content && content->alpha &&
        !(image_add_alpha(out, err) &&
          bring(self, content, content->alpha, 1, out, out->alpha, err) &&
          (at_final_size(self) || restore_transparency(self, out, err))))
        return false;
    return image_properties_copy(&out->properties, &session_model(self)->properties, err);
}

static image *make_result(const stylize_session *self, error *err) {
    image *out = best_picture(self, err);
    if (out && take_over(self, out, err))
        return out;
    image_free(out);
    return NULL;
}

/* The picture of a start is no result, unless there is nothing to gain from it or it was asked
 * for. */
static bool is_worth_it(const stylize_session *self) {
    const bool improved = self->improved || (self->started && has_improved(self));
    return improved || !self->ended || self->event.stop == STYLIZE_STOP_CANCELLED ||
           self->plan.iterations == 0 || !self->could_improve;
}

stylize_image *stylize_session_result(stylize_session *self, stylize_error *err) {
    error e;
    image *out = NULL;
    if (is_worth_it(self))
        out = make_result(self, &e);
    else
        error_set(&e, ERROR_FAILURE, "no step lowers the cost: use a smaller --learning-rate%s",
                  self->networks[self->network_count - 1]->kernels->precision == PRECISION_BF16
                      ? ", smaller weights or --precision fp32"
                      : " or smaller weights");
    if (!out)
        api_error(&e, err);
    return out;
}

/* ---- all in one ---- */

stylize_image *stylize_transfer(const stylize_recipe *recipe, const stylize_network *network,
                                const stylize_image *content, const stylize_image *style,
                                stylize_error *err) {
    stylize_session *session = stylize_session_new(recipe, err);
    stylize_image *out = NULL;
    if (!session)
        return NULL;
    stylize_session_set_content(session, content);
    stylize_session_set_style(session, style);
    if (stylize_session_add_network(session, network, err) && stylize_session_run(session, err))
        out = stylize_session_result(session, err);
    stylize_session_free(session);
    return out;
}
