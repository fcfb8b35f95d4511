/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* gmtime_r, flockfile, getline, ftruncate */
#include "cli/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/digest.h"
#include "cli/options_json.h"
#include "cli/places.h"
#include "cli/run_json.h"
#include "core/json_text.h"
#include "core/retry.h"

enum { SHARED_LINE = 1 << 18 }; /* bytes, more than any line has */

struct run_log {
    const char *path; /* borrowed from the options */
    const networks *networks;
    digest_text *digests; /* of their files */
    json_t *waiting;      /* lines that are not written before the file is opened */
    FILE *file;           /* NULL until opened */
    FILE *shared;         /* of a list of pictures, or NULL; borrowed */
    int job;              /* number of the picture in it */
    bool started;         /* the first lines are written */
    stylize_event last;   /* told; its pointers are not valid any more */
    int failure;          /* errno of the first failure to write, or 0 */
};

/* Writes one line and releases `line`, which is NULL when memory was short. It goes past the buffer
 * of the file, which loses what it holds when a call is interrupted. */
static int write_to(FILE *file, int job, json_t *line) {
    if (line && job > 0 && json_object_set_new(line, "job", json_integer(job)) != 0) {
        json_decref(line);
        return ENOMEM;
    }
    char *text = line ? json_text_dump(line, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    int failure = text ? 0 : ENOMEM;
    flockfile(file);
    if (text) {
        const size_t length = strlen(text);
        text[length] = '\n'; /* in place of its end */
        if (fflush(file) != 0 || !retry_write(fileno(file), text, length + 1))
            failure = errno ? errno : EIO;
    }
    funlockfile(file);
    free(text);
    json_decref(line);
    return failure;
}

static void write_line(run_log *self, json_t *line) {
    if (self->failure)
        json_decref(line);
    else
        self->failure = write_to(self->file, self->job, line);
}

/* Opens the file with open's flags and fopen's mode; NULL with errno. */
static FILE *open_file(const char *path, int flags, const char *mode) {
    const int descriptor = places_open(path, flags);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, mode) : NULL;
    if (!file && descriptor >= 0)
        close(descriptor);
    return file;
}

/* Opens and truncates the file, "-" being standard output, and writes what has waited for that. */
static void start(run_log *self) {
    size_t i;
    json_t *line;
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    self->file = self->shared              ? self->shared
                 : strcmp(self->path, "-") ? open_file(self->path, flags, "w")
                                           : stdout;
    if (!self->file) {
        self->failure = errno;
        return;
    }
    json_array_foreach(self->waiting, i, line) write_line(self, json_incref(line));
    self->started = !self->failure;
}

/* Writes a line, now or when the file is opened. */
static void add_line(run_log *self, json_t *line) {
    if (self->file)
        write_line(self, line);
    else if (json_array_append_new(self->waiting, line) != 0)
        self->failure = ENOMEM;
}

/* ---- the start ---- */

