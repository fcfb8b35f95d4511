/* SPDX-License-Identifier: MIT
 *
 * The program: argv -> parameters -> picture, with exit codes 0 done, 1 failure, 2 wrong usage and
 * 130 interrupted after saving. Only this floor prints.
 *
 * Nothing on the disk is touched before the costs of the start are known. What signals do stands in
 * signals.h.
 */
#define _POSIX_C_SOURCE 200809L /* isatty */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/completion.h"
#include "cli/cost_table.h"
#include "cli/files.h"
#include "cli/inputs.h"
#include "cli/log.h"
#include "cli/manual.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/snapshots.h"
#include "cli/threads.h"
#include "cli/weights_list.h"
#include "cli/weights_path.h"
#include "simd/kernels.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* ---- a run ---- */

/* One run of the program and what it owns. */
typedef struct session {
    options options;
    weights_folders folders;
    char *weights_path;
    inputs inputs;
    int threads;
    stylize_image *out;
    run_log *log;
    error log_error; /* with a code when the log could not be opened */
    progress progress;
    cost_table costs;
    snapshots snapshots;
    error snapshot_error; /* with a code when one could not be saved */
} session;

static void session_clear(session *self) {
    error unheard;
    run_log_close(self->log, &unheard);
    stylize_image_free(self->out);
    inputs_clear(&self->inputs);
    weights_folders_clear(&self->folders);
    free(self->weights_path);
}

static int fail(session *self, bool usage, const char *text) {
    progress_clear(&self->progress);
    fprintf(stderr, "stylize: %s\n", text);
    return usage ? EXIT_USAGE : EXIT_FAILED;
}

static int fail_error(session *self, const error *err) {
    return fail(self, err->code == ERROR_USAGE, err->text);
}

/* The exit code after printing: failures to print count. */
static int flush_output(session *self, int code) {
    error err;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    error_set_errno(&err, errno ? errno : EIO, "cannot write to standard output");
    return fail_error(self, &err);
}

static double megabytes(uint64_t bytes) {
    return (double)bytes / (1 << 20);
}

static void show_settings(const session *self) {
    const inputs *in = &self->inputs;
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        char value[1300];
        if (!table[i].run)
            continue;
        option_print(&table[i], &self->options, value, sizeof value);
        fprintf(stderr, "%-15s %s\n", table[i].name, value);
    }
    fprintf(stderr, "content %dx%d, style at %dx%d, result %dx%d\n", in->content_size[0],
            in->content_size[1], in->style_size[0], in->style_size[1], in->size[0], in->size[1]);
    fprintf(stderr, "%s, %s, %d %s\n", self->weights_path, stylize_instruction_set(), self->threads,
            self->threads == 1 ? "thread" : "threads");
}

static void show_result(session *self, const stylize_result *result) {
    char duration[32];
    progress_clear(&self->progress);
    progress_duration(result->seconds, duration, sizeof duration);
    const bool interrupted = result->stop == STYLIZE_STOP_PROGRESS;
    if (self->progress.live || self->options.verbose || interrupted)
        fprintf(stderr, "%s: %dx%d, %d %s, %s%s\n", self->options.out, self->inputs.size[0],
                self->inputs.size[1], result->iterations,
                result->iterations == 1 ? "iteration" : "iterations", duration,
                interrupted ? ", interrupted: the best picture so far" : "");
    if (self->options.verbose)
        cost_table_print(&self->costs, &self->options.params, stderr);
}

static void on_phase(void *user, stylize_phase phase) {
    static const char *const words[] = {
        [STYLIZE_PHASE_RESIZE] = "bringing the pictures to size",
        [STYLIZE_PHASE_STYLE] = "analysing the style",
        [STYLIZE_PHASE_CONTENT] = "analysing the content",
        [STYLIZE_PHASE_OPTIMIZE] = "optimising",
    };
    session *self = user;
    progress_begin(&self->progress, words[phase], "");
}

