/* SPDX-License-Identifier: MIT
 *
 * Records of pictures that come from anywhere (docs/records.md): everything here is checked, so
 * that what is handed on has the kinds, the lengths and the letters that it should have. A name is
 * that of a file without a folder. What the recipe and the settings say, their own tables check
 * when it is asked for.
 */
#ifndef STYLIZE_CLI_RECORD_READ_H
#define STYLIZE_CLI_RECORD_READ_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/options.h"

#define RECORD_FORMAT 1

enum {
    RECORD_MOST_INPUTS = 3 * STYLIZE_MOST_STYLES + 4, /* styles, masks and maps; and the others */
    RECORD_MOST_STAGES = 16,
};

typedef struct record_input {
    const char *role;          /* "content", "style", "style_map", ...: the fields' names in JSON */
    const char *name, *sha256; /* NULL where it came from a pipe */
} record_input;

typedef struct record_network {
    const char *name, *sha256; /* the digest may be NULL */
    const char *precision;
} record_network;

/* Strings and objects lie in the JSON. */
typedef struct record_content {
    json_t *json; /* owned */
    json_t *recipe, *settings;
    const char *version, *instruction_set;
    record_input inputs[RECORD_MOST_INPUTS];
    record_network networks[RECORD_MOST_STAGES]; /* of each stage */
    int input_count, network_count;
    bool finished; /* neither interrupted nor a picture on the way */
    bool changed;  /* it went on with other settings than those of its recipe */
} record_content;

/* Reads the record of the file of a picture: without its pixels where it stands before them. False
 * with *err naming the file, where it has none or one that is not as it should be.
 * record_content_clear follows in any case. */
bool record_read(record_content *self, const char *path, stylize_error *err);

/* The same from the text. */
bool record_parse(record_content *self, const char *text, stylize_error *err);
void record_content_clear(record_content *self);

/* The text alone, which the caller frees; NULL with *err. */
char *record_read_text(const char *path, stylize_error *err);

/* Which of `count` networks, that are asked for as by --weights, a stage of the record has. */
int record_network_of(const record_content *self, int stage, int count);

/* Sets the recipe and the settings of the file to those of the record, but for max-pixels, which is
 * not for others to decide. False with *err. */
bool record_apply(const record_content *self, options *opts, stylize_error *err);

#endif
