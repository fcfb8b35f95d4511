/* SPDX-License-Identifier: MIT
 *
 * One stage of a session: one size, one network, one optimiser.
 *
 *     stage_prepare     from its settings: what it needs of memory; nothing is allocated
 *     stage_place       what lasts: the canvas, the targets, the optimiser
 *     stage_analyse_*   content and style become targets, content first
 *     stage_take_start  the picture to start from, in colours that the analyses have found
 *     stage_start       the objective; the start is evaluated
 *     stage_step        an iteration
 *
 * One block of memory lasts as long as the stage, others come and go beside it:
 *
 *     lasting   |- canvas -|- targets -|- preconditioner -|- optimiser -----------------------|
 *     besides   |- transparency -| |- content -| |- style -| |- start -| |- objective, iterations
 * -|
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
#include "transfer/cache.h"
#include "transfer/canvas.h"
#include "transfer/frame.h"
#include "transfer/preconditioner.h"
#include "transfer/recipe.h"
#include "transfer/region_masks.h"
#include "transfer/start.h"
#include "transfer/wrap.h"

/* A layer that is compared, and how much that counts. */
typedef struct stage_layer {
    int layer; /* index in the vgg */
    double weight;
} stage_layer;

/* A style picture: its size as it comes and as it is analysed, and its share among all styles. */
typedef struct stage_style {
    image_extent from, size;
    double share; /* the sum of all is 1 */
} stage_style;

/* The settings of a stage, as the plan made them. */
typedef struct stage_settings {
    const vgg *network;
    frame frame; /* at the size of the stage */
    stage_style styles[RECIPE_MOST_STYLES];
    int style_count;
    int iterations;
    stage_layer content_layers[VGG_MAX_LAYERS], style_layers[VGG_MAX_LAYERS];
    int content_layer_count, style_layer_count;
    int watched; /* a layer at which the content error is measured; or -1 */
    cost_kind style_kind;
    double factors[COST_KINDS];
    bool sum_content;
    smoothness_kind smoothness;
    pooling pooling;
    optimizer_options optimizer;
    canvas_color color; /* whose colours, */
    float color_strength;
    bool luma;              /* the content's, wholly: only light is painted */
    double noise;           /* how much of it is mixed into the start, 0 to 1 */
    bool from_noise;        /* the start is noise in the colours of the styles, nothing else, */
    bool from_grey;         /* or hardly any on grey */
    uint64_t seed;          /* of the noise */
    bool tile;              /* the picture repeats without a seam; there is no content */
    double recolored;       /* how much of the style's colours the start gets, 0 to 1 */
    const regions *regions; /* borrowed */
    bool detailed; /* and detail of the content, for which the stage before was too small */
    /* The pictures as they come: sizes, and whether they have alpha. */
    bool has_content;
    image_extent content_from, start_from;
    image_extent reference_from;
    bool content_alpha, reference_alpha;
    bool start_is_content, reference_is_content; /* come into the frame as the content does */
} stage_settings;

/* Targets of the content: one for each layer that is compared, and one where it is only watched. */
int stage_content_targets(const stage_settings *self);

/* The share of a style among those that paint a region; where none of these has weight, they paint
 * it in equal shares. 0 where there is nothing to learn of it. */
double stage_share(const stage_settings *self, int region, int index);

/* What a stage paints from; borrowed. */
typedef struct stage_inputs {
    const image *content; /* NULL: none, and no content layers */
    const image *styles[RECIPE_MOST_STYLES];
    const image *start; /* the content, a picture to start from, or what the stage before made */
    const image *reference; /* the first of all starts: what transparency is restored by */
} stage_inputs;

typedef struct stage {
    stage_settings settings;
    layout lasting, working; /* the latter for the objective */
    canvas canvas;
    start_tones tones[REGIONS_MOST]; /* of the styles of each region, as the network sees them */
    region_masks masks;
    cost_target content_targets[VGG_MAX_LAYERS + 1]; /* the last one at the layer watched */
    cost_target style_targets[COST_MOST_TERMS]; /* of each region at each layer, region by region */
    analysis content_analysis, style_analysis;
    objective objective;
    wrap wrap; /* of a tile */
    preconditioner preconditioner;
    optimizer optimizer;
    const atomic_bool *cancelled; /* borrowed; NULL: never */
    stylize_cache *cache;         /* of what styles come to; borrowed, or NULL */
    cache_key keys[REGIONS_MOST]; /* of each region's targets so far, */
    bool keyed[REGIONS_MOST];     /* where there are any */
} stage;

static inline image_extent stage_extent(const stage *self) {
    return (image_extent){self->settings.frame.width, self->settings.frame.height};
}

/* Bytes of a stage: all the time, and besides while what it starts from is resized, while content
 * and style are analysed, and while the objective is there. */
typedef struct stage_memory {
    size_t lasting, start, content, style, working;
} stage_memory;

/* Plans for the number of threads that is set now. *self must stay where it is. False with *err
 * when a picture is too small for a layer, which is named, or too large. */
bool stage_prepare(stage *self, const stage_settings *settings, error *err);

/* What a prepared stage will allocate. */
stage_memory stage_measure(stage *self);

/* What copies of its styles' targets would take in a cache. */
size_t stage_cache_bytes(const stage *self);

/* The steps above, in their order. On failure false with *err; stage_clear follows in any case. */
bool stage_place(stage *self, const stage_inputs *inputs, error *err);
bool stage_analyse_content(stage *self, const stage_inputs *inputs, error *err);
bool stage_analyse_style(stage *self, const stage_inputs *inputs, error *err);
bool stage_take_start(stage *self, const stage_inputs *inputs, error *err);
bool stage_start(stage *self, error *err);
optimizer_status stage_step(stage *self);

/* In place of stage_start: reads what optimizer_save wrote, and evaluates the iterate that was
 * saved: its cost here, and whether it and its gradient are the same to the bit. */
typedef struct stage_finding {
    double value;
    bool same;
} stage_finding;
bool stage_load(stage *self, stream *from, stage_finding *found, error *err);

/* The content's target at the layer that is watched, and the squared distance of the last
 * evaluation from it, a mean over its values. NULL and unset where none is watched. */
const cost_target *stage_watched(const stage *self, double *distance);

/* Other factors: before stage_start; and at work, where the current iterate is evaluated with them
 * and the optimiser starts afresh there. */
void stage_adopt_factors(stage *self, const double factors[COST_KINDS]);
bool stage_set_factors(stage *self, const double factors[COST_KINDS], error *err);

/* Frees what the iterations needed beside the canvas and the optimiser's vectors. */
void stage_end(stage *self);

void stage_clear(stage *self);

#endif
