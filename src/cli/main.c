/* SPDX-License-Identifier: MIT
 *
 * The program: standard streams, the command line, and the way of use that it asks for. It exits
 * with 0 when done, 1 on failure, 2 on wrong usage and 130 when interrupted after saving. Only this
 * floor prints.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/again.h"
#include "cli/batch.h"
#include "cli/command.h"
#include "cli/layers.h"
#include "cli/options.h"
#include "cli/paint.h"
#include "cli/plot.h"
#include "cli/show_plan.h"
#include "cli/printout.h"
#include "cli/recipe_file.h"
#include "cli/report.h"
#include "cli/resume.h"
#include "cli/show_record.h"
#include "cli/signals.h"
#include "cli/sweep.h"
#include "cli/sweep_grid.h"
#include "cli/threads.h"
#include "cli/units.h"
#include "core/standard_streams.h"

static bool occupy_standard_streams(stylize_error *err) {
    error cause;
    return standard_streams_occupy(&cause) ||
           stylize_error_set(err, STYLIZE_FAILURE, "%s", cause.text);
}

/* The library ignores the variable where it names no set that runs here. */
static bool check_instruction_set(stylize_error *err) {
    const char *wanted = getenv("STYLIZE_ISA"), *name;
    char names[200] = "";
    bool supported;
    if (!wanted || !*wanted)
        return true;
    for (int i = 0; (name = stylize_instruction_set_at(i, &supported)); i++) {
        const size_t used = strlen(names);
        if (!supported)
            continue;
        if (!strcmp(wanted, name))
            return true;
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", name);
    }
    return stylize_error_set(err, STYLIZE_USAGE,
                             "STYLIZE_ISA: '%s' is not one of %s, which this processor can run",
                             wanted, names);
}

/* Before any file is read, and any thread started. */
static void guard_files(const options *opts) {
    if (!opts->help && !stylize_guard_start() && opts->verbose && !stylize_guard_left_out())
        fprintf(stderr, "pictures and networks are parsed without a guard, which is %s\n",
                stylize_guard_state());
}

/* Reads argv, and the files of settings where they are needed. */
static bool read_options(options *opts, const char *defaults, int argc, char **argv,
                         stylize_error *err) {
    if (!options_init(opts, err))
        return false;
    opts->defaults_file = defaults;
    if (!options_parse(opts, argc, argv, err) || (!opts->help && !check_instruction_set(err)))
        return false;
    if (!printout_wanted(opts))
        threads_wait_briefly(argv); /* starts the program again, so before anything is read */
    guard_files(opts);
    const bool needed = opts->print == PRINT_RECIPE || !printout_wanted(opts);
    if (!needed || !options_have_files(opts))
        return true;
    if (!options_parse_over_files(opts, argc, argv, err))
        return false;
    if (opts->verbose && opts->defaults_file && !opts->no_defaults)
        report_print(stderr, "defaults from %s\n", opts->defaults_file);
    return true;
}

/* What the commands do: each returns the status to exit with. The table of command.c has all else
 * of them, and knows nothing of the work. */
static int run_command(const options *opts) {
    static const struct {
        const char *name;
        int (*run)(const options *opts);
    } works[] = {
        {"show", record_show},   {"again", paint_again}, {"units", units_show},
        {"layers", layers_show}, {"resume", resume_run}, {"batch", batch},
        {"plot", plot_logs},
    };
    size_t i = 0;
    while (strcmp(works[i].name, opts->command->name) != 0)
        i++;
    return works[i].run(opts);
}

int main(int argc, char **argv) {
    options opts;
    stylize_error err;
    char *defaults;
    int code;
    signals_begin();
    if (!occupy_standard_streams(&err))
        return report_failure(&err);
    if (!threads_check_stacks(&err))
        return report_failure(&err);
    if (!recipe_file_find_defaults(&defaults, &err))
        return report_failure(&err);
    if (!read_options(&opts, defaults, argc, argv, &err))
        code = report_failure(&err);
    else if (printout_wanted(&opts))
        code = printout_show(&opts);
    else if (opts.command)
        code = run_command(&opts);
    else
        code = sweep_wanted(&opts) ? sweep_paint(&opts)
               : opts.plan         ? plan_show(&opts)
                                   : paint(&opts);
    options_clear(&opts);
    free(defaults);
    return code;
}
