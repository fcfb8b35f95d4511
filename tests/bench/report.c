/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static FILE *lines;

void fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

void report_open(const char *path) {
    lines = fopen(path, "w");
    if (!lines)
        fail("cannot write %s", path);
}

void report(json_t *line) {
    if (!line)
        fail("a line of JSON could not be made");
    if (lines) {
        json_dumpf(line, lines, JSON_COMPACT | JSON_REAL_PRECISION(6));
        fputc('\n', lines);
        fflush(lines);
    }
    json_decref(line);
    fflush(stdout);
}

void report_close(void) {
    if (lines && fclose(lines))
        fail("the JSON lines could not be written");
    lines = NULL;
}

void *must_alloc(size_t count, size_t size) {
    error err;
    void *block = memory_alloc(count, size, &err);
    if (!block)
        fail("%s", err.text);
    return block;
}

const char *precision_name(precision which) {
    return which == PRECISION_BF16 ? "bf16" : "fp32";
}

precision precision_named(const char *name) {
    if (!strcmp(name, "bf16"))
        return PRECISION_BF16;
    if (strcmp(name, "fp32") != 0)
        fail("%s is no precision: fp32 or bf16", name);
    return PRECISION_FP32;
}
