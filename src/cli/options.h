/* SPDX-License-Identifier: MIT
 *
 * The command line: one table of options, and what is read from argv by it.
 *
 * Parsing, --help, the manual, the shells' completions, the settings shown by -v and those in the
 * log all come from the table, so a new option is one entry. An entry says where its value goes (an
 * offset into struct options) and what it accepts. Long options take their value as --name=value or
 * --name value, short ones as -n value or -nvalue; flags combine (-qv); -- ends the options;
 * options may stand among the operands; of an option given twice the last counts. A mistake comes
 * before --help, and that before --version. Nothing here touches a file.
 */
#ifndef STYLIZE_CLI_OPTIONS_H
#define STYLIZE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/error.h"
#include "transfer/stylize.h"

/* What --print prints. */
typedef enum printout {
    PRINT_NOTHING = -1,
    PRINT_MAN,
    PRINT_BASH,
    PRINT_ZSH,
    PRINT_FISH,
    PRINT_WEIGHTS,
} printout;

/* All strings are borrowed from argv or constant. */
typedef struct options {
    const char *content, *style, *out; /* the operands; "-" for standard input and output */
    stylize_params params;
    stylize_write_options write; /* how OUT is written */
    const char *init;            /* a picture to start from, likewise, or NULL: params.init */
    const char *weights;         /* FILE or NAME, see weights_path.h */
    const char *log;             /* path, "-" for standard output, or NULL */
    int save_every;              /* iterations; 0: only the result is saved */
    const char *save_pattern;    /* names of those pictures, or NULL: see snapshots.h */
    bool plan;                   /* asked for: OUT may be missing */
    bool quiet, progress, verbose;
    bool help, version, list_weights; /* asked for: the operands may be missing */
    printout print;                   /* likewise, unless PRINT_NOTHING */
} options;

typedef enum option_kind {
    OPTION_HEADING, /* not an option: a heading of --help */
    OPTION_FLAG,    /* bool */
    OPTION_NUMBER,  /* double in [low, high] */
    OPTION_INTEGER, /* int in [low, high] */
    OPTION_SEED,    /* uint64_t in [low, high] */
    OPTION_WORD,    /* an enum: index of the word; -1 when there is none */
    OPTION_LAYERS,  /* stylize_layer[STYLIZE_MAX_LAYERS] and its count */
    OPTION_TEXT,    /* const char *, not empty */
    OPTION_INIT,    /* options.init, or params.init by one of the words */
} option_kind;

/* Which files are offered for a value that is typed. */
typedef enum option_files { FILES_ANY, FILES_PICTURES, FILES_WEIGHTS } option_files;

typedef struct option {
    option_kind kind;
    char letter;          /* short name, or 0 */
    const char *name;     /* long name without the dashes */
    const char *argument; /* the value's name in --help; NULL for a flag */
    const char *help;     /* ends without its default, which --help adds; a heading's text */
    size_t offset;        /* of the value in struct options */
    size_t count_offset;  /* OPTION_LAYERS: of the number of layers */
    double low, high;
    bool zero;                /* accept 0 besides [low, high] */
    bool automatic;           /* accept "auto" for 0, which leaves it to the program */
    const char *range;        /* low and high in words */
    const char *const *words; /* ends with NULL */
    option_files files;       /* OPTION_TEXT, OPTION_INIT: what the shells complete */
    bool run;                 /* a setting of the run: has a default, is shown and logged */
} option;

/* What holds when nothing is said. */
options options_default(void);

/* The table and its length, headings included. */
const option *options_table(size_t *count);

/* Reads argv over the defaults. On failure false, with *err (ERROR_USAGE) naming the option. */
bool options_parse(options *self, int argc, char **argv, error *err);

/* The value of an option in `self` as one would type it; "" for a text or word that is not set,
 * "auto" for a number that is left to the program. */
void option_print(const option *entry, const options *self, char *text, size_t size);

/* Writes the text of --help, at most 80 columns wide. */
void options_help(FILE *file);

#endif
