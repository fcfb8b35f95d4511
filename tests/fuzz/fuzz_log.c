/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of logs. Whatever the bytes, they must be refused on one line, or yield curves whose
 * chart can be drawn; run it with the address and undefined sanitizers.
 *
 * As a test it replays the files given as arguments, each also cut and with bytes changed. To
 * search for new ones build it as fuzz_recipe.c says, with the objects of src/cli (but main.o) and
 * src/report as well.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/log_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "fuzz_log: %s\n", what);
        abort();
    }
}

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

#ifndef FUZZING
enum { MOST_BYTES = 1 << 16 };

/* Draws, which takes longer than to read. */
static void draw(const uint8_t *data, size_t size) {
    log_runs runs = {0};
    stylize_error err;
    char *bytes = NULL;
    size_t length;
    if (chart_available("a test", &err) && read_bytes(&runs, data, size)) {
        check(curves_draw(runs.items, runs.count, CHART_SVG, &bytes, &length, &err),
              "cannot be drawn");
        free(bytes);
    }
    log_runs_clear(&runs);
}

/* Whole, cut, and with each byte replaced by some that mean something. */
static void replay(const char *path) {
    static const char bytes[] = "\0\n\" {}[]:,.-e9x\xff";
    uint8_t *data = malloc(MOST_BYTES);
    FILE *file = fopen(path, "rb");
    check(data && file, "cannot read a file");
    const size_t size = fread(data, 1, MOST_BYTES, file);
    fclose(file);
    draw(data, size);
    LLVMFuzzerTestOneInput(data, size);
    for (size_t i = 0; i < size; i++) {
        const uint8_t was = data[i];
        LLVMFuzzerTestOneInput(data, i);
        for (size_t j = 0; j + 1 < sizeof bytes; j++) {
            data[i] = (uint8_t)bytes[j];
            LLVMFuzzerTestOneInput(data, size);
        }
        data[i] = was;
    }
    free(data);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    return 0;
}
#endif
