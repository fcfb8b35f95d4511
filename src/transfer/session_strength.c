/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "transfer/session.h"
#include "transfer/strength.h"

/* What a change of the weight must at least be to be worth another beginning. */
#define LEAST_RETRY 1.5

/* Taken up by the stage at work at its next step, or before its first. */
static void weigh_content(stylize_session *self, double alpha) {
    for (int i = 0; i < self->plan.count; i++)
        self->plan.stages[i].factors[COST_CONTENT] = alpha;
    self->changed = true;
}

void session_guess_weight(stylize_session *self) {
    const cost_spec *cost = &self->stage->objective.spec;
    self->content_power = self->content_error = -1; /* of this stage */
    if (strength_rules(self->recipe) && self->index == 0)
        weigh_content(self, strength_first(self->recipe->strength,
                                           strength_style_power(cost->terms, cost->count)));
}

/* Measures the content error, if that is watched. */
static bool measure(stylize_session *self) {
    double distance;
    const cost_target *watched = stage_watched(self->stage, &distance);
    if (!watched)
        return false;
    if (self->content_power < 0)
        self->content_power =
            strength_content_power(watched, self->stage->settings.network->kernels);
    self->content_error = self->content_power > 0 ? distance / self->content_power : 0;
    return true;
}

void session_better_weight(stylize_session *self) {
    const stage *now = self->stage;
    const int done = now->optimizer.iterations, all = now->settings.iterations;
    const double alpha = self->plan.stages[0].factors[COST_CONTENT],
                 strength = self->recipe->strength;
    if (!strength_rules(self->recipe) || !measure(self) || !strength_is_due(self->index, done, all))
        return;
    const double better = (self->index > 0 ? strength_settle : strength_next)(
        strength, alpha, self->content_error, (double)done / all);
    if (better != alpha) /* a change costs the optimiser its memory */
        weigh_content(self, better);
}

bool session_retry_weight(stylize_session *self) {
    const double alpha = self->plan.stages[0].factors[COST_CONTENT];
    if (!strength_rules(self->recipe) || self->index > 0 || self->retries == SESSION_MOST_RETRIES ||
        !measure(self))
        return false;
    const double next = strength_next(self->recipe->strength, alpha, self->content_error, 0);
    if (fmax(next, alpha) < LEAST_RETRY * fmin(next, alpha))
        return false;
    self->retries++;
    weigh_content(self, next);
    return true;
}
