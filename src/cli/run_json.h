/* SPDX-License-Identifier: MIT
 *
 * What the log and the records of pictures say alike of a run, as JSON. All functions return a new
 * reference, or NULL when memory is short.
 */
#ifndef STYLIZE_CLI_RUN_JSON_H
#define STYLIZE_CLI_RUN_JSON_H

#include <jansson.h>

#include "cli/digest.h"
#include "cli/options.h"

/* A number; null where it is not finite, which JSON cannot say. */
json_t *run_json_number(double value);

/* A text, in which every byte past ASCII is '?' where it is not UTF-8: a file name need not be, but
 * JSON must. */
json_t *run_json_string(const char *text);

json_t *run_json_size(int width, int height);

/* The only item of an array, which is released, or the array where there are several. */
json_t *run_json_alone_or_all(json_t *array);

/* The values of the terms of a kind by layer; of regions their mean by weight. */
json_t *run_json_layers(const stylize_event *event, const char *kind);

/* Every field of a recipe, texts as by run_json_string. With `base_names` the names of files are
 * without their folders, and those that would then be words or names of networks begin with "./".
 */
json_t *run_json_recipe(const stylize_recipe *recipe, bool base_names);

/* The files that decide a picture beside its networks, in the order of the command line: role, name
 * without its folders and digest of each. `known` may be NULL. NULL with *err also where one cannot
 * be read. */
json_t *run_json_inputs(const options *opts, digests *known, stylize_error *err);

#endif
