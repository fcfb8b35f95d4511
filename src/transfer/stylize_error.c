/* SPDX-License-Identifier: MIT */
#include <stdarg.h>

#include "core/error.h"
#include "transfer/stylize.h"

_Static_assert(sizeof(((error *)0)->text) == sizeof(((stylize_error *)0)->text),
               "an error of the library goes into a public one whole");

bool stylize_error_set(stylize_error *err, stylize_status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_write(err->text, sizeof err->text, format, args);
    va_end(args);
    err->status = status;
    return false;
}