/* Sizes of styles [count][2]: [width, height], or an array of these where there are several. */
static json_t *style_sizes(const int *sizes, int count) {
    json_t *array = json_array();
    for (int i = 0; array && i < count; i++, sizes += 2) {
        if (json_array_append_new(array, run_json_size(sizes[0], sizes[1])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return run_json_alone_or_all(array);
}

/* The operands and every setting of the run. */
static json_t *all_options(const options *settings) {
    json_t *styles = json_array();
    for (int i = 0; styles && i < settings->style_count; i++) {
        if (json_array_append_new(styles, run_json_string(settings->styles[i])) != 0) {
            json_decref(styles);
            styles = NULL;
        }
    }
    json_t *object =
        json_pack("{s:o, s:o, s:o}", "content",
                  settings->content ? run_json_string(settings->content) : json_null(), "style",
                  run_json_alone_or_all(styles), "out", run_json_string(settings->out));
    json_t *recipe = run_json_recipe(settings->recipe, false);
    const bool ok = object && recipe && json_object_update(object, recipe) == 0 &&
                    options_add_own(object, settings, false);
    json_decref(recipe);
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

/* Now, or what SOURCE_DATE_EPOCH says instead: of a run that is to be logged the same again. */
static json_t *date(void) {
    const char *asked = getenv("SOURCE_DATE_EPOCH");
    const bool given = asked && *asked && strlen(asked) < 12 && !asked[strspn(asked, "0123456789")];
    const time_t seconds = given ? (time_t)strtoll(asked, NULL, 10) : time(NULL);
    char text[40] = "";
    struct tm parts;
    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return json_string(text);
}

/* The start line; the network that is named is that of the final size. Takes over `read`. */
static json_t *start_line(const run_log *self, const options *opts, const run_facts *facts,
                          json_t *read) {
    const int last = self->networks->count - 1;
    const inputs *in = facts->inputs;
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:i}", "event", "start",
        "version", stylize_version(), "date", date(), "options", all_options(opts), "inputs", read,
        "content_size",
        in->content ? run_json_size(in->content_size[0], in->content_size[1]) : json_null(),
        "style_size", style_sizes(in->style_sizes[0], in->style_count), "size",
        run_json_size(in->size[0], in->size[1]), "weights",
        run_json_string(self->networks->paths[last]), "weights_sha256", self->digests[last],
        "instruction_set", stylize_instruction_set(), "precision",
        stylize_network_precision(self->networks->loaded[last]), "threads", facts->threads);
}

run_log *run_log_new(const options *opts, const run_facts *facts, stylize_error *err) {
    run_log *self = calloc(1, sizeof *self);
    bool ok = self != NULL;
    if (ok) {
        self->path = opts->log;
        self->networks = facts->networks;
        self->shared = facts->file;
        self->job = facts->job;
        self->waiting = json_array();
        self->digests = calloc((size_t)facts->networks->count, sizeof *self->digests);
        ok = self->waiting && self->digests;
    }
    stylize_error_set(err, STYLIZE_FAILURE, "--log: out of memory"); /* unless said otherwise */
    for (int i = 0; ok && i < facts->networks->count; i++)
        ok = digest_file(facts->known, facts->networks->paths[i], self->digests[i], err);
    json_t *read = ok ? run_json_inputs(opts, facts->known, err) : NULL;
    if (read)
        add_line(self, start_line(self, opts, facts, read));
    if (read && !self->failure)
        return self;
    stylize_error unused;
    run_log_close(self, NULL, &unused);
    return NULL;
}

/* ---- events ---- */

static json_t *stage_line(const run_log *self, const stylize_event *event) {
    const stylize_stage *stage = event->plan;
    return json_pack("{s:s, s:i, s:i, s:o, s:o, s:i, s:o, s:s, s:s}", "event", "stage", "stage",
                     event->stage + 1, "stages", event->stage_count, "size",
                     run_json_size(stage->width, stage->height), "style_size",
                     style_sizes(stage->style_sizes, stage->style_count), "iterations",
                     stage->iterations, "weights",
                     run_json_string(self->networks->paths[stage->network]), "weights_sha256",
                     self->digests[stage->network], "precision",
                     stylize_network_precision(self->networks->loaded[stage->network]));
}

static json_t *iteration_line(const stylize_event *event) {
    return json_pack(
        "{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "iteration",
        event->iteration, "stage", event->stage + 1, "evaluations", event->evaluations, "seconds",
        run_json_number(event->seconds), "total", run_json_number(event->total), "content",
        run_json_number(event->content), "style", run_json_number(event->style), "tv",
        run_json_number(event->tv), "chroma_tv", run_json_number(event->chroma_tv), "alpha",
        run_json_number(event->alpha), "content_error",
        event->content_error < 0 ? json_null() : run_json_number(event->content_error),
        "content_layers", run_json_layers(event, "content"), "style_layers",
        run_json_layers(event, "style"), "gradient_norm", run_json_number(event->gradient_norm));
}

static json_t *end_line(const stylize_event *event, const stylize_error *failure) {
    json_t *line = json_pack(
        "{s:s, s:s, s:i, s:i, s:o, s:I, s:i, s:o}", "event", "end", "stop",
        failure ? "failed" : stylize_stop_name(event->stop), "iterations", event->iteration,
        "evaluations", event->evaluations, "seconds", run_json_number(event->seconds),
        "peak_resident_bytes", (json_int_t)stylize_memory_peak(), "best_iteration",
        event->best_iteration, "best_total", run_json_number(event->best_total));
    if (!failure || !line ||
        json_object_set_new(line, "error", run_json_string(failure->text)) == 0)
        return line;
    json_decref(line);
    return NULL;
}

int run_log_observe(void *user, stylize_session *session, const stylize_event *event) {
    run_log *self = user;
    (void)session;
    self->last = *event;
    switch (event->kind) {
    case STYLIZE_EVENT_STAGE:
        add_line(self, stage_line(self, event));
        break;
    case STYLIZE_EVENT_PHASE:
        break;
    case STYLIZE_EVENT_ITERATION:
        if (!self->file)
            start(self);
        if (!self->started)
            return 1;
        write_line(self, iteration_line(event));
        break;
    case STYLIZE_EVENT_END: /* is said when OUT is there, too */
        break;
    }
    return 0;
}

/* Whether a line of a log is of what was done up to an iteration: all but later ones, stages and
 * ends. */
static bool is_done_by(const char *text, int stage, int iteration) {
    json_t *line = json_text_load(text, strlen(text), 0, NULL);
    const char *event = json_string_value(json_object_get(line, "event"));
    const json_int_t at = json_integer_value(json_object_get(line, "stage"));
    const bool done = event
                          ? !strcmp(event, "start") || (!strcmp(event, "stage") && at <= stage)
                          : at > 0 && at <= stage &&
                                json_integer_value(json_object_get(line, "iteration")) <= iteration;
    json_decref(line);
    return done;
}

/* The bytes of a log up to that iteration; -1 with errno where they cannot be read. */
static off_t find_end(FILE *file, int stage, int iteration) {
    char *text = NULL;
    size_t room = 0;
    off_t end = 0;
    ssize_t length;
    while ((length = retry_getline(&text, &room, file)) > 0 && text[length - 1] == '\n' &&
           is_done_by(text, stage, iteration))
        end += length;
    free(text);
    return length < 0 && !feof(file) ? -1 : end;
}

void run_log_resume(run_log *self, int stage, int iteration) {
    const bool printed = !strcmp(self->path, "-");
    FILE *file = printed ? NULL : open_file(self->path, O_RDWR | O_APPEND, "r+");
    const off_t end = file ? find_end(file, stage, iteration) : 0;
    if (!printed && end == 0) {
        if (file)
            fclose(file);
        return;
    }
    self->file = printed ? stdout : file;
    if (!printed && (end < 0 || fseeko(file, end, SEEK_SET) != 0 ||
                     retry_ftruncate(fileno(file), end) != 0))
        self->failure = errno;
    self->started = !self->failure;
    json_array_clear(self->waiting);
}

FILE *run_log_open_shared(const char *path, stylize_error *err) {
    FILE *file = strcmp(path, "-") ? open_file(path, O_WRONLY | O_CREAT | O_APPEND, "a") : stdout;
    if (!file) {
        stylize_error_set(err, STYLIZE_FAILURE, "--log: cannot write %s: %s", path,
                          strerror(errno));
        return NULL;
    }
    /* A line is written at once, beside those of other processes. */
    setvbuf(file, NULL, _IOFBF, SHARED_LINE);
    return file;
}

void run_log_fail_shared(FILE *file, int job, const stylize_error *failure) {
    write_to(file, job,
             json_pack("{s:s, s:s, s:o}", "event", "end", "stop", "failed", "error",
                       run_json_string(failure->text)));
}

static bool fail(const run_log *self, stylize_error *err) {
    const bool printed = !strcmp(self->path, "-");
    return stylize_error_set(err, STYLIZE_FAILURE, "--log: cannot write %s: %s",
                             printed ? "to standard output" : self->path, strerror(self->failure));
}

bool run_log_started(const run_log *self, stylize_error *err) {
    return self->started || fail(self, err);
}

bool run_log_works(const run_log *self, stylize_error *err) {
    return !self->failure || fail(self, err);
}

bool run_log_close(run_log *self, const stylize_error *failure, stylize_error *err) {
    if (!self)
        return true;
    if (failure && self->shared && !self->started)
        start(self);
    if (self->started)
        write_line(self, end_line(&self->last, failure));
    if (self->file && self->file != stdout && !self->shared && retry_fclose(self->file) != 0 &&
        !self->failure)
        self->failure = errno;
    const bool ok = run_log_works(self, err);
    json_decref(self->waiting);
    free(self->digests);
    free(self);
    return ok;
}
