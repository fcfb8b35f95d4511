/* SPDX-License-Identifier: MIT
 *
 * The table, and values and help printed by it.
 */
#include "cli/options.h"

#include <float.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WEIGHTS "vgg19-slim"
#define LAYERS_TEXT 1200 /* bytes: 37 layers with their weights */

enum { HELP_WIDTH = 80, HELP_COLUMN = 29 };

_Static_assert(sizeof(stylize_optimizer) == sizeof(int) && sizeof(stylize_pooling) == sizeof(int) &&
                   sizeof(stylize_cost) == sizeof(int) && sizeof(stylize_color) == sizeof(int) &&
                   sizeof(stylize_depth) == sizeof(int) && sizeof(printout) == sizeof(int),
               "OPTION_WORD writes these as int");

/* In the order of their enums in stylize.h. */
static const char *const optimizer_words[] = {"lbfgs", "adam", "gd", NULL};
static const char *const init_words[] = {"content", "random", NULL};
static const char *const pooling_words[] = {"max", "avg", NULL};
static const char *const cost_words[] = {"mean", "gatys", NULL};
static const char *const color_words[] = {"style", "content", NULL};
static const char *const depth_words[] = {"8", "16", NULL};
/* Of printout, in options.h. */
static const char *const print_words[] = {"man", "bash", "zsh", "fish", "weights", NULL};

/* ---- the table ---- */

#define AT(field) .offset = offsetof(options, field)
#define LAYERS_AT(field, number) AT(params.field), .count_offset = offsetof(options, params.number)
#define RANGE(from, to, text) .low = (from), .high = (to), .range = (text)

