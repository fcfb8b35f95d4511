/* SPDX-License-Identifier: MIT
 *
 * What becomes of painted variations: a sheet with labels, and a page.
 */
#ifndef STYLIZE_CLI_SWEEP_SHEET_H
#define STYLIZE_CLI_SWEEP_SHEET_H

#include "cli/cost_table.h"
#include "cli/sweep_grid.h"

/* What there is of a cell. */
typedef struct sweep_result {
    stylize_image *picture;                            /* owned; NULL: there is none */
    int size[2];                                       /* that it has, or would have */
    char problem[sizeof((stylize_error *)NULL)->text]; /* why there is none */
    cost_table costs;                                  /* owned */
    int iterations;
    double seconds;
    bool interrupted;
} sweep_result;

/* The name of the page of a sheet: OUT with another ending; the caller frees. NULL with *err; for
 * standard output NULL with *err as STYLIZE_OK. */
char *sweep_page_name(const options *opts, stylize_error *err);

/* Whether the page would not take the place of something else than another page. False with *err.
 */
bool sweep_page_check(const char *path, stylize_error *err);

/* Whether a sheet of such pictures, results [cell_count] with their sizes, is within most_pixels.
 */
bool sweep_sheet_check(const sweep_grid *grid, const sweep_result *results, int most_pixels,
                       stylize_error *err);

/* Each of these: writes a file, whole or not at all. False with *err. */
bool sweep_sheet_save(const sweep_grid *grid, const sweep_result *results, const options *opts,
                      stylize_error *err);
bool sweep_page_save(const sweep_grid *grid, const sweep_result *results, const options *opts,
                     const char *path, stylize_error *err);

#endif
