/* SPDX-License-Identifier: MIT
 *
 * The program: argv -> parameters -> picture, with exit codes 0 done, 1 failure, 2 wrong usage and
 * 130 interrupted after saving. Only this floor prints.
 */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/weights_path.h"
#include "core/cpu.h"
#include "image/image.h"
#include "simd/kernels.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

/* The first signal asks for an orderly end; the second has its ordinary effect. A SIGINT that was
 * ignored, as in a shell script's background jobs, is caught all the same: who sends it to this
 * process means it. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* One run of the program and what it owns. */
typedef struct session {
    options options;
    weights_folders folders;
    char *weights_path;
    stylize_network *network;
    stylize_image *content, *style, *init, *out;
    run_facts facts;
    run_log *log; /* opened when the run has begun, so that one that cannot costs no old log */
    bool log_failed;
    error log_error;
    progress progress;
    double content_costs[STYLIZE_MAX_LAYERS], style_costs[STYLIZE_MAX_LAYERS]; /* the last ones */
} session;

static void session_clear(session *self) {
    stylize_image_free(self->content);
    stylize_image_free(self->style);
    stylize_image_free(self->init);
    stylize_image_free(self->out);
    stylize_network_free(self->network);
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

static int fail_stylize(session *self, const stylize_error *err) {
    return fail(self, err->status == STYLIZE_USAGE, err->text);
}

/* --help and --version. */
static int show_information(session *self) {
    if (self->options.help) {
        options_help(stdout);
    } else {
        printf("stylize %s\n", STYLIZE_VERSION);
        if (self->options.verbose)
            printf("instruction sets: %s\nin use: %s\n", kernels_compiled(),
                   stylize_instruction_set());
    }
    if (!fflush(stdout) && !ferror(stdout))
        return EXIT_DONE;
    error err;
    error_set_errno(&err, errno, "standard output");
    return fail_error(self, &err);
}

static bool read_inputs(session *self, stylize_error *err) {
    self->content = stylize_image_read(self->options.content, err);
    self->style = self->content ? stylize_image_read(self->options.style, err) : NULL;
    if (self->style && self->options.init)
        self->init = stylize_image_read(self->options.init, err);
    if (!self->style || (self->options.init && !self->init))
        return false;
    self->network = stylize_network_load(self->weights_path, err);
    return self->network != NULL;
}

static void find_facts(session *self) {
    const stylize_params *params = &self->options.params;
    run_facts *facts = &self->facts;
    int width, height;
    facts->weights_path = self->weights_path;
    facts->threads = params->threads > 0 ? params->threads : cpu_count();
    stylize_image_size(self->content, &facts->content_size[0], &facts->content_size[1]);
    stylize_image_size(self->style, &width, &height);
    stylize_style_size(params, width, height, &facts->style_size[0], &facts->style_size[1]);
    stylize_output_size(params, facts->content_size[0], facts->content_size[1], &facts->size[0],
                        &facts->size[1]);
}

static void show_settings(const session *self) {
    const run_facts *facts = &self->facts;
    size_t count;
    const option *table = options_table(&count);
    for (size_t i = 0; i < count; i++) {
        char value[1024];
        if (!table[i].run)
            continue;
        option_print(&table[i], &self->options, value, sizeof value);
        fprintf(stderr, "%-15s %s\n", table[i].name, *value ? value : "auto");
    }
    fprintf(stderr, "content %dx%d, style at %dx%d, result %dx%d\n", facts->content_size[0],
            facts->content_size[1], facts->style_size[0], facts->style_size[1], facts->size[0],
            facts->size[1]);
    fprintf(stderr, "%s, %s, %d threads\n", self->weights_path, stylize_instruction_set(),
            facts->threads);
}

static void show_layers(const char *kind, const stylize_layer *layers, int count,
                        const double *costs) {
    for (int i = 0; i < count; i++)
        fprintf(stderr, "%s %-8s %.6g\n", kind, layers[i].name, costs[i]);
}

static bool start_log(session *self) {
    self->log = run_log_open(self->options.log, &self->log_error);
    return self->log && run_log_start(self->log, &self->options, &self->facts, &self->log_error);
}

/* Non-zero stops: when interrupted, or when there is a log to write and it cannot be opened. */
static int on_iteration(void *user, const stylize_iteration *now) {
    session *self = user;
    const stylize_params *params = &self->options.params;
    if (self->options.log && now->iteration == 0 && !start_log(self)) {
        self->log_failed = true;
        return 1;
    }
    memcpy(self->content_costs, now->content_layers,
           (size_t)params->content_layer_count * sizeof *now->content_layers);
    memcpy(self->style_costs, now->style_layers,
           (size_t)params->style_layer_count * sizeof *now->style_layers);
    if (self->log)
        run_log_iteration(self->log, params, now);
    progress_show(&self->progress, now);
    return interrupted;
}

static void show_result(session *self, const stylize_result *result) {
    const run_facts *facts = &self->facts;
    const stylize_params *params = &self->options.params;
    const bool live = self->progress.live;
    char duration[32];
    progress_clear(&self->progress);
    progress_duration(result->seconds, duration, sizeof duration);
    if (live || self->options.verbose)
        fprintf(stderr, "%s: %dx%d, %d iterations, %s\n", self->options.out, facts->size[0],
                facts->size[1], result->iterations, duration);
    if (self->options.verbose) {
        show_layers("content", params->content_layers, params->content_layer_count,
                    self->content_costs);
        show_layers("style", params->style_layers, params->style_layer_count, self->style_costs);
    }
}

/* Everything after the files are read. */
static int paint(session *self) {
    stylize_result result;
    stylize_error problem;
    find_facts(self);
    if (self->options.verbose)
        show_settings(self);
    self->out = stylize_transfer(self->network, self->content, self->style, self->init,
                                 &self->options.params, &result, &problem);
    if (!self->out)
        return fail_stylize(self, &problem);
    if (self->log_failed)
        return fail_error(self, &self->log_error);
    if (self->log)
        run_log_end(self->log, &result);
    if (!stylize_image_write(self->out, self->options.out, &problem))
        return fail_stylize(self, &problem);
    show_result(self, &result);
    return result.stop == STYLIZE_STOP_PROGRESS ? EXIT_INTERRUPTED : EXIT_DONE;
}

static int run(session *self) {
    stylize_error problem;
    error err;
    weights_folders_init(&self->folders);
    self->weights_path = weights_path_find(self->options.weights, &self->folders, &err);
    if (!self->weights_path || !files_check(&self->options, self->weights_path, &err))
        return fail_error(self, &err);
    catch_signals();
    if (!read_inputs(self, &problem))
        return fail_stylize(self, &problem);
    progress_init(&self->progress, self->options.quiet, self->options.params.iterations);
    self->options.params.progress = on_iteration;
    self->options.params.user = self;
    int code = paint(self);
    if (!run_log_close(self->log, &err) && (code == EXIT_DONE || code == EXIT_INTERRUPTED))
        code = fail_error(self, &err);
    return code;
}

int main(int argc, char **argv) {
    session self = {0};
    error err;
    if (!options_parse(&self.options, argc, argv, &err))
        return fail_error(&self, &err);
    if (self.options.help || self.options.version)
        return show_information(&self);
    const int code = run(&self);
    session_clear(&self);
    return code;
}
