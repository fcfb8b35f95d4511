/* SPDX-License-Identifier: MIT
 *
 * The time of a plan, estimated: a few iterations of its last stage of each network are timed at
 * one or two small sizes, and a straight line goes on from there, because some work of an iteration
 * goes with the pixels and some does not. As if the machine stayed as busy as it is and no larger
 * size had slower memory: expect a quarter more or less on a quiet machine.
 */
#ifndef STYLIZE_TRANSFER_CALIBRATION_H
#define STYLIZE_TRANSFER_CALIBRATION_H

#include <stdbool.h>

#include "transfer/plan.h"

/* Seconds of each stage of the plan, its analyses included; false when a trial fails. `inputs` are
 * those of the first stage. */
bool calibration_run(const plan *whole, const stage_inputs *inputs,
                     double seconds[RECIPE_MOST_STAGES]);

#endif
