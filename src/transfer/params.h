/* SPDX-License-Identifier: MIT
 *
 * Checks of what a caller asks for.
 */
#ifndef STYLIZE_TRANSFER_PARAMS_H
#define STYLIZE_TRANSFER_PARAMS_H

#include <stdbool.h>

#include "core/error.h"
#include "cost/objective.h"
#include "network/vgg.h"
#include "transfer/stylize.h"

#define PARAMS_MIN_SIDE 16 /* pixels: what four poolings leave one of */

/* False with *err (ERROR_USAGE) naming the first parameter that is out of range. */
bool params_check(const stylize_params *params, error *err);

/* What parameters in range ask the network for. False with *err naming a layer it does not hold. */
bool params_spec(const stylize_params *params, const vgg *network, cost_spec *spec, error *err);

#endif
