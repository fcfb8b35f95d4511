/* SPDX-License-Identifier: MIT
 *
 * Decimal numbers as text, with a point whatever the locale of the program says.
 */
#ifndef STYLIZE_CORE_DECIMAL_H
#define STYLIZE_CORE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define DECIMAL_ROOM 32 /* bytes: any number that decimal_print prints, with its end */

/* Reads text [length], after which comes what no number holds. False unless all of it is one finite
 * decimal number: no blanks, hexadecimal digits or words. */
bool decimal_read(const char *text, size_t length, double *value);

/* Prints the shortest text, of six digits or more, that reads back as the same number. */
void decimal_print(double value, char text[DECIMAL_ROOM]);

#endif
