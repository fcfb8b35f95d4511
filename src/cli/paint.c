/* SPDX-License-Identifier: MIT */
#include "cli/paint.h"

#include <stdio.h>

#include "cli/painting.h"
#include "cli/report.h"
#include "cli/show_plan.h"
#include "cli/signals.h"

/* ---- what is shown ---- */

static void show_settings(const painting *self) {
    const inputs *in = &self->job.inputs;
    const networks *nets = &self->job.networks;
    option entry;
    for (size_t i = 0; options_at(i, &entry); i++) {
        char value[1300];
        if (!entry.run)
            continue;
        option_print(&entry, self->options, value, sizeof value);
        report_print(stderr, "%-15s %s\n", entry.field->name, value);
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
    report_print(stderr, "%s, %s, %s, %d %s\n", nets->paths[nets->count - 1],
                 stylize_instruction_set(),
                 stylize_network_precision(nets->loaded[nets->count - 1]), self->job.threads,
                 self->job.threads == 1 ? "thread" : "threads");
}

static void show_result(painting *self) {
    const int *size = self->job.inputs.size;
    const bool interrupted = self->stop == STYLIZE_STOP_CANCELLED;
    char duration[32];
    progress_duration(self->seconds, duration, sizeof duration);
    if (self->progress.live || self->options->verbose || interrupted)
        report_print(stderr, "%s: %dx%d, %d %s, %s%s\n", self->options->out, size[0], size[1],
                     self->iterations, self->iterations == 1 ? "iteration" : "iterations", duration,
                     interrupted ? ", interrupted: the best picture so far" : "");
    if (interrupted && self->checkpoints.written)
        report_print(stderr, "stylize: stylize resume %s goes on from here\n",
                     self->checkpoints.path);
    if (self->options->verbose)
        cost_table_print(&self->costs, stderr);
}

static int finish(painting *self, bool ok, const stylize_error *err) {
    progress_clear(&self->progress);
    if (!ok)
        return report_failure(err);
    show_result(self);
    return self->stop == STYLIZE_STOP_CANCELLED ? EXIT_INTERRUPTED : EXIT_DONE;
}

static int paint_run(const options *opts, resumption *from) {
    painting self;
    stylize_image *out = NULL;
    stylize_error err;
    signals_catch();
    bool ok = painting_prepare(&self, opts, NULL, from, &err);
    if (ok) {
        progress_clear(&self.progress);
        job_note(&self.job, self.plan);
        if (opts->verbose)
            show_settings(&self);
        out = painting_work(&self, &err);
        ok = out && painting_save(&self, out, &err);
    }
    const int code = finish(&self, ok, &err);
    stylize_image_free(out);
    painting_clear(&self);
    return code;
}

int paint(const options *opts) {
    return paint_run(opts, NULL);
}

int paint_resumed(const options *opts, resumption *from) {
    return paint_run(opts, from);
}
