/* SPDX-License-Identifier: MIT
 *
 * Standard input, output and error of a program, any of which may have come closed.
 */
#ifndef STYLIZE_CORE_STANDARD_STREAMS_H
#define STYLIZE_CORE_STANDARD_STREAMS_H

#include <stdbool.h>

#include "core/error.h"

/* A file must not be given the number of a standard stream that came in closed: messages would go
 * into it. What takes its place refuses to be read or written, like a closed one. For the first
 * lines of `main`. False with *err when that cannot be done. */
bool standard_streams_occupy(error *err);

/* Whether all that was printed on standard output went out; if not, *err says why. */
bool standard_streams_flush(error *err);

#endif
