/* SPDX-License-Identifier: MIT
 *
 * The manual page: the section OPTIONS from the options' own texts, the others as they stand in
 * manual.c, in the man(7) macros that man, groff and mandoc understand.
 *
 * docs/stylize.1 is what this prints (`make man` writes it again), and a test compares them.
 */
#ifndef STYLIZE_CLI_MANUAL_H
#define STYLIZE_CLI_MANUAL_H

#include <stdio.h>

/* Writes stylize.1. Failures are left to the stream. */
void manual_print(FILE *file);

#endif
