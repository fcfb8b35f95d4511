/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* strcasecmp, strdup */
#include "cli/picture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/retry.h"

/* Whether `name` is that of a picture and only in its extension or in capitals other than `wanted`.
 */
static bool resembles(const char *name, const char *wanted) {
    const char *dot = strrchr(wanted, '.'), *name_dot = strrchr(name, '.');
    const size_t stem = dot ? (size_t)(dot - wanted) : strlen(wanted);
    return stylize_format_of_path(name) != STYLIZE_FORMAT_UNKNOWN &&
           (size_t)(name_dot - name) == stem && !strncasecmp(name, wanted, stem);
}

/* A picture of such a name where there is none of this; "" when none is found. */
static void suggest(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash - path) + 1 : 0; /* bytes */
    char *place = strdup(folder ? path : ".");
    DIR *directory = NULL;
    if (place && folder)
        place[folder] = '\0';
    if (place)
        directory = opendir(place);
    const struct dirent *entry;
    *name = '\0';
    while (directory && !*name && (entry = readdir(directory))) {
        if (resembles(entry->d_name, path + folder))
            snprintf(name, size, "%.*s%s", folder, path, entry->d_name);
    }
    if (directory)
        closedir(directory);
    free(place);
}

/* What is no picture by its name already, said with a way out. */
static bool check_name(const char *path, stylize_error *err) {
    struct stat status;
    char other[600];
    if (retry_stat(path, &status) == 0)
        return !S_ISDIR(status.st_mode) ||
               stylize_error_set(err, STYLIZE_FAILURE,
                                 "cannot read %s: it is a folder; name the picture in it, or of "
                                 "styles the pictures, as in %s%s*.jpg",
                                 path, path, path[strlen(path) - 1] == '/' ? "" : "/");
    if (errno != ENOENT)
        return true; /* reading will tell */
    suggest(path, other, sizeof other);
    return stylize_error_set(err, STYLIZE_FAILURE, "cannot open %s: %s; %s%s%s", path,
                             strerror(ENOENT), *other ? "is it " : "check the name", other,
                             *other ? "?" : "");
}

stylize_image *picture_read(const char *path, int most_pixels, stylize_error *err) {
    if (!strcmp(path, "-"))
        return stylize_image_read_stream(stdin, "standard input", most_pixels, err);
    return check_name(path, err) ? stylize_image_read(path, most_pixels, err) : NULL;
}
