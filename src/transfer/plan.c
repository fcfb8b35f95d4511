/* SPDX-License-Identifier: MIT */
#include "transfer/plan.h"

#include <limits.h>
#include <math.h>

#include "core/memory.h"
#include "transfer/compat.h"
#include "transfer/network_defaults.h"
#include "transfer/schedule.h"
#include "transfer/strength.h"
#include "transfer/texture.h"

/* What is kept free besides the gaps between blocks: an absolute part for libraries, stacks and the
 * log, and a share for the error of the plan. */
#define RESERVE ((size_t)8 << 20)
#define RESERVE_SHARE 32

/* ---- sizes ---- */

static image_extent result_of(const frame *f) {
    return (image_extent){f->width, f->height};
}

/* Of style number `index`. */
static image_extent style_for(const stylize_recipe *recipe, image_extent result, int index,
                              image_extent style) {
    const recipe_amounts *scales = &recipe->style_scale;
    const double scale = scales->items[index < scales->count ? index : 0];
    return frame_scale(style, image_extent_longest(result) * scale);
}

void stylize_recipe_result_size(const stylize_recipe *self, int content_width, int content_height,
                                int *width, int *height) {
    const frame found = frame_of_result(self, (image_extent){content_width, content_height}, NULL);
    *width = found.width;
    *height = found.height;
}

void stylize_recipe_style_size(const stylize_recipe *self, int result_width, int result_height,
                               int style_width, int style_height, int *width, int *height) {
    stylize_recipe_style_size_at(self, 0, result_width, result_height, style_width, style_height,
                                 width, height);
}

void stylize_recipe_style_size_at(const stylize_recipe *self, int index, int result_width,
                                  int result_height, int style_width, int style_height, int *width,
                                  int *height) {
    const image_extent size = style_for(self, (image_extent){result_width, result_height}, index,
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
    bool style = false;
    for (int i = 0; i < job->style_count; i++)
        style = style || too_large(style_for(job->recipe, result_of(&found), i, job->styles[i]),
                                   job->recipe);
    return style || too_large(result_of(&found), job->recipe);
}

/* ---- the settings of a stage ---- */

typedef double layer_scale(const stylize_recipe *recipe, const vgg *network, int layer);

static bool find_layers(const stylize_recipe *recipe, const vgg *network,
                        const recipe_layers *layers, layer_scale *scale,
                        stage_layer found[VGG_MAX_LAYERS], error *err) {
    for (int i = 0; i < layers->count; i++) {
        const int layer = vgg_layer_find(network, layers->items[i].name, err);
        if (layer < 0)
            return false;
        found[i] = (stage_layer){layer, layers->items[i].weight * scale(recipe, network, layer)};
    }
    return true;
}

static cost_kind style_kind(const stylize_recipe *recipe) {
    static const cost_kind kinds[] = {
        [RECIPE_STYLE_GRAM] = COST_GRAM,       [RECIPE_STYLE_COVARIANCE] = COST_COVARIANCE,
        [RECIPE_STYLE_MOMENTS] = COST_MOMENTS, [RECIPE_STYLE_BURES] = COST_BURES,
        [RECIPE_STYLE_GRAM_MEAN] = COST_GRAM,  [RECIPE_STYLE_WASSERSTEIN] = COST_WASSERSTEIN,
    };
    return kinds[recipe->style_cost];
}

static smoothness_kind smoothness_of(const stylize_recipe *recipe) {
    static const smoothness_kind kinds[] = {
        [RECIPE_TV_MEAN] = SMOOTHNESS_MEAN,
        [RECIPE_TV_SQUARES] = SMOOTHNESS_SQUARES,
        [RECIPE_TV_ABSOLUTE] = SMOOTHNESS_ABSOLUTE,
        [RECIPE_TV_STENCIL] = SMOOTHNESS_STENCIL,
    };
    return kinds[recipe->tv_cost];
}

/* What of the recipe is the same in all stages of a network. */
static bool common_settings(stage_settings *self, const stylize_recipe *recipe, const vgg *network,
                            error *err) {
    static const canvas_color colors[] = {
        [RECIPE_COLOR_STYLE] = CANVAS_STYLE,
        [RECIPE_COLOR_CONTENT] = CANVAS_CONTENT,
        [RECIPE_COLOR_MATCH] = CANVAS_MATCH,
        [RECIPE_COLOR_START] = CANVAS_START,
    };
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
        .factors = {[COST_CONTENT] = strength_alpha(recipe),
                    [COST_SMOOTHNESS] = recipe->tv,
                    [COST_CHROMA] = recipe->chroma_tv},
        .sum_content = recipe->cost == RECIPE_COST_GATYS,
        .smoothness = smoothness_of(recipe),
        .pooling = recipe->pooling == RECIPE_POOL_AVG ? POOLING_AVG : POOLING_MAX,
        .optimizer = {.kind = recipe->optimizer == RECIPE_OPTIMIZER_ADAM ? OPTIMIZER_ADAM
                              : recipe->optimizer == RECIPE_OPTIMIZER_GD ? OPTIMIZER_GD
                                                                         : OPTIMIZER_LBFGS,
                      .history = recipe->history,
                      .learning_rate = recipe->learning_rate,
                      .beta2 = recipe->adam_decay,
                      .average = recipe->average},
        .color = recipe->color_strength > 0 ? colors[recipe->color] : CANVAS_STYLE,
        .color_strength = (float)recipe->color_strength,
        .luma = recipe->color == RECIPE_COLOR_CONTENT && recipe->color_strength >= 1,
        .seed = recipe->seed,
        .watched = -1,
    };
    self->factors[self->style_kind] = strength_beta(recipe);
    return find_layers(recipe, network, content, compat_content_scale, self->content_layers, err) &&
           find_layers(recipe, network, style, compat_style_scale, self->style_layers, err);
}

