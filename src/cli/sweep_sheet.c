/* SPDX-License-Identifier: MIT */
#include "cli/sweep_sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"
#include "cli/progress.h"
#include "cli/sheet.h"
#include "core/retry.h"
#include "report/label.h"
#include "report/page.h"

enum { MARGIN = 12, GAP = 6, INK = 38, QUALITY = 92 };

static int least(int a, int b) {
    return a < b ? a : b;
}

static int most(int a, int b) {
    return a > b ? a : b;
}

/* ---- the sheet ---- */

static label_style label_font(int cell_width, int paper) {
    return (label_style){
        .size = most(11, least(28, cell_width / 17)), .grey = INK, .paper = (unsigned char)paper};
}

/* Cells are as large as the largest picture. */
static sheet_format make_format(const sweep_grid *grid, const sweep_result *results) {
    sheet_format format = {
        .columns = grid->column_count, .rows = grid->row_count, .gap = GAP, .margin = MARGIN};
    for (int i = 0; i < grid->cell_count; i++) {
        format.cell_width = most(format.cell_width, results[i].size[0]);
        format.cell_height = most(format.cell_height, results[i].size[1]);
    }
    const int line = (int)(1.9 * label_font(format.cell_width, 255).size);
    format.head = line - MARGIN / 2;
    if (grid->rows.count > 0)
        format.side = line - MARGIN / 2;
    else
        format.between = line;
    return format;
}

bool sweep_sheet_check(const sweep_grid *grid, const sweep_result *results, int most_pixels,
                       stylize_error *err) {
    const sheet_format format = make_format(grid, results);
    stylize_error cause;
    sheet trial;
    const bool ok = sheet_init(&trial, &format, most_pixels, &cause);
    sheet_clear(&trial);
    return ok ||
           stylize_error_set(err, cause.status, "--sweep-size: %s: use a smaller size", cause.text);
}

static bool write_label(sheet *to, const sheet_box *at, const label_style *style, const char *text,
                        stylize_error *err) {
    const label_box box = {.pixels = to->pixels,
                           .stride = (size_t)to->width * 3,
                           .left = at->left,
                           .top = at->top,
                           .width = at->width,
                           .height = at->height};
    return label_write(&box, style, text, err);
}

/* Over the columns and beside the rows; of one axis over each picture. */
static bool write_labels(sheet *to, const sweep_grid *grid, stylize_error *err) {
    const bool both = grid->rows.count > 0;
    const sheet_box cell = sheet_cell(to, 0, 0);
    label_style style = label_font(cell.width, 255);
    const int line = (int)(1.9 * style.size);
    char text[160];
    bool ok = true;
    for (int i = 0; ok && i < grid->columns.count; i++) {
        const int column = i % grid->column_count, row = i / grid->column_count;
        sheet_box box = sheet_cell(to, column, row);
        box.top -= line;
        box.height = line - 2;
        sweep_axis_label(&grid->columns, i, text, sizeof text);
        ok = write_label(to, &box, &style, text, err);
    }
    style.upwards = true;
    for (int i = 0; ok && both && i < grid->rows.count; i++) {
        sheet_box box = sheet_cell(to, 0, i);
        box.left -= line;
        box.width = line - 2;
        sweep_axis_label(&grid->rows, i, text, sizeof text);
        ok = write_label(to, &box, &style, text, err);
    }
    return ok;
}

static bool put_cell(sheet *to, const sweep_result *result, int column, int row,
                     stylize_error *err) {
    if (result->picture)
        return sheet_put_picture(to, column, row, result->picture, err);
    sheet_put(to, column, row, NULL, result->size[0], result->size[1], 1);
    const sheet_box cell = sheet_cell(to, column, row);
    label_style style = label_font(cell.width, SHEET_GREY);
    const int inset = most(1, least(result->size[0], result->size[1]) / 16);
    const sheet_box box = {.left = cell.left + (cell.width - result->size[0]) / 2 + inset,
                           .top = cell.top + (cell.height - result->size[1]) / 2 + inset,
                           .width = result->size[0] - 2 * inset,
                           .height = result->size[1] - 2 * inset};
    style.wrapped = true;
    style.size = most(9, (int)(0.8 * style.size));
    return write_label(to, &box, &style, result->problem, err);
}

bool sweep_sheet_save(const sweep_grid *grid, const sweep_result *results, const options *opts,
                      stylize_error *err) {
    const sheet_format format = make_format(grid, results);
    sheet to;
    bool ok = sheet_init(&to, &format, STYLIZE_MOST_PIXELS, err) && write_labels(&to, grid, err);
    for (int i = 0; ok && i < grid->cell_count; i++)
        ok = put_cell(&to, &results[i], i % grid->column_count, i / grid->column_count, err);
    stylize_image *picture = ok ? sheet_picture(&to, err) : NULL;
    ok = picture && files_save_out(picture, opts, err);
    stylize_image_free(picture);
    sheet_clear(&to);
    return ok;
}

/* ---- the page ---- */

char *sweep_page_name(const options *opts, stylize_error *err) {
    const char *base = files_base(opts->out), *dot = strrchr(base, '.');
    const size_t head = dot ? (size_t)(dot - opts->out) : strlen(opts->out);
    static const char ending[] = ".html";
    err->status = STYLIZE_OK;
    if (!strcmp(opts->out, "-"))
        return NULL;
    char *name = malloc(head + sizeof ending);
    if (!name) {
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        return NULL;
    }
    memcpy(name, opts->out, head);
    memcpy(name + head, ending, sizeof ending);
    return name;
}

