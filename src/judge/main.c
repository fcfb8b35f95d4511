/* SPDX-License-Identifier: MIT
 *
 * stylize-judge: how far pictures are from their style and from their content, as a network of the
 * user's choice sees it, and what their grain and their edges are like. A program on top of all
 * floors; only this file prints.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/threads.h"
#include "cli/weights_path.h"
#include "core/decimal.h"
#include "core/denormals.h"
#include "core/standard_streams.h"
#include "judge/judge.h"
#include "judge/pairs.h"
#include "simd/kernels.h"
#include "transfer/stylize.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, LINE = 1024, MOST_SIDE = 65535 };

/* ---- the command line ---- */

static const char help[] =
    "Usage: stylize-judge [OPTION]... CONTENT STYLE PICTURE...\n"
    "       stylize-judge [OPTION]... --pairs FILE\n"
    "Measure pictures against their content and their style, with a VGG network.\n"
    "\n"
    "  -w, --weights NETWORK  the network that judges: a file, or a name as of stylize -w\n"
    "                         (default: that of stylize). One that painted a picture is no\n"
    "                         fair judge of it: the picture was made to please it\n"
    "      --at SIZE          first bring pictures to this longest side, in pixels, so that\n"
    "                         results of several sizes can be compared\n"
    "      --against FILE     also tell how like this picture they are\n"
    "      --pairs FILE       judge what the lines of FILE name: CONTENT STYLE PICTURE, apart\n"
    "                         by blanks (or by tabs, where names have blanks)\n"
    "  -h, --help             print this help\n"
    "      --version          print the version\n"
    "\n"
    "One line a picture, after a line of headings; of several, also their mean (geometric;\n"
    "of border the mean of absolute values, of like the plain one). The columns, always\n"
    "all of them, with - for what there is not, such as a layer that the network lacks:\n"
    "\n"
    "  relu1_1 .. relu5_1  style that is left to reach: squared distance of the Gram\n"
    "                      matrices to those of STYLE, over that of CONTENT\n"
    "  relu3_3 relu4_2     content that is lost: mean squared difference of the features\n"
    "                      to those of CONTENT, over their mean square\n"
    "  luma chroma         speckle: mean absolute Laplacian over that of STYLE\n"
    "  border              mean of the outer four rows and columns less that of the 9th to\n"
    "                      12th, in 255ths\n"
    "  like                correlation with --against, both at 64 pixels\n"
    "  picture             its name\n"
    "\n"
    "CONTENT is scaled to the picture's size, STYLE to its longest side. Less is better, but\n"
    "figures can be deceived: look, too. Exit status: 0 done, 1 failure, 2 wrong usage.\n";

typedef struct settings {
    const char *weights, *against, *pairs;
    int side;
    /* Without --pairs: */
    const char *content, *style;
    char **pictures; /* [count] */
    size_t count;
} settings;

static int fail(const error *err) {
    fprintf(stderr, "stylize-judge: %s\n", err->text);
    return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static bool wrong(error *err, const char *what, const char *which) {
    return error_set(err, ERROR_USAGE, "%s%s; see stylize-judge --help", what, which);
}

enum { OPTION_AT = 256, OPTION_AGAINST, OPTION_PAIRS, OPTION_VERSION };

static const struct option options[] = {
    {"weights", required_argument, NULL, 'w'},
    {"at", required_argument, NULL, OPTION_AT},
    {"against", required_argument, NULL, OPTION_AGAINST},
    {"pairs", required_argument, NULL, OPTION_PAIRS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static bool take_side(settings *self, const char *text, error *err) {
    double side;
    if (!decimal_read(text, strlen(text), &side) || side < STYLIZE_LEAST_SIDE || side > MOST_SIDE ||
        side != (int)side)
        return error_set(err, ERROR_USAGE, "--at: '%s' is no number of pixels from %d to %d", text,
                         STYLIZE_LEAST_SIDE, MOST_SIDE);
    self->side = (int)side;
    return true;
}

/* Whether a value was given, which an option that is empty does not have. */
static bool take_text(const char **place, const char *name, error *err) {
    *place = optarg;
    return *optarg || wrong(err, name, ": the value is empty");
}

static bool take_option(settings *self, int option, error *err) {
    switch (option) {
    case 'w':
        return take_text(&self->weights, "--weights", err);
    case OPTION_AT:
        return take_side(self, optarg, err);
    case OPTION_AGAINST:
        return take_text(&self->against, "--against", err);
    default:
        return take_text(&self->pairs, "--pairs", err);
    }
}

/* The operands, of which --pairs leaves none. */
static bool take_operands(settings *self, int count, char **operands, error *err) {
    if (self->pairs && self->against)
        return wrong(err, "--against", ": not with --pairs, whose pictures are of many subjects");
    if (self->pairs)
        return count == 0 || wrong(err, "--pairs: unexpected ", operands[0]);
    if (count < 3)
        return wrong(err, "expected ", "CONTENT, STYLE and a PICTURE or more");
    self->content = operands[0];
    self->style = operands[1];
    self->pictures = operands + 2;
    self->count = (size_t)count - 2;
    return true;
}

/* Reads argv. On failure false, with *err (ERROR_USAGE). *shown is set where all was said. */
static bool parse(settings *self, int argc, char **argv, bool *shown, error *err) {
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "w:h", options, NULL)) != -1;) {
        if (option == '?') {
            const char letter[] = {'-', (char)optopt, '\0'};
            const bool is_letter = optopt > 0 && optopt < OPTION_AT;
            return wrong(err, "unknown or ambiguous option, or one that lacks its value: ",
                         is_letter ? letter : argv[optind - 1]);
        }
        *shown = option == 'h' || option == OPTION_VERSION;
        if (*shown) {
            fputs(option == 'h' ? help : "stylize-judge " STYLIZE_VERSION "\n", stdout);
            return true;
        }
        if (!take_option(self, option, err))
            return false;
    }
    return take_operands(self, argc - optind, argv + optind, err);
}

