/* SPDX-License-Identifier: MIT
 *
 * The command line: what can be set, and what is read from argv.
 *
 * An option is a field of the recipe, which the library lists, or one of the program's own, a row
 * of the table in options.c. Both are described by a stylize_field, and parsing, --help, the
 * manual, the shells' completions, the settings shown by -v and those in the log all come from
 * these: a new option is one row there or here. Long options take their value as --name=value or
 * --name value, short ones as -n value or -nvalue; flags combine (-qv); -- ends the options;
 * options may stand among the operands; --no-name takes a flag back; of an option given twice the
 * last counts. All of them count more than the file of --recipe, and that more than the user's
 * defaults. A mistake is reported before --help, and that before --version.
 */
#ifndef STYLIZE_CLI_OPTIONS_H
#define STYLIZE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/stylize.h"

/* What --print prints, in the order of its words. */
typedef enum printout {
    PRINT_NOTHING = -1,
    PRINT_MAN,
    PRINT_BASH,
    PRINT_ZSH,
    PRINT_FISH,
    PRINT_WEIGHTS,
    PRINT_RECIPE,
    PRINT_SCHEMA,
} printout;

/* Names of files with commas between them. */
typedef struct name_list {
    char *text; /* owned; what items point into, or NULL */
    const char *items[STYLIZE_MOST_STYLES];
    int count;
} name_list;

enum { OPTIONS_NEW_WEIGHTS = 4 };
extern const char *const options_new_weights[OPTIONS_NEW_WEIGHTS]; /* names of fields */

/* The values of an option that may be given several times. */
enum { OPTIONS_MOST_TIMES = 8 };
typedef struct text_list {
    const char *items[OPTIONS_MOST_TIMES];
    int count;
} text_list;

typedef struct command command; /* command.h */

/* Strings are borrowed from argv unless they are owned. */
typedef struct options {
    const command *command; /* the way of use; NULL: painting */
    const char **operands;  /* [operand_count] pictures that a command reads; owned */
    int operand_count;
    stylize_recipe *recipe;    /* owned */
    const char *content, *out; /* operands; "-" for standard input and output; a texture has no
                                * content */
    const char *styles[STYLIZE_MOST_STYLES];
    int style_count;
    name_list init, mask, content_map, style_map, content_weight_map; /* of the recipe; none where
                                                                       * it has a word instead */
    bool size_given;           /* --size is not left at its default */
    bool strength_given;       /* --strength is among the arguments */
    const char *defaults_file; /* the user's, to be read before all else, or NULL */
    bool no_defaults;          /* it is not read */
    const char *recipe_file;   /* path, "-" for standard input, or NULL */
    const char *save_recipe;   /* path, or NULL */
    char **texts;              /* [text_count] values from files; owned */
    int text_count;
    int depth;                /* of a PNG or TIFF: index in {"8", "16"} */
    int quality;              /* of a JPEG or WebP */
    int format;               /* of an OUT without extension: index in its words, or -1 */
    int dpi;                  /* pixels per inch of OUT; 0: the content's */
    int threads;              /* 0: one on each processor */
    bool no_metadata;         /* OUT gets no record */
    const char *log;          /* path, "-" for standard output, or NULL */
    const char *checkpoint;   /* FILE[,SECONDS], or NULL */
    const char *plot;         /* path of a chart, or NULL */
    int save_every;           /* iterations; 0: only the result is saved */
    const char *save_pattern; /* names of those pictures, or NULL: see snapshots.h */
    const char *animation;    /* path, or NULL */
    bool plan, json;          /* asked for: OUT may be missing; the plan as JSON */
    bool quiet, progress, verbose;
    bool help, version, list_weights; /* asked for: the operands may be missing */
    int print;                        /* a printout; unless PRINT_NOTHING likewise */
    const char *layer, *pick;         /* of commands */
    int side;
    int more; /* of stylize resume: iterations beyond those asked for, and weights from then on, of
               * the fields options_new_weights, as they are typed; or NULL. Of the run that it
               * goes on with: all that were asked for so far */
    const char *new_weights[OPTIONS_NEW_WEIGHTS];
    const char *contents, *style_pictures, *out_pattern; /* of batch, or NULL */
    const char *shard;
    int jobs; /* pictures at a time; 0: as many as suit the machine */
    bool force;
    /* What a sheet goes through, see sweep_axis.h, and the size of its pictures; 0: that of --size
     */
    text_list sweeps, compared;
    int sweep_size;
    const char *content_place, *style_places; /* of again; NULL: not said */
    /* What the options were read from, [argc] */
    char **argv;
    int argc;
} options;

typedef struct option {
    const stylize_field *field;
    bool own;      /* the program's; else the recipe's */
    size_t offset; /* of an own one's value in struct options */
    bool run;      /* a setting of the run: shown by -v and logged */
    bool filed;    /* may stand in a file of settings */
    bool of_file;  /* an own one that changes what is in OUT, and so is in its record */
    bool list;     /* may be given several times: the value is a text_list */
} option;

/* The options in the order of --help, group by group; false past the last. */
bool options_at(size_t index, option *entry);

/* The defaults. On failure false with *err; options_clear follows in any case. */
bool options_init(options *self, stylize_error *err);
void options_clear(options *self);

/* Reads argv over what is there. On failure false with *err (STYLIZE_USAGE) naming the option. */
bool options_parse(options *self, int argc, char **argv, stylize_error *err);

/* Whether the word after `word` in argv, an option, is its value. */
bool options_value_follows(const char *word);

/* A file that a run reads, besides networks, and what it is called in errors; false past the last.
 */
typedef struct input_name {
    const char *role, *path; /* "-" for standard input */
} input_name;
bool options_input_at(const options *self, int index, input_name *input);

/* A file that a run writes, besides pictures on the way, likewise; "-" is standard output. */
bool options_output_at(const options *self, int index, input_name *output);

/* Whether there are files of settings for the way of use: the user's defaults, --recipe. */
bool options_have_files(const options *self);

/* Reads these over the program's own defaults, and argv over that. */
bool options_parse_over_files(options *self, int argc, char **argv, stylize_error *err);

/* Keeps a copy of a text for as long as the options; NULL with *err when memory is short. */
const char *options_keep_text(options *self, const char *text, stylize_error *err);

/* Copies to words[argc] what of its arguments are painting's options, not the command's own nor
 * operands; returns their number. */
int options_of_painting(const options *self, char **words);

/* Takes the names of files that the recipe's fields have: options_parse does, and whoever sets the
 * fields otherwise. */
bool options_take_names(options *self, stylize_error *err);
/* The same over what `base` makes of the defaults, into `self`, which is new: what `before` was
 * read from. */
typedef bool options_base(void *user, options *self, stylize_error *err);
bool options_parse_over(options *self, const options *before, options_base *base, void *user,
                        stylize_error *err);

/* Sets an option to a value as one types it ("yes" for a flag). */
bool option_set(const option *entry, options *self, const char *text, stylize_error *err);

/* A field of the recipe as one would type it; the caller frees it. NULL when memory is short. */
char *options_field_text(const stylize_recipe *recipe, const char *field);

/* The value of any option likewise. */
char *option_text(const option *entry, const options *self);

/* The value of an option as one would type it, "" where there is none; cut to `size` bytes with its
 * end. */
void option_print(const option *entry, const options *self, char *text, size_t size);

#endif
