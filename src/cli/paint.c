/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include "cli/paint.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cost_table.h"
#include "cli/files.h"
#include "cli/job.h"
#include "cli/log.h"
#include "cli/show_plan.h"
#include "cli/progress.h"
#include "cli/recipe_file.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/snapshots.h"

/* A run and what observes it. */
typedef struct run {
    const options *options;
    job job;
    const stylize_plan *plan; /* valid as long as the session */
    progress progress;
    run_log *log;   /* NULL without --log */
    digests known;  /* of the files that are read */
    record *record; /* NULL with --no-metadata */
    cost_table costs;
    snapshots snapshots;
    /* Of the last event. */
    stylize_stop stop;
    int iterations;
    double seconds;
} run;

/* ---- what is shown ---- */

static void show_settings(const run *self) {
    const inputs *in = &self->job.inputs;
    const networks *nets = &self->job.networks;
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char value[1300];
        if (!entry.run)
            continue;
        option_print(&entry, self->options, value, sizeof value);
        fprintf(stderr, "%-15s %s\n", entry.field->name, value);
    }
    if (in->content)
        fprintf(stderr, "content %dx%d, ", in->content_size[0], in->content_size[1]);
    for (int i = 0; i < in->style_count; i++)
        fprintf(stderr, "style at %dx%d, ", in->style_sizes[i][0], in->style_sizes[i][1]);
    fprintf(stderr, "result %dx%d\n", in->size[0], in->size[1]);
    for (int i = 0; i < self->plan->region_count; i++) {
        const stylize_region *region = self->plan->regions[i];
        fprintf(stderr, "region #%02x%02x%02x: %.1f %%\n", region->red, region->green, region->blue,
                100 * region->share);
    }
    plan_print_stages(self->plan, nets, stderr);
    fprintf(stderr, "%s, %s, %s, %d %s\n", nets->paths[nets->count - 1], stylize_instruction_set(),
            stylize_network_precision(nets->loaded[nets->count - 1]), self->job.threads,
            self->job.threads == 1 ? "thread" : "threads");
}

static void show_result(run *self) {
    const int *size = self->job.inputs.size;
    const bool interrupted = self->stop == STYLIZE_STOP_CANCELLED;
    char duration[32];
    progress_duration(self->seconds, duration, sizeof duration);
    if (self->progress.live || self->options->verbose || interrupted)
        fprintf(stderr, "%s: %dx%d, %d %s, %s%s\n", self->options->out, size[0], size[1],
                self->iterations, self->iterations == 1 ? "iteration" : "iterations", duration,
                interrupted ? ", interrupted: the best picture so far" : "");
    if (self->options->verbose)
        cost_table_print(&self->costs, stderr);
}

/* ---- before the work ---- */

/* The files that are named, before anything is read. */
static bool check_names(run *self, stylize_error *err) {
    const networks *nets = &self->job.networks;
    return job_init(&self->job, self->options, err) &&
           snapshots_init(&self->snapshots, self->options, err) &&
           files_check(self->options, nets->paths, nets->count, err);
}

static bool open_log(run *self, stylize_error *err) {
    const inputs *in = &self->job.inputs;
    const run_facts facts = {
        .networks = &self->job.networks,
        .inputs = in,
        .threads = self->job.threads,
        .known = &self->known,
    };
    if (self->options->log)
        self->log = run_log_new(self->options, &facts, err);
    return self->log || !self->options->log;
}

static bool take_record(run *self, stylize_error *err) {
    if (!self->options->no_metadata)
        self->record = record_new(self->options, &self->job.networks, &self->known, err);
    return self->record || self->options->no_metadata;
}

/* The observers, in the order in which they are called. */
static bool add_observers(run *self, stylize_error *err) {
    const struct {
        bool wanted;
        stylize_observer *observer;
        void *user;
        int bytes; /* a pixel */
    } observers[] = {
        {true, signals_observe, NULL, 0},
        {self->options->verbose || self->record, cost_table_observe, &self->costs, 0},
        {self->log != NULL, run_log_observe, self->log, 0},
        {true, progress_observe, &self->progress, 0},
        {self->options->save_every > 0, snapshots_observe, &self->snapshots,
         files_save_memory(self->options)},
    };
    for (size_t i = 0; i < sizeof observers / sizeof *observers; i++) {
        if (observers[i].wanted &&
            !stylize_session_observe(self->job.session, observers[i].observer, observers[i].user,
                                     observers[i].bytes, err))
            return false;
    }
    return true;
}