/* ---- the table ---- */

/* Prints one line, whatever a file is called. */
__attribute__((format(printf, 2, 3))) static bool print_line(error *err, const char *format, ...) {
    char line[LINE];
    va_list args;
    va_start(args, format);
    error_write(line, sizeof line, format, args);
    va_end(args);
    puts(line);
    return standard_streams_flush(err);
}

static bool print_figures(const figures *self, const char *name, error *err) {
    char text[LINE];
    figures_print(self, text, sizeof text);
    return print_line(err, "%s %s", text, name);
}

/* ---- the work ---- */

static vgg *load_network(const char *name, error *err) {
    weights_folders folders;
    stylize_error cause;
    vgg *network = NULL;
    stylize_recipe *defaults = stylize_recipe_new(&cause);
    char *path = NULL;
    weights_folders_init(&folders);
    if (defaults)
        path = weights_path_find(name ? name : stylize_recipe_weights(defaults), &folders, &cause);
    weights_folders_clear(&folders);
    stylize_recipe_free(defaults);
    if (path)
        network = vgg_load(path, kernels_best(), err);
    else
        error_set(err, ERROR_FAILURE, "%s", cause.text);
    free(path);
    return network;
}

/* Picture number i, of the list or of the command line. */
static judge_files files_at(const settings *s, const pairs *list, size_t i) {
    if (s->pairs)
        return list->files[i];
    return (judge_files){s->content, s->style, s->pictures[i]};
}

static bool judge_all(const judge *self, const settings *s, const pairs *list, error *err) {
    const size_t count = s->pairs ? list->count : s->count;
    figures *all = calloc(count, sizeof *all); /* analysed: the command line wants a picture */
    char head[LINE];
    bool ok = all || error_set(err, ERROR_FAILURE, "not enough memory");
    figures_print_head(head, sizeof head);
    for (size_t i = 0; ok && i < count; i++) {
        const judge_files files = files_at(s, list, i);
        ok = judge_run(self, &files, &all[i], err) &&
             (i > 0 || print_line(err, "%s picture", head)) &&
             print_figures(&all[i], files.picture, err);
    }
    if (ok && count > 1) {
        const figures mean = figures_mean(all, count);
        ok = print_figures(&mean, "(mean)", err);
    }
    free(all);
    return ok;
}

static bool run(const settings *s, error *err) {
    pairs list = {0};
    image *other = NULL;
    vgg *network = NULL;
    bool ok = !s->pairs || pairs_read(&list, s->pairs, err);
    if (ok && s->against) {
        other = judge_read(s->against, err);
        ok = other != NULL;
    }
    if (ok) {
        network = load_network(s->weights, err);
        const judge self = {.network = network, .side = s->side, .other = other};
        ok = network && judge_all(&self, s, &list, err);
    }
    vgg_free(network);
    image_free(other);
    pairs_clear(&list);
    return ok;
}

int main(int argc, char **argv) {
    settings self = {0};
    bool shown = false;
    error err;
    stylize_error cause;
    if (!standard_streams_occupy(&err))
        return fail(&err);
    if (!threads_check_stacks(&cause)) {
        error_set(&err, cause.status == STYLIZE_USAGE ? ERROR_USAGE : ERROR_FAILURE, "%s",
                  cause.text);
        return fail(&err);
    }
    if (!parse(&self, argc, argv, &shown, &err))
        return fail(&err);
    bool ok = true;
    if (!shown) {
        threads_wait_briefly(argv); /* starts the program again, so before anything is read */
        stylize_guard_start();
        denormals_off();
        ok = run(&self, &err);
    }
    return ok && standard_streams_flush(&err) ? EXIT_DONE : fail(&err);
}
