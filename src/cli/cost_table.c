/* SPDX-License-Identifier: MIT */
#include "cli/cost_table.h"

#include <stdlib.h>
#include <string.h>

void cost_table_clear(cost_table *self) {
    free(self->rows);
    *self = (cost_table){0};
}

/* Other weights make another cost, of which this picture is the best so far. */
static void reweigh(cost_table *self, const stylize_event *event) {
    self->alpha = event->alpha;
    self->start_total = 0;
    for (int i = 0; i < self->count; i++) {
        self->rows[i].weight = event->terms[i]->weight;
        self->start_total += self->rows[i].weight * self->rows[i].start;
    }
    self->best_total = event->total;
}

/* A row for each term of a stage that begins. */
static void begin(cost_table *self, const stylize_event *event) {
    self->count = 0;
    self->start_total = event->total;
    self->alpha = event->alpha;
    if (event->term_count > self->capacity) {
        cost_row *grown = realloc(self->rows, (size_t)event->term_count * sizeof *grown);
        if (!grown) {
            self->lacks_memory = true;
            return;
        }
        self->rows = grown;
        self->capacity = event->term_count;
    }
    self->count = event->term_count;
    bool several = false;
    for (int i = 0; i < self->count; i++)
        several = several || event->terms[i]->region > 0;
    for (int i = 0; i < self->count; i++) {
        const stylize_term *term = event->terms[i];
        cost_row *row = &self->rows[i];
        *row = (cost_row){.weight = term->weight, .start = term->value};
        snprintf(row->kind, sizeof row->kind, "%s", term->kind);
        snprintf(row->layer, sizeof row->layer, "%s", term->layer);
        if (several && !strcmp(term->kind, "style"))
            snprintf(row->layer, sizeof row->layer, "%s/%d", term->layer, term->region + 1);
    }
}

int cost_table_observe(void *user, stylize_session *session, const stylize_event *event) {
    cost_table *self = user;
    (void)session;
    if (event->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    if (event->stage_iteration == 0)
        begin(self, event);
    self->last_stage = event->stage + 1;
    if (event->content_error >= 0) {
        self->content_error = event->content_error;
        self->error_stage = event->stage + 1;
    }
    if (event->alpha != self->alpha)
        reweigh(self, event);
    else if (event->stage_iteration > 0 && !(event->total < self->best_total))
        return 0;
    self->best_total = event->total;
    self->content = event->content;
    self->style = event->style;
    self->tv = event->tv;
    self->chroma_tv = event->chroma_tv;
    for (int i = 0; i < self->count; i++)
        self->rows[i].best = event->terms[i]->value;
    return 0;
}

/* A share of nothing is 0. */
static void print_line(FILE *file, const char *kind, const char *layer, double weight, double start,
                       double best, double total) {
    fprintf(file, "%-9s %-10s %10.4g %12.6g %12.6g %7.1f %%\n", kind, layer, weight, start, best,
            total > 0 ? 100 * weight * best / total : 0);
}

static void print_strength(const cost_table *self, FILE *file) {
    if (self->error_stage == 0)
        return;
    fprintf(file, "strength: alpha %.3g leaves a content error of %.2f", self->alpha,
            self->content_error);
    if (self->error_stage < self->last_stage)
        fprintf(file, ", measured at stage %d", self->error_stage);
    fputc('\n', file);
}

void cost_table_print(const cost_table *self, FILE *file) {
    const double total = self->best_total;
    print_strength(self, file);
    fprintf(file, "%-9s %-10s %10s %12s %12s %9s\n", "cost", "layer", "weight", "start", "best",
            "share");
    for (int i = 0; i < self->count; i++) {
        const cost_row *row = &self->rows[i];
        print_line(file, row->kind, row->layer, row->weight, row->start, row->best, total);
    }
    print_line(file, "total", "", 1, self->start_total, total, total);
}
