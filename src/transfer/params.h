/* SPDX-License-Identifier: MIT
 *
 * Checks of what a caller asks for.
 */
#ifndef STYLIZE_TRANSFER_PARAMS_H
#define STYLIZE_TRANSFER_PARAMS_H

#include <stdbool.h>

#include "core/error.h"
#include "cost/objective.h"
#include "image/picture_file.h"
#include "network/vgg.h"
#include "transfer/stylize.h"

#define PARAMS_MIN_SIDE 16 /* pixels: what four poolings leave one of */

/* False with *err (ERROR_USAGE) naming the first parameter that is out of range. */
bool params_check(const stylize_params *params, error *err);

/* The most pixels at which a picture may go through the network, and what to add to an error about
 * it. max_pixels above what the network takes lets larger pictures in, to be shrunk. */
size_t params_most_pixels(const stylize_params *params);
const char *params_more_pixels(const stylize_params *params);

/* Channels of the picture that the optimiser moves: its luma alone, or all. */
int params_channels(const stylize_params *params);

/* What parameters in range ask the network for. False with *err naming a layer it does not hold. */
bool params_spec(const stylize_params *params, const vgg *network, cost_spec *spec, error *err);

/* What the image floor is asked for. */
picture_file_options params_write(const stylize_write_options *options);

#endif
