/* SPDX-License-Identifier: MIT */
#include "cli/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/log_reader.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/term_mean.h"
#include "core/retry.h"

static bool check_format(const char *what, const char *path, stylize_error *err) {
    return chart_format_of_path(path) != CHART_NONE ||
           stylize_error_set(err, STYLIZE_USAGE, "%s%s must end in .svg, .png or .pdf", what, path);
}

static bool draw(const curves *runs, int count, const char *path, stylize_error *err) {
    char *data;
    size_t size;
    const bool ok = curves_draw(runs, count, chart_format_of_path(path), &data, &size, err) &&
                    files_write(path, data, size, err);
    free(data);
    return ok;
}

/* ---- a run ---- */

bool plot_check(const options *opts, char *const *weights, int count, stylize_error *err) {
    return !opts->plot ||
           (check_format("--plot: ", opts->plot, err) && chart_available("--plot", err) &&
            files_check_beside(opts, "--plot", opts->plot, weights, count, err));
}

void plot_init(plot *self, const options *opts) {
    *self = (plot){0};
    curves_init(&self->curves, strcmp(opts->out, "-") ? files_base(opts->out) : "the picture");
}

void plot_clear(plot *self) {
    curves_clear(&self->curves);
}

static bool add_row(curves *to, const stylize_event *event, stylize_error *err) {
    bool ok = curves_add_row(to, event->iteration, err) &&
              curves_set(to, CURVE_TOTAL, "", event->total, err) &&
              curves_set(to, CURVE_CONTENT, "", event->content, err) &&
              curves_set(to, CURVE_STYLE, "", event->style, err);
    for (int i = 0; ok && i < event->term_count; i++) {
        const stylize_term *term = event->terms[i];
        const bool style = !strcmp(term->kind, "style");
        if (term->region == 0 && (style || !strcmp(term->kind, "content")))
            ok = curves_set(to, style ? CURVE_STYLE : CURVE_CONTENT, term->layer,
                            term_mean(event, term->kind, term->layer), err);
    }
    return ok;
}

int plot_observe(void *user, stylize_session *session, const stylize_event *event) {
    plot *self = user;
    (void)session;
    if (event->kind == STYLIZE_EVENT_STAGE)
        curves_begin_stage(&self->curves, event->plan->width, event->plan->height);
    else if (event->kind == STYLIZE_EVENT_ITERATION && self->error.status == STYLIZE_OK)
        add_row(&self->curves, event, &self->error);
    return 0;
}

bool plot_save(const plot *self, const options *opts, stylize_error *err) {
    stylize_error cause = self->error;
    return (cause.status == STYLIZE_OK && draw(&self->curves, 1, opts->plot, &cause)) ||
           stylize_error_set(err, cause.status, "--plot: %s", cause.text);
}

/* ---- logs ---- */

static bool read_log(log_runs *runs, const char *path, const char *label, stylize_error *err) {
    const bool given = !strcmp(path, "-");
    FILE *file = given ? stdin : retry_fopen(path, "r");
    if (!file)
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: %s", path, strerror(errno));
    const bool ok = log_read(runs, file, given ? "standard input" : path, label, err);
    if (!given)
        fclose(file);
    return ok;
}

static bool check_logs(const options *opts, stylize_error *err) {
    if (!check_format("OUT: ", opts->out, err) || !chart_available("plot", err))
        return false;
    for (int i = 0; i < opts->operand_count; i++) {
        if (files_same(opts->out, opts->operands[i]))
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: OUT would overwrite a LOG; name another file", opts->out);
    }
    return files_check_new(opts->out, err);
}

/* How a log is called beside its line: by its file, with folders where another has the same name.
 */
static const char *log_name(const options *opts, int index) {
    const char *path = opts->operands[index];
    for (int i = 0; i < opts->operand_count; i++) {
        if (i != index && !strcmp(files_base(opts->operands[i]), files_base(path)))
            return path;
    }
    return files_base(path);
}

int plot_logs(const options *opts) {
    stylize_error err;
    const int count = opts->operand_count;
    log_runs runs = {0};
    signals_catch();
    bool ok = check_logs(opts, &err);
    for (int i = 0; ok && i < count; i++)
        ok = read_log(&runs, opts->operands[i], count > 1 ? log_name(opts, i) : "", &err);
    ok = ok && draw(runs.items, runs.count, opts->out, &err);
    log_runs_clear(&runs);
    return ok ? EXIT_DONE : report_failure(&err);
}
