/* SPDX-License-Identifier: MIT */
#include "cli/sweep_grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/growing_text.h"
#include "cli/shell_words.h"

/* Of one axis, up to so many pictures are in one row. */
enum { ONE_ROW = 6 };

bool sweep_wanted(const options *opts) {
    return opts->sweeps.count > 0 || opts->compared.count > 0;
}

/* ---- words ---- */

/* Whether a word of argv is one of the options that ask for a sheet. */
static bool asks_for_sheet(const char *word) {
    static const char *const names[] = {"sweep", "compare", "sweep-size"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t length = strlen(names[i]);
        if (!strncmp(word, "--", 2) && !strncmp(word + 2, names[i], length) &&
            (!word[2 + length] || word[2 + length] == '='))
            return true;
    }
    return false;
}

/* Where in argv a further option goes: before -- or at the end. */
static int options_end(const options *opts) {
    int i = 1;
    while (i < opts->argc && strcmp(opts->argv[i], "--") != 0)
        i += 1 +
             (opts->argv[i][0] == '-' && opts->argv[i][1] && options_value_follows(opts->argv[i]));
    return i < opts->argc ? i : opts->argc;
}

/* A new word --NAME=VALUE; NULL with *err. */
static char *make_word(const char *name, const char *value, stylize_error *err) {
    const size_t size = strlen(name) + strlen(value) + 4;
    char *word = malloc(size);
    if (word)
        snprintf(word, size, "--%s=%s", name, value);
    else
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return word;
}

/* The words that are special of a cell: a size and one for each axis. */
static bool make_words(sweep_cell *self, const sweep_grid *grid, const options *opts,
                       const char *values[2], stylize_error *err) {
    const sweep_axis *axes[2] = {&grid->columns, &grid->rows};
    char size[16];
    bool sized = opts->sweep_size == 0;
    for (int i = 0; i < 2; i++) {
        sized = sized || (values[i] && !strcmp(axes[i]->name, "size"));
        if (values[i] && !(self->words[i] = make_word(axes[i]->name, values[i], err)))
            return false;
    }
    snprintf(size, sizeof size, "%d", opts->sweep_size);
    return sized || (self->words[2] = make_word("size", size, err)) != NULL;
}

/* Puts a cell's words into a copy of argv; returns how many words it then has, or 0 with *err. */
static int make_argv(sweep_cell *self, const options *opts, stylize_error *err) {
    const int end = options_end(opts);
    int count = 0;
    self->argv = malloc(((size_t)opts->argc + 3) * sizeof *self->argv);
    if (!self->argv) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return 0;
    }
    for (int i = 0; i <= opts->argc; i++) {
        for (int word = 0; i == end && word < 3; word++) {
            if (self->words[word])
                self->argv[count++] = self->words[word];
        }
        if (i < opts->argc)
            self->argv[count++] = opts->argv[i];
    }
    return count;
}

/* Writes a part of a file's name: what is no letter, digit, point or sign becomes '-'. */
static void write_part(const char *text, growing_text *to) {
    for (; *text; text++) {
        const bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                           (*text >= '0' && *text <= '9') || strchr("._", *text);
        growing_text_add_char(to, plain ? *text : '-');
    }
}

/* OUT of a cell's command: that of the sheet with what is special in it. The caller frees. */
static char *make_out(const sweep_grid *grid, const options *opts, const char *values[2]) {
    const sweep_axis *axes[2] = {&grid->columns, &grid->rows};
    const char *out = strcmp(opts->out, "-") ? opts->out : "out.png";
    const char *base = files_base(out), *dot = strrchr(base, '.');
    const size_t head = dot && dot != base ? (size_t)(dot - out) : strlen(out);
    growing_text all = {0};
    growing_text_add_part(&all, out, head);
    for (int i = 0; i < 2; i++) {
        if (!values[i])
            continue;
        if (!strcmp(axes[i]->name, "recipe")) {
            const char *name = files_base(values[i]), *end = strrchr(name, '.');
            growing_text_add_char(&all, '-');
            growing_text_add_part(&all, name, end ? (size_t)(end - name) : strlen(name));
        } else {
            growing_text_add_char(&all, '-');
            growing_text_add(&all, axes[i]->name);
            growing_text_add_char(&all, '-');
            write_part(values[i], &all);
        }
    }
    growing_text_add(&all, out + head);
    return growing_text_take(&all);
}

/* The command: argv without what asks for a sheet, and with the cell's own words but the size. */
static bool make_command(sweep_cell *self, const options *opts, const char *out,
                         stylize_error *err) {
    const int end = options_end(opts);
    growing_text all = {0};
    growing_text_add(&all, "stylize");
    for (int i = 1; i <= opts->argc; i++) {
        for (int word = 0; i == end && word < 2; word++) {
            if (self->words[word]) {
                growing_text_add_char(&all, ' ');
                shell_write_word(self->words[word], &all);
            }
        }
        if (i == opts->argc)
            break;
        if (i < end && asks_for_sheet(opts->argv[i])) {
            i += options_value_follows(opts->argv[i]);
            continue;
        }
        growing_text_add_char(&all, ' ');
        shell_write_word(opts->argv[i] == opts->out ? out : opts->argv[i], &all);
    }
    self->command = growing_text_take(&all);
    return self->command || stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
}

/* ---- cells ---- */

static void clear_cell(sweep_cell *self) {
    options_clear(&self->options);
    for (int i = 0; i < 3; i++)
        free(self->words[i]);
    free(self->argv);
    free(self->command);
}

