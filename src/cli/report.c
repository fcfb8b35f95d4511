/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/standard_streams.h"
#include "report/text.h"

/* Whether the library speaks of a setting, "iterations: ...", which is an option here. */
static bool names_field(const stylize_error *err) {
    char name[40] = "";
    const size_t length = strcspn(err->text, ":");
    if (err->status != STYLIZE_USAGE || length >= sizeof name)
        return false;
    memcpy(name, err->text, length);
    return stylize_recipe_field_named(name) != NULL;
}

void report_print(FILE *file, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    const size_t room = length < 0 ? 1 : (size_t)length + 1;
    char *text = malloc(2 * room), *clean = text ? text + room : NULL;
    if (text && length > 0 && vsnprintf(text, room, format, again) == length) {
        const char *end = text[length - 1] == '\n' ? "\n" : "";
        text[length - (*end != '\0')] = '\0';
        text_clean(text, clean, room);
        fprintf(file, "%s%s", clean, end);
    }
    free(text);
    va_end(again);
    va_end(args);
}

const char *report_way_out(const char *text) {
    static const char *const ends[] = {"out of memory", "not enough memory",
                                       "Cannot allocate memory"};
    const size_t length = strlen(text);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t end = strlen(ends[i]);
        if (length >= end && !strcmp(text + length - end, ends[i]))
            return ": free some memory, or allow more";
    }
    return "";
}

int report_failure(const stylize_error *err) {
    fprintf(stderr, "stylize: %s%s%s\n", names_field(err) ? "--" : "", err->text,
            report_way_out(err->text));
    return err->status == STYLIZE_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int report_flush(int code) {
    stylize_error err;
    error cause;
    if (standard_streams_flush(&cause))
        return code;
    stylize_error_set(&err, STYLIZE_FAILURE, "%s", cause.text);
    return report_failure(&err);
}
