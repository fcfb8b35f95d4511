/* SPDX-License-Identifier: MIT */
#include "core/cpu.h"
#include "core/memory.h"
#include "transfer/api_error.h"
#include "transfer/calibration.h"
#include "transfer/memory_fit.h"
#include "transfer/session.h"

static image_extent extent_of(const image *picture) {
    return picture ? (image_extent){picture->width, picture->height} : (image_extent){0};
}

plan_job session_job(const stylize_session *self) {
    plan_job job = {
        .recipe = self->recipe,
        .network_count = self->network_count,
        .content = extent_of(self->content),
        .style = extent_of(self->style),
        .init = extent_of(self->init),
        .content_alpha = self->content->alpha != NULL,
        .init_alpha = self->init && self->init->alpha,
        .properties = image_properties_memory(&self->content->properties),
        .observers = (size_t)self->observer_bytes,
    };
    for (int i = 0; i < self->network_count; i++)
        job.networks[i] = self->networks[i];
    return job;
}

static bool check_inputs(const stylize_session *self, error *err) {
    const char *missing = !self->content         ? "content"
                          : !self->style         ? "style"
                          : !self->network_count ? "network"
                                                 : NULL;
    return !missing || error_set(err, ERROR_USAGE, "the session has no %s", missing);
}

static void show_stages(stylize_session *self) {
    const plan *made = &self->plan;
    for (int i = 0; i < made->count; i++) {
        const stage_settings *s = &made->stages[i];
        self->stages[i] = (stylize_stage){
            .width = s->frame.width,
            .height = s->frame.height,
            .style_width = s->style.width,
            .style_height = s->style.height,
            .iterations = s->iterations,
            .network = made->networks[i],
            .bytes = made->stage_bytes[i],
            .seconds = -1,
        };
        self->stage_list[i] = &self->stages[i];
    }
}

bool session_make_plan(stylize_session *self, error *err) {
    if (self->planned)
        return true;
    if (!check_inputs(self, err))
        return false;
    const plan_job job = session_job(self);
    if (!plan_make(&self->plan, &job, err))
        return false;
    show_stages(self);
    self->planned = true;
    return true;
}

/* Fills in the seconds of all stages; false when a trial fails. */
static bool time_stages(stylize_session *self) {
    const stage_inputs inputs = {.content = self->content,
                                 .style = self->style,
                                 .start = self->init ? self->init : self->content,
                                 .reference = self->init ? self->init : self->content};
    double seconds[RECIPE_MOST_STAGES];
    if (!calibration_run(&self->plan, &inputs, seconds))
        return false;
    self->shown.seconds = 0;
    for (int i = 0; i < self->plan.count; i++) {
        self->stages[i].seconds = seconds[i];
        self->shown.seconds += seconds[i];
    }
    return true;
}

static bool show_plan(stylize_session *self, bool timed, error *err) {
    const size_t now = memory_resident(), peak = memory_peak_resident();
    if (!session_make_plan(self, err))
        return false;
    const plan *made = &self->plan;
    const plan_job job = session_job(self);
    const memory_limit limit = memory_fit_limit();
    error refusal;
    self->shown = (stylize_plan){
        .width = made->frame.width,
        .height = made->frame.height,
        .iterations = made->iterations,
        .stage_count = made->count,
        .stages = self->stage_list,
        .peak = now + made->bytes > peak ? now + made->bytes : peak,
        .needed = made->needed,
        .available = limit.bytes,
        .limit = limit.name,
        .seconds = -1,
    };
    for (int i = 0; i < made->count; i++)
        self->stages[i].seconds = -1;
    self->shown.largest_size = memory_fit_largest_size(&job, limit, &self->shown.content_bounds);
    if (!memory_fit_check(made, &job, limit, &refusal))
        api_error(&refusal, &self->shown.refusal);
    else if (timed && !time_stages(self))
        self->shown.seconds = -1;
    return true;
}

const stylize_plan *stylize_session_plan(stylize_session *self, bool timed, stylize_error *err) {
    const int threads = cpu_use_threads(self->threads);
    error e;
    const bool ok = show_plan(self, timed, &e);
    cpu_set_threads(threads);
    if (ok)
        return &self->shown;
    api_error(&e, err);
    return NULL;
}