static bool prepare(run *self, stylize_error *err) {
    const networks *nets = &self->job.networks;
    if (!check_names(self, err))
        return false;
    progress_begin(&self->progress, "reading the pictures and the network", "");
    if (!job_read(&self->job, err) || !open_log(self, err) || !take_record(self, err) ||
        !add_observers(self, err))
        return false;
    self->plan = stylize_session_plan(self->job.session, false, err);
    if (!self->plan)
        return false;
    if (self->plan->refusal.status != STYLIZE_OK) {
        *err = self->plan->refusal;
        return false;
    }
    self->progress.plan = self->plan;
    return snapshots_check(&self->snapshots, self->plan->iterations, nets->paths, nets->count, err);
}

/* ---- the work ---- */

/* The best picture with its record; NULL with *err. */
static stylize_image *result(const run *self, stylize_error *err) {
    const record_outcome outcome = {
        .plan = self->plan,
        .event = stylize_session_event(self->job.session),
        .costs = &self->costs,
    };
    stylize_image *out = stylize_session_result(self->job.session, err);
    if (!out || !self->record || record_attach(self->record, &outcome, out, err))
        return out;
    stylize_image_free(out);
    return NULL;
}

/* Works to the end and frees the session. NULL with *err. */
static stylize_image *work(run *self, stylize_error *err) {
    stylize_session *session = self->job.session;
    stylize_image *out = NULL;
    bool ok = stylize_session_run(session, err) && (!self->log || run_log_started(self->log, err));
    if (ok) {
        const stylize_event *end = stylize_session_event(session);
        self->stop = end->stop;
        self->iterations = end->iteration;
        self->seconds = end->seconds;
        out = result(self, err);
    }
    signals_forget();
    stylize_session_free(session); /* encoding takes less than it held */
    self->job.session = NULL;
    return out;
}

static bool save(run *self, const stylize_image *out, stylize_error *err) {
    progress_begin(&self->progress, "saving", self->options->out);
    const bool ok = files_save(out, self->options->out, self->options, err) &&
                    recipe_file_write(self->options, err);
    if (ok)
        signals_let_go();
    return ok;
}

/* What failed beside the picture, which is there all the same. */
static bool check_rest(run *self, stylize_error *err) {
    const stylize_error *problem = &self->snapshots.error;
    const bool failed = problem->status != STYLIZE_OK;
    const bool logged = run_log_close(self->log, failed ? problem : NULL, err);
    self->log = NULL;
    if (failed)
        return stylize_error_set(err, problem->status,
                                 "%s; stopped, the best picture so far is saved", problem->text);
    return logged;
}

static int finish(run *self, bool ok, const stylize_error *err) {
    progress_clear(&self->progress);
    if (!ok)
        return report_failure(err);
    show_result(self);
    return self->stop == STYLIZE_STOP_CANCELLED ? EXIT_INTERRUPTED : EXIT_DONE;
}

int paint(const options *opts) {
    const bool log_is_shown = opts->log && !strcmp(opts->log, "-") && isatty(STDOUT_FILENO);
    run self = {.options = opts};
    stylize_image *out = NULL;
    stylize_error err, unused;
    signals_catch();
    progress_init(&self.progress, opts->quiet || log_is_shown, opts->progress);
    bool ok = prepare(&self, &err);
    if (ok) {
        progress_clear(&self.progress);
        job_note(&self.job, self.plan);
        if (opts->verbose)
            show_settings(&self);
        out = work(&self, &err);
        ok = out && save(&self, out, &err) && check_rest(&self, &err);
    }
    const int code = finish(&self, ok, &err);
    stylize_image_free(out);
    run_log_close(self.log, &err, &unused); /* which is there if something failed */
    digests_clear(&self.known);
    record_free(self.record);
    cost_table_clear(&self.costs);
    job_clear(&self.job);
    return code;
}
