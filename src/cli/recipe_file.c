/* SPDX-License-Identifier: MIT */
#include "cli/recipe_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20 }; /* a recipe has some thousand */

/* The first bytes of a stream, up to MOST_BYTES + 1, in memory that the caller frees; NULL with
 * errno set when they cannot be read. */
static char *read_all(FILE *file, size_t *length) {
    char *text = malloc(MOST_BYTES + 1);
    if (!text)
        return NULL;
    errno = 0;
    *length = fread(text, 1, MOST_BYTES + 1, file);
    if (!ferror(file))
        return text;
    const int number = errno ? errno : EIO;
    free(text);
    errno = number;
    return NULL;
}

bool recipe_file_read(stylize_recipe *recipe, const char *path, stylize_error *err) {
    const bool is_stdin = !strcmp(path, "-");
    const char *name = is_stdin ? "standard input" : path;
    stylize_error cause;
    size_t length = 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    char *text = file ? read_all(file, &length) : NULL;
    bool ok = text != NULL;
    if (!ok)
        stylize_error_set(err, STYLIZE_FAILURE, "--recipe: cannot read %s: %s", name,
                          strerror(errno));
    else if (length > MOST_BYTES)
        ok = stylize_error_set(err, STYLIZE_FAILURE,
                               "--recipe: %s has over %d bytes, which is too large for a recipe",
                               name, MOST_BYTES);
    else if (!stylize_recipe_read_json(recipe, text, length, &cause))
        ok = stylize_error_set(err, cause.status, "--recipe: %s: %s", name, cause.text);
    free(text);
    if (file && !is_stdin)
        fclose(file);
    return ok;
}
