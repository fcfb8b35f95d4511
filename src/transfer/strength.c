/* SPDX-License-Identifier: MIT */
#include "transfer/strength.h"

#include <math.h>

/* Measured: docs/pictures.md. */
#define USUAL_ALPHA 1
#define USUAL_BETA 300

/* The content error of strength 0, and what a unit adds up to the middle and beyond it. */
#define LEAST_ERROR 0.12
#define ERROR_STEP 0.156
#define STRONG_STEP 0.18
#define MIDDLE 5
#define NOISE_STEP 0.12 /* in the start, a unit beyond the middle */

/* The first guess: the weight for a style of power 1 in the middle, how it grows with the power,
 * and how it falls with the error that is wanted. */
#define FIRST_ALPHA 0.55
#define POWER_EXPONENT 2.2
#define ERROR_EXPONENT 1.9 /* that is wanted beyond the middle, */
#define WEAK_EXPONENT 2.8  /* and below it */

/* Weights that are gone to at most: some styles cannot be had any stronger. The limits move with
 * the strength, so that more of it is more all the same. */
#define LEAST_ALPHA 0.0005
#define MOST_ALPHA 3000.0
#define LIMIT_STEP 1.6 /* a unit of strength */

/* How the weight follows the error. Early errors are not yet what comes of the weight. */
#define EARLY_EXPONENT 2.0
#define LATE_EXPONENT 3.0
#define LATE 0.3
#define MOST_CHANGE 8.0
#define LEAST_CLOSENESS 0.4

/* In the second stage, which begins with more of an error than it ends with: what a measured one
 * counts as at its start, and by its end. Rather less of an error than more: what is too little is
 * hardly mended there, and with calm paintings there is always less. */
#define EARLY_ERROR 0.86
#define LATE_ERROR 1.06
#define SETTLING_EXPONENT 2.5
#define MOST_SETTLING 6.0
#define SETTLED 0.1 /* so near it is left alone */

#define FEWEST_ITERATIONS 11 /* with fewer, a change has no time to show */

static double limited(double value, double low, double high) {
    return fmin(fmax(value, low), high);
}

bool strength_rules(const stylize_recipe *recipe) {
    return !recipe->texture && recipe->alpha < 0 && recipe->beta < 0 &&
           recipe->cost == RECIPE_COST_MEAN && recipe->style_cost <= RECIPE_STYLE_BURES;
}

double strength_alpha(const stylize_recipe *recipe) {
    return recipe->alpha < 0 ? USUAL_ALPHA : recipe->alpha;
}

double strength_beta(const stylize_recipe *recipe) {
    return recipe->beta < 0 ? USUAL_BETA : recipe->beta;
}

double strength_target(double strength) {
    return LEAST_ERROR + ERROR_STEP * fmin(strength, MIDDLE) +
           STRONG_STEP * fmax(strength - MIDDLE, 0);
}

double strength_recolor(const stylize_recipe *recipe) {
    return strength_rules(recipe) ? fmin(recipe->strength / MIDDLE, 1) : 1;
}

double strength_noise(const stylize_recipe *recipe) {
    return strength_rules(recipe) ? fmax(recipe->strength - MIDDLE, 0) * NOISE_STEP : 0;
}

double strength_coarsening(const stylize_recipe *recipe) {
    return strength_rules(recipe) ? exp2(fmin(MIDDLE - recipe->strength, 0) / MIDDLE) : 1;
}

static double within_limits(double strength, double alpha) {
    const double step = pow(LIMIT_STEP, MIDDLE - strength);
    return limited(alpha, LEAST_ALPHA * step, MOST_ALPHA * step);
}

double strength_first(double strength, double style_power) {
    const double wanted = strength_target(MIDDLE) / strength_target(strength);
    return within_limits(strength, FIRST_ALPHA * pow(style_power, POWER_EXPONENT) *
                                       pow(wanted, wanted > 1 ? WEAK_EXPONENT : ERROR_EXPONENT));
}

/* Small errors follow the weight more closely than large ones: what exponents are of those in the
 * middle. */
static double closeness(double strength) {
    const double share = strength_target(strength) / strength_target(MIDDLE);
    return limited(sqrt(share), LEAST_CLOSENESS, 1);
}

double strength_next(double strength, double alpha, double measured, double share) {
    const double exponent = (share < LATE ? EARLY_EXPONENT : LATE_EXPONENT) * closeness(strength);
    const double change = pow(measured / strength_target(strength), exponent);
    return within_limits(strength, alpha * limited(change, 1 / MOST_CHANGE, MOST_CHANGE));
}

double strength_settle(double strength, double alpha, double measured, double share) {
    const double coming = measured * (EARLY_ERROR + (LATE_ERROR - EARLY_ERROR) * share);
    const double ratio = coming / strength_target(strength);
    if (fabs(ratio - 1) <= SETTLED || (ratio < 1 && share > LATE))
        return alpha;
    const double change = pow(ratio, SETTLING_EXPONENT);
    return within_limits(strength, alpha * limited(change, 1 / MOST_SETTLING, MOST_SETTLING));
}

bool strength_is_due(int stage, int iteration, int iterations) {
    enum { TIMES = 4 };
    static const int elevenths[STRENGTH_STAGES][TIMES] = {{2, 4, 7}, {2, 5, 7, 9}};
    if (iteration <= 0 || stage >= STRENGTH_STAGES || iterations < FEWEST_ITERATIONS)
        return false;
    for (int i = 0; i < TIMES; i++) {
        if (iteration == (int)((long long)iterations * elevenths[stage][i] / 11))
            return true;
    }
    return false;
}

double strength_style_power(const cost_term *terms, int count) {
    double power = 0;
    for (int i = 0; i < count; i++) {
        const cost_target *target = terms[i].target;
        if (!target || !target->matrix)
            continue;
        const double channels = target->channels;
        double squares = 0;
        for (size_t k = 0; k < (size_t)target->channels * (size_t)target->channels; k++)
            squares += target->matrix[k] * target->matrix[k];
        power += terms[i].weight * squares / (4 * channels * channels);
    }
    return power;
}

/* Of a channel block of a row, a piece at a time. */
static double squares_of(const cost_target *target, const kernel_set *kernels, int y, int b) {
    enum { PIECE = 64 };
    const tensor *features = &target->features;
    float values[PIECE * CHANNEL_BLOCK];
    double sum = 0;
    for (int x = 0, pixels; x < features->width; x += pixels) {
        pixels = features->width - x < PIECE ? features->width - x : PIECE;
        const size_t count = (size_t)pixels * CHANNEL_BLOCK;
        kernels->widen(tensor_at(features, y, b, x), values, count);
        for (size_t i = 0; i < count; i++)
            sum += (double)values[i] * (double)values[i];
    }
    return sum;
}

double strength_content_power(const cost_target *target, const kernel_set *kernels) {
    double sum = 0;
    for (int y = 0; y < target->height; y++) {
        for (int b = 0; b < target->features.blocks; b++)
            sum += squares_of(target, kernels, y, b);
    }
    return sum / ((double)target->height * target->width * target->channels);
}
