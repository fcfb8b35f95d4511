/* SPDX-License-Identifier: MIT
 *
 * Files of settings: that of --recipe, the user's defaults, and that of --save-recipe. Each is a
 * JSON object as --print recipe prints it, see options_json.h; what it does not name stays.
 * --recipe also reads a picture's record.
 */
#ifndef STYLIZE_CLI_RECIPE_FILE_H
#define STYLIZE_CLI_RECIPE_FILE_H

#include <stdbool.h>

#include "cli/options.h"

/* Where the user's defaults are, if they are there: $XDG_CONFIG_HOME/stylize/defaults.json, or
 * ~/.config/stylize/defaults.json. The caller frees *path, which is NULL where there are none.
 * False with *err when memory is short. */
bool recipe_file_find_defaults(char **path, stylize_error *err);

/* Reads the files of `from`, first the defaults and then that of --recipe, into the options. False
 * with *err, which names the file, what is wrong in it and, of the defaults, the way out;
 * options_clear follows in any case. */
bool recipe_file_read(options *self, const options *from, stylize_error *err);

/* Writes the file of --save-recipe, if there is to be one: whole or not at all. */
bool recipe_file_write(const options *self, stylize_error *err);

#endif
