/* SPDX-License-Identifier: MIT
 *
 * What is read from argv.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/foreign_options.h"
#include "cli/options.h"

/* ---- names ---- */

enum { MOST_OPTIONS = 100, SHOWN = 80 /* bytes of a name in an error */ };

static bool find_long(const command *way, const char *name, size_t length, option *entry) {
    for (size_t i = 0; command_option_at(way, i, entry); i++) {
        if (strlen(entry->field->name) == length && !memcmp(entry->field->name, name, length))
            return true;
    }
    return false;
}

static bool find_short(const command *way, char letter, option *entry) {
    for (size_t i = 0; command_option_at(way, i, entry); i++) {
        if (entry->field->letter && entry->field->letter == letter)
            return true;
    }
    return false;
}

/* Whether painting has an option, text[length] with its dashes. */
static bool is_of_painting(const char *text, size_t length) {
    option entry;
    return text[1] == '-' ? find_long(NULL, text + 2, length - 2, &entry)
                          : find_short(NULL, text[1], &entry);
}

/* Says of an option that there is none of, text[length] with its dashes, what may have been meant.
 */
static bool refuse_unknown(const command *way, const char *text, size_t length,
                           stylize_error *err) {
    const int shown = length < SHOWN ? (int)length : SHOWN;
    if (way && is_of_painting(text, length))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "'%.*s' is no option of stylize %s; see stylize %s --help", shown,
                                 text, way->name, way->name);
    const foreign_option *foreign = way ? NULL : foreign_option_find(text, length);
    const char *names[MOST_OPTIONS], *near = NULL;
    char word[SHOWN + 1] = "";
    size_t count = 0;
    option entry;
    while (count < MOST_OPTIONS && command_option_at(way, count, &entry))
        names[count++] = entry.field->name;
    if (!foreign && !strncmp(text, "--", 2)) {
        memcpy(word, text + 2, (size_t)shown - 2);
        near = stylize_nearest_name(word, names, count);
    }
    /* A name that is longer or shorter than ours is rather that of another program. */
    if (!way && !foreign && !(near && strlen(near) == length - 2))
        foreign = foreign_option_like(text, length);
    if (foreign)
        return stylize_error_set(err, STYLIZE_USAGE, "unknown option '%.*s': an option of %s; %s",
                                 shown, text, foreign->program, foreign->answer);
    if (near)
        return stylize_error_set(err, STYLIZE_USAGE, "unknown option '%.*s'; did you mean --%s?",
                                 shown, text, near);
    return stylize_error_set(err, STYLIZE_USAGE, "unknown option '%.*s'; see stylize %s%s--help",
                             shown, text, way ? way->name : "", way ? " " : "");
}

/* ---- argv ---- */

/* What is left of argv. */
typedef struct arguments {
    char **next, **end;
} arguments;

static bool is_operand(const char *text) {
    return text[0] != '-' || !text[1];
}

static bool set(options *self, const option *entry, const char *text, stylize_error *err) {
    self->size_given |= !strcmp(entry->field->name, "size");
    self->strength_given |= !strcmp(entry->field->name, "strength");
    return option_set(entry, self, text, err);
}

/* Sets an option whose value is `attached`, or the next argument when that is NULL. */
static bool take_value(options *self, const option *entry, const char *attached, arguments *rest,
                       stylize_error *err) {
    if (!attached && rest->next == rest->end)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s needs a value, %s", entry->field->name,
                                 entry->field->argument);
    return set(self, entry, attached ? attached : *rest->next++, err);
}

/* Finds the flag that --no-name takes back: one that a file can set. */
static bool find_taken_back(const command *way, const char *text, size_t length, option *entry) {
    const size_t no = strlen("--no-");
    return length > no && !strncmp(text, "--no-", no) &&
           find_long(way, text + no, length - no, entry) &&
           entry->field->kind == STYLIZE_FIELD_FLAG && entry->filed;
}

/* `text` begins with two dashes. */
static bool parse_long(options *self, const char *text, arguments *rest, stylize_error *err) {
    const size_t length = strcspn(text, "=");
    option entry;
    if (!text[length] && find_taken_back(self->command, text, length, &entry))
        return set(self, &entry, "no", err);
    if (!find_long(self->command, text + 2, length - 2, &entry))
        return refuse_unknown(self->command, text, length, err);
    const char *attached = text[length] ? text + length + 1 : NULL;
    if (entry.field->kind != STYLIZE_FIELD_FLAG)
        return take_value(self, &entry, attached, rest, err);
    if (attached)
        return stylize_error_set(err, STYLIZE_USAGE, "--%s takes no value; write --%s alone",
                                 entry.field->name, entry.field->name);
    return set(self, &entry, "yes", err);
}

