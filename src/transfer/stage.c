/* SPDX-License-Identifier: MIT */
#include "transfer/stage.h"

#include <string.h>

#include "core/memory.h"
#include "transfer/start.h"

static image_extent extent_of(const stage *self) {
    return (image_extent){self->settings.frame.width, self->settings.frame.height};
}

/* ---- settings -> plans ---- */

static double evaluate(void *user, const float *variables, float *gradient) {
    stage *self = user;
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

static void add_terms(cost_spec *spec, cost_kind kind, const stage_layer *layers, int count,
                      cost_target *targets) {
    for (int i = 0; i < count; i++) {
        targets[i] = (cost_target){.kind = kind, .layer = layers[i].layer};
        spec->terms[spec->count++] = (cost_term){.kind = kind,
                                                 .layer = layers[i].layer,
                                                 .weight = layers[i].weight,
                                                 .target = &targets[i]};
    }
}

/* The terms in the order in which events tell them. */
static cost_spec make_spec(stage *self) {
    const stage_settings *s = &self->settings;
    cost_spec spec = {.sum_content = s->sum_content, .pooling = s->pooling};
    memcpy(spec.factors, s->factors, sizeof spec.factors);
    add_terms(&spec, COST_CONTENT, s->content_layers, s->content_layer_count,
              self->content_targets);
    add_terms(&spec, s->style_kind, s->style_layers, s->style_layer_count, self->style_targets);
    spec.terms[spec.count++] =
        (cost_term){.kind = COST_SMOOTHNESS, .layer = COST_PICTURE, .weight = 1};
    if (!s->luma)
        spec.terms[spec.count++] =
            (cost_term){.kind = COST_CHROMA, .layer = COST_PICTURE, .weight = 1};
    return spec;
}

/* What bf16 makes of the cost's small differences: some 1e-4 of it (measured). */
#define BF16_NOISE 5e-4

bool stage_prepare(stage *self, const stage_settings *settings, error *err) {
    *self = (stage){.settings = *settings};
    const stage_settings *s = &self->settings;
    const image_extent size = extent_of(self);
    self->canvas = (canvas){.width = size.width,
                            .height = size.height,
                            .luma = s->luma,
                            .transparent = s->content_alpha,
                            .start_alpha = s->reference_alpha};
    const cost_spec spec = make_spec(self);
    if (!analysis_prepare(&self->content_analysis, s->network, s->pooling, self->content_targets,
                          s->content_layer_count, size.height, size.width, err) ||
        !analysis_prepare(&self->style_analysis, s->network, s->pooling, self->style_targets,
                          s->style_layer_count, s->style.height, s->style.width, err) ||
        !objective_prepare(&self->objective, s->network, &spec, size.height, size.width, err))
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
    optimizer_options options = s->optimizer;
    options.noise = s->network->kernels->precision == PRECISION_BF16 ? BF16_NOISE : 0;
    optimizer_prepare(&self->optimizer, &problem, &options);
    return true;
}

/* ---- the walks over memory ---- */

static void lasting_layout(stage *self, layout *to) {
    canvas_layout(&self->canvas, to);
    for (int i = 0; i < self->settings.content_layer_count; i++)
        cost_target_layout(&self->content_targets[i], to);
    for (int i = 0; i < self->settings.style_layer_count; i++)
        cost_target_layout(&self->style_targets[i], to);
    if (self->settings.optimizer.kind == OPTIMIZER_LBFGS)
        preconditioner_layout(&self->preconditioner, to);
    optimizer_layout(&self->optimizer, to);
}

static image_view view_of(image_extent size, float *planes, int count) {
    return image_view_of(planes, size.width, size.height, count);
}

static image_view planes_of(const image *picture) {
    return view_of((image_extent){picture->width, picture->height}, picture->planes,
                   IMAGE_CHANNELS);
}

static image_view alpha_of(const image *picture) {
    return view_of((image_extent){picture->width, picture->height}, picture->alpha, 1);
}

/* Each of the next functions is one walk: without pictures it measures, with them it works, too. */

/* Brings a view of somebody's to the size of the stage, into the frame if `framed`. */
static bool bring(stage *self, layout *to, bool works, image_view from, image_view size,
                  bool framed, error *err) {
    const size_t mark = layout_mark(to);
    const frame *place = &self->settings.frame;
    resampling work =
        framed ? frame_resampling(place, from, size) : (resampling){.source = from, .target = size};
    resampling_layout(&work, to);
    const bool ok = !works || resampling_run(&work, err);
    if (works && ok && framed)
        frame_mirror_edges(place, size);
    layout_rewind(to, mark);
    return ok;
}

/* The picture that transparency is restored by, and the alpha of the content. */
static bool take_transparency(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const stage_settings *s = &self->settings;
    const image_extent size = extent_of(self);
    const canvas *c = &self->canvas;
    const bool works = inputs, framed = s->reference_is_content;
    if (!s->content_alpha)
        return true;
    const image_view reference =
        works ? planes_of(inputs->reference) : view_of(s->reference_from, NULL, IMAGE_CHANNELS);
    const image_view opacity = works && s->reference_alpha ? alpha_of(inputs->reference)
                                                           : view_of(s->reference_from, NULL, 1);
    return bring(self, to, works, reference, view_of(size, c->start, IMAGE_CHANNELS), framed,
                 err) &&
           (!s->reference_alpha ||
            bring(self, to, works, opacity, view_of(size, c->start_a, 1), framed, err)) &&
           bring(self, to, works,
                 works ? alpha_of(inputs->content) : view_of(s->content_from, NULL, 1),
                 view_of(size, c->alpha, 1), true, err);
}

/* The content at the size of the stage, in the frame. */
static bool bring_content(stage *self, layout *to, const stage_inputs *inputs, image_view size,
                          error *err) {
    const image_view from = inputs ? planes_of(inputs->content)
                                   : view_of(self->settings.content_from, NULL, IMAGE_CHANNELS);
    return bring(self, to, inputs, from, size, true, err);
}

/* Adds to what the stage before has painted the detail of the content that it could not see. */
static bool add_detail(stage *self, layout *to, const stage_inputs *inputs, float *planes,
                       error *err) {
    const image_extent size = extent_of(self), before = self->settings.start_from;
    const size_t mark = layout_mark(to), pixels = image_extent_area(size);
    const size_t count = IMAGE_CHANNELS * pixels;
    float *content = layout_take(to, count, sizeof *content);
    float *coarse = layout_take(to, count, sizeof *coarse);
    float *small = layout_take(to, IMAGE_CHANNELS * image_extent_area(before), sizeof *small);
    const image_view at_size = view_of(size, content, IMAGE_CHANNELS),
                     seen = view_of(before, small, IMAGE_CHANNELS),
                     enlarged = view_of(size, coarse, IMAGE_CHANNELS);
    const bool ok = bring_content(self, to, inputs, at_size, err) &&
                    bring(self, to, inputs, at_size, seen, false, err) &&
                    bring(self, to, inputs, seen, enlarged, false, err);
    if (inputs && ok)
        start_add_detail(planes, content, coarse, pixels);
    layout_rewind(to, mark);
    return ok;
}

/* The variables at the start. */
static bool take_start(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const stage_settings *s = &self->settings;
    const image_extent size = extent_of(self);
    const size_t pixels = image_extent_area(size);
    const bool works = inputs;
    float *variables = works ? self->optimizer.x : NULL, *planes = variables;
    if (s->luma)
        planes = layout_take(to, IMAGE_CHANNELS * pixels, sizeof *planes);
    if (!bring(self, to, works,
               works ? planes_of(inputs->start) : view_of(s->start_from, NULL, IMAGE_CHANNELS),
               view_of(size, planes, IMAGE_CHANNELS), s->start_is_content, err))
        return false;
    if (works && s->noise)
        start_mix_noise(planes, pixels, s->seed);
    if (works && s->recolored)
        start_recolor(planes, pixels, inputs->style);
    if (s->detailed && !add_detail(self, to, inputs, planes, err))
        return false;
    if (works)
        canvas_take_start(&self->canvas, planes, variables);
    return true;
}

static bool analyse_content(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const image_extent size = extent_of(self);
    const bool works = inputs;
    float *planes = layout_take(to, IMAGE_CHANNELS * image_extent_area(size), sizeof(float));
    if (!bring_content(self, to, inputs, view_of(size, planes, IMAGE_CHANNELS), err))
        return false;
    if (works)
        canvas_take_content(&self->canvas, planes);
    analysis_layout(&self->content_analysis, to);
    if (works)
        analysis_run(&self->content_analysis, planes);
    return true;
}

static bool analyse_style(stage *self, layout *to, const stage_inputs *inputs, error *err) {
    const stage_settings *s = &self->settings;
    const bool works = inputs;
    float *planes = layout_take(to, IMAGE_CHANNELS * image_extent_area(s->style), sizeof(float));
    if (!bring(self, to, works,
               works ? planes_of(inputs->style) : view_of(s->style_from, NULL, IMAGE_CHANNELS),
               view_of(s->style, planes, IMAGE_CHANNELS), false, err))
        return false;
    if (works)
        canvas_adapt_style(&self->canvas, planes, s->style.width, s->style.height);
    analysis_layout(&self->style_analysis, to);
    if (works)
        analysis_run(&self->style_analysis, planes);
    return true;
}

/* ---- steps ---- */

typedef bool stage_walk(stage *self, layout *to, const stage_inputs *inputs, error *err);

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
        .start =
            block_of(memory_greater(measure(self, take_transparency), measure(self, take_start))),
        .content = block_of(measure(self, analyse_content)),
        .style = block_of(measure(self, analyse_style)),
        .working = block_of(layout_bytes(&working)),
    };
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

bool stage_place(stage *self, const stage_inputs *inputs, error *err) {
    layout lasting = layout_measure();
    lasting_layout(self, &lasting);
    if (!layout_place(&self->lasting, layout_bytes(&lasting), err))
        return false;
    lasting_layout(self, &self->lasting);
    return work(self, take_transparency, inputs, err) && work(self, take_start, inputs, err);
}

bool stage_analyse_content(stage *self, const stage_inputs *inputs, error *err) {
    return work(self, analyse_content, inputs, err);
}

bool stage_analyse_style(stage *self, const stage_inputs *inputs, error *err) {
    return work(self, analyse_style, inputs, err);
}

static void objective_walk(void *part, layout *to) {
    stage *self = part;
    objective_layout(&self->objective, to);
}

bool stage_start(stage *self, error *err) {
    return layout_make(&self->working, objective_walk, self, err) &&
           optimizer_start(&self->optimizer, err);
}

optimizer_status stage_step(stage *self) {
    return optimizer_step(&self->optimizer);
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
