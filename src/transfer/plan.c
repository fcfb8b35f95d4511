/* SPDX-License-Identifier: MIT */
#include "transfer/plan.h"

#include <limits.h>

#include "core/memory.h"
#include "transfer/network_defaults.h"
#include "transfer/schedule.h"

/* What is kept free besides the gaps between blocks: an absolute part for libraries, stacks and the
 * log, and a share for the error of the plan. */
#define RESERVE ((size_t)8 << 20)
#define RESERVE_SHARE 32

/* ---- sizes ---- */

static image_extent result_of(const frame *f) {
    return (image_extent){f->width, f->height};
}

static image_extent style_for(const stylize_recipe *recipe, image_extent result,
                              image_extent style) {
    return frame_scale(style, image_extent_longest(result) * recipe->style_scale);
}

void stylize_recipe_result_size(const stylize_recipe *self, int content_width, int content_height,
                                int *width, int *height) {
    const frame found = frame_of_result(self, (image_extent){content_width, content_height}, NULL);
    *width = found.width;
    *height = found.height;
}

void stylize_recipe_style_size(const stylize_recipe *self, int result_width, int result_height,
                               int style_width, int style_height, int *width, int *height) {
    const image_extent size = style_for(self, (image_extent){result_width, result_height},
                                        (image_extent){style_width, style_height});
    *width = size.width;
    *height = size.height;
}

/* A max_pixels above what the network takes lets larger pictures in, to be shrunk. */
static size_t most_pixels(const stylize_recipe *recipe) {
    const size_t limit = (size_t)recipe->max_pixels;
    return limit < VGG_MOST_PIXELS ? limit : VGG_MOST_PIXELS;
}

static bool too_large(image_extent size, const stylize_recipe *recipe) {
    return image_extent_area(size) > most_pixels(recipe);
}

static bool check_size(image_extent size, const char *what, const stylize_recipe *recipe,
                       error *err) {
    const size_t most = most_pixels(recipe);
    if (size.width < STYLIZE_LEAST_SIDE || size.height < STYLIZE_LEAST_SIDE)
        return error_set(err, ERROR_FAILURE,
                         "the %s at %dx%d is smaller than %dx%d pixels: use a larger picture or "
                         "size",
                         what, size.width, size.height, STYLIZE_LEAST_SIDE, STYLIZE_LEAST_SIDE);
    if (too_large(size, recipe))
        return error_set(err, ERROR_FAILURE,
                         "the %s at %dx%d has more than %zu pixels: use a smaller size%s", what,
                         size.width, size.height, most,
                         most < VGG_MOST_PIXELS ? ", or raise --max-pixels" : "");
    return true;
}

bool plan_too_large(const plan_job *job) {
    const frame found = frame_of_result(job->recipe, job->content, NULL);
    const image_extent style = style_for(job->recipe, result_of(&found), job->style);
    return too_large(result_of(&found), job->recipe) || too_large(style, job->recipe);
}

/* ---- the settings of a stage ---- */

static bool find_layers(const vgg *network, const recipe_layers *layers, double scale,
                        stage_layer found[VGG_MAX_LAYERS], error *err) {
    for (int i = 0; i < layers->count; i++) {
        found[i] = (stage_layer){vgg_layer_find(network, layers->items[i].name, err),
                                 layers->items[i].weight * scale};
        if (found[i].layer < 0)
            return false;
    }
    return true;
}

static cost_kind style_kind(const stylize_recipe *recipe) {
    static const cost_kind kinds[] = {
        [RECIPE_STYLE_GRAM] = COST_GRAM,
        [RECIPE_STYLE_COVARIANCE] = COST_COVARIANCE,
        [RECIPE_STYLE_MOMENTS] = COST_MOMENTS,
        [RECIPE_STYLE_BURES] = COST_BURES,
    };
    return kinds[recipe->style_cost];
}

/* What of the recipe is the same in all stages of a network. */
static bool common_settings(stage_settings *self, const stylize_recipe *recipe, const vgg *network,
                            error *err) {
    const network_defaults *suited = network_defaults_of(network->widths);
    const recipe_layers *content =
        network_defaults_choose(&recipe->content_layers, &suited->content_layers);
    const recipe_layers *style =
        network_defaults_choose(&recipe->style_layers, &suited->style_layers);
    *self = (stage_settings){
        .network = network,
        .content_layer_count = content->count,
        .style_layer_count = style->count,
        .style_kind = style_kind(recipe),
        .factors = {[COST_CONTENT] = recipe->alpha,
                    [COST_SMOOTHNESS] = recipe->tv,
                    [COST_CHROMA] = recipe->chroma_tv},
        .sum_content = recipe->cost == RECIPE_COST_GATYS,
        .pooling = recipe->pooling == RECIPE_POOL_AVG ? POOLING_AVG : POOLING_MAX,
        .optimizer = {.kind = recipe->optimizer == RECIPE_OPTIMIZER_ADAM ? OPTIMIZER_ADAM
                              : recipe->optimizer == RECIPE_OPTIMIZER_GD ? OPTIMIZER_GD
                                                                         : OPTIMIZER_LBFGS,
                      .history = recipe->history,
                      .learning_rate = recipe->learning_rate},
        .luma = recipe->color == RECIPE_COLOR_CONTENT,
        .seed = recipe->seed,
    };
    self->factors[self->style_kind] = recipe->beta;
    return find_layers(network, content, 1, self->content_layers, err) &&
           find_layers(network, style, suited->style_scale, self->style_layers, err);
}