/* `text` begins with one dash. Words such as -content_weight are no letters with a value. */
static bool parse_short(options *self, const char *text, arguments *rest, stylize_error *err) {
    const size_t length = strcspn(text, "=");
    if (!self->command && length > 2 && foreign_option_find(text, length))
        return refuse_unknown(NULL, text, length, err);
    for (const char *letter = text + 1; *letter; letter++) {
        option entry;
        if (!find_short(self->command, *letter, &entry)) {
            /* a letter past ASCII is shown with the bytes that belong to it */
            char unknown[SHOWN + 1] = "-";
            strncpy(unknown + 1, letter, *letter & 0x80 ? SHOWN - 1 : 1);
            return refuse_unknown(self->command, unknown, strlen(unknown), err);
        }
        if (entry.field->kind != STYLIZE_FIELD_FLAG)
            return take_value(self, &entry, letter[1] ? letter + 1 : NULL, rest, err);
        if (!set(self, &entry, "yes", err))
            return false;
    }
    return true;
}

/* One of a command's operands, behind its name. */
static bool take_command_operand(options *self, const char *text, stylize_error *err) {
    const command *way = self->command;
    if (!*text)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "an operand is an empty name: those of stylize %s are %s",
                                 way->name, way->operands);
    if (self->operand_count == way->most && way->most)
        return stylize_error_set(err, STYLIZE_USAGE, "unexpected operand '%s' after %s%s", text,
                                 way->operands,
                                 self->contents || self->style_pictures
                                     ? ": the patterns of --contents and --styles go into quotes"
                                     : "");
    self->operands[self->operand_count++] = text;
    return true;
}

/* CONTENT STYLE... OUT: of three or more the last one is OUT, as long as no other follows. */
static bool take_operand(options *self, const char *text, stylize_error *err) {
    if (!*text)
        return stylize_error_set(err, STYLIZE_USAGE, "%s is an empty name",
                                 !self->content           ? "CONTENT"
                                 : self->style_count == 0 ? "STYLE"
                                                          : "OUT");
    if (!self->content) {
        self->content = text;
        return true;
    }
    if (self->out && self->style_count == STYLIZE_MOST_STYLES)
        return stylize_error_set(err, STYLIZE_USAGE, "more than %d pictures as STYLE before '%s'",
                                 STYLIZE_MOST_STYLES, text);
    if (self->out)
        self->styles[self->style_count++] = self->out;
    if (self->style_count > 0)
        self->out = text;
    else
        self->styles[self->style_count++] = text;
    return true;
}

static bool parse_arguments(options *self, int argc, char **argv, stylize_error *err) {
    arguments rest = {argv + (argc > 0), argv + argc};
    bool operands_only = false, named = !self->command;
    while (rest.next < rest.end) {
        const char *text = *rest.next++;
        bool ok = true;
        if (!named && is_operand(text))
            named = true;
        else if (operands_only || is_operand(text))
            ok = self->command ? take_command_operand(self, text, err)
                               : take_operand(self, text, err);
        else if (text[1] != '-')
            ok = parse_short(self, text, &rest, err);
        else if (text[2])
            ok = parse_long(self, text, &rest, err);
        else
            operands_only = true;
        if (!ok)
            return false;
    }
    return true;
}

/* ---- the way of use ---- */

typedef enum option_use { UNKNOWN_OPTION, ALONE, WITH_VALUE } option_use;

/* How painting or any command takes that option, text[length] of argv. Options of one name take a
 * value everywhere or nowhere. */
static option_use use_of(const char *text, size_t length) {
    const command *way = NULL;
    option entry;
    for (size_t i = 0;; i++) {
        const bool found = text[1] == '-' ? find_long(way, text + 2, length - 2, &entry)
                                          : find_short(way, text[length - 1], &entry);
        if (found)
            return entry.field->kind == STYLIZE_FIELD_FLAG ? ALONE : WITH_VALUE;
        if (!(way = command_at(i)))
            return UNKNOWN_OPTION;
    }
}

