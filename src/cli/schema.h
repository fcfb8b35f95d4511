/* SPDX-License-Identifier: MIT
 *
 * The JSON schema (draft 2020-12) of files of settings: of --recipe, of the user's defaults, and of
 * what --print recipe prints. It is made from the tables of fields and options.
 *
 * What a schema cannot say is checked all the same: that sizes ascend, and that a number is as
 * precise as it is written.
 */
#ifndef STYLIZE_CLI_SCHEMA_H
#define STYLIZE_CLI_SCHEMA_H

#include "transfer/stylize.h"

/* The schema as a text, which the caller frees; NULL with *err when memory is short. */
char *schema_write(stylize_error *err);

#endif