/* Networks are given from that of the coarsest stage on; where there are more than stages, it is
 * the first ones that are not used. */
static int network_of(const plan_job *job, int number, int count) {
    const int index = job->network_count > count ? number + job->network_count - count : number;
    return index < job->network_count ? index : job->network_count - 1;
}

static bool plan_stage(plan *self, const plan_job *job, const schedule *stages, int i, error *err) {
    stage_settings *s = &self->stages[i];
    const bool has_init = job->init.width > 0, first = i == 0;
    const double share = (double)image_extent_longest(stages->sizes[i]) /
                         image_extent_longest(result_of(&self->frame));
    const bool last = i + 1 == stages->count;
    self->networks[i] = network_of(job, i, stages->count);
    if (!common_settings(s, job->recipe, job->networks[self->networks[i]], err))
        return false;
    s->frame = frame_of_stage(&self->frame, stages->sizes[i]);
    s->style =
        last ? self->style : frame_scale(job->style, image_extent_longest(self->style) * share);
    s->iterations = stages->iterations[i];
    s->noise = first && !has_init && job->recipe->init_word == RECIPE_INIT_RANDOM;
    s->start_is_content = first && !has_init;
    s->recolored = s->start_is_content && !s->noise && !s->luma && s->iterations > 0 &&
                   s->factors[s->style_kind] > 0;
    s->detailed = !first && s->factors[COST_CONTENT] > 0;
    s->content_from = job->content;
    s->style_from = job->style;
    s->reference_from = has_init ? job->init : job->content;
    s->start_from = first ? s->reference_from : stages->sizes[i - 1];
    s->reference_is_content = !has_init;
    s->content_alpha = job->content_alpha;
    s->reference_alpha = has_init ? job->init_alpha : job->content_alpha;
    return true;
}

/* ---- memory ---- */

/* A stage by itself. It is too large for a stack. */
static bool measure_stage(const stage_settings *settings, stage_memory *memory, error *err) {
    stage *trial = memory_alloc(1, sizeof *trial, err);
    const bool ok = trial && stage_prepare(trial, settings, err);
    if (ok)
        *memory = stage_measure(trial);
    memory_free(trial);
    return ok;
}

/* Adds up what is there at a time, stage by stage. The picture of a stage is there until the next
 * one has analysed its content and style. */
static bool plan_memory(plan *self, const plan_job *job, error *err) {
    size_t style = 0;
    for (int i = 0; i < self->count; i++) {
        const stage_settings *s = &self->stages[i];
        const image_extent size = result_of(&s->frame), before = s->start_from;
        const size_t carried = i > 0 ? image_memory(before.width, before.height) : 0;
        const size_t watching = memory_block(image_extent_area(size), job->observers);
        size_t result = image_memory(size.width, size.height);
        if (i + 1 == self->count)
            result =
                memory_add(memory_add(result, job->properties),
                           job->content_alpha ? image_alpha_memory(size.width, size.height) : 0);
        stage_memory m;
        if (!measure_stage(s, &m, err))
            return false;
        const size_t preparing = memory_add(carried, memory_greater(m.start, m.content));
        const size_t analysing = memory_add(carried, m.style);
        const size_t besides =
            memory_greater(memory_greater(preparing, result), memory_add(m.working, watching));
        self->stage_bytes[i] = memory_add(m.lasting, memory_greater(besides, analysing));
        self->without_style = memory_greater(self->without_style, memory_add(m.lasting, besides));
        style = memory_greater(style, memory_add(m.lasting, analysing));
    }
    self->bytes = memory_greater(self->without_style, style);
    self->needed = memory_add(memory_add(self->bytes, self->bytes / RESERVE_SHARE),
                              memory_add(memory_gaps(self->bytes), RESERVE));
    return true;
}

bool plan_make(plan *self, const plan_job *job, error *err) {
    const stylize_recipe *recipe = job->recipe;
    schedule stages;
    *self = (plan){0};
    self->frame = frame_of_result(recipe, job->content, &self->bounded);
    self->style = style_for(recipe, result_of(&self->frame), job->style);
    if (!check_size(result_of(&self->frame), "result", recipe, err) ||
        !check_size(self->style, "style picture", recipe, err) ||
        !schedule_make(&stages, recipe, result_of(&self->frame), self->style, job->init.width > 0,
                       err))
        return false;
    self->count = stages.count;
    for (int i = 0; i < stages.count; i++) {
        if (!plan_stage(self, job, &stages, i, err))
            return false;
        self->iterations = stages.iterations[i] < INT_MAX - self->iterations
                               ? self->iterations + stages.iterations[i]
                               : INT_MAX;
    }
    return plan_memory(self, job, err);
}