bool options_value_follows(const char *text) {
    if (text[1] == '-')
        return !strchr(text, '=') && use_of(text, strlen(text)) == WITH_VALUE;
    size_t length = 1;
    option_use use = ALONE;
    while (use == ALONE && text[length])
        use = use_of(text, ++length);
    return use == WITH_VALUE && !text[length];
}

/* The command that the first operand names; NULL where it names none, or stands behind --. */
static const command *find_command(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (is_operand(argv[i]))
            return command_named(argv[i]);
        i += options_value_follows(argv[i]);
    }
    return NULL;
}

/* Takes the way of use from argv, with its defaults. */
static bool take_way(options *self, int argc, char **argv, stylize_error *err) {
    option entry;
    self->command = find_command(argc, argv);
    if (!self->command)
        return true;
    self->operands = calloc((size_t)argc, sizeof *self->operands);
    if (!self->operands)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (size_t i = 0; i < self->command->own_count; i++) {
        if (!command_option_at(self->command, i, &entry) ||
            (*entry.field->standard && !option_set(&entry, self, entry.field->standard, err)))
            return false;
    }
    return true;
}

static bool is_own(const command *way, const char *text) {
    const size_t length = strcspn(text, "=") - 2;
    for (size_t i = 0; text[1] == '-' && i < way->own_count; i++) {
        const char *name = way->own[i].field.name;
        if (strlen(name) == length && !memcmp(name, text + 2, length))
            return true;
    }
    return false;
}

int options_of_painting(const options *self, char **words) {
    int count = 0;
    for (int i = 1; i < self->argc && strcmp(self->argv[i], "--") != 0; i++) {
        char *text = self->argv[i];
        const bool follows = !is_operand(text) && options_value_follows(text) && i + 1 < self->argc;
        const bool kept = !is_operand(text) && !is_own(self->command, text);
        if (kept)
            words[count++] = text;
        if (kept && follows)
            words[count++] = self->argv[i + 1];
        i += follows;
    }
    return count;
}

/* ---- the whole ---- */

/* Checks a command's operands; the last one is OUT, where there must be one. */
static bool take_out(options *self, stylize_error *err) {
    const command *way = self->command;
    if (self->help)
        return true;
    if (self->operand_count < way->least) {
        const int length = self->operand_count == 0 ? (int)strcspn(way->operands, ". ") : 3;
        return stylize_error_set(
            err, STYLIZE_USAGE, "%.*s is missing: the operands of stylize %s are %s", length,
            self->operand_count == 0 ? way->operands : "OUT", way->name, way->operands);
    }
    if (!way->no_out)
        self->out = self->operands[--self->operand_count];
    return true;
}

static bool is_dash(const char *text) {
    return text && !strcmp(text, "-");
}

static bool check_quiet(const options *self, stylize_error *err) {
    return !self->quiet || !self->progress ||
           stylize_error_set(err, STYLIZE_USAGE,
                             "--progress contradicts --quiet: give one of them");
}

static bool check_dashes(const options *self, stylize_error *err) {
    const char *first = NULL;
    input_name input;
    for (int i = 0; options_input_at(self, i, &input); i++) {
        if (!is_dash(input.path))
            continue;
        if (first)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "-: %s and %s cannot both come from standard input", first,
                                     input.role);
        first = input.role;
    }
    return true;
}

/* Of a texture the operands are STYLE... OUT: all of them move up by one. */
static bool leave_content_out(options *self, stylize_error *err) {
    double texture = 0;
    stylize_recipe_get_number(self->recipe, "texture", &texture);
    if (texture == 0 || !self->content)
        return true;
    if (!self->out && self->style_count > 0)
        self->out = self->styles[--self->style_count];
    if (self->style_count == STYLIZE_MOST_STYLES)
        return stylize_error_set(err, STYLIZE_USAGE, "more than %d pictures as STYLE",
                                 STYLIZE_MOST_STYLES);
    memmove(self->styles + 1, self->styles, (size_t)self->style_count * sizeof *self->styles);
    self->styles[0] = self->content;
    self->style_count++;
    self->content = NULL;
    return true;
}

