/* SPDX-License-Identifier: MIT
 *
 * Where the items of a list come from.
 */
#define _XOPEN_SOURCE 700 /* getline */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "cli/list_json.h"
#include "cli/list_pairs.h"
#include "cli/words.h"
#include "core/retry.h"

static bool add_line(list *self, char *text, int line, stylize_error *err) {
    int count = 0;
    text += strspn(text, " \t\r");
    text[strcspn(text, "\n")] = '\0';
    if (!*text || *text == '#')
        return true;
    if (*text == '{')
        return list_add_json(self, text, line, err);
    char **words = words_split(text, &count, err);
    const bool ok = words && list_add(self, words, count, line, err);
    free(words);
    return ok;
}

/* A line behind the byte order mark that some editors begin a file with. */
static char *skip_mark(char *text) {
    static const char mark[] = "\xEF\xBB\xBF";
    return strncmp(text, mark, strlen(mark)) ? text : text + strlen(mark);
}

static bool read_lines(list *self, FILE *file, stylize_error *err) {
    char *text = NULL;
    size_t room = 0;
    bool ok = true;
    ssize_t length = 0;
    for (int line = 1; ok && (length = retry_getline(&text, &room, file)) >= 0; line++) {
        stylize_error cause;
        if (strlen(text) != (size_t)length)
            ok = stylize_error_set(&cause, STYLIZE_USAGE, "it holds a byte of 0");
        else
            ok = add_line(self, line == 1 ? skip_mark(text) : text, line, &cause);
        if (!ok)
            stylize_error_set(err, cause.status, "%.200s:%d: %s", self->name, line, cause.text);
    }
    if (ok && !feof(file))
        ok = stylize_error_set(err, STYLIZE_FAILURE, "cannot read %s: %s", self->name,
                               strerror(errno));
    free(text);
    return ok;
}

static bool read_file(list *self, const char *path, stylize_error *err) {
    const bool standard = !strcmp(path, "-");
    FILE *file = standard ? stdin : retry_fopen(path, "r");
    self->name = standard ? "standard input" : path;
    if (!file)
        return stylize_error_set(err, STYLIZE_FAILURE, "cannot open %s: %s", path, strerror(errno));
    const bool ok = read_lines(self, file, err);
    if (!standard)
        fclose(file);
    return ok;
}

bool list_make(list *self, const options *opts, stylize_error *err) {
    const bool pairs = opts->contents || opts->style_pictures || opts->out_pattern;
    *self = (list){.options = opts};
    self->common = calloc((size_t)opts->argc + 1, sizeof *self->common);
    if (!self->common)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->common_count = options_of_painting(opts, self->common);
    if (pairs == (opts->operand_count > 0))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "batch: give JOBS, or --contents, --styles and --out%s",
                                 pairs ? ", not both; a pattern goes into quotes" : "");
    return (pairs ? list_add_pairs(self, err) : read_file(self, opts->operands[0], err)) &&
           (self->count > 0 ||
            stylize_error_set(err, STYLIZE_FAILURE, "%s: there is no picture to paint in it",
                              self->name));
}