bool sweep_page_check(const char *path, stylize_error *err) {
    FILE *file = retry_fopen(path, "rb");
    const bool free_for_it = !file || page_is_one(file);
    if (file)
        fclose(file);
    return free_for_it ||
           stylize_error_set(err, STYLIZE_USAGE,
                             "the page of the sheet would overwrite %s, which is none: move it, or "
                             "give OUT another name",
                             path);
}

/* Adds a fact; the name is short. */
static void add_fact(page_cell *cell, const char *name, const char *value) {
    if (cell->fact_count == PAGE_MOST_FACTS)
        return;
    page_fact *fact = &cell->facts[cell->fact_count++];
    snprintf(fact->name, sizeof fact->name, "%s", name);
    snprintf(fact->value, sizeof fact->value, "%s", value);
}

/* What terms of a kind add to the total, with their weights. */
static void add_share(page_cell *cell, const cost_table *costs, const char *kind,
                      const char *name) {
    double sum = 0;
    char text[40];
    bool any = false;
    for (int i = 0; i < costs->count; i++) {
        if (strcmp(costs->rows[i].kind, kind) != 0 || !(costs->rows[i].weight > 0))
            continue;
        sum += costs->rows[i].weight * costs->rows[i].best;
        any = true;
    }
    snprintf(text, sizeof text, "%.4g (%.0f %%)", sum,
             costs->best_total > 0 ? 100 * sum / costs->best_total : 0);
    if (any)
        add_fact(cell, name, text);
}

static void add_facts(page_cell *cell, const sweep_result *result) {
    const cost_table *costs = &result->costs;
    char text[40], duration[32];
    snprintf(text, sizeof text, "%.5g", costs->best_total);
    add_fact(cell, "cost", text);
    add_share(cell, costs, "content", "content");
    add_share(cell, costs, "style", "style");
    add_share(cell, costs, "tv", "smoothness");
    add_share(cell, costs, "chroma_tv", "smooth colours");
    if (costs->error_stage > 0) {
        snprintf(text, sizeof text, "%.2f", costs->content_error);
        add_fact(cell, "content error", text);
    }
    progress_duration(result->seconds, duration, sizeof duration);
    snprintf(text, sizeof text, "%d in %.20s%s", result->iterations, duration,
             result->interrupted ? ", stopped" : "");
    add_fact(cell, "iterations", text);
}

static bool make_cell(page_cell *cell, const sweep_grid *grid, const sweep_result *result,
                      int index, char **data, stylize_error *err) {
    *cell = (page_cell){.label = grid->cells[index].label,
                        .width = result->size[0],
                        .height = result->size[1],
                        .problem = result->problem,
                        .command = grid->cells[index].command};
    if (!result->picture)
        return true;
    if (!stylize_image_encode(result->picture, STYLIZE_JPEG, 8, QUALITY, "a picture of the page",
                              data, &cell->size, err))
        return false;
    cell->data = *data;
    add_facts(cell, result);
    return true;
}

/* The names of the pictures, and what varies. */
static void write_title(const sweep_grid *grid, const options *opts, char *text, size_t size) {
    const sweep_axis *rows = &grid->rows;
    snprintf(text, size, "%s%s%s: %s%s%s", opts->content ? files_base(opts->content) : "",
             opts->content ? " in the manner of " : "texture of ", files_base(opts->styles[0]),
             grid->columns.name, rows->count > 0 ? " and " : "", rows->count > 0 ? rows->name : "");
}

/* Labels of an axis for a table, in `texts` and, as pointers, in `names`. */
static const char *const *axis_names(const sweep_axis *axis, char (*texts)[80],
                                     const char **names) {
    for (int i = 0; i < axis->count; i++) {
        sweep_axis_label(axis, i, texts[i], sizeof *texts);
        names[i] = texts[i];
    }
    return names;
}

/* Working memory of a page. */
typedef struct page_parts {
    page_cell cells[SWEEP_MOST_CELLS];
    char *data[SWEEP_MOST_CELLS]; /* owned */
    char columns[SWEEP_MOST_CELLS][80], rows[SWEEP_MOST_CELLS][80];
    const char *column_names[SWEEP_MOST_CELLS], *row_names[SWEEP_MOST_CELLS];
    char title[600];
} page_parts;

static bool write_page(page_parts *parts, const sweep_grid *grid, const char *path,
                       stylize_error *err) {
    const bool both = grid->rows.count > 0;
    const page whole = {
        .title = parts->title,
        .note = "Costs are those of pictures of this size; commands make them at full size.",
        .columns = both ? axis_names(&grid->columns, parts->columns, parts->column_names) : NULL,
        .column_count = grid->column_count,
        .rows = both ? axis_names(&grid->rows, parts->rows, parts->row_names) : NULL,
        .row_count = grid->row_count,
        .cells = parts->cells,
        .cell_count = grid->cell_count,
    };
    char *data;
    size_t size;
    if (!page_write(&whole, &data, &size, err))
        return false;
    const bool ok = files_write(path, data, size, err);
    free(data);
    return ok;
}

bool sweep_page_save(const sweep_grid *grid, const sweep_result *results, const options *opts,
                     const char *path, stylize_error *err) {
    page_parts *parts = calloc(1, sizeof *parts);
    if (!parts)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    bool ok = true;
    for (int i = 0; ok && i < grid->cell_count; i++)
        ok = make_cell(&parts->cells[i], grid, &results[i], i, &parts->data[i], err);
    write_title(grid, opts, parts->title, sizeof parts->title);
    ok = ok && write_page(parts, grid, path, err);
    for (int i = 0; i < grid->cell_count; i++)
        free(parts->data[i]);
    free(parts);
    return ok;
}
