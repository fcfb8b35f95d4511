/* SPDX-License-Identifier: MIT */
#include "cli/curves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- collecting ---- */

void curves_init(curves *self, const char *name) {
    *self = (curves){0};
    snprintf(self->name, sizeof self->name, "%s", name);
}

void curves_clear(curves *self) {
    for (int i = 0; i < self->item_count; i++)
        free(self->items[i].values);
    free(self->iterations);
    *self = (curves){0};
}

static bool grow_column(double **column, size_t capacity) {
    double *grown = realloc(*column, capacity * sizeof *grown);
    if (grown)
        *column = grown;
    return grown != NULL;
}

static bool grow(curves *self, stylize_error *err) {
    const size_t capacity = self->capacity ? 2 * self->capacity : 256;
    bool ok = grow_column(&self->iterations, capacity);
    for (int i = 0; ok && i < self->item_count; i++)
        ok = grow_column(&self->items[i].values, capacity);
    if (!ok)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    self->capacity = capacity;
    return true;
}

static bool add_empty_row(curves *self, double iteration, stylize_error *err) {
    if (self->count == self->capacity && !grow(self, err))
        return false;
    self->iterations[self->count] = iteration;
    for (int i = 0; i < self->item_count; i++)
        self->items[i].values[self->count] = NAN;
    self->count++;
    return true;
}

void curves_begin_stage(curves *self, int width, int height) {
    self->stage_begins = true;
    snprintf(self->next_size, sizeof self->next_size, "%dx%d", width, height);
}

void curves_cut(curves *self, double iteration) {
    while (self->count > 0 && self->iterations[self->count - 1] >= iteration)
        self->count--;
    while (self->stage_count > 0 && self->stages[self->stage_count - 1].iteration >= iteration)
        self->stage_count--;
}

bool curves_add_row(curves *self, double iteration, stylize_error *err) {
    if (self->stage_begins) {
        if (self->count > 0 && !add_empty_row(self, iteration, err)) /* the gap */
            return false;
        if (self->stage_count < CURVES_MOST_STAGES) {
            self->stages[self->stage_count].iteration = iteration;
            strcpy(self->stages[self->stage_count].size, self->next_size);
            self->stage_count++;
        }
        self->stage_begins = false;
    }
    return add_empty_row(self, iteration, err);
}

bool curves_set(curves *self, curve_part part, const char *layer, double value,
                stylize_error *err) {
    int i = 0;
    while (i < self->item_count &&
           (self->items[i].part != part || strcmp(self->items[i].layer, layer) != 0))
        i++;
    if (i == CURVES_MOST)
        return true;
    if (i == self->item_count) {
        curve *item = &self->items[i];
        *item = (curve){.part = part, .values = malloc(self->capacity * sizeof *item->values)};
        if (!item->values)
            return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        snprintf(item->layer, sizeof item->layer, "%s", layer);
        for (size_t row = 0; row < self->count; row++)
            item->values[row] = NAN;
        self->item_count++;
    }
    self->items[i].values[self->count - 1] = value;
    return true;
}

/* ---- drawing ---- */

static const char *const part_names[CURVE_PARTS] = {"total", "content", "style"};
static const char *const axis_names[CURVE_PARTS] = {"total cost", "content cost", "style cost"};

static int count_layers(const curves *self, curve_part part) {
    int count = 0;
    for (int i = 0; i < self->item_count; i++)
        count += self->items[i].part == part && *self->items[i].layer;
    return count;
}

static chart_series make_series(const curves *self, const curve *item) {
    return (chart_series){
        .x = self->iterations, .y = item->values, .count = self->count, .look = -1};
}

/* A part of one run: the sum and the layers, or under the name of its only layer the sum. */
static int add_layers(const curves *self, curve_part part, chart_series *series) {
    const int layers = count_layers(self, part);
    const char *only = part_names[part];
    int count = 0, look = 0;
    for (int i = 0; layers == 1 && i < self->item_count; i++) {
        if (self->items[i].part == part && *self->items[i].layer)
            only = self->items[i].layer;
    }
    for (int i = 0; i < self->item_count; i++) {
        const curve *item = &self->items[i];
        if (item->part != part || (*item->layer && layers == 1))
            continue;
        series[count] = make_series(self, item);
        series[count].label = *item->layer ? item->layer : only;
        series[count].heavy = !*item->layer;
        if (*item->layer)
            series[count].look = look++;
        count++;
    }
    return count;
}

/* A part of several runs: the sum of each. Names stand beside the first panel alone. */
static int add_runs(const curves *self, int runs, curve_part part, chart_series *series) {
    int count = 0;
    for (int run = 0; run < runs; run++) {
        for (int i = 0; i < self[run].item_count; i++) {
            const curve *item = &self[run].items[i];
            if (item->part != part || *item->layer)
                continue;
            series[count] = make_series(&self[run], item);
            series[count].label = self[run].name;
            series[count].look = run;
            series[count].unnamed = part != CURVE_TOTAL;
            count++;
        }
    }
    return count;
}

/* The stages of a run, or of several that all have the same. */
static int add_marks(const curves *self, int runs, chart_mark *marks) {
    for (int run = 1; run < runs; run++) {
        if (self[run].stage_count != self->stage_count)
            return 0;
        for (int i = 0; i < self->stage_count; i++) {
            if (self[run].stages[i].iteration != self->stages[i].iteration ||
                strcmp(self[run].stages[i].size, self->stages[i].size) != 0)
                return 0;
        }
    }
    for (int i = 0; i < self->stage_count; i++)
        marks[i] = (chart_mark){self->stages[i].iteration, self->stages[i].size};
    return self->stage_count;
}

bool curves_draw(const curves *self, int count, chart_format format, char **data, size_t *size,
                 stylize_error *err) {
    chart_panel panels[CURVE_PARTS];
    chart_mark marks[CURVES_MOST_STAGES];
    char title[CURVES_NAME + 40];
    const size_t most = (size_t)(count > CURVES_MOST ? count : CURVES_MOST);
    chart_series *series = malloc(CURVE_PARTS * most * sizeof *series);
    if (!series)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (int part = 0; part < CURVE_PARTS; part++) {
        chart_series *own = series + (size_t)part * most;
        panels[part] = (chart_panel){.label = axis_names[part], .log = true, .series = own};
        panels[part].series_count = count == 1 ? add_layers(self, (curve_part)part, own)
                                               : add_runs(self, count, (curve_part)part, own);
    }
    if (count == 1)
        snprintf(title, sizeof title, "Costs of %s", self->name);
    else
        snprintf(title, sizeof title, "Costs of %d runs", count);
    const chart whole = {
        .title = title,
        .label = "iteration",
        .panels = panels,
        .panel_count = CURVE_PARTS,
        .marks = marks,
        .mark_count = add_marks(self, count, marks),
    };
    const bool ok = chart_encode(&whole, format, data, size, err);
    free(series);
    return ok;
}
