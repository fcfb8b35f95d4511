/* SPDX-License-Identifier: MIT
 *
 * Checks of what a caller asks for.
 */
#ifndef STYLIZE_TRANSFER_PARAMS_H
#define STYLIZE_TRANSFER_PARAMS_H

#include <stdbool.h>

#include "core/error.h"
#include "transfer/stylize.h"

#define PARAMS_MIN_SIDE 16 /* pixels: what four poolings leave one of */

/* False with *err (ERROR_USAGE) naming the first parameter that is out of range. */
bool params_check(const stylize_params *params, error *err);

#endif
