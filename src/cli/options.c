/* SPDX-License-Identifier: MIT
 *
 * The table of the program's own options, and values by it.
 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

#define FILES "Files"
#define NETWORK "Network"
#define SHEETS "Variations on a sheet"
#define REPORTS "Reports"

/* The headings of --help. Under each come the recipe's fields, then the program's own. */
static const char *const groups[] = {"What to paint", "Several styles and regions",
                                     "Size",          "How to get there",
                                     FILES,           NETWORK,
                                     SHEETS,          REPORTS};

static const char *const depth_words[] = {"8", "16", NULL};
static const char *const format_words[] = {"png", "jpeg", "webp", "tiff", NULL};
static const char *const print_words[] = {"man",     "bash",   "zsh",    "fish",
                                          "weights", "recipe", "schema", NULL};

typedef struct own_option {
    stylize_field field;
    size_t offset; /* of a bool, int, const char * or text_list in struct options */
    bool run, filed, of_file, list;
} own_option;

#define AT(place) .offset = offsetof(options, place)
#define FLAG .kind = STYLIZE_FIELD_FLAG, .standard = "no"
#define INTEGER .kind = STYLIZE_FIELD_INTEGER
#define WORD .kind = STYLIZE_FIELD_WORD
#define TEXT .kind = STYLIZE_FIELD_TEXT, .standard = ""
#define RUN .run = true, .filed = true

/* clang-format off */
static const own_option table[] = {
    {{.name = "recipe", TEXT, .group = FILES, .argument = "FILE",
      .help = "read settings from a JSON file as printed by --print recipe, or from a picture "
              "that was painted; - reads standard input; other options override it"},
     AT(recipe_file)},
    {{.name = "save-recipe", TEXT, .group = FILES, .argument = "FILE",
      .help = "write the settings to a JSON file for --recipe when OUT is written"},
     AT(save_recipe)},
    {{.name = "no-defaults", FLAG, .group = FILES,
      .help = "leave out the settings in ~/.config/stylize/defaults.json"},
     AT(no_defaults)},
    {{.name = "depth", WORD, .group = FILES, .argument = "BITS", .standard = "8",
      .words = depth_words, .help = "bits of a colour value in a PNG or TIFF OUT: 8 or 16"},
     AT(depth), RUN, .of_file = true},
    {{.name = "quality", INTEGER, .group = FILES, .argument = "NUMBER", .standard = "95",
      .low = 1, .high = 100, .range = "1 to 100",
      .help = "quality of a JPEG or WebP OUT (of a WebP 100 is exact); PNG and TIFF are always "
              "exact"},
     AT(quality), RUN, .of_file = true},
    {{.name = "format", WORD, .group = FILES, .argument = "FORMAT", .standard = "",
      .words = format_words,
      .help = "format of an OUT that has no extension to tell it: png, jpeg, webp or tiff; on "
              "standard output, which by default is PNG, too"},
     AT(format), RUN, .of_file = true},
    {{.name = "dpi", INTEGER, .group = FILES, .argument = "NUMBER", .standard = "0",
      .low = 1, .high = 1e5, .zero = true, .range = "0 to 100000",
      .help = "pixels per inch that OUT says for print; 0 for what CONTENT says"},
     AT(dpi), RUN, .of_file = true},
    {{.name = "no-metadata", FLAG, .group = FILES,
      .help = "leave out of OUT the record of how it was made, which stylize show prints: "
              "settings, names and digests of the pictures and the network, costs"},
     AT(no_metadata), .filed = true},
    {{.name = "checkpoint", TEXT, .group = FILES, .argument = "FILE[,SECONDS]",
      .help = "write all it takes to go on to FILE, every SECONDS (60), at the end and when "
              "interrupted: stylize resume FILE; for batch with {out} in its name"},
     AT(checkpoint)},
    {{.name = "save-every", INTEGER, .group = FILES, .argument = "COUNT", .standard = "0",
      .low = 1, .high = 1e9, .zero = true, .range = "0 to 1e9",
      .help = "also save the picture after every COUNT iterations; 0 saves only OUT"},
     AT(save_every), .run = true},
    {{.name = "save-pattern", TEXT, .group = FILES, .argument = "NAME",
      .help = "names of those pictures, with %d (or %04d and the like) for the iteration, or "
              "without it one file that is overwritten; by default derived from OUT: "
              "out-0100.png for out.png"},
     AT(save_pattern), .run = true},
    {{.name = "animation", TEXT, .group = FILES, .argument = "FILE",
      .help = "also save an animated WebP of the run, one frame every --save-every COUNT "
              "iterations (by default about 60 in all), which then go to files of their own only "
              "with --save-pattern"},
     AT(animation), .run = true},

    {{.name = "threads", INTEGER, .letter = 'j', .group = NETWORK, .argument = "COUNT",
      .standard = "0", .low = 1, .high = 1024, .zero = true, .range = "0 to 1024",
      .help = "number of threads; 0 for one per processor"},
     AT(threads), RUN},

    {{.name = "sweep", TEXT, .group = SHEETS, .argument = "NAME=VALUES",
      .help = "paint a picture for each value of another option and put them on a sheet, OUT, "
              "with a page of their costs and commands beside it (.html); VALUES are apart by "
              "commas (by semicolons where values have commas themselves), or ranges: 100..1000x4 "
              "are four numbers of equal factors, 0..9+4 of equal steps; given twice, the first "
              "goes along the columns and the second along the rows"},
     AT(sweeps), .list = true},
    {{.name = "compare", TEXT, .group = SHEETS, .argument = "FILE,FILE,...",
      .help = "likewise for each of several files as of --recipe; other options override them"},
     AT(compared), .list = true},
    {{.name = "sweep-size", INTEGER, .group = SHEETS, .argument = "PIXELS", .standard = "256",
      .low = 16, .high = 65535, .zero = true, .range = "0, 16 to 65535",
      .help = "longest side of each picture on a sheet; 0 for what --size says"},
     AT(sweep_size)},

    {{.name = "plan", FLAG, .group = REPORTS,
      .help = "print the stages and the estimated memory and time of the run, and stop; with one "
              "STYLE, OUT may be omitted; with several, - may stand for it"},
     AT(plan)},
    {{.name = "json", FLAG, .group = REPORTS, .help = "print the plan of --plan as JSON"},
     AT(json)},
    {{.name = "log", TEXT, .group = REPORTS, .argument = "FILE",
      .help = "write the costs of every iteration as JSON lines; - prints them"},
     AT(log)},
    {{.name = "plot", TEXT, .group = REPORTS, .argument = "FILE",
      .help = "draw the costs over the iterations as a chart, a .svg, .png or .pdf; stylize plot "
              "draws those of logs"},
     AT(plot)},
    {{.name = "quiet", FLAG, .letter = 'q', .group = REPORTS,
      .help = "no progress line and no notes"},
     AT(quiet), .filed = true},
    {{.name = "progress", FLAG, .group = REPORTS,
      .help = "show progress, as lines, even if standard error is not a terminal"},
     AT(progress), .filed = true},
    {{.name = "verbose", FLAG, .letter = 'v', .group = REPORTS,
      .help = "print the settings, the sizes and the cost of each layer"},
     AT(verbose), .filed = true},
    {{.name = "help", FLAG, .letter = 'h', .group = REPORTS, .help = "print this help"},
     AT(help)},
    {{.name = "version", FLAG, .group = REPORTS,
      .help = "print the version; with -v also the instruction sets"},
     AT(version)},
    {{.name = "list-weights", FLAG, .group = REPORTS,
      .help = "print a table of the networks that --weights NAME finds, and stop"},
     AT(list_weights)},
    {{.name = "print", WORD, .group = REPORTS, .argument = "WHAT", .standard = "",
      .words = print_words,
      .help = "print the manual page (man), the completions of a shell (bash, zsh, fish), the "
              "names of the installed weights (weights), the settings as JSON (recipe) or the JSON "
              "schema of these (schema), and stop"},
     AT(print)},
};
/* clang-format on */

