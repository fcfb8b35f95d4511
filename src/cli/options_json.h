/* SPDX-License-Identifier: MIT
 *
 * Options as JSON: one object, as --recipe reads it and --print recipe prints it.
 *
 * A member is called like its option, with '_' for '-'. The fields of the recipe have the values
 * that the library's JSON has; of the program's own options a flag is true or false, a whole number
 * and a word of digits (those of --depth) a number, and all others a string.
 */
#ifndef STYLIZE_CLI_OPTIONS_JSON_H
#define STYLIZE_CLI_OPTIONS_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

enum { OPTION_JSON_NAME = 40 }; /* bytes of a member's name with its end */

void option_json_name(const stylize_field *field, char name[OPTION_JSON_NAME]);

/* The option of painting that a member of that name is; false where there is none. */
bool option_named_in_json(const char *name, option *entry);

/* Whether the words of a field of the program's own stand in JSON as numbers. */
bool option_words_are_numbers(const stylize_field *field);

/* The value of one of the program's own options, texts as by run_json_string, null where it has
 * none; NULL when memory is short. */
json_t *option_to_json(const option *entry, const options *self);

/* Sets one of the program's own options to such a value, whose text is copied. False with *err. */
bool option_from_json(const option *entry, options *self, const json_t *value, stylize_error *err);

/* Reads the members of a JSON object over what is there: for a command those options alone that
 * mean the same there as in painting. A member "$schema" is let pass. On failure false with *err
 * naming the member or what is wrong with the text; options_clear follows in any case. */
bool options_read_json(options *self, const char *json, size_t length, stylize_error *err);

/* Adds the program's own settings of a run to an object, or of them those that change the file
 * alone. False when memory is short. */
bool options_add_own(json_t *object, const options *self, bool of_file);

/* The recipe and what else decides OUT as a JSON object: on one line, or with `lines` a member on
 * each. The caller frees it. NULL with *err when memory is short or a text is not UTF-8. */
char *options_write_json(const options *self, bool lines, stylize_error *err);

#endif