/* Networks are given from that of the coarsest stage on; where there are more than stages, it is
 * the first ones that are not used. */
static int network_of(const plan_job *job, int number, int count) {
    const int index = job->network_count > count ? number + job->network_count - count : number;
    return index < job->network_count ? index : job->network_count - 1;
}

/* The share of a style among all. */
static double share_of(const plan_job *job, int index) {
    const recipe_amounts *weights = &job->recipe->style_weights;
    double sum = 0;
    for (int i = 0; i < weights->count; i++)
        sum += weights->items[i];
    return weights->count > 0 ? weights->items[index] / sum : 1.0 / job->style_count;
}

static const regions everywhere = {.count = 1};

/* The styles of a stage of so much of the result's size; 0 for the last one. */
static void plan_styles(const plan *self, const plan_job *job, double share, stage_settings *s) {
    s->style_count = job->style_count;
    s->regions = job->regions ? job->regions : &everywhere;
    for (int i = 0; i < job->style_count; i++) {
        const image_extent final = self->styles[i];
        s->styles[i] = (stage_style){
            .from = job->styles[i],
            .size = share > 0 ? frame_scale(job->styles[i], image_extent_longest(final) * share)
                              : final,
            .share = share_of(job, i),
        };
    }
}

/* Terms of the picture itself. */
enum { PICTURE_TERMS = 2, WATCHED_TERMS = 1 };

#define RANDOM_NOISE 0.6 /* of --init random: a faint picture remains */

static bool plan_stage(plan *self, const plan_job *job, const schedule *stages, int i, error *err) {
    stage_settings *s = &self->stages[i];
    const bool has_init = job->init.width > 0, first = i == 0;
    const bool from_noise = !has_init && texture_from_noise(job->recipe);
    const double share = (double)image_extent_longest(stages->sizes[i]) /
                         image_extent_longest(result_of(&self->frame));
    self->networks[i] = network_of(job, i, stages->count);
    if (!common_settings(s, job->recipe, job->networks[self->networks[i]], err))
        return false;
    plan_styles(self, job, i + 1 == stages->count ? 0 : share, s);
    if (s->content_layer_count + s->style_layer_count * s->regions->count + PICTURE_TERMS +
            WATCHED_TERMS >
        COST_MOST_TERMS)
        return error_set(err, ERROR_USAGE,
                         "style-layers: %d layers for %d regions are too many: use fewer of either",
                         s->style_layer_count, s->regions->count);
    s->frame = frame_of_stage(&self->frame, stages->sizes[i]);
    s->has_content = !job->recipe->texture;
    s->tile = job->recipe->tile;
    s->content_layer_count = s->has_content ? s->content_layer_count : 0;
    s->iterations = stages->iterations[i];
    s->from_noise = first && from_noise;
    s->from_grey = job->recipe->init_word == RECIPE_INIT_GREY;
    const bool random = job->recipe->init_word == RECIPE_INIT_RANDOM;
    const double noise = random ? RANDOM_NOISE : strength_noise(job->recipe);
    s->noise = first && !has_init && !from_noise ? noise : 0;
    s->start_is_content = first && !has_init && !from_noise;
    const bool own = job->recipe->compat == RECIPE_COMPAT_NONE; /* others take a start as it is */
    const bool recolored = own && s->start_is_content && !random && !s->luma && s->iterations > 0 &&
                           s->factors[s->style_kind] > 0;
    s->recolored = recolored ? strength_recolor(job->recipe) : 0;
    if (i < STRENGTH_STAGES && s->has_content && strength_rules(job->recipe) &&
        !regions_spare_rest(s->regions))
        s->watched = vgg_layer_find(s->network, STRENGTH_LAYER, &(error){0});
    s->detailed = own && !first && s->factors[COST_CONTENT] > 0 && s->has_content && !from_noise;
    s->content_from = job->content;
    s->reference_from = has_init ? job->init : job->content;
    s->start_from = first ? s->reference_from : stages->sizes[i - 1];
    s->reference_is_content = !has_init;
    s->content_alpha = job->content_alpha;
    s->reference_alpha = has_init ? job->init_alpha : job->content_alpha;
    return true;
}

