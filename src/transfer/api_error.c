/* SPDX-License-Identifier: MIT */
#include "transfer/api_error.h"

#include <stdio.h>

bool api_error(const error *from, stylize_error *to) {
    to->status = from->code == ERROR_USAGE    ? STYLIZE_USAGE
                 : from->code == ERROR_MEMORY ? STYLIZE_MEMORY
                                              : STYLIZE_FAILURE;
    snprintf(to->text, sizeof to->text, "%s", from->text);
    return false;
}

bool api_given(const void *pointer, const char *what, stylize_error *err) {
    return pointer || stylize_error_set(err, STYLIZE_USAGE, "%s may not be NULL", what);
}
