/* SPDX-License-Identifier: MIT */
#include "cli/log_reader.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "core/json_text.h"
#include "core/retry.h"

/* A log and where reading has come to. */
typedef struct reader {
    log_runs *runs;
    int first;      /* of this log's runs */
    curves *curves; /* of the line; borrowed */
    const char *name, *label;
    long long line;
} reader;

static bool refuse(const reader *self, const char *why, stylize_error *err) {
    return stylize_error_set(err, STYLIZE_FAILURE, "%s:%lld: %s", self->name, self->line, why);
}

/* ---- runs ---- */

void log_runs_clear(log_runs *self) {
    for (int i = 0; i < self->count; i++)
        curves_clear(&self->items[i]);
    free(self->items);
    *self = (log_runs){0};
}

static bool add_run(reader *self, int job, stylize_error *err) {
    log_runs *runs = self->runs;
    if (runs->count == LOG_MOST_RUNS)
        return refuse(self, "more runs than can be drawn", err);
    curves *grown = realloc(runs->items, (size_t)(runs->count + 1) * sizeof *grown);
    if (!grown)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    runs->items = grown;
    self->curves = &grown[runs->count++];
    curves_init(self->curves, job ? "" : self->label);
    self->curves->job = job;
    return true;
}

/* The run that a line is of. */
static bool find_run(reader *self, const json_t *line, stylize_error *err) {
    const json_t *value = json_object_get(line, "job");
    const json_int_t job = json_integer_value(value);
    if (value && (!json_is_integer(value) || job < 1 || job > 1000000000))
        return refuse(self, "\"job\" is no number of a picture", err);
    for (int i = self->first; i < self->runs->count; i++) {
        self->curves = &self->runs->items[i];
        if (self->curves->job == job)
            return true;
    }
    return add_run(self, (int)job, err);
}

/* ---- lines ---- */

/* A cost: null, which stands for what is not finite, is not a number. */
static bool read_cost(const json_t *value, double *cost) {
    *cost = json_is_number(value) ? json_number_value(value) : NAN;
    return json_is_number(value) || json_is_null(value);
}

static bool read_costs(reader *self, const json_t *line, const char *key, curve_part part,
                       stylize_error *err) {
    double cost;
    if (!read_cost(json_object_get(line, key), &cost))
        return stylize_error_set(err, STYLIZE_FAILURE, "%s:%lld: \"%s\" is no number", self->name,
                                 self->line, key);
    return curves_set(self->curves, part, "", cost, err);
}

static bool read_layers(reader *self, const json_t *line, const char *key, curve_part part,
                        stylize_error *err) {
    json_t *layers = json_object_get(line, key), *value;
    const char *layer;
    double cost;
    if (!json_is_object(layers))
        return stylize_error_set(err, STYLIZE_FAILURE, "%s:%lld: \"%s\" has no layers", self->name,
                                 self->line, key);
    json_object_foreach(layers, layer, value) {
        if (!stylize_layer_known(layer) || !read_cost(value, &cost))
            return stylize_error_set(err, STYLIZE_FAILURE,
                                     "%s:%lld: \"%s\" has something else than costs of layers",
                                     self->name, self->line, key);
        if (!curves_set(self->curves, part, layer, cost, err))
            return false;
    }
    return true;
}

static bool read_iteration(reader *self, const json_t *line, stylize_error *err) {
    const json_t *value = json_object_get(line, "iteration");
    const json_int_t iteration = json_integer_value(value);
    curves *so_far = self->curves;
    if (!json_is_integer(value) || iteration < 0 || iteration > 1000000000)
        return refuse(self, "\"iteration\" is no number of one", err);
    /* analysed: a line has been taken for a run's, and curves are there, before it is read */
    if (so_far->count > 0 && iteration < so_far->iterations[so_far->count - 1]) {
        if (so_far->job == 0)
            return refuse(self, "iterations go back", err);
        curves_cut(so_far, (double)iteration); /* painted again, or from its checkpoint on */
    }
    if (so_far->count == LOG_MOST_ROWS)
        return refuse(self, "more iterations than can be drawn", err);
    return curves_add_row(self->curves, (double)iteration, err) &&
           read_costs(self, line, "total", CURVE_TOTAL, err) &&
           read_costs(self, line, "content", CURVE_CONTENT, err) &&
           read_costs(self, line, "style", CURVE_STYLE, err) &&
           read_layers(self, line, "content_layers", CURVE_CONTENT, err) &&
           read_layers(self, line, "style_layers", CURVE_STYLE, err);
}

