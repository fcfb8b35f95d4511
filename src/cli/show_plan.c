/* SPDX-License-Identifier: MIT */
#include "cli/show_plan.h"

#include <stdlib.h>

#include "cli/animation.h"
#include "cli/files.h"
#include "cli/job.h"
#include "cli/plan_json.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/snapshots.h"

static double megabytes(uint64_t bytes) {
    return (double)bytes / (1 << 20);
}

static const char *iterations_word(int count) {
    return count == 1 ? "iteration" : "iterations";
}

/* The sizes of all styles, each after `before`. */
static void print_styles(const char *before, const stylize_stage *stage, FILE *file) {
    const int *size = stage->style_sizes;
    for (int i = 0; i < stage->style_count; i++, size += 2)
        fprintf(file, "%s%dx%d", before, size[0], size[1]);
}

void plan_print_stages(const stylize_plan *plan, const networks *nets, FILE *file) {
    for (int i = 0; i < plan->stage_count; i++) {
        const stylize_stage *stage = plan->stages[i];
        char time[32];
        fprintf(file, "stage %d/%d: %dx%d", i + 1, plan->stage_count, stage->width, stage->height);
        print_styles(", style ", stage, file);
        fprintf(file, ", %d %s", stage->iterations, iterations_word(stage->iterations));
        if (nets->count > 1)
            report_print(file, ", %s", nets->paths[stage->network]);
        fprintf(file, ", %.0f MB", megabytes(stage->bytes));
        if (stage->seconds >= 0) {
            progress_duration(stage->seconds, time, sizeof time);
            fprintf(file, ", %s", time);
        }
        fputc('\n', file);
    }
}

/* What bounds the size, which is found for the networks of the plan as they are loaded. */
static void print_largest_size(const stylize_plan *plan, const job *work) {
    const char *light = job_may_lighten(work);
    const bool halve = job_may_halve(work);
    printf("largest size that fits: %d", plan->largest_size);
    if (plan->content_bounds)
        printf(" (CONTENT's own size; --upscale allows more)");
    else if (halve || light)
        printf(" (larger ones are tried %s%s%s%s)", halve ? "in bf16" : "",
               halve && light ? ", then " : "", light ? "with " : "", light ? light : "");
    putchar('\n');
}

static void print_plan(const stylize_plan *plan, const job *work) {
    const stylize_stage *last = plan->stages[plan->stage_count - 1];
    printf("result: %dx%d", plan->width, plan->height);
    print_styles("\nstyle: ", last, stdout);
    printf("\nthreads: %d\nprecision: %s\n", work->threads,
           stylize_network_precision(work->networks.loaded[work->networks.count - 1]));
    printf("peak memory: %.0f MB\nmemory still needed: %.0f MB\n", megabytes(plan->peak),
           megabytes(plan->needed));
    if (plan->limit)
        printf("memory available: %.0f MB (%s)\n", megabytes(plan->available), plan->limit);
    print_largest_size(plan, work);
    if (plan->seconds >= 0) {
        char time[32];
        progress_duration(plan->seconds, time, sizeof time);
        printf("time: %s for %d %s\n", time, plan->iterations, iterations_word(plan->iterations));
    } else {
        printf("time: unknown\n");
    }
    plan_print_stages(plan, &work->networks, stdout);
}

/* False with *err when memory is short. */
static bool print_in_form(const stylize_plan *plan, const job *work, stylize_error *err) {
    if (!work->options->json) {
        print_plan(plan, work);
        return true;
    }
    char *text = plan_json_write(plan, work, err);
    const bool written = text != NULL;
    if (written)
        puts(text);
    free(text);
    return written;
}

/* The plan with the memory that the pictures of --save-every and --animation take; NULL with *err.
 */
static const stylize_plan *make_plan(job *work, snapshots *saved, animation *film,
                                     stylize_error *err) {
    const options *opts = work->options;
    const char *name = opts->save_pattern ? opts->save_pattern : opts->out;
    if (snapshots_wanted(opts) && !stylize_session_observe(work->session, snapshots_observe, saved,
                                                           files_save_memory(opts, name), err))
        return NULL;
    if (opts->animation && !stylize_session_observe(work->session, animation_observe, film,
                                                    stylize_animation_memory(), err))
        return NULL;
    return stylize_session_plan(work->session, true, err);
}

int plan_show(const options *opts) {
    const stylize_plan *plan = NULL;
    snapshots saved = {.options = opts};
    animation film = {.options = opts};
    progress shown;
    job work;
    stylize_error err;
    int code = EXIT_DONE;
    signals_catch();
    progress_init(&shown, opts->quiet, opts->progress);
    bool ok = job_init(&work, opts, NULL, NULL, &err);
    if (ok) {
        progress_begin(&shown, "reading the pictures and the network", "");
        ok = job_read(&work, &err);
    }
    if (ok) {
        progress_begin(&shown, "timing it at small sizes", "");
        plan = make_plan(&work, &saved, &film, &err);
    }
    progress_clear(&shown);
    if (plan)
        job_note(&work, plan);
    if (plan && print_in_form(plan, &work, &err)) {
        code = report_flush(EXIT_DONE);
        if (code == EXIT_DONE && plan->refusal.status != STYLIZE_OK)
            code = report_failure(&plan->refusal);
    } else {
        code = report_failure(&err);
    }
    job_clear(&work);
    return code;
}
