/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "cli/weights_path.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/retry.h"
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "report/text.h"

#ifndef STYLIZE_DATA
#define STYLIZE_DATA "/usr/local/share/stylize"
#endif
#define EXTENSION ".safetensors"

/* A new string; NULL when memory is short. */
__attribute__((format(printf, 1, 2))) static char *format_new(const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

/* ---- folders ---- */

/* Cuts the last part of an absolute path off; false when nothing is left. */
static bool cut_last(char *path) {
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

/* The absolute path of the executable's folder, without a final '/'. */
static bool find_own_folder(char own[PATH_MAX]) {
#ifdef __APPLE__
    char path[PATH_MAX];
    uint32_t size = sizeof path;
    if (_NSGetExecutablePath(path, &size) != 0 || !realpath(path, own))
        return false;
#else
    const ssize_t length = readlink("/proc/self/exe", own, PATH_MAX);
    if (length <= 0 || length == PATH_MAX)
        return false;
    own[length] = '\0';
#endif
    return cut_last(own);
}

/* Adds a folder unless it is there already; takes ownership of `path`, which may be NULL. */
static void add(weights_folders *self, char *path) {
    bool wanted = path && self->count < WEIGHTS_FOLDERS;
    for (int i = 0; wanted && i < self->count; i++)
        wanted = strcmp(self->paths[i], path) != 0;
    if (wanted)
        self->paths[self->count++] = path;
    else
        free(path);
}

void weights_folders_init(weights_folders *self) {
    *self = (weights_folders){0};
    char own[PATH_MAX];
    if (find_own_folder(own)) {
        char *beside = format_new("%s/share/stylize", own);
        if (cut_last(own)) {
            add(self, format_new("%s/weights", own));
            add(self, format_new("%s/share/stylize", own));
        }
        add(self, beside);
    }
    const char *data = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");
    if (data && data[0] == '/') /* the XDG specification has relative ones ignored */
        add(self, format_new("%s/stylize", data));
    else if (user && user[0] == '/')
        add(self, format_new("%s/.local/share/stylize", user));
    add(self, format_new("%s", STYLIZE_DATA));
}

void weights_folders_clear(weights_folders *self) {
    for (int i = 0; i < self->count; i++)
        free(self->paths[i]);
    self->count = 0;
}

/* ---- files ---- */

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && !strcmp(text + length - end_length, end);
}

bool weights_path_is_file(const char *value) {
    static const char *const extensions[] = {EXTENSION, ".pth", ".pt", ".h5"};
    bool named_so = strchr(value, '/') != NULL;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        named_so = named_so || ends_with(value, extensions[i]);
    return named_so;
}

static bool is_file(const char *path) {
    struct stat status;
    return retry_stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* NAME.safetensors in the first folder that has it; NULL when none has. */
static char *find_name(const char *name, int length, const weights_folders *folders) {
    for (int i = 0; i < folders->count; i++) {
        char *path = format_new("%s/%.*s" EXTENSION, folders->paths[i], length, name);
        if (path && is_file(path))
            return path;
        free(path);
    }
    return NULL;
}

static char *find_file(const char *path, const weights_folders *folders, stylize_error *err) {
    struct stat status;
    if (retry_stat(path, &status) != 0) {
        const int number = errno;
        const int stem = (int)strlen(path) - (int)strlen(EXTENSION);
        const bool may_be_name = !strchr(path, '/') && ends_with(path, EXTENSION);
        char *named = may_be_name ? find_name(path, stem, folders) : NULL;
        stylize_error_set(err, STYLIZE_FAILURE,
                          "--weights: %s: %s; check the path, or name installed weights", path,
                          strerror(number));
        if (named)
            stylize_error_set(err, STYLIZE_FAILURE,
                              "--weights: %s: %s here; write --weights %.*s for %s", path,
                              strerror(number), stem, path, named);
        free(named);
        return NULL;
    }
    if (S_ISDIR(status.st_mode)) {
        stylize_error_set(err, STYLIZE_FAILURE, "--weights: %s is a folder; name a file in it",
                          path);
        return NULL;
    }
    char *copy = format_new("%s", path);
    if (!copy)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return copy;
}

/* Shows a folder's entry, if its name is one that weights have. */
static void visit_entry(const weights_folders *folders, const char *folder, const char *entry,
                        weights_visitor *visit, void *user) {
    const int stem = (int)(strlen(entry) - strlen(EXTENSION));
    char *found = ends_with(entry, EXTENSION) && stem > 0 ? find_name(entry, stem, folders) : NULL;
    char *name = found ? format_new("%.*s", stem, entry) : NULL;
    char *own = format_new("%s/%s", folder, entry);
    if (name && own && is_file(own))
        visit(user, name, own, strcmp(found, own) != 0);
    free(found);
    free(name);
    free(own);
}

void weights_path_visit(const weights_folders *folders, weights_visitor *visit, void *user) {
    for (int i = 0; i < folders->count; i++) {
        struct dirent **entries;
        const int count = scandir(folders->paths[i], &entries, NULL, alphasort);
        for (int j = 0; j < count; j++) {
            visit_entry(folders, folders->paths[i], entries[j]->d_name, visit, user);
            free(entries[j]);
        }
        if (count >= 0)
            free(entries);
    }
}

/* ---- names ---- */

/* Names of installed weights, as far as there is room. */
typedef struct names {
    char *list[200]; /* owned */
    size_t count;
} names;

/* A weights_visitor. */
static void add_name(void *user, const char *name, const char *path, bool hidden) {
    names *self = user;
    (void)path;
    if (hidden || self->count == sizeof self->list / sizeof *self->list)
        return;
    self->list[self->count] = strdup(name);
    self->count += self->list[self->count] != NULL;
}

/* Writes "; did you mean 'NAME'?" where an installed network is called nearly so, else "". */
static void suggest_name(const char *name, const weights_folders *folders, char *text,
                         size_t size) {
    names all = {.count = 0};
    weights_path_visit(folders, add_name, &all);
    const char *near = stylize_nearest_name(name, (const char *const *)all.list, all.count);
    snprintf(text, size, near ? "; did you mean '%.80s'?" : "%s", near ? near : "");
    for (size_t i = 0; i < all.count; i++)
        free(all.list[i]);
}

static void explain_missing(const char *name, const weights_folders *folders, stylize_error *err) {
    char places[700] = "", hint[200] = "";
    size_t used = 0;
    for (int i = 0; i < folders->count && used < sizeof places; i++)
        used += (size_t)snprintf(places + used, sizeof places - used, "%s%s", i ? ", " : "",
                                 folders->paths[i]);
    if (strcmp(name, WEIGHTS_FULL) != 0 && strcmp(name, "vgg16") != 0) /* those can be downloaded */
        suggest_name(name, folders, hint, sizeof hint);
    char *beside = format_new("%s" EXTENSION, name);
    if (is_file(name))
        snprintf(hint, sizeof hint, "; for the file in this folder write ./%s", name);
    else if (beside && is_file(beside))
        snprintf(hint, sizeof hint, "; for the file in this folder write ./%s", beside);
    free(beside);
    const char *wanted = strcmp(name, "vgg16") ? WEIGHTS_FULL : name;
    /* The folders stand in the middle, which is what a text that is too long loses. */
    stylize_error_set(err, STYLIZE_FAILURE,
                      "--weights: no network is called '%s'%s (looked for %s" EXTENSION " in %s); "
                      "--list-weights lists the installed ones, " WEIGHTS_FETCH " downloads %s",
                      name, hint, name, places, wanted, wanted, wanted);
}

char *weights_path_find(const char *value, const weights_folders *folders, stylize_error *err) {
    if (weights_path_is_file(value))
        return find_file(value, folders, err);
    char *path = find_name(value, (int)strlen(value), folders);
    if (!path)
        explain_missing(value, folders, err);
    return path;
}

/* A weights_visitor. What a terminal cannot show is no name to type: it is left out. */
static void print_name(void *user, const char *name, const char *path, bool hidden) {
    (void)path;
    const char *at = name;
    while (*at && text_character(at))
        at += text_character(at);
    if (!hidden && !*at)
        fprintf(user, "%s\n", name);
}

void weights_path_print_names(const weights_folders *folders, FILE *file) {
    weights_path_visit(folders, print_name, file);
}
