/* SPDX-License-Identifier: MIT */
#ifndef STYLIZE_CLI_LIST_PAIRS_H
#define STYLIZE_CLI_LIST_PAIRS_H

#include "cli/list.h"

/* Adds an item for each picture of --contents with each one of --styles. False with *err. */
bool list_add_pairs(list *self, stylize_error *err);

#endif
