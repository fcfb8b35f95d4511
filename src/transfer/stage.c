/* SPDX-License-Identifier: MIT */
#include "transfer/stage.h"

#include <string.h>

#include "core/memory.h"
#include "transfer/stage_walks.h"

/* ---- settings -> plans ---- */

static double evaluate(void *user, const float *variables, float *gradient) {
    stage *self = user;
    if (self->settings.tile)
        return wrap_evaluate(&self->wrap, &self->objective, variables, gradient);
    return canvas_evaluate(&self->canvas, &self->objective, variables, gradient);
}

static double precondition(void *user, const float *v, float *out) {
    const stage *self = user;
    return preconditioner_apply(&self->preconditioner, v, out);
}

static bool is_cancelled(void *user) {
    const stage *self = user;
    return self->cancelled && atomic_load(self->cancelled);
}

static void add_term(cost_spec *spec, cost_kind kind, const stage_layer *layer, cost_target *target,
                     const cost_mask *mask) {
    *target = (cost_target){.kind = kind, .layer = layer->layer};
    spec->terms[spec->count++] = (cost_term){.kind = kind,
                                             .layer = layer->layer,
                                             .weight = layer->weight,
                                             .target = target,
                                             .mask = mask};
}

/* The terms in the order in which events tell them. */
static cost_spec make_spec(stage *self) {
    const stage_settings *s = &self->settings;
    cost_spec spec = {
        .sum_content = s->sum_content, .smoothness = s->smoothness, .pooling = s->pooling};
    memcpy(spec.factors, s->factors, sizeof spec.factors);
    for (int i = 0; i < s->content_layer_count; i++)
        add_term(&spec, COST_CONTENT, &s->content_layers[i], &self->content_targets[i],
                 region_masks_content(&self->masks, i));
    for (int r = 0; r < s->regions->count; r++) {
        for (int i = 0; i < s->style_layer_count; i++)
            add_term(&spec, s->style_kind, &s->style_layers[i], &stage_style_targets(self, r)[i],
                     region_masks_style(&self->masks, r, i));
    }
    spec.terms[spec.count++] =
        (cost_term){.kind = COST_SMOOTHNESS, .layer = COST_PICTURE, .weight = 1};
    if (!s->luma)
        spec.terms[spec.count++] =
            (cost_term){.kind = COST_CHROMA, .layer = COST_PICTURE, .weight = 1};
    if (s->watched >= 0)
        add_term(&spec, COST_CONTENT, &(stage_layer){s->watched, 0},
                 &self->content_targets[s->content_layer_count], NULL);
    return spec;
}

static void prepare_masks(stage *self) {
    const stage_settings *s = &self->settings;
    const image_extent size = stage_extent(self);
    region_masks *masks = &self->masks;
    for (int i = 0; i < s->style_layer_count; i++)
        masks->layers[REGION_STYLE_LAYERS][i] = s->style_layers[i].layer;
    for (int i = 0; i < s->content_layer_count; i++)
        masks->layers[REGION_CONTENT_LAYERS][i] = s->content_layers[i].layer;
    masks->layer_counts[REGION_STYLE_LAYERS] = s->style_layer_count;
    masks->layer_counts[REGION_CONTENT_LAYERS] = s->content_layer_count;
    region_masks_prepare(masks, s->regions, s->network, size.height, size.width);
}

/* What bf16 makes of the cost's small differences: some 1e-4 of it (measured). */
#define BF16_NOISE 5e-4

bool stage_prepare(stage *self, const stage_settings *settings, error *err) {
    *self = (stage){.settings = *settings};
    const stage_settings *s = &self->settings;
    const image_extent size = stage_extent(self);
    self->canvas = (canvas){.width = size.width,
                            .height = size.height,
                            .color = s->color,
                            .strength = s->color_strength,
                            .luma = s->luma,
                            .transparent = s->content_alpha,
                            .start_alpha = s->reference_alpha,
                            .covered = regions_spare_rest(s->regions)};
    prepare_masks(self);
    cost_spec spec = make_spec(self);
    if (s->tile)
        wrap_prepare(&self->wrap, s->network, size, &spec);
    const image_extent seen = wrap_around(&self->wrap, size);
    if (!analysis_prepare(&self->content_analysis, s->network, s->pooling, self->content_targets,
                          stage_content_targets(s), size.height, size.width, err) ||
        !stage_prepare_styles(self, err) ||
        !objective_prepare(&self->objective, s->network, &spec, seen.height, seen.width, err))
        return false;
    const int channels = canvas_channels(&self->canvas);
    const bool lbfgs = s->optimizer.kind == OPTIMIZER_LBFGS;
    const optimizer_problem problem = {
        .count = (size_t)channels * image_extent_area(size),
        .evaluate = evaluate,
        .precondition = lbfgs ? precondition : NULL,
        .cancelled = is_cancelled,
        .user = self,
    };
    if (lbfgs)
        preconditioner_prepare(&self->preconditioner, channels, size.height, size.width,
                               s->network->kernels);
    self->preconditioner.repeats = s->tile;
    optimizer_options options = s->optimizer;
    options.noise = s->network->kernels->precision == PRECISION_BF16 ? BF16_NOISE : 0;
    optimizer_prepare(&self->optimizer, &problem, &options);
    return true;
}

/* ---- memory ---- */

