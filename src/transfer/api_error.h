/* SPDX-License-Identifier: MIT
 *
 * Errors on their way out: what the floors above say, under the public names.
 */
#ifndef STYLIZE_TRANSFER_API_ERROR_H
#define STYLIZE_TRANSFER_API_ERROR_H

#include <stdbool.h>

#include "core/error.h"
#include "transfer/stylize.h"

/* Copies an error to the caller's and returns false. */
bool api_error(const error *from, stylize_error *to);

/* The other way, for what a callback of the caller's says; returns false. */
bool api_error_back(const stylize_error *from, error *to);

/* Whether a pointer that a caller may not leave out is there; if not, *err calls it `what`, such as
 * "stylize_image_read: path". */
bool api_given(const void *pointer, const char *what, stylize_error *err);

#endif
