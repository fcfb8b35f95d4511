/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether the library speaks of a setting, "iterations: ...", which is an option here. */
static bool names_field(const stylize_error *err) {
    char name[40] = "";
    const size_t length = strcspn(err->text, ":");
    if (err->status != STYLIZE_USAGE || length >= sizeof name)
        return false;
    memcpy(name, err->text, length);
    return stylize_recipe_field_named(name) != NULL;
}

int report_failure(const stylize_error *err) {
    fprintf(stderr, "stylize: %s%s\n", names_field(err) ? "--" : "", err->text);
    return err->status == STYLIZE_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int report_flush(int code) {
    stylize_error err;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    stylize_error_set(&err, STYLIZE_FAILURE, "cannot write to standard output: %s",
                      strerror(errno ? errno : EIO));
    return report_failure(&err);
}
