/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include "cli/painting.h"

#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/places.h"
#include "cli/recipe_file.h"
#include "cli/report.h"
#include "cli/signals.h"

/* ---- before the work ---- */

/* The files that are named, before anything is read. */
static bool check_names(painting *self, stylize_error *err) {
    const networks *nets = &self->job.networks;
    const company *among = &self->company;
    const resumption *from = self->resumed;
    return (from ? job_init_found(&self->job, self->options, from->precision, from->networks,
                                  from->network_count, err)
                 : job_init(&self->job, self->options, among->store, among->room, err)) &&
           snapshots_init(&self->snapshots, self->options, err) &&
           files_check(self->options, nets->paths, nets->count, err) &&
           plot_check(self->options, nets->paths, nets->count, err) &&
           animation_init(&self->animation, self->options, nets->paths, nets->count, err) &&
           checkpoints_init(&self->checkpoints, self->options, nets->paths, nets->count, err);
}

/* Digests are those of the store, locked, or the picture's own. */
static digests *lock_digests(painting *self) {
    return self->company.store ? store_lock_digests(self->company.store) : &self->known;
}

static bool open_log(painting *self, stylize_error *err) {
    const inputs *in = &self->job.inputs;
    if (!self->options->log)
        return true;
    const run_facts facts = {
        .known = lock_digests(self),
        .networks = &self->job.networks,
        .inputs = in,
        .threads = self->job.threads,
        .file = self->company.log,
        .job = self->company.job,
    };
    self->log = run_log_new(self->options, &facts, err);
    store_unlock_digests(self->company.store);
    return self->log != NULL;
}

static bool take_record(painting *self, stylize_error *err) {
    if (self->options->no_metadata)
        return true;
    digests *known = lock_digests(self);
    self->record = record_new(self->options, &self->job.networks, known, err);
    store_unlock_digests(self->company.store);
    return self->record != NULL;
}

static void note(painting *self, const char *what, const char *problem) {
    progress_clear(&self->progress);
    report_print(stderr, "stylize: %s%s; the run goes on\n", what, problem);
}

/* An observer whose user is the painting: whoever watches is shown at once what fails beside the
 * picture. Everybody is told at the end. */
static int note_failures(void *user, stylize_session *session, const stylize_event *event) {
    painting *self = user;
    stylize_error problem;
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || !self->progress.live)
        return 0;
    if (self->log && !self->log_noted && !run_log_works(self->log, &problem)) {
        note(self, "", problem.text);
        self->log_noted = true;
    }
    const bool failed =
        !self->checkpoints.written && self->checkpoints.error.status != STYLIZE_OK;
    if (failed && !self->checkpoint_noted)
        note(self, "--checkpoint: ", self->checkpoints.error.text);
    self->checkpoint_noted = failed;
    return 0;
}

/* The observers, in the order in which they are called. */
static bool add_observers(painting *self, stylize_error *err) {
    const struct {
        bool wanted;
        stylize_observer *observer;
        void *user;
        int bytes; /* a pixel */
    } observers[] = {
        {self->company.observer != NULL, self->company.observer, self->company.user, 0},
        {true, self->listed ? signals_observe_in_list : signals_observe, NULL, 0},
        {self->options->verbose || self->record, cost_table_observe, &self->costs, 0},
        {self->log != NULL, run_log_observe, self->log, 0},
        {self->options->plot != NULL, plot_observe, &self->plot, 0},
        {true, progress_observe, &self->progress, 0},
        {self->snapshots.every > 0, snapshots_observe, &self->snapshots,
         files_save_memory(self->options, self->snapshots.name)},
        {self->options->animation != NULL, animation_observe, &self->animation,
         stylize_animation_memory()},
        {self->options->checkpoint != NULL, checkpoints_observe, &self->checkpoints, 0},
        {self->log || self->options->checkpoint, note_failures, self, 0},
    };
    for (size_t i = 0; i < sizeof observers / sizeof *observers; i++) {
        if (observers[i].wanted &&
            !stylize_session_observe(self->job.session, observers[i].observer, observers[i].user,
                                     observers[i].bytes, err))
            return false;
    }
    return true;
}

/* Opens the checkpoint of a picture of a list, where there is one that it can go on from. */
static bool find_checkpoint(painting *self) {
    const char *path = self->checkpoints.path;
    stylize_error unused;
    if (!self->listed || !path || access(path, F_OK) != 0)
        return false;
    if (checkpoint_file_open(&self->found, path, &unused) &&
        checkpoints_same_work(&self->checkpoints, &self->found.lines))
        return true;
    checkpoint_file_close(&self->found);
    return false;
}