enum { GROUPS = sizeof groups / sizeof *groups, OWN = sizeof table / sizeof *table };

static option own_entry(const own_option *row) {
    return (option){.field = &row->field,
                    .own = true,
                    .offset = row->offset,
                    .run = row->run,
                    .filed = row->filed,
                    .of_file = row->of_file,
                    .list = row->list};
}

bool options_at(size_t index, option *entry) {
    for (size_t g = 0; g < GROUPS; g++) {
        const stylize_field *field;
        for (size_t i = 0; (field = stylize_recipe_field(i)); i++) {
            if (!strcmp(field->group, groups[g]) && index-- == 0) {
                *entry = (option){.field = field, .run = true, .filed = true};
                return true;
            }
        }
        for (size_t i = 0; i < OWN; i++) {
            if (!strcmp(table[i].field.group, groups[g]) && index-- == 0) {
                *entry = own_entry(&table[i]);
                return true;
            }
        }
    }
    return false;
}

/* ---- values ---- */

bool options_init(options *self, stylize_error *err) {
    *self = (options){.print = PRINT_NOTHING, .format = -1};
    self->recipe = stylize_recipe_new(err);
    for (size_t i = 0; i < OWN && self->recipe; i++) {
        const option entry = own_entry(&table[i]);
        if (*entry.field->standard && !option_set(&entry, self, entry.field->standard, err))
            return false;
    }
    return self->recipe != NULL;
}

void options_clear(options *self) {
    stylize_recipe_free(self->recipe);
    free(self->init.text);
    free(self->mask.text);
    free(self->content_map.text);
    free(self->style_map.text);
    free(self->content_weight_map.text);
    free(self->operands);
    for (int i = 0; i < self->text_count; i++)
        free(self->texts[i]);
    free(self->texts);
    *self = (options){0};
}