static int on_iteration(void *user, const stylize_iteration *now) {
    session *self = user;
    const stylize_params *params = &self->options.params;
    signals_picture_exists();
    cost_table_add(&self->costs, params, now);
    if (self->log) {
        if (now->iteration == 0 && !run_log_open(self->log, &self->log_error))
            return 1;
        run_log_iteration(self->log, params, now);
    }
    progress_iteration(&self->progress, now);
    return !snapshots_take(&self->snapshots, now, &self->options, &self->snapshot_error) ||
           signals_stop_asked();
}

/* Prints what the run would take, for --plan. */
static int show_plan(session *self) {
    const inputs *in = &self->inputs;
    const stylize_params *params = &self->options.params;
    stylize_forecast plan;
    stylize_error problem;
    progress_begin(&self->progress, "trying it at small sizes", "");
    if (!stylize_plan(in->network, in->content, in->style, in->init, params, &plan, &problem))
        return fail(self, problem.status == STYLIZE_USAGE, problem.text);
    progress_clear(&self->progress);
    printf("result: %dx%d\nstyle: %dx%d\nthreads: %d\n", plan.width, plan.height, plan.style_width,
           plan.style_height, self->threads);
    printf("peak memory: %.0f MB\nmemory still needed: %.0f MB\n", megabytes(plan.peak),
           megabytes(plan.needed));
    if (plan.limit)
        printf("memory available: %.0f MB (%s)\n", megabytes(plan.available), plan.limit);
    printf("largest size that fits: %d\n", plan.largest_size);
    if (plan.seconds >= 0) {
        char time[32];
        progress_duration(plan.seconds, time, sizeof time);
        printf("time: %s for %d %s\n", time, params->iterations,
               params->iterations == 1 ? "iteration" : "iterations");
    } else {
        printf("time: unknown\n");
    }
    const int code = flush_output(self, EXIT_DONE);
    if (code == EXIT_DONE && plan.refusal.status != STYLIZE_OK)
        return fail(self, plan.refusal.status == STYLIZE_USAGE, plan.refusal.text);
    return code;
}

/* Everything past the checks. */
static int paint(session *self) {
    const inputs *in = &self->inputs;
    stylize_result result;
    stylize_error problem;
    error err;
    progress_clear(&self->progress);
    if (self->options.verbose)
        show_settings(self);
    self->options.params.progress = on_iteration;
    self->options.params.phase = on_phase;
    self->options.params.user = self;
    self->out = stylize_transfer(in->network, in->content, in->style, in->init,
                                 &self->options.params, &result, &problem);
    if (!self->out)
        return fail(self, problem.status == STYLIZE_USAGE, problem.text);
    if (self->log_error.code)
        return fail_error(self, &self->log_error);
    progress_begin(&self->progress, "saving", self->options.out);
    if (!files_save(self->out, self->options.out, &self->options, &err))
        return fail_error(self, &err);
    signals_let_go();
    if (self->log)
        run_log_end(self->log, &result);
    const bool logged = run_log_close(self->log, &err);
    self->log = NULL;
    if (self->snapshot_error.code) {
        error_set(&err, self->snapshot_error.code, "%s; stopped, the best picture so far is saved",
                  self->snapshot_error.text);
        return fail_error(self, &err);
    }
    if (!logged) /* the picture is there all the same */
        return fail_error(self, &err);
    show_result(self, &result);
    return result.stop == STYLIZE_STOP_PROGRESS ? EXIT_INTERRUPTED : EXIT_DONE;
}

/* The files that the run will write. */
static bool check_files(session *self, error *err) {
    return snapshots_init(&self->snapshots, &self->options, err) &&
           files_check(&self->options, self->weights_path, err) &&
           snapshots_check(&self->snapshots, &self->options, self->weights_path, err);
}