static bool check_number_of_operands(const options *self, stylize_error *err) {
    double texture = 0;
    stylize_recipe_get_number(self->recipe, "texture", &texture);
    if (self->style_count > 0 && (self->out || self->plan))
        return true;
    if (texture != 0)
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "%s is missing: the operands with --texture are STYLE... OUT",
                                 self->style_count == 0 ? "STYLE" : "OUT");
    return stylize_error_set(err, STYLIZE_USAGE,
                             "%s is missing: the operands are CONTENT STYLE... OUT",
                             !self->content           ? "CONTENT"
                             : self->style_count == 0 ? "STYLE"
                                                      : "OUT");
}

static bool check_reports(const options *self, stylize_error *err) {
    if (self->json && !self->plan)
        return stylize_error_set(err, STYLIZE_USAGE, "--json: it needs --plan");
    if (is_dash(self->save_recipe))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "--save-recipe: - is no file; --print recipe prints the settings");
    if (is_dash(self->out) && is_dash(self->log))
        return stylize_error_set(
            err, STYLIZE_USAGE,
            "--log: OUT and the log cannot both go to standard output: name a file");
    return true;
}

/* `whole`: the settings are there, also those of files, which may make a texture. */
static bool check_operands(options *self, bool whole, stylize_error *err) {
    if (self->help || self->version || self->list_weights || self->print != PRINT_NOTHING)
        return true;
    if (whole && (!leave_content_out(self, err) || !check_number_of_operands(self, err)))
        return false;
    return check_dashes(self, err) && check_quiet(self, err) && check_reports(self, err);
}

/* Takes the names of files from a field of the recipe, unless it has one of `words`. */
static bool take_list(options *self, const char *field, const char *const *words, int most,
                      name_list *list, stylize_error *err) {
    list->text = options_field_text(self->recipe, field);
    list->count = 0;
    if (!list->text)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (; *words; words++) {
        if (!strcmp(*words, list->text))
            return true;
    }
    for (char *item = list->text, *comma; item; item = comma ? comma + 1 : NULL) {
        comma = most > 1 ? strchr(item, ',') : NULL;
        if (comma)
            *comma = '\0';
        if (!*item)
            return stylize_error_set(err, STYLIZE_USAGE, "--%s: a name is empty", field);
        if (!strcmp(item, "none"))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--%s: none cannot stand beside names; ./none is a file",
                                     field);
        if (list->count == most)
            return stylize_error_set(err, STYLIZE_USAGE, "--%s: more than %d names", field, most);
        list->items[list->count++] = item;
    }
    return true;
}

bool options_take_names(options *self, stylize_error *err) {
    const stylize_field *size = stylize_recipe_field_named("size");
    static const char *const none[] = {"none", NULL};
    char text[40];
    if (!take_list(self, "init", stylize_recipe_field_named("init")->words, 1, &self->init, err) ||
        !take_list(self, "mask", none, STYLIZE_MOST_STYLES, &self->mask, err) ||
        !take_list(self, "content-map", none, 1, &self->content_map, err) ||
        !take_list(self, "style-map", none, STYLIZE_MOST_STYLES, &self->style_map, err) ||
        !take_list(self, "content-weight-map", none, 1, &self->content_weight_map, err))
        return false;
    stylize_recipe_get(self->recipe, "size", text, sizeof text);
    self->size_given = self->size_given || strcmp(text, size->standard) != 0;
    return true;
}

static bool parse(options *self, int argc, char **argv, bool over_files, stylize_error *err) {
    self->argc = argc;
    self->argv = argv;
    if (!take_way(self, argc, argv, err) || !parse_arguments(self, argc, argv, err))
        return false;
    return self->command
               ? take_out(self, err) && check_dashes(self, err) && check_quiet(self, err) &&
                     (!self->command->without || options_take_names(self, err))
               : options_take_names(self, err) &&
                     check_operands(self, over_files || !options_have_files(self), err);
}

bool options_parse(options *self, int argc, char **argv, stylize_error *err) {
    return parse(self, argc, argv, false, err);
}

bool options_have_files(const options *self) {
    option entry;
    const bool defaults = self->defaults_file && !self->no_defaults &&
                          find_long(self->command, "no-defaults", strlen("no-defaults"), &entry);
    return defaults || self->recipe_file;
}

bool options_parse_over(options *self, const options *before, options_base *base, void *user,
                        stylize_error *err) {
    return options_init(self, err) && base(user, self, err) &&
           parse(self, before->argc, before->argv, true, err);
}