const char *options_keep_text(options *self, const char *text, stylize_error *err) {
    char **texts = realloc(self->texts, ((size_t)self->text_count + 1) * sizeof *texts);
    char *copy = texts ? malloc(strlen(text) + 1) : NULL;
    self->texts = texts ? texts : self->texts;
    if (!copy) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL; /* analysed: self->texts has what realloc gave */
    }
    self->texts[self->text_count++] = copy;
    return strcpy(copy, text); /* analysed: likewise; copy is as long as text */
}

bool options_input_at(const options *self, int index, input_name *input) {
    const struct {
        const char *role;
        const char *const *paths;
        int count;
    } kinds[] = {
        {"CONTENT", &self->content, self->content != NULL},
        {"STYLE", self->styles, self->style_count},
        {"PICTURE", self->operands, self->operand_count},
        {"--init", self->init.items, self->init.count},
        {"--mask", self->mask.items, self->mask.count},
        {"--content-map", self->content_map.items, self->content_map.count},
        {"--style-map", self->style_map.items, self->style_map.count},
        {"--content-weight-map", self->content_weight_map.items, self->content_weight_map.count},
        {"--recipe", &self->recipe_file, self->recipe_file != NULL},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (index < kinds[i].count) {
            *input = (input_name){kinds[i].role, kinds[i].paths[index]};
            return true;
        }
        index -= kinds[i].count;
    }
    return false;
}

bool options_output_at(const options *self, int index, input_name *output) {
    const input_name all[] = {{"OUT", self->out},
                              {"--log", self->log},
                              {"--save-recipe", self->save_recipe},
                              {"--animation", self->animation}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].path && index-- == 0) {
            *output = all[i];
            return true;
        }
    }
    return false;
}

/* Whether an own option's value is kept as it was typed. */
static bool is_text(const option *entry) {
    return entry->field->kind == STYLIZE_FIELD_TEXT || entry->field->kind == STYLIZE_FIELD_LAYERS;
}

static void set_own(const option *entry, options *self, const char *text, double number) {
    void *place = (char *)self + entry->offset;
    if (entry->list) {
        text_list *list = place;
        list->items[list->count++] = text;
    } else if (entry->field->kind == STYLIZE_FIELD_FLAG)
        *(bool *)place = number != 0;
    else if (is_text(entry))
        *(const char **)place = text;
    else
        *(int *)place = (int)number;
}

bool option_set(const option *entry, options *self, const char *text, stylize_error *err) {
    stylize_error cause;
    double number = 0;
    if (!*text)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s: the value is empty, expected %s",
                                 entry->field->name, entry->field->argument);
    const bool ok = entry->own ? stylize_field_check(entry->field, text, &number, &cause)
                               : stylize_recipe_set(self->recipe, entry->field->name, text, &cause);
    if (ok && entry->list &&
        ((const text_list *)((char *)self + entry->offset))->count == OPTIONS_MOST_TIMES)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s: given more than %d times",
                                 entry->field->name, OPTIONS_MOST_TIMES);
    if (!ok) /* the cause begins with the field's name */
        return stylize_error_set(err, cause.status, "--%s", cause.text);
    if (entry->own)
        set_own(entry, self, text, number);
    return true;
}

char *options_field_text(const stylize_recipe *recipe, const char *field) {
    const int length = stylize_recipe_get(recipe, field, NULL, 0);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        stylize_recipe_get(recipe, field, text, (size_t)length + 1);
    return text;
}

void option_print(const option *entry, const options *self, char *text, size_t size) {
    const void *place = (const char *)self + entry->offset;
    const char *value = NULL;
    if (!entry->own) {
        stylize_recipe_get(self->recipe, entry->field->name, text, size);
        return;
    }
    if (entry->field->kind == STYLIZE_FIELD_INTEGER) {
        snprintf(text, size, "%d", *(const int *)place);
        return;
    }
    if (entry->list) {
        const text_list *list = place;
        value = list->count > 0 ? list->items[list->count - 1] : NULL;
    } else if (entry->field->kind == STYLIZE_FIELD_FLAG)
        value = *(const bool *)place ? "yes" : "no";
    else if (is_text(entry))
        value = *(const char *const *)place;
    else if (*(const int *)place >= 0)
        value = entry->field->words[*(const int *)place];
    snprintf(text, size, "%s", value ? value : "");
}

char *option_text(const option *entry, const options *self) {
    enum { NUMBER = 40 }; /* bytes of what is no text */
    if (!entry->own)
        return options_field_text(self->recipe, entry->field->name);
    const char *value = is_text(entry) && !entry->list
                            ? *(const char *const *)((const char *)self + entry->offset)
                            : NULL;
    const size_t size = value ? strlen(value) + 1 : NUMBER;
    char *text = malloc(size);
    if (text)
        option_print(entry, self, text, size);
    return text;
}