static int run(session *self) {
    const options *opts = &self->options;
    const bool log_is_shown = opts->log && !strcmp(opts->log, "-") && isatty(STDOUT_FILENO);
    error err;
    signals_catch();
    progress_init(&self->progress, opts->quiet || log_is_shown, opts->progress,
                  opts->params.iterations);
    weights_folders_init(&self->folders);
    self->weights_path = weights_path_find(opts->weights, &self->folders, &err);
    if (!self->weights_path || (!opts->plan && !check_files(self, &err)))
        return fail_error(self, &err);
    progress_begin(&self->progress, "reading the pictures and the network", "");
    if (!inputs_read(&self->inputs, opts, self->weights_path, &err))
        return fail_error(self, &err);
    self->threads = threads_find(opts->params.threads);
    if (!threads_try(self->threads, &err))
        return fail_error(self, &err);
    self->options.params.progress_memory = opts->save_every ? files_save_memory(opts) : 0;
    if (opts->plan)
        return show_plan(self);
    const run_facts facts = {
        .weights_path = self->weights_path,
        .content_size = self->inputs.content_size,
        .style_size = self->inputs.style_size,
        .size = self->inputs.size,
        .threads = self->threads,
    };
    if (opts->log && !(self->log = run_log_new(opts, &facts, &err)))
        return fail_error(self, &err);
    return paint(self);
}

/* ---- the program ---- */

/* A file must not be given the number of a standard stream that came in closed: messages would go
 * into it. What takes its place refuses to be read or written, like a closed one. False when that
 * cannot be done. */
static bool occupy_standard_streams(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        const int flags = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", flags) != stream)
            return false;
    }
    return true;
}

/* Below, the variable is ignored where it names no set that runs here. */
static bool check_instruction_set(error *err) {
    const char *wanted = getenv("STYLIZE_ISA");
    char names[200] = "";
    if (!wanted || !*wanted)
        return true;
    for (int i = 0; kernels_at(i); i++) {
        const size_t used = strlen(names);
        if (!kernels_supported(kernels_at(i)))
            continue;
        if (!strcmp(wanted, kernels_at(i)->name))
            return true;
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", kernels_at(i)->name);
    }
    return error_set(err, ERROR_USAGE, "STYLIZE_ISA: '%s' is none of %s, which run here", wanted,
                     names);
}

static int show_version(bool verbose) {
    printf("stylize %s\n", STYLIZE_VERSION);
    if (verbose)
        printf("instruction sets: %s\nin use: %s\n", kernels_compiled(), stylize_instruction_set());
    return EXIT_DONE;
}

static int show_printout(printout what) {
    static char whole[1 << 16]; /* all of it, so that flushing tells why it cannot be written */
    weights_folders folders;
    setvbuf(stdout, whole, _IOFBF, sizeof whole);
    switch (what) {
    case PRINT_NOTHING:
        break;
    case PRINT_MAN:
        manual_print(stdout);
        break;
    case PRINT_BASH:
        completion_print_bash(stdout);
        break;
    case PRINT_ZSH:
        completion_print_zsh(stdout);
        break;
    case PRINT_FISH:
        completion_print_fish(stdout);
        break;
    case PRINT_WEIGHTS:
        weights_folders_init(&folders);
        weights_path_print_names(&folders, stdout);
        weights_folders_clear(&folders);
        break;
    }
    return EXIT_DONE;
}

static int show_weights(void) {
    weights_folders folders;
    weights_folders_init(&folders);
    weights_list_print(&folders, options_default().weights, stdout, stderr);
    weights_folders_clear(&folders);
    return EXIT_DONE;
}

static int show_help(void) {
    options_help(stdout);
    return EXIT_DONE;
}

int main(int argc, char **argv) {
    session self = {0};
    error err;
    if (!occupy_standard_streams())
        return EXIT_FAILED;
    if (!options_parse(&self.options, argc, argv, &err))
        return fail_error(&self, &err);
    if (self.options.help)
        return flush_output(&self, show_help());
    if (!check_instruction_set(&err))
        return fail_error(&self, &err);
    if (self.options.version)
        return flush_output(&self, show_version(self.options.verbose));
    if (self.options.list_weights)
        return flush_output(&self, show_weights());
    if (self.options.print != PRINT_NOTHING)
        return flush_output(&self, show_printout(self.options.print));
    threads_wait_briefly(argv);
    const int code = run(&self);
    session_clear(&self);
    return code;
}
