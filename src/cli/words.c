/* SPDX-License-Identifier: MIT */
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes what stands in quotes, after the first; false when there is no other. */
static bool take_quoted(char quote, char **from, char **to) {
    char *c = *from;
    for (; *c && *c != quote; c++) {
        if (quote == '"' && c[0] == '\\' && (c[1] == '"' || c[1] == '\\'))
            c++;
        *(*to)++ = *c;
    }
    *from = c + (*c == quote);
    return *c == quote;
}

/* One word from *from on, which is moved past it, to *to; what is written never overtakes what is
 * read. */
static bool take_word(char **from, char **to, stylize_error *err) {
    while (**from && !is_blank(**from)) {
        const char c = *(*from)++;
        if (c == '\\' && !**from)
            return stylize_error_set(err, STYLIZE_USAGE, "nothing follows the last \\");
        if (c == '\\')
            *(*to)++ = *(*from)++;
        else if (c != '\'' && c != '"')
            *(*to)++ = c;
        else if (!take_quoted(c, from, to))
            return stylize_error_set(err, STYLIZE_USAGE, "a %c has no other to close it", c);
    }
    return true;
}

char **words_split(char *line, int *count, stylize_error *err) {
    char **words = calloc(strlen(line) / 2 + 2, sizeof *words), *from = line, *to = line;
    *count = 0;
    if (!words) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    for (;;) {
        while (is_blank(*from))
            from++;
        if (!*from)
            return words;
        words[(*count)++] = to;
        if (!take_word(&from, &to, err)) {
            free(words);
            return NULL;
        }
        if (*from)
            from++;
        *to++ = '\0';
    }
}
