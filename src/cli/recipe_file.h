/* SPDX-License-Identifier: MIT
 *
 * The file of --recipe: a JSON object of settings, as --print recipe prints all of them. Those that
 * it does not name stay.
 */
#ifndef STYLIZE_CLI_RECIPE_FILE_H
#define STYLIZE_CLI_RECIPE_FILE_H

#include <stdbool.h>

#include "transfer/stylize.h"

/* Reads the file, "-" being standard input, into the recipe. False with *err, which names the file
 * and what is wrong in it; then nothing is changed. */
bool recipe_file_read(stylize_recipe *recipe, const char *path, stylize_error *err);

#endif