static void lasting_layout(stage *self, layout *to) {
    region_masks_layout(&self->masks, to);
    canvas_layout(&self->canvas, to);
    self->canvas.cover = self->masks.cover;
    if (self->settings.tile)
        wrap_layout(&self->wrap, to);
    for (int i = 0; i < stage_content_targets(&self->settings); i++)
        cost_target_layout(&self->content_targets[i], to);
    for (int i = 0; i < self->settings.regions->count * self->settings.style_layer_count; i++)
        cost_target_layout(&self->style_targets[i], to);
    if (self->settings.optimizer.kind == OPTIMIZER_LBFGS)
        preconditioner_layout(&self->preconditioner, to);
    optimizer_layout(&self->optimizer, to);
}

/* ---- steps ---- */

/* Bytes of a walk, which cannot fail without pictures. */
static size_t measure(stage *self, stage_walk *walk) {
    layout to = layout_measure();
    error unused;
    walk(self, &to, NULL, &unused);
    return layout_bytes(&to);
}

/* Those of the block that it will have. */
static size_t block_of(size_t bytes) {
    return memory_block(bytes, 1);
}

stage_memory stage_measure(stage *self) {
    layout lasting = layout_measure(), working = layout_measure();
    lasting_layout(self, &lasting);
    objective_layout(&self->objective, &working);
    return (stage_memory){
        .lasting = block_of(layout_bytes(&lasting)),
        .start = block_of(memory_greater(measure(self, stage_walk_take_transparency),
                                         measure(self, stage_walk_take_start))),
        .content = block_of(measure(self, stage_walk_analyse_content)),
        .style = block_of(measure(self, stage_walk_analyse_styles)),
        .working = block_of(layout_bytes(&working)),
    };
}

size_t stage_cache_bytes(const stage *self) {
    const stage_settings *s = &self->settings;
    const size_t region = cache_bytes(self->style_targets, s->style_layer_count);
    size_t bytes = 0;
    for (int i = 0; i < s->regions->count * s->style_count; i++)
        bytes = memory_add(bytes, region);
    return bytes;
}

/* Works through one walk in memory of its own. */
static bool work(stage *self, stage_walk *walk, const stage_inputs *inputs, error *err) {
    layout memory;
    if (!layout_place(&memory, measure(self, walk), err))
        return false;
    const bool ok = walk(self, &memory, inputs, err);
    layout_free(&memory);
    return ok;
}

/* Each region counts as much as its share of the picture, so that a pixel of any is pulled as if
 * there were no regions; one that is too small for a layer does not count there. */
static void weigh_regions(stage *self) {
    const stage_settings *s = &self->settings;
    for (int r = 0; r < s->regions->count; r++) {
        for (int i = 0; i < s->style_layer_count; i++) {
            const cost_mask *mask = region_masks_style(&self->masks, r, i);
            const double share = mask && mask->squares <= 0 ? 0 : self->masks.shares[r];
            objective_set_weight(&self->objective,
                                 s->content_layer_count + r * s->style_layer_count + i,
                                 share * s->style_layers[i].weight);
        }
    }
}

bool stage_place(stage *self, const stage_inputs *inputs, error *err) {
    layout lasting = layout_measure();
    lasting_layout(self, &lasting);
    if (!layout_place(&self->lasting, layout_bytes(&lasting), err))
        return false;
    lasting_layout(self, &self->lasting);
    if (self->settings.tile)
        wrap_fill_masks(&self->wrap);
    return work(self, stage_walk_take_transparency, inputs, err);
}

bool stage_analyse_content(stage *self, const stage_inputs *inputs, error *err) {
    return work(self, stage_walk_analyse_content, inputs, err);
}

bool stage_analyse_style(stage *self, const stage_inputs *inputs, error *err) {
    return work(self, stage_walk_analyse_styles, inputs, err);
}

bool stage_take_start(stage *self, const stage_inputs *inputs, error *err) {
    if (!work(self, stage_walk_take_start, inputs, err))
        return false;
    weigh_regions(self);
    return true;
}

static void objective_walk(void *part, layout *to) {
    stage *self = part;
    objective_layout(&self->objective, to);
}

bool stage_start(stage *self, error *err) {
    return layout_make(&self->working, objective_walk, self, err) &&
           optimizer_start(&self->optimizer, err);
}

bool stage_load(stage *self, stream *from, stage_finding *found, error *err) {
    optimizer *const method = &self->optimizer;
    if (!layout_make(&self->working, objective_walk, self, err) ||
        !optimizer_load(method, from, err))
        return false;
    found->value = evaluate(self, method->x, method->trial_gradient);
    found->same =
        found->value == method->value && !memcmp(method->gradient, method->trial_gradient,
                                                 method->problem.count * sizeof *method->gradient);
    return true;
}

optimizer_status stage_step(stage *self) {
    return optimizer_step(&self->optimizer);
}

const cost_target *stage_watched(const stage *self, double *distance) {
    const int last = self->objective.spec.count - 1;
    if (self->settings.watched < 0)
        return NULL;
    *distance = 2 * objective_values(&self->objective)->terms[last];
    return self->objective.spec.terms[last].target;
}

void stage_adopt_factors(stage *self, const double factors[COST_KINDS]) {
    memcpy(self->settings.factors, factors, sizeof self->settings.factors);
    objective_set_factors(&self->objective, factors);
}

bool stage_set_factors(stage *self, const double factors[COST_KINDS], error *err) {
    optimizer *const method = &self->optimizer;
    const int iterations = method->iterations, evaluations = method->evaluations;
    objective_set_factors(&self->objective, factors);
    if (!optimizer_start(method, err))
        return false;
    method->iterations = method->best_iteration = iterations;
    method->evaluations += evaluations;
    return true;
}

void stage_end(stage *self) {
    layout_free(&self->working);
}

void stage_clear(stage *self) {
    layout_free(&self->working);
    layout_free(&self->lasting);
}
