/* SPDX-License-Identifier: MIT */
#include "cli/show_record.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record_read.h"
#include "cli/report.h"
#include "core/json_text.h"

static bool print(const char *text, stylize_error *err) {
    errno = 0;
    return (puts(text) >= 0 && fflush(stdout) == 0) ||
           stylize_error_set(err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                             strerror(errno));
}

/* Only JSON, so that nothing is printed as it is. */
static bool show(const char *path, const char *text, stylize_error *err) {
    const size_t style = JSON_INDENT(2) | JSON_REAL_PRECISION(17);
    json_error_t problem;
    json_t *json = json_text_load(text, strlen(text), JSON_REJECT_DUPLICATES, &problem);
    if (!json && json_text_lacks_memory(&problem))
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: out of memory", path);
    if (!json)
        return stylize_error_set(err, STYLIZE_FAILURE, "%s: its record is damaged: it is not JSON",
                                 path);
    char *lines = json_text_dump(json, style);
    const bool ok = lines ? print(lines, err)
                          : stylize_error_set(err, STYLIZE_FAILURE, "%s: out of memory", path);
    free(lines);
    json_decref(json);
    return ok;
}

int record_show(const options *opts) {
    stylize_error err;
    char *text = record_read_text(opts->out, &err);
    const bool ok = text && show(opts->out, text, &err);
    free(text);
    return ok ? EXIT_DONE : report_failure(&err);
}
