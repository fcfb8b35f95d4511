/* SPDX-License-Identifier: MIT
 *
 * Strength: one number from the photograph to the painting, which means the same with every style.
 *
 * What a weight of the style does depends on the style: with one beta a picture keeps a seventh of
 * its content with one painting and all but all of it with another. So a strength stands for a
 * content error, and the content's weight is found that leads to it: guessed before the first
 * iteration from how much there is in the style's Gram matrices, and bettered a few times by what
 * has come of it, in the coarsest stage and in the next one, which is about as large whatever the
 * result's size is. Later stages keep what was found.
 *
 * The content error is the squared distance of the picture's activation from the content's, over
 * the content's own square, at relu3_2: a layer that is not compared by default, hence a fair
 * judge, and one that tells what other networks say.
 *
 * docs/method.md has the formulas, docs/pictures.md the measurements.
 */
#ifndef STYLIZE_TRANSFER_STRENGTH_H
#define STYLIZE_TRANSFER_STRENGTH_H

#include <stdbool.h>

#include "cost/term.h"
#include "transfer/recipe.h"

#define STRENGTH_LAYER "relu3_2" /* at which the error is measured, */
#define STRENGTH_STAGES 2        /* in the first stages */

/* Whether the content's weight follows from the recipe's strength: where neither alpha nor beta is
 * set, the content's cost is a mean, and the style's one for which beta was chosen. */
bool strength_rules(const stylize_recipe *recipe);

/* The content's weight and the style's as the recipe gives them; where they are auto, 1 and 300. */
double strength_alpha(const stylize_recipe *recipe);
double strength_beta(const stylize_recipe *recipe);

/* The content error that a strength in [0, 10] stands for. */
double strength_target(double strength);

/* How much of the style's colours a start has, in [0, 1]; 1 where the recipe's strength does not
 * rule. */
double strength_recolor(const stylize_recipe *recipe);

/* How much of a start is noise: more and more beyond strength 5, up to 0.6; 0 likewise. */
double strength_noise(const stylize_recipe *recipe);

/* How much smaller the coarsest stage is, 1 to 1/2: the larger are the painting's forms. 1 up to
 * strength 5, and where the recipe's strength does not rule. */
double strength_coarsening(const stylize_recipe *recipe);

/* The weight to begin with, for a style of that power. */
double strength_first(double strength, double style_power);

/* A better weight than `alpha`, which has led to the content error `measured` with `share` of the
 * stage's iterations done. */
double strength_next(double strength, double alpha, double measured, double share);

/* Likewise in the second stage, where changes are smaller: `alpha` itself where the error is about
 * what was asked for, and late in the stage where it is less. */
double strength_settle(double strength, double alpha, double measured, double share);

/* Whether the weight is bettered after so many of a stage's iterations. */
bool strength_is_due(int stage, int iteration, int iterations);

/* What the style cost would be of a picture without any activation, by Gram matrices: sum of
 * weight / (4 n_C^2) ||G*||^2 over terms [count] with targets of style kinds; others are skipped.
 */
double strength_style_power(const cost_term *terms, int count);

/* The mean square of a content target's activation. */
double strength_content_power(const cost_target *target, const kernel_set *kernels);

#endif
