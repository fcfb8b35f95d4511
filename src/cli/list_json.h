/* SPDX-License-Identifier: MIT */
#ifndef STYLIZE_CLI_LIST_JSON_H
#define STYLIZE_CLI_LIST_JSON_H

#include "cli/list.h"

/* Adds an item from a line that is a JSON object. False with *err. */
bool list_add_json(list *self, const char *text, int line, stylize_error *err);

#endif
