/* SPDX-License-Identifier: MIT */
#include "cli/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/sweep_grid.h"
#include "cli/sweep_sheet.h"
#include "report/chart.h"

#define STORE_BYTES ((uint64_t)256 << 20) /* of pictures, and of what is learnt of styles */

typedef struct sweep {
    const options *options;
    sweep_grid grid;
    store *store;          /* what all pictures share; owned */
    sweep_result *results; /* [grid.cell_count], owned */
    char *page;            /* owned; NULL: none is written */
    int at;                /* the cell at work */
    int failed;
    progress progress;
} sweep;

/* ---- before the work ---- */

/* The sizes of all pictures, for the sheet, and whether that is too large. */
static bool find_sizes(sweep *self, stylize_error *err) {
    const options *opts = self->options;
    double most = 0;
    stylize_recipe_get_number(opts->recipe, "max-pixels", &most);
    const int most_pixels = most < STYLIZE_MOST_PIXELS ? (int)most : STYLIZE_MOST_PIXELS;
    stylize_image *first = store_take_picture(
        self->store, opts->content ? opts->content : opts->styles[0], most_pixels, err);
    int width, height;
    if (!first)
        return false;
    stylize_image_size(first, &width, &height);
    store_give_picture(self->store, first);
    for (int i = 0; i < self->grid.cell_count; i++) {
        int *size = self->results[i].size;
        stylize_recipe_result_size(self->grid.cells[i].options.recipe, width, height, &size[0],
                                   &size[1]);
    }
    return sweep_sheet_check(&self->grid, self->results, most_pixels, err);
}

/* The files that are named, before anything is read. */
static bool check_names(sweep *self, stylize_error *err) {
    const options *opts = self->options;
    networks nets;
    bool ok = networks_find(&nets, stylize_recipe_weights(opts->recipe), NULL, err) &&
              files_check(opts, nets.paths, nets.count, err);
    if (ok) {
        self->page = sweep_page_name(opts, err);
        ok = self->page
                 ? files_check_beside(opts, "the page", self->page, nets.paths, nets.count, err) &&
                       sweep_page_check(self->page, err)
                 : err->status == STYLIZE_OK;
    }
    networks_clear(&nets);
    return ok;
}

static bool prepare(sweep *self, stylize_error *err) {
    const char *what = self->options->sweeps.count > 0 ? "--sweep" : "--compare";
    if (!chart_available(what, err) || !sweep_grid_init(&self->grid, self->options, err) ||
        !check_names(self, err))
        return false;
    self->results = calloc((size_t)self->grid.cell_count, sizeof *self->results);
    if (!self->results)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (int i = 0; i < self->grid.cell_count; i++)
        strcpy(self->results[i].problem, "not painted");
    progress_begin(&self->progress, "reading the pictures", "");
    self->store = store_new(STORE_BYTES, STORE_BYTES, err);
    return self->store && find_sizes(self, err);
}

/* ---- a picture ---- */

static int observe(void *user, stylize_session *session, const stylize_event *event) {
    sweep *self = user;
    char text[240];
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION || !progress_is_due(&self->progress))
        return 0;
    snprintf(text, sizeof text, "picture %d/%d, %s: iteration %d/%d", self->at + 1,
             self->grid.cell_count, self->grid.cells[self->at].label, event->iteration,
             event->iterations);
    progress_begin(&self->progress, text, "");
    return 0;
}

static bool start(sweep *self, job *work, sweep_result *result, stylize_error *err) {
    if (!job_init(work, &self->grid.cells[self->at].options, self->store, NULL, err) ||
        !job_read(work, err))
        return false;
    const stylize_plan *plan = stylize_session_plan(work->session, false, err);
    if (!plan)
        return false;
    if (plan->refusal.status != STYLIZE_OK) {
        *err = plan->refusal;
        return false;
    }
    return stylize_session_observe(work->session, signals_observe, NULL, 0, err) &&
           stylize_session_observe(work->session, cost_table_observe, &result->costs, 0, err) &&
           stylize_session_observe(work->session, observe, self, 0, err);
}