/* clang-format off */
static const option table[] = {
    {OPTION_HEADING, .help = "What to paint"},
    {OPTION_NUMBER, 'a', "alpha", "NUMBER", "weight of the content",
     AT(params.alpha), RANGE(0, DBL_MAX, "0 or more"), .run = true},
    {OPTION_NUMBER, 'b', "beta", "NUMBER", "weight of the style",
     AT(params.beta), RANGE(0, DBL_MAX, "0 or more"), .run = true},
    {OPTION_NUMBER, 't', "tv", "NUMBER", "weight of the smoothness",
     AT(params.tv), RANGE(0, DBL_MAX, "0 or more"), .run = true},
    {OPTION_LAYERS, 0, "content-layers", "LIST",
     "layers that the content is compared at, L[:WEIGHT],...; weights for all or for none, which "
     "makes them equal with sum 1",
     LAYERS_AT(content_layers, content_layer_count), .run = true},
    {OPTION_LAYERS, 0, "style-layers", "LIST", "likewise for the style",
     LAYERS_AT(style_layers, style_layer_count), .run = true},
    {OPTION_WORD, 0, "cost", "KIND",
     "mean (content cost per value, the same at every size) or gatys (their sum, as published)",
     AT(params.cost), .words = cost_words, .run = true},
    {OPTION_WORD, 0, "color", "KIND",
     "whose colours: style, or content, which paints its light and dark alone",
     AT(params.color), .words = color_words, .run = true},

    {OPTION_HEADING, .help = "Size"},
    {OPTION_INTEGER, 's', "size", "PIXELS",
     "longest side of OUT; 0 for that of CONTENT; smaller pictures keep their size",
     AT(params.size), RANGE(16, 65535, "0, or 16 to 65535"), .zero = true, .run = true},
    {OPTION_FLAG, 0, "upscale", NULL, "let --size enlarge a smaller CONTENT",
     AT(params.upscale), .run = true},
    {OPTION_NUMBER, 0, "style-scale", "FACTOR",
     "size of the brush strokes: STYLE is used at the size of OUT times FACTOR",
     AT(params.style_scale), RANGE(DBL_TRUE_MIN, DBL_MAX, "above 0"), .run = true},

    {OPTION_HEADING, .help = "How to get there"},
    {OPTION_INTEGER, 'n', "iterations", "COUNT", "steps of the optimizer",
     AT(params.iterations), RANGE(0, 1e9, "0 to 1e9"), .run = true},
    {OPTION_WORD, 0, "optimizer", "NAME", "lbfgs, adam or gd",
     AT(params.optimizer), .words = optimizer_words, .run = true},
    {OPTION_INTEGER, 0, "history", "COUNT", "past steps that lbfgs learns from",
     AT(params.history), RANGE(1, 1000, "1 to 1000"), .run = true},
    {OPTION_NUMBER, 0, "learning-rate", "NUMBER",
     "step size: of lbfgs the first try along each direction (auto: 1), of adam (auto: 0.02), of "
     "gd (auto: such that the first step moves values by 2 of 255)",
     AT(params.learning_rate), RANGE(DBL_TRUE_MIN, DBL_MAX, "auto, or above 0"),
     .automatic = true, .run = true},
    {OPTION_INIT, 0, "init", "START",
     "content, random, or the picture to start from (write ./content for a file of that name)",
     AT(params.init), .words = init_words, .files = FILES_PICTURES, .run = true},
    {OPTION_SEED, 0, "seed", "NUMBER", "seed of --init random",
     AT(params.seed), RANGE(0, 0x1p53, "0 to 2^53"), .run = true},

    {OPTION_HEADING, .help = "Files"},
    {OPTION_WORD, 0, "depth", "BITS", "bits of a colour value in a PNG OUT: 8 or 16",
     AT(write.depth), .words = depth_words, .run = true},
    {OPTION_INTEGER, 0, "quality", "NUMBER", "quality of a JPEG OUT; PNG is always exact",
     AT(write.quality), RANGE(1, 100, "1 to 100"), .run = true},
    {OPTION_INTEGER, 0, "max-pixels", "COUNT",
     "refuse pictures of more pixels (by their header, before they take memory) and larger results",
     AT(params.max_pixels), RANGE(1, INT_MAX, "1 to 2147483647"), .run = true},

    {OPTION_INTEGER, 0, "save-every", "COUNT",
     "save the picture after every COUNT iterations, too; 0 saves only OUT",
     AT(save_every), RANGE(1, 1e9, "0 to 1e9"), .zero = true, .run = true},
    {OPTION_TEXT, 0, "save-pattern", "NAME",
     "their names, with %d or such as %04d for the number of the iteration; without it like OUT: "
     "out-0100.png for out.png",
     AT(save_pattern), .run = true},

    {OPTION_HEADING, .help = "Network"},
    {OPTION_TEXT, 'w', "weights", "FILE|NAME",
     "a file (with a '/' or ending in .safetensors or .pth), or the name of an installed network",
     AT(weights), .files = FILES_WEIGHTS, .run = true},
    {OPTION_WORD, 0, "pool", "KIND", "pooling: max or avg",
     AT(params.pooling), .words = pooling_words, .run = true},
    {OPTION_INTEGER, 'j', "threads", "COUNT", "threads; 0 for one on each processor",
     AT(params.threads), RANGE(0, 1024, "0 to 1024"), .run = true},

    {OPTION_HEADING, .help = "Reports"},
    {OPTION_FLAG, 0, "plan", NULL,
     "print the memory and the time that the run would take, and stop; OUT may be missing",
     AT(plan)},
    {OPTION_TEXT, 0, "log", "FILE",
     "write the costs of every iteration as JSON lines; - prints them", AT(log)},
    {OPTION_FLAG, 'q', "quiet", NULL, "no progress line", AT(quiet)},
    {OPTION_FLAG, 0, "progress", NULL,
     "show progress even where standard error is no terminal, as lines", AT(progress)},
    {OPTION_FLAG, 'v', "verbose", NULL, "print settings, sizes and the costs of each layer",
     AT(verbose)},
    {OPTION_FLAG, 'h', "help", NULL, "print this help", AT(help)},
    {OPTION_FLAG, 0, "version", NULL, "print the version; with -v also the instruction sets",
     AT(version)},
    {OPTION_FLAG, 0, "list-weights", NULL,
     "print a table of the networks that --weights NAME finds, and stop", AT(list_weights)},
    {OPTION_WORD, 0, "print", "WHAT",
     "print the manual page (man), the completions of a shell (bash, zsh, fish) or the names of "
     "the installed weights (weights), and stop",
     AT(print), .words = print_words},
};
/* clang-format on */

#define TABLE_COUNT (sizeof table / sizeof *table)

options options_default(void) {
    return (options){.params = stylize_params_default(),
                     .write = stylize_write_options_default(),
                     .weights = DEFAULT_WEIGHTS,
                     .print = PRINT_NOTHING};
}

const option *options_table(size_t *count) {
    *count = TABLE_COUNT;
    return table;
}

/* ---- values as text ---- */