/* ---- memory ---- */

/* A stage by itself, and what of it a cache may keep. It is too large for a stack. */
static bool measure_stage(const stage_settings *settings, stage_memory *memory, size_t *kept,
                          error *err) {
    stage *trial = memory_alloc(1, sizeof *trial, err);
    const bool ok = trial && stage_prepare(trial, settings, err);
    if (ok) {
        *memory = stage_measure(trial);
        *kept = memory_add(*kept, stage_cache_bytes(trial));
    }
    memory_free(trial);
    return ok;
}

/* Adds up what is there at a time, stage by stage. The picture of a stage is there until the next
 * one has analysed its content and style. */
static bool plan_memory(plan *self, const plan_job *job, error *err) {
    size_t style = 0, kept = 0;
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
        if (!measure_stage(s, &m, &kept, err))
            return false;
        const size_t preparing = memory_add(carried, memory_greater(m.start, m.content));
        const size_t analysing = memory_add(carried, m.style);
        const size_t besides =
            memory_greater(memory_greater(preparing, result), memory_add(m.working, watching));
        self->stage_bytes[i] = memory_add(m.lasting, memory_greater(besides, analysing));
        self->without_style = memory_greater(self->without_style, memory_add(m.lasting, besides));
        style = memory_greater(style, memory_add(m.lasting, analysing));
    }
    kept = kept < job->cache ? kept : job->cache;
    self->without_style = memory_add(self->without_style, kept);
    self->bytes = memory_greater(self->without_style, memory_add(style, kept));
    self->needed = memory_add(memory_add(self->bytes, self->bytes / RESERVE_SHARE),
                              memory_add(memory_gaps(self->bytes), RESERVE));
    return true;
}

/* Numbers for styles: one for each, or, of those that allow it, one for all. */
static bool check_amounts(const recipe_amounts *amounts, const char *name, bool one_for_all,
                          const plan_job *job, error *err) {
    double sum = 0;
    for (int i = 0; i < amounts->count; i++)
        sum += amounts->items[i];
    if (amounts->count != 0 && amounts->count != job->style_count &&
        !(one_for_all && amounts->count == 1))
        return error_set(err, ERROR_USAGE, "%s: %d %s for %d %s: give one for each%s", name,
                         amounts->count, amounts->count == 1 ? "number" : "numbers",
                         job->style_count, job->style_count == 1 ? "style" : "styles",
                         one_for_all ? ", or one for all" : "");
    return amounts->count == 0 || (sum > 0 && isfinite(sum)) ||
           error_set(err, ERROR_USAGE, "%s: %s: at least one must be above 0", name,
                     sum > 0 ? "the sum is too large" : "all are 0");
}

/* The styles for the result; *smallest is the one that limits how small stages may be. */
static bool size_styles(plan *self, const plan_job *job, image_extent *smallest, error *err) {
    const stylize_recipe *recipe = job->recipe;
    if (!check_amounts(&recipe->style_scale, "style-scale", true, job, err) ||
        !check_amounts(&recipe->style_weights, "style-weights", false, job, err))
        return false;
    for (int i = 0; i < job->style_count; i++) {
        const image_extent size = style_for(recipe, result_of(&self->frame), i, job->styles[i]);
        if (!check_size(size, "style picture", recipe, err))
            return false;
        self->styles[i] = size;
        if (i == 0 || image_extent_area(size) > image_extent_area(self->largest_style))
            self->largest_style = size;
        if (i == 0 || image_extent_shortest(size) < image_extent_shortest(*smallest))
            *smallest = size;
    }
    return true;
}

bool plan_make(plan *self, const plan_job *job, error *err) {
    const stylize_recipe *recipe = job->recipe;
    image_extent smallest = {0};
    schedule stages;
    *self = (plan){0};
    self->frame = frame_of_result(recipe, job->content, &self->bounded);
    if (!check_size(result_of(&self->frame), "result", recipe, err) ||
        !size_styles(self, job, &smallest, err) ||
        !schedule_make(&stages, recipe, result_of(&self->frame), smallest, job->init.width > 0,
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
