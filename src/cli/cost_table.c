/* SPDX-License-Identifier: MIT */
#include "cli/cost_table.h"

#include <string.h>

void cost_table_add(cost_table *self, const stylize_params *params, const stylize_iteration *now) {
    const bool first = now->iteration == 0;
    if (!first && !(now->total < self->best.total))
        return;
    cost_column *column = &self->best;
    memcpy(column->content, now->content_layers,
           (size_t)params->content_layer_count * sizeof *column->content);
    memcpy(column->style, now->style_layers,
           (size_t)params->style_layer_count * sizeof *column->style);
    column->tv = now->tv;
    column->total = now->total;
    if (first)
        self->start = *column;
}

/* A part of nothing is no part. */
static void print_line(FILE *file, const char *kind, const char *layer, double weight, double start,
                       double best, double total) {
    fprintf(file, "%-8s %-8s %10.4g %12.6g %12.6g %7.1f %%\n", kind, layer, weight, start, best,
            total > 0 ? 100 * weight * best / total : 0);
}

static void print_layers(FILE *file, const char *kind, double weight, const stylize_layer *layers,
                         int count, const double *start, const double *best, double total) {
    for (int i = 0; i < count; i++)
        print_line(file, kind, layers[i].name, weight * layers[i].weight, start[i], best[i], total);
}

void cost_table_print(const cost_table *self, const stylize_params *params, FILE *file) {
    const cost_column *start = &self->start, *best = &self->best;
    fprintf(file, "%-8s %-8s %10s %12s %12s %9s\n", "cost", "layer", "weight", "start", "best",
            "share");
    print_layers(file, "content", params->alpha, params->content_layers,
                 params->content_layer_count, start->content, best->content, best->total);
    print_layers(file, "style", params->beta, params->style_layers, params->style_layer_count,
                 start->style, best->style, best->total);
    print_line(file, "tv", "", params->tv, start->tv, best->tv, best->total);
    print_line(file, "total", "", 1, start->total, best->total, best->total);
}