static void make_label(sweep_cell *self, const sweep_grid *grid, int column, int row) {
    char other[80] = "";
    sweep_axis_label(&grid->columns, column, self->label, 70);
    if (grid->rows.count > 0) {
        sweep_axis_label(&grid->rows, row, other, 70);
        snprintf(self->label + strlen(self->label), sizeof self->label - strlen(self->label),
                 ", %s", other);
    }
}

/* Strength is not asked where a weight is given: pictures of other strengths would be the same. */
static bool check_strength(const sweep_cell *self, const sweep_grid *grid, stylize_error *err) {
    static const char *const weights[] = {"alpha", "beta"};
    const bool varied = (grid->columns.name && !strcmp(grid->columns.name, "strength")) ||
                        (grid->rows.name && !strcmp(grid->rows.name, "strength"));
    for (int i = 0; varied && i < 2; i++) {
        char text[40];
        stylize_recipe_get(self->options.recipe, weights[i], text, sizeof text);
        if (strcmp(text, "auto") != 0)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--sweep: strength changes nothing beside --%s %s: leave one "
                                     "of them out",
                                     weights[i], text);
    }
    return true;
}

static bool make_cell(sweep_cell *self, const sweep_grid *grid, const options *opts, int index,
                      stylize_error *err) {
    const bool both = grid->rows.count > 0;
    const int column = both ? index % grid->columns.count : index;
    const int row = both ? index / grid->columns.count : 0;
    const char *values[2] = {grid->columns.values[column], both ? grid->rows.values[row] : NULL};
    int argc = 0;
    make_label(self, grid, column, row);
    if (make_words(self, grid, opts, values, err))
        argc = make_argv(self, opts, err);
    if (argc == 0 || !options_init(&self->options, err))
        return false;
    self->options.defaults_file = opts->defaults_file;
    if (!options_parse(&self->options, argc, self->argv, err) ||
        (options_have_files(&self->options) &&
         !options_parse_over_files(&self->options, argc, self->argv, err)))
        return false;
    if (!check_strength(self, grid, err))
        return false;
    char *out = make_out(grid, opts, values);
    const bool ok = out ? make_command(self, opts, out, err)
                        : stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    free(out);
    return ok;
}

/* ---- the whole ---- */

static bool check(const options *opts, stylize_error *err) {
    const char *what = opts->sweeps.count > 0 ? "--sweep" : "--compare";
    const struct {
        bool given;
        const char *name;
    } others[] = {{opts->log != NULL, "--log"},
                  {opts->checkpoint != NULL, "--checkpoint"},
                  {opts->plot != NULL, "--plot"},
                  {opts->save_every > 0, "--save-every"},
                  {opts->animation != NULL, "--animation"},
                  {opts->plan, "--plan"},
                  {opts->save_recipe != NULL, "--save-recipe"},
                  {opts->compared.count > 0 && opts->recipe_file, "--recipe"}};
    input_name input;
    if (opts->sweeps.count + (opts->compared.count > 0) > 2)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s: a sheet has columns and rows: at most two things vary", what);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].given)
            return stylize_error_set(err, STYLIZE_USAGE, "%s contradicts %s: give one of them",
                                     opts->compared.count > 0 ? "--compare" : what, others[i].name);
    }
    for (int i = 0; options_input_at(opts, i, &input); i++) {
        if (!strcmp(input.path, "-"))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: %s cannot come from standard input: name a file", what,
                                     input.role);
    }
    return true;
}

static bool read_axes(sweep_grid *self, const options *opts, stylize_error *err) {
    sweep_axis *axes[2] = {&self->columns, &self->rows};
    int axis = 0;
    for (int i = 0; i < opts->compared.count; i++) {
        if (!sweep_axis_add_recipes(axes[0], opts->compared.items[i], err))
            return false;
        axis = 1;
    }
    for (int i = 0; i < opts->sweeps.count && axis < 2; i++) {
        if (!sweep_axis_read(axes[axis++], opts->sweeps.items[i], err))
            return false;
    }
    if (self->rows.count > 0 && !strcmp(self->rows.name, self->columns.name))
        return stylize_error_set(err, STYLIZE_USAGE, "--sweep: %s goes along columns and rows",
                                 self->rows.name);
    return true;
}

/* How many columns: of two axes the first one's values, else as many as make the sheet about half
 * as wide again as high. */
static void take_shape(sweep_grid *self) {
    const int count = self->columns.count, both = self->rows.count;
    self->cell_count = both ? count * both : count;
    self->column_count = both || count <= ONE_ROW ? count : (int)ceil(sqrt(1.5 * count));
    self->row_count = (self->cell_count + self->column_count - 1) / self->column_count;
}

bool sweep_grid_init(sweep_grid *self, const options *opts, stylize_error *err) {
    *self = (sweep_grid){0};
    if (!check(opts, err) || !read_axes(self, opts, err))
        return false;
    take_shape(self);
    const int count = self->cell_count;
    if (count > SWEEP_MOST_CELLS) {
        self->cell_count = 0;
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--sweep: %d pictures are more than the %d that a sheet may have",
                                 count, SWEEP_MOST_CELLS);
    }
    self->cells = calloc((size_t)count, sizeof *self->cells);
    if (!self->cells)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = make_cell(&self->cells[i], self, opts, i, err);
    return ok;
}

void sweep_grid_clear(sweep_grid *self) {
    for (int i = 0; self->cells && i < self->cell_count; i++)
        clear_cell(&self->cells[i]);
    free(self->cells);
    sweep_axis_clear(&self->columns);
    sweep_axis_clear(&self->rows);
    *self = (sweep_grid){0};
}
