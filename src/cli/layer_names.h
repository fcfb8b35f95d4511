/* SPDX-License-Identifier: MIT
 *
 * The names of all layers that a setting may name.
 */
#ifndef STYLIZE_CLI_LAYER_NAMES_H
#define STYLIZE_CLI_LAYER_NAMES_H

#include <stdbool.h>

enum { LAYER_NAME = 16 /* bytes with the end */ };

/* The names in the order in which a network has them; false past the last. */
bool layer_name_at(int index, char name[LAYER_NAME]);

#endif