/* Loads the session that it goes on from, and tells those who need to know where that stands. */
static bool load_session(painting *self, stylize_error *err) {
    stylize_session *session = self->job.session;
    const bool found = !self->resumed && find_checkpoint(self);
    checkpoint_file *from = found ? &self->found : self->resumed ? &self->resumed->file : NULL;
    if (!from)
        return true;
    if (!(found ? stylize_session_load(session, checkpoint_file_read, from, err)
                : resumption_load(self->resumed, session, err)))
        return false;
    const stylize_event *now = stylize_session_event(session);
    stylize_event start = *now; /* of what this process shows */
    const bool at_work = stylize_session_picture(session) != NULL;
    if (self->log &&
        !found) /* of a stage that has not begun the one before was the last to be told of */
        run_log_resume(self->log, now->stage + at_work, now->iteration);
    if (at_work && !found)
        signals_observe(NULL, session, now);
    start.stage_iteration = 0;
    if (at_work && !checkpoints_load_costs(&from->lines, &self->costs))
        cost_table_observe(&self->costs, session, &start);
    return true;
}

bool painting_prepare(painting *self, const options *opts, const company *among, resumption *from,
                      stylize_error *err) {
    const networks *nets = &self->job.networks;
    const bool log_is_shown = opts->log && !strcmp(opts->log, "-") && isatty(STDOUT_FILENO);
    *self = (painting){.options = opts, .listed = among != NULL, .resumed = from};
    if (among)
        self->company = *among;
    plot_init(&self->plot, opts);
    progress_init(&self->progress, opts->quiet || log_is_shown, opts->progress);
    if (!check_names(self, err))
        return false;
    progress_begin(&self->progress, "reading the pictures and the network", "");
    if (!job_read(&self->job, err) || !open_log(self, err) || !take_record(self, err) ||
        !add_observers(self, err) ||
        !checkpoints_note(&self->checkpoints, &self->job, &self->costs, err))
        return false;
    self->plan = stylize_session_plan(self->job.session, false, err);
    if (!self->plan)
        return false;
    if (self->plan->refusal.status != STYLIZE_OK) {
        *err = self->plan->refusal;
        return false;
    }
    self->progress.plan = self->plan;
    if (!load_session(self, err))
        return false;
    const int iterations = self->plan->iterations;
    return snapshots_check(&self->snapshots, iterations, nets->paths, nets->count, err) &&
           animation_begin(&self->animation, self->job.inputs.size, iterations, err);
}

/* ---- the work ---- */

/* The best picture with its record; NULL with *err. */
static stylize_image *result(const painting *self, stylize_error *err) {
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

/* Ends the log of a run that has failed. */
static void close_log(painting *self, const stylize_error *failure) {
    stylize_error unused;
    run_log_close(self->log, failure, &unused);
    self->log_ended = self->log != NULL;
    self->log = NULL;
}

void painting_log_failure(painting *self, const stylize_error *failure) {
    if (self->log)
        close_log(self, failure);
    else if (self->company.log && !self->log_ended)
        run_log_fail_shared(self->company.log, self->company.job, failure);
    self->log_ended = true;
}

stylize_image *painting_work(painting *self, stylize_error *err) {
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
    if (!self->listed)
        signals_forget();
    stylize_session_free(session); /* encoding takes less than it held */
    self->job.session = NULL;
    if (!out)
        close_log(self, err);
    return out;
}

/* *err is about something beside the picture: says that OUT is there all the same. */
static bool only_picture(stylize_error *err) {
    const stylize_error problem = *err;
    return stylize_error_set(err, problem.status, "%s; the picture is saved", problem.text);
}

static bool save_rest(painting *self, const stylize_image *out, stylize_error *err) {
    if (!recipe_file_write(self->options, err))
        return only_picture(err);
    const stylize_error *problem = self->snapshots.error.status != STYLIZE_OK
                                       ? &self->snapshots.error
                                       : &self->animation.error;
    if (problem->status != STYLIZE_OK)
        return stylize_error_set(err, problem->status,
                                 "%s; stopped, the best picture so far is saved", problem->text);
    if (self->checkpoints.path && !self->checkpoints.written)
        return stylize_error_set(err, self->checkpoints.error.status,
                                 "--checkpoint: %s; the picture is saved",
                                 self->checkpoints.error.text);
    return (animation_save(&self->animation, out, err) &&
            (!self->options->plot || plot_save(&self->plot, self->options, err))) ||
           only_picture(err);
}

bool painting_save(painting *self, stylize_image *out, stylize_error *err) {
    progress_begin(&self->progress, "saving", self->options->out);
    const bool saved = files_save_out(out, self->options, err);
    if (saved && !self->listed)
        signals_let_go();
    if (!saved || !save_rest(self, out, err)) {
        close_log(self, err);
        return false;
    }
    const bool logged = run_log_close(self->log, NULL, err);
    self->log = NULL;
    self->log_ended = true;
    return logged || only_picture(err);
}

void painting_clear(painting *self) {
    stylize_error unused;
    input_name output;
    run_log_close(self->log, NULL, &unused); /* of a run that has not begun */
    digests_clear(&self->known);
    record_free(self->record);
    cost_table_clear(&self->costs);
    plot_clear(&self->plot);
    animation_clear(&self->animation);
    checkpoints_clear(&self->checkpoints);
    checkpoint_file_close(&self->found);
    for (int i = 0; self->options && options_output_at(self->options, i, &output); i++)
        places_drop(output.path);
    job_clear(&self->job);
}
