/* SPDX-License-Identifier: MIT
 *
 * What is going to be done, and what it takes: from a recipe, the networks' tables and the sizes of
 * the pictures alone. The work follows the plan; the recipe is read here and nowhere below.
 *
 * The bytes of a stage are measured by the walks that will allocate them (core/layout.h). Blocks
 * are written when they are made, so planned bytes are resident bytes. The pictures and the
 * networks are the caller's and there already.
 */
#ifndef STYLIZE_TRANSFER_PLAN_H
#define STYLIZE_TRANSFER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "network/vgg.h"
#include "transfer/frame.h"
#include "transfer/recipe.h"
#include "transfer/stage.h"

/* What is known before anything is planned. */
typedef struct plan_job {
    const stylize_recipe *recipe;
    const vgg *networks[RECIPE_MOST_STAGES]; /* from that of the coarsest stage on */
    int network_count;                       /* >= 1 */
    image_extent content, init;              /* as they come; no init: 0 x 0; of a texture, whose
                                                shape is that of its first style, this is content */
    image_extent styles[RECIPE_MOST_STYLES];
    int style_count; /* >= 1 */
    bool content_alpha, init_alpha;
    const regions *regions; /* borrowed by the plan; NULL: one, everywhere, of all styles */
    size_t properties;      /* bytes of what the result takes over from the content */
    size_t observers;       /* bytes for each pixel of a stage that observers may allocate */
    size_t cache;           /* bytes by which what it keeps of styles may grow */
} plan_job;

typedef struct plan {
    frame frame;                             /* of the result */
    image_extent styles[RECIPE_MOST_STYLES]; /* for it */
    image_extent largest_style;
    bool bounded; /* the content's size keeps it from being larger */
    int count;    /* stages, coarsest first */
    stage_settings stages[RECIPE_MOST_STAGES];
    int networks[RECIPE_MOST_STAGES]; /* index in the job */
    size_t stage_bytes[RECIPE_MOST_STAGES];
    int iterations;       /* of all stages */
    size_t without_style; /* bytes at the peak if no style had to be analysed */
    size_t bytes;         /* at the peak */
    size_t needed;        /* and with a reserve for what is not planned */
} plan;

/* Plans for the number of threads that is set now; keeps nothing allocated. False with *err when a
 * network lacks a layer, numbers do not fit one another, or a picture would be too small or too
 * large. */
bool plan_make(plan *self, const plan_job *job, error *err);

/* Whether a picture of the job has more pixels than the recipe or the network allow. */
bool plan_too_large(const plan_job *job);

#endif