static bool read_stage(reader *self, const json_t *line, stylize_error *err) {
    const json_t *size = json_object_get(line, "size");
    const json_int_t width = json_integer_value(json_array_get(size, 0));
    const json_int_t height = json_integer_value(json_array_get(size, 1));
    if (json_array_size(size) != 2 || width < 1 || height < 1 || width > STYLIZE_MOST_PIXELS ||
        height > STYLIZE_MOST_PIXELS)
        return refuse(self, "\"size\" is no size of a stage", err);
    curves_begin_stage(self->curves, (int)width, (int)height);
    return true;
}

/* The name of the picture. */
static void read_start(reader *self, const json_t *line) {
    const char *out = json_string_value(json_object_get(json_object_get(line, "options"), "out"));
    if (out && !*self->curves->name) /* analysed: likewise */
        snprintf(self->curves->name, sizeof self->curves->name, "%s", files_base(out));
}

static bool read_line(reader *self, const json_t *line, stylize_error *err) {
    const char *event = json_string_value(json_object_get(line, "event"));
    if (!json_is_object(line))
        return refuse(self, "this is no line of a log", err);
    if (!find_run(self, line, err))
        return false;
    if (json_object_get(line, "iteration") && !event)
        return read_iteration(self, line, err);
    if (!event)
        return refuse(self, "this is no line of a log", err);
    if (!strcmp(event, "start"))
        read_start(self, line);
    return strcmp(event, "stage") != 0 || read_stage(self, line, err);
}

/* ---- the file ---- */

/* Reads a line without its end into text[LOG_MOST_LINE + 1]. False at the end of the file, with
 * *err->status STYLIZE_OK, or when it is too long or cannot be read. */
static bool take_line(reader *self, FILE *file, char *text, size_t *length, bool *whole,
                      stylize_error *err) {
    int byte;
    *length = 0;
    self->line++;
    while ((byte = retry_getc(file)) != EOF && byte != '\n') {
        if (*length == LOG_MOST_LINE)
            return refuse(self, "a line longer than any of a log", err);
        text[(*length)++] = (char)byte;
    }
    *whole = byte == '\n';
    if (byte == EOF && ferror(file))
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", self->name, strerror(errno));
    err->status = STYLIZE_OK;
    return *whole || *length > 0;
}

static bool read_lines(reader *self, FILE *file, char *text, stylize_error *err) {
    size_t length;
    bool whole = false, ok = true;
    while (ok && take_line(self, file, text, &length, &whole, err)) {
        json_error_t problem;
        json_t *line = json_text_load(text, length, 0, &problem);
        if (line)
            ok = read_line(self, line, err);
        else if (json_text_lacks_memory(&problem))
            ok = stylize_error_set(err, STYLIZE_FAILURE, "%s: not enough memory", self->name);
        else if (whole)
            ok = refuse(self, "this is no line of a log, which is JSON", err);
        json_decref(line);
    }
    return ok && err->status == STYLIZE_OK;
}

/* Whether any of the log's runs has costs; those that have none are not drawn. */
static bool check_costs(log_runs *self, int first, const char *name, stylize_error *err) {
    int count = first;
    for (int i = first; i < self->count; i++) {
        if (self->items[i].count > 0)
            self->items[count++] = self->items[i];
        else
            curves_clear(&self->items[i]);
    }
    self->count = count;
    return count > first ||
           stylize_error_set(
               err, STYLIZE_FAILURE,
               "%s: there are no costs in it: it is no log of --log, or of a run that "
               "did not begin",
               name);
}

bool log_read(log_runs *self, FILE *file, const char *name, const char *label, stylize_error *err) {
    const int first = self->count;
    reader from = {.runs = self, .first = first, .name = name, .label = label};
    char *text = malloc(LOG_MOST_LINE + 1);
    if (!text)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    const bool ok = read_lines(&from, file, text, err);
    free(text);
    return ok && check_costs(self, first, name, err);
}
