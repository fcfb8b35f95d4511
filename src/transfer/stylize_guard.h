/* SPDX-License-Identifier: MIT
 *
 * A part of stylize.h: pictures and networks are parsed in processes that can do nothing else.
 *
 *     int main(void) {
 *         stylize_guard_start();
 *         ...
 *
 * A library starts no processes unasked: without that call files are parsed where they are read.
 */
#ifndef STYLIZE_GUARD_H
#define STYLIZE_GUARD_H

#include "stylize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* To be called once, before the program has a second thread: starts a process of a few MB, which
 * ends with the program, and for each file one for as long as it is parsed. These can open no file,
 * reach no network and start nothing; one that dies of a hostile file is an error about that file.
 * True when it is so from now on; false where the system cannot do it (it needs Linux), and then
 * all goes on as without. */
STYLIZE_API bool stylize_guard_start(void);

/* "on", or "off: " and why. */
STYLIZE_API const char *stylize_guard_state(void);

/* Whether this build of the library has no such thing, wherever it runs; or valgrind watches the
 * program. */
STYLIZE_API bool stylize_guard_left_out(void);

#ifdef __cplusplus
}
#endif

#endif
