/* SPDX-License-Identifier: MIT */
#include "judge/pairs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/retry.h"

#define MOST_BYTES ((size_t)1 << 20) /* of a list */

/* Cuts the next name off a line; NULL when there is none. */
static char *next_name(char **line, const char *apart) {
    char *name = *line + strspn(*line, apart);
    char *end = name + strcspn(name, apart);
    *line = end + (*end != '\0');
    *end = '\0';
    return *name ? name : NULL;
}

static bool take_line(pairs *self, char *line, error *err) {
    const char *apart = strchr(line, '\t') ? "\t" : " ";
    judge_files files = {NULL, NULL, NULL};
    files.content = next_name(&line, apart);
    files.style = next_name(&line, apart);
    files.picture = next_name(&line, apart);
    if (!files.picture || next_name(&line, apart))
        return error_set(err, ERROR_FAILURE, "not CONTENT STYLE PICTURE");
    self->files[self->count++] = files;
    return true;
}

static bool take_lines(pairs *self, const char *path, error *err) {
    size_t most = 1;
    error cause;
    for (const char *c = self->text; *c; c++)
        most += *c == '\n';
    self->files = calloc(most, sizeof *self->files);
    if (!self->files)
        return error_set(err, ERROR_FAILURE, "%s: not enough memory", path);
    char *line = self->text;
    for (int number = 1; line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        const bool empty = line[strspn(line, " \t")] == '\0' || *line == '#';
        if (!empty && !take_line(self, line, &cause))
            return error_set(err, ERROR_FAILURE, "%s: line %d: %s", path, number, cause.text);
        line = end;
    }
    return self->count || error_set(err, ERROR_FAILURE, "%s: no pictures are listed", path);
}

bool pairs_read(pairs *self, const char *path, error *err) {
    *self = (pairs){0};
    FILE *file = retry_fopen(path, "r");
    if (!file)
        return error_set_errno(err, errno, "cannot open %s", path);
    self->text = calloc(MOST_BYTES + 1, 1);
    const size_t size = self->text ? retry_fread(self->text, 1, MOST_BYTES + 1, file) : 0;
    const int failure = ferror(file) ? errno : 0;
    fclose(file);
    if (!self->text)
        return error_set(err, ERROR_FAILURE, "%s: not enough memory", path);
    if (failure)
        return error_set_errno(err, failure, "cannot read %s", path);
    if (size > MOST_BYTES || memchr(self->text, '\0', size))
        return error_set(err, ERROR_FAILURE, "%s: no list of pictures", path);
    return take_lines(self, path, err);
}

void pairs_clear(pairs *self) {
    free(self->files);
    free(self->text);
    *self = (pairs){0};
}
