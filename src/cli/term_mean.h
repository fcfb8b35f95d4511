/* SPDX-License-Identifier: MIT */
#ifndef STYLIZE_CLI_TERM_MEAN_H
#define STYLIZE_CLI_TERM_MEAN_H

#include "transfer/stylize.h"

/* The value of the terms of a kind at a layer: where there are several, of regions, their mean by
 * weight. */
double term_mean(const stylize_event *event, const char *kind, const char *layer);

#endif
