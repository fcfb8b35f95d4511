/* SPDX-License-Identifier: MIT */
#include "cli/log.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#define TEXT_SIZE 8192 /* bytes of an option's value: any path */

struct run_log {
    const char *path; /* borrowed from the options */
    json_t *start;    /* the start line until it is written */
    FILE *file;       /* NULL until opened */
    int failure;      /* errno of the first failed write, or 0 */
};

/* Writes one line and releases `line`, which is NULL when memory was short. */
static void write_line(run_log *self, json_t *line) {
    errno = 0;
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    if (!text)
        self->failure = self->failure ? self->failure : ENOMEM;
    if (!self->failure &&
        (fputs(text, self->file) < 0 || fputc('\n', self->file) == EOF || fflush(self->file) != 0))
        self->failure = errno ? errno : EIO;
    free(text);
    json_decref(line);
}

/* ---- values ---- */

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/* A file name need not be UTF-8, but JSON must: then every byte past ASCII becomes '?'. */
static json_t *string(const char *text) {
    json_t *value = json_string(text);
    char *plain = value ? NULL : malloc(strlen(text) + 1);
    if (!plain)
        return value;
    strcpy(plain, text);
    for (char *byte = plain; *byte; byte++) {
        if (*byte & 0x80)
            *byte = '?';
    }
    value = json_string(plain);
    free(plain);
    return value;
}

static json_t *size_pair(const int size[2]) {
    return json_pack("[i,i]", size[0], size[1]);
}

/* Layer names to values: `values` when given, else the layers' weights. */
static json_t *layers(const stylize_layer *layer, int count, const double *values) {
    json_t *object = json_object();
    for (int i = 0; object && i < count; i++) {
        if (json_object_set_new(object, layer[i].name,
                                number(values ? values[i] : layer[i].weight)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* ---- lines ---- */

static json_t *option_value(const option *entry, const options *settings) {
    const char *place = (const char *)settings + entry->offset;
    const void *value = place;
    char text[TEXT_SIZE];
    option_print(entry, settings, text, sizeof text);
    switch (entry->kind) {
    case OPTION_FLAG:
        return json_boolean(*(const bool *)value);
    case OPTION_NUMBER:
        return entry->automatic && *(const double *)value == 0 ? json_null()
                                                               : number(*(const double *)value);
    case OPTION_INTEGER:
        return json_integer(*(const int *)value);
    case OPTION_SEED:
        return json_integer((json_int_t) * (const uint64_t *)value);
    case OPTION_LAYERS:
        return layers(value,
                      *(const int *)(const void *)((const char *)settings + entry->count_offset),
                      NULL);
    case OPTION_WORD:
    case OPTION_TEXT:
    case OPTION_INIT:
    case OPTION_HEADING:
        break;
    }
    return string(text);
}

/* The operands and every setting of the run, named like the options with '_' for '-'. */
static json_t *all_options(const options *settings) {
    json_t *object = json_pack("{s:o, s:o, s:o}", "content", string(settings->content), "style",
                               string(settings->style), "out", string(settings->out));
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; object && i < count; i++) {
        char key[40];
        if (!table[i].run)
            continue;
        snprintf(key, sizeof key, "%s", table[i].name);
        for (char *dash = key; (dash = strchr(dash, '-'));)
            *dash = '_';
        if (json_object_set_new(object, key, option_value(&table[i], settings)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* The SHA-256 digest of a file in hexadecimal. */
static bool digest_file(const char *path, char text[2 * SHA256_DIGEST_SIZE + 1], error *err) {
    struct sha256_ctx context;
    static const char digits[] = "0123456789abcdef";
    uint8_t block[1 << 14], digest[SHA256_DIGEST_SIZE];
    size_t length;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set_errno(err, errno, "%s", path);
    sha256_init(&context);
    while ((length = fread(block, 1, sizeof block, file)) > 0)
        sha256_update(&context, length, block);
    const bool failed = ferror(file);
    const int cause = errno;
    fclose(file);
    if (failed)
        return error_set_errno(err, cause, "%s", path);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[2 * sizeof digest] = '\0';
    return true;
}

run_log *run_log_new(const options *opts, const run_facts *facts, error *err) {
    char digest[2 * SHA256_DIGEST_SIZE + 1];
    if (!digest_file(facts->weights_path, digest, err))
        return NULL;
    run_log *self = calloc(1, sizeof *self);
    if (self) {
        self->path = opts->log;
        self->start = json_pack(
            "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:i}", "event", "start", "version",
            STYLIZE_VERSION, "options", all_options(opts), "content_size",
            size_pair(facts->content_size), "style_size", size_pair(facts->style_size), "size",
            size_pair(facts->size), "weights", string(facts->weights_path), "weights_sha256",
            digest, "instruction_set", stylize_instruction_set(), "threads", facts->threads);
    }
    if (!self || !self->start) {
        free(self);
        error_set(err, ERROR_FAILURE, "--log: out of memory");
        return NULL;
    }
    return self;
}

static bool fail(const run_log *self, int number, error *err) {
    const bool printed = !strcmp(self->path, "-");
    return error_set_errno(err, number, "--log: cannot write %s",
                           printed ? "to standard output" : self->path);
}

bool run_log_open(run_log *self, error *err) {
    self->file = strcmp(self->path, "-") ? fopen(self->path, "w") : stdout;
    if (!self->file)
        return fail(self, errno, err);
    write_line(self, self->start);
    self->start = NULL;
    return !self->failure || fail(self, self->failure, err);
}

void run_log_iteration(run_log *self, const stylize_params *params, const stylize_iteration *now) {
    write_line(
        self,
        json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "iteration", now->iteration,
                  "evaluations", now->evaluations, "seconds", number(now->seconds), "total",
                  number(now->total), "content", number(now->content), "style", number(now->style),
                  "tv", number(now->tv), "content_layers",
                  layers(params->content_layers, params->content_layer_count, now->content_layers),
                  "style_layers",
                  layers(params->style_layers, params->style_layer_count, now->style_layers),
                  "gradient_norm", number(now->gradient_norm)));
}

void run_log_end(run_log *self, const stylize_result *result) {
    write_line(self, json_pack("{s:s, s:s, s:i, s:i, s:o, s:I, s:i, s:o}", "event", "end", "stop",
                               stylize_stop_name(result->stop), "iterations", result->iterations,
                               "evaluations", result->evaluations, "seconds",
                               number(result->seconds), "peak_resident_bytes",
                               (json_int_t)memory_peak_resident(), "best_iteration",
                               result->best_iteration, "best_total", number(result->best_total)));
}

bool run_log_close(run_log *self, error *err) {
    if (!self)
        return true;
    if (self->file && self->file != stdout && fclose(self->file) != 0 && !self->failure)
        self->failure = errno;
    const bool ok = !self->failure || fail(self, self->failure, err);
    json_decref(self->start);
    free(self);
    return ok;
}
