/* SPDX-License-Identifier: MIT
 *
 * The time of a transfer, foretold: a few iterations of the same job at one or two small sizes are
 * timed, and a straight line goes on from there, because some work of an iteration goes with the
 * pixels and some does not.
 */
#ifndef STYLIZE_TRANSFER_TIMING_H
#define STYLIZE_TRANSFER_TIMING_H

#include "image/image.h"
#include "transfer/forecast.h"

/* Seconds of the optimisation of `job`, whose forecast is `full`; negative when a trial fails. */
double timing_foretell(const forecast_job *job, const forecast *full, const image *content,
                       const image *style, const image *init);

#endif