/* Paints the cell at work into its result. False with *err. */
static bool paint_cell(sweep *self, stylize_error *err) {
    sweep_result *result = &self->results[self->at];
    job work;
    if (start(self, &work, result, err) && stylize_session_run(work.session, err)) {
        const stylize_event *end = stylize_session_event(work.session);
        result->iterations = end->iteration;
        result->seconds = end->seconds;
        result->interrupted = end->stop == STYLIZE_STOP_CANCELLED;
        result->picture = stylize_session_result(work.session, err);
    }
    signals_forget();
    job_clear(&work);
    if (result->picture)
        stylize_image_size(result->picture, &result->size[0], &result->size[1]);
    return result->picture != NULL;
}

static void report_cell(sweep *self, const stylize_error *err) {
    const char *label = self->grid.cells[self->at].label;
    sweep_result *result = &self->results[self->at];
    char duration[32];
    progress_clear(&self->progress);
    if (!result->picture) {
        memcpy(result->problem, err->text, sizeof result->problem);
        report_print(stderr, "stylize: %s: %s%s\n", label, err->text, report_way_out(err->text));
    } else if (self->options->verbose) {
        progress_duration(result->seconds, duration, sizeof duration);
        report_print(stderr, "%s: %d %s, %s, cost %.4g\n", label, result->iterations,
                     result->iterations == 1 ? "iteration" : "iterations", duration,
                     result->costs.best_total);
    }
}

/* ---- the whole ---- */

/* False with *err, that of the last one, when none could be painted. */
static bool work(sweep *self, stylize_error *err) {
    int done = 0;
    for (self->at = 0; self->at < self->grid.cell_count && !signals_stop_asked(); self->at++) {
        const bool ok = paint_cell(self, err);
        if (!ok && signals_stop_asked())
            break; /* before there was a picture */
        if (!ok)
            self->failed++;
        done += ok;
        report_cell(self, err);
    }
    return done > 0 ||
           stylize_error_set(err, STYLIZE_FAILURE, "none of %d pictures could be painted",
                             self->grid.cell_count);
}

static bool save(sweep *self, stylize_error *err) {
    const options *opts = self->options;
    progress_begin(&self->progress, "saving", opts->out);
    const bool ok =
        sweep_sheet_save(&self->grid, self->results, opts, err) &&
        (!self->page || sweep_page_save(&self->grid, self->results, opts, self->page, err));
    if (ok)
        signals_let_go();
    return ok;
}

static int finish(sweep *self) {
    const bool stopped = signals_stop_asked();
    progress_clear(&self->progress);
    if (self->progress.live || self->options->verbose || stopped || self->failed > 0)
        report_print(stderr, "%s: %d of %d pictures%s%s\n", self->options->out,
                     self->at - self->failed, self->grid.cell_count, stopped ? ", interrupted" : "",
                     self->failed > 0 ? "; others failed" : "");
    return stopped ? EXIT_INTERRUPTED : self->failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void clear(sweep *self) {
    for (int i = 0; self->results && i < self->grid.cell_count; i++) {
        stylize_image_free(self->results[i].picture);
        cost_table_clear(&self->results[i].costs);
    }
    free(self->results);
    free(self->page);
    store_free(self->store);
    sweep_grid_clear(&self->grid);
}

int sweep_paint(const options *opts) {
    sweep self = {.options = opts};
    stylize_error err;
    signals_catch();
    progress_init(&self.progress, opts->quiet, opts->progress);
    const bool ok = prepare(&self, &err) && work(&self, &err) && save(&self, &err);
    progress_clear(&self.progress);
    const int code = ok ? finish(&self) : report_failure(&err);
    clear(&self);
    return code;
}
