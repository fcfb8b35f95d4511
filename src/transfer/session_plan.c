/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "transfer/api_error.h"
#include "transfer/calibration.h"
#include "transfer/memory_fit.h"
#include "transfer/session.h"
#include "transfer/texture.h"

static image_extent extent_of(const image *picture) {
    return picture ? (image_extent){picture->width, picture->height} : (image_extent){0};
}

plan_job session_job(const stylize_session *self) {
    plan_job job = {
        .recipe = self->recipe,
        .network_count = self->network_count,
        .content = extent_of(session_model(self)),
        .style_count = self->style_count,
        .init = extent_of(self->init),
        .content_alpha = self->content && image_has_alpha(self->content),
        .init_alpha = self->init && image_has_alpha(self->init),
        .regions = &self->regions,
        .properties = image_properties_memory(&session_model(self)->properties),
        .observers = (size_t)self->observer_bytes,
        .cache = self->cache ? cache_room(self->cache) : 0,
    };
    for (int i = 0; i < self->network_count; i++)
        job.networks[i] = self->networks[i];
    for (int i = 0; i < self->style_count; i++)
        job.styles[i] = extent_of(self->styles[i]);
    return job;
}

stage_inputs session_inputs(const stylize_session *self) {
    const image *reference = self->init ? self->init : self->content;
    stage_inputs inputs = {.content = self->content,
                           .start = self->carried ? self->carried : reference,
                           .reference = reference};
    memcpy(inputs.styles, self->styles, sizeof inputs.styles);
    return inputs;
}

static bool check_inputs(const stylize_session *self, error *err) {
    const bool texture = self->recipe->texture;
    const region_pictures *where = &self->pictures;
    if (!texture_check(self->recipe, err))
        return false;
    if (texture && (self->content || where->mask_count || where->content_map ||
                    where->style_map_count || where->content_weight))
        return error_set(err, ERROR_USAGE,
                         "texture: it has no content, nor masks or maps of one: set none");
    const char *missing = !self->content && !texture ? "content"
                          : !self->style_count       ? "style"
                          : !self->network_count     ? "network"
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
            .style_width = s->styles[0].size.width,
            .style_height = s->styles[0].size.height,
            .iterations = s->iterations,
            .network = made->networks[i],
            .bytes = made->stage_bytes[i],
            .seconds = -1,
            .style_sizes = self->style_sizes[i][0],
            .style_count = s->style_count,
        };
        for (int k = 0; k < s->style_count; k++) {
            self->style_sizes[i][k][0] = s->styles[k].size.width;
            self->style_sizes[i][k][1] = s->styles[k].size.height;
        }
        self->stage_list[i] = &self->stages[i];
    }
}

/* The regions of maps; those of masks are the caller's own. */
static void show_regions(stylize_session *self) {
    const regions *found = &self->regions;
    self->shown.region_count = found->pictures.content_map ? found->count : 0;
    self->shown.regions = self->region_list;
    for (int i = 0; i < self->shown.region_count; i++) {
        const region_color *color = &found->colors[i];
        self->shown_regions[i] = (stylize_region){
            .red = (unsigned char)lroundf(255 * color->rgb[0]),
            .green = (unsigned char)lroundf(255 * color->rgb[1]),
            .blue = (unsigned char)lroundf(255 * color->rgb[2]),
            .share = color->share,
        };
        self->region_list[i] = &self->shown_regions[i];
    }
}

bool session_make_plan(stylize_session *self, error *err) {
    if (self->planned)
        return true;
    if (!check_inputs(self, err))
        return false;
    const plan_job job = session_job(self);
    if (!regions_make(&self->regions, &self->pictures, self->recipe->mask_rest, job.content,
                      job.styles, job.style_count, err) ||
        !plan_make(&self->plan, &job, err))
        return false;
    show_stages(self);
    self->planned = true;
    return true;
}

/* Fills in the seconds of all stages; false when a trial fails. */
static bool time_stages(stylize_session *self) {
    const stage_inputs inputs = session_inputs(self);
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
    show_regions(self);
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
