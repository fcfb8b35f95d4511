/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of logs. Whatever the bytes, they must be refused on one line, or yield curves whose
 * chart can be drawn; run it with the address and undefined sanitizers. How it is run: replay.h.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log_reader.h"
#include "replay.h"

static bool read_bytes(log_runs *runs, const uint8_t *data, size_t size) {
    stylize_error err = {0};
    FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    if (!file)
        return false;
    const bool ok = log_read(runs, file, "log", "", &err);
    fclose(file);
    check(ok || (err.status != STYLIZE_OK && err.text[0]), "refused without an error");
    check(!strchr(err.text, '\n'), "an error of several lines");
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    log_runs runs = {0};
    if (read_bytes(&runs, data, size)) {
        check(runs.count > 0, "read without runs");
        for (int i = 0; i < runs.count; i++) {
            const curves *run = &runs.items[i];
            check(run->count > 0 && run->item_count >= 3, "read without costs");
            check(run->stage_count <= CURVES_MOST_STAGES, "too many stages");
        }
    }
    log_runs_clear(&runs);
    return 0;
}

/* Draws, which takes longer than to read. */
void replay_more(const char *path, const uint8_t *data, size_t size) {
    log_runs runs = {0};
    stylize_error err;
    char *bytes = NULL;
    size_t length;
    if (path && chart_available("a test", &err) && read_bytes(&runs, data, size)) {
        check(curves_draw(runs.items, runs.count, CHART_SVG, &bytes, &length, &err),
              "cannot be drawn");
        free(bytes);
    }
    log_runs_clear(&runs);
}