/* The shortest text that reads back as the same number. */
static void print_number(double value, char *text, size_t size) {
    for (int digits = 6; digits <= DBL_DECIMAL_DIG; digits++) { /* fewer come out by themselves */
        snprintf(text, size, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

static void print_layers(const stylize_layer *layers, int count, char *text, size_t size) {
    bool equal = true;
    for (int i = 0; i < count; i++)
        equal = equal && layers[i].weight == 1.0 / count;
    size_t used = 0;
    *text = '\0';
    for (int i = 0; i < count && used < size; i++) {
        char weight[32] = "";
        if (!equal)
            print_number(layers[i].weight, weight, sizeof weight);
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? "," : "", layers[i].name,
                                 equal ? "" : ":", weight);
    }
}

void option_print(const option *entry, const options *self, char *text, size_t size) {
    const char *place = (const char *)self + entry->offset;
    const void *value = place;
    *text = '\0';
    switch (entry->kind) {
    case OPTION_HEADING:
        break;
    case OPTION_FLAG:
        snprintf(text, size, "%s", *(const bool *)value ? "yes" : "no");
        break;
    case OPTION_NUMBER:
        if (entry->automatic && *(const double *)value == 0)
            snprintf(text, size, "auto");
        else
            print_number(*(const double *)value, text, size);
        break;
    case OPTION_INTEGER:
        snprintf(text, size, "%d", *(const int *)value);
        break;
    case OPTION_SEED:
        snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case OPTION_WORD:
        if (*(const int *)value >= 0)
            snprintf(text, size, "%s", entry->words[*(const int *)value]);
        break;
    case OPTION_LAYERS:
        print_layers(value, *(const int *)(const void *)((const char *)self + entry->count_offset),
                     text, size);
        break;
    case OPTION_TEXT:
        if (*(const char *const *)value)
            snprintf(text, size, "%s", *(const char *const *)value);
        break;
    case OPTION_INIT:
        snprintf(text, size, "%s", self->init ? self->init : entry->words[self->params.init]);
        break;
    }
}

/* ---- help ---- */

/* Prints `text` broken at spaces, from `column` on; further lines start at HELP_COLUMN. */
static void print_wrapped(FILE *file, const char *text, int column) {
    fprintf(file, "%*s", column < HELP_COLUMN ? HELP_COLUMN - column : 0, "");
    if (column > HELP_COLUMN - 1)
        fprintf(file, "\n%*s", HELP_COLUMN, "");
    column = HELP_COLUMN;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (column > HELP_COLUMN && column + 1 + length > HELP_WIDTH) {
            fprintf(file, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        column += fprintf(file, "%s%.*s", column > HELP_COLUMN ? " " : "", length, text);
        text += length;
        text += *text == ' ';
    }
    fputc('\n', file);
}

static void print_option(FILE *file, const option *entry, const options *defaults) {
    char text[LAYERS_TEXT + 400], value[LAYERS_TEXT] = "";
    int column = fprintf(file, entry->letter ? "  -%c, " : "      ", entry->letter);
    column += fprintf(file, "--%s%s%s", entry->name, entry->argument ? " " : "",
                      entry->argument ? entry->argument : "");
    if (entry->run && entry->kind != OPTION_FLAG)
        option_print(entry, defaults, value, sizeof value);
    snprintf(text, sizeof text, *value ? "%s (default: %s)" : "%s", entry->help, value);
    print_wrapped(file, text, column);
}

void options_help(FILE *file) {
    const options defaults = options_default();
    fputs("Usage: stylize [OPTION]... CONTENT STYLE OUT\n"
          "Paint CONTENT in the manner of STYLE and write the picture to OUT.\n"
          "Pictures are PNG or JPEG files; OUT ends in .png, .jpg or .jpeg. A - stands for\n"
          "standard input (one picture) or, as OUT, for standard output (PNG).\n",
          file);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (table[i].kind == OPTION_HEADING)
            fprintf(file, "\n%s:\n", table[i].help);
        else
            print_option(file, &table[i], &defaults);
    }
    fputs("\nExamples:\n"
          "  stylize photo.jpg painting.jpg out.png\n"
          "  stylize -s 1024 --style-scale 2 --beta 100 photo.jpg painting.jpg out.jpg\n"
          "  stylize --init out.png -n 100 --log costs.jsonl photo.jpg painting.jpg out.png\n"
          "\n"
          "Ctrl-C saves the best picture so far. Exit status: 0 done, 1 failure, 2 wrong\n"
          "usage, 130 interrupted after saving.\n",
          file);
}
