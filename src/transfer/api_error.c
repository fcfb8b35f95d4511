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

bool api_error_back(const stylize_error *from, error *to) {
    const error_code code = from->status == STYLIZE_USAGE    ? ERROR_USAGE
                            : from->status == STYLIZE_MEMORY ? ERROR_MEMORY
                                                             : ERROR_FAILURE;
    return error_set(to, code, "%s", from->text);
}

bool api_given(const void *pointer, const char *what, stylize_error *err) {
    return pointer || stylize_error_set(err, STYLIZE_USAGE, "%s may not be NULL", what);
}
