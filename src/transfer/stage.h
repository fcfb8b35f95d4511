/* SPDX-License-Identifier: MIT
 *
 * One stage of a session: one size, one network, one optimiser.
 *
 *     stage_prepare     from its settings: what it needs of memory; nothing is allocated
 *     stage_place       what lasts: the canvas, the targets, the optimiser with the start
 *     stage_analyse_*   content and style become targets
 *     stage_start       the objective; the start is evaluated
 *     stage_step        an iteration
 *
 * One block of memory lasts as long as the stage, others come and go beside it:
 *
 *     lasting   |- canvas -|- targets -|- preconditioner -|- optimiser -----------------------|
 *     besides   |- resizing the start -| |- content -| |- style -| |- objective, iterations -|
 */
#ifndef STYLIZE_TRANSFER_STAGE_H
#define STYLIZE_TRANSFER_STAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/layout.h"
#include "cost/analysis.h"
#include "cost/objective.h"
#include "image/image.h"
#include "network/vgg.h"
#include "optimize/optimizer.h"
#include "transfer/canvas.h"
#include "transfer/frame.h"
#include "transfer/preconditioner.h"

/* A layer that is compared, and how much that counts. */
typedef struct stage_layer {
    int layer; /* index in the vgg */
    double weight;
} stage_layer;

/* The settings of a stage, as the plan made them. */
typedef struct stage_settings {
    const vgg *network;
    frame frame; /* at the size of the stage */
    image_extent style;
    int iterations;
    stage_layer content_layers[VGG_MAX_LAYERS], style_layers[VGG_MAX_LAYERS];
    int content_layer_count, style_layer_count;
    cost_kind style_kind;
    double factors[COST_KINDS];
    bool sum_content;
    pooling pooling;
    optimizer_options optimizer;
    bool luma;      /* the content's colours stay */
    bool noise;     /* mixed into the start */
    uint64_t seed;  /* of the noise */
    bool recolored; /* the start gets the colours of the style */
    bool detailed;  /* and detail of the content, for which the stage before was too small */
    /* The pictures as they come: sizes, and whether they have alpha. */
    image_extent content_from, style_from, start_from;
    image_extent reference_from;
    bool content_alpha, reference_alpha;
    bool start_is_content, reference_is_content; /* come into the frame as the content does */
} stage_settings;

/* What a stage paints from; borrowed. */
typedef struct stage_inputs {
    const image *content, *style;
    const image *start; /* the content, a picture to start from, or what the stage before made */
    const image *reference; /* the first of all starts: what transparency is restored by */
} stage_inputs;

typedef struct stage {
    stage_settings settings;
    layout lasting, working; /* the latter for the objective */
    canvas canvas;
    cost_target content_targets[VGG_MAX_LAYERS], style_targets[VGG_MAX_LAYERS];
    analysis content_analysis, style_analysis;
    objective objective;
    preconditioner preconditioner;
    optimizer optimizer;
    const atomic_bool *cancelled; /* borrowed; NULL: never */
} stage;

/* Bytes of a stage: all the time, and besides while the start is resized, while content and
 * style are analysed, and while the objective is there. */
typedef struct stage_memory {
    size_t lasting, start, content, style, working;
} stage_memory;

/* Plans for the number of threads that is set now. *self must stay where it is. False with *err
 * when a picture is too small for a layer, which is named, or too large. */
bool stage_prepare(stage *self, const stage_settings *settings, error *err);

/* What a prepared stage will allocate. */
stage_memory stage_measure(stage *self);

/* The steps above, in their order. On failure false with *err; stage_clear follows in any case. */
bool stage_place(stage *self, const stage_inputs *inputs, error *err);
bool stage_analyse_content(stage *self, const stage_inputs *inputs, error *err);
bool stage_analyse_style(stage *self, const stage_inputs *inputs, error *err);
bool stage_start(stage *self, error *err);
optimizer_status stage_step(stage *self);

/* Other factors: before stage_start; and at work, where the current iterate is evaluated with them
 * and the optimiser starts afresh there. */
void stage_adopt_factors(stage *self, const double factors[COST_KINDS]);
bool stage_set_factors(stage *self, const double factors[COST_KINDS], error *err);

/* Frees what the iterations needed beside the canvas and the optimiser's vectors. */
void stage_end(stage *self);

void stage_clear(stage *self);

#endif
