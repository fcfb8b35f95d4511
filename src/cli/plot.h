/* SPDX-License-Identifier: MIT
 *
 * Charts of costs: of the run at work (--plot), and of logs (stylize plot).
 */
#ifndef STYLIZE_CLI_PLOT_H
#define STYLIZE_CLI_PLOT_H

#include "cli/curves.h"
#include "cli/options.h"

/* What --plot collects. */
typedef struct plot {
    curves curves;
    stylize_error error; /* not STYLIZE_OK when memory was short */
} plot;

/* Before any work is done: whether the chart can be drawn and the file that --plot names be
 * written, and that it overwrites no other of the run; `weights` [count] are the files of the
 * networks. True without --plot. */
bool plot_check(const options *opts, char *const *weights, int count, stylize_error *err);

/* Begins to collect, for plot_observe. plot_clear follows; it may be called without. */
void plot_init(plot *self, const options *opts);
void plot_clear(plot *self);

/* A stylize_observer whose user is the plot. It cancels nothing. */
int plot_observe(void *user, stylize_session *session, const stylize_event *event);

/* Draws what has been collected and writes the file, whole or not at all. False with *err. */
bool plot_save(const plot *self, const options *opts, stylize_error *err);

/* The command: LOG... OUT. Returns the exit status. */
int plot_logs(const options *opts);

#endif
