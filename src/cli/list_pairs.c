/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli/list_pairs.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/growing_text.h"
#include "core/retry.h"

static bool is_folder(const char *path) {
    struct stat status;
    return retry_stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Pictures by a pattern as shells know it: the first [*count] that are found. */
static bool find(const char *name, const char *pattern, glob_t *found, size_t *count,
                 stylize_error *err) {
    *count = 0;
    if (!pattern)
        return stylize_error_set(
            err, STYLIZE_USAGE, "--%s is missing: pairs need --contents, --styles and --out", name);
    const int code = glob(pattern, 0, NULL, found);
    if (code == GLOB_NOSPACE)
        return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    for (size_t i = 0; code == 0 && i < found->gl_pathc; i++) {
        char *path = found->gl_pathv[i];
        if (stylize_format_of_path(path) == STYLIZE_FORMAT_UNKNOWN)
            continue;
        found->gl_pathv[i] = found->gl_pathv[*count];
        found->gl_pathv[(*count)++] = path;
    }
    if (*count == 0 && is_folder(pattern))
        return stylize_error_set(err, STYLIZE_USAGE, "--%s: %s is a folder: write '%s%s*'", name,
                                 pattern, pattern, pattern[strlen(pattern) - 1] == '/' ? "" : "/");
    return *count > 0 || stylize_error_set(err, STYLIZE_FAILURE, "--%s: no picture is called '%s'",
                                           name, pattern);
}

/* The name of a file without folder and extension. */
static int base_of(const char *path, const char **base) {
    *base = files_base(path);
    const char *dot = strrchr(*base, '.');
    return dot && dot != *base ? (int)(dot - *base) : (int)strlen(*base);
}

/* Refuses what stands in braces and is neither picture's name. */
static bool check_braces(const char *pattern, stylize_error *err) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
    /* analysed: a pattern is there, or nobody asks */
    for (const char *brace = pattern; (brace = strchr(brace, '{')); brace++) {
        const int length = (int)strspn(brace + 1, letters);
        if (brace[length + 1] == '}' && strncmp(brace, "{content}", 9) != 0 &&
            strncmp(brace, "{style}", 7) != 0)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--out: '{%.*s}' is unknown: there are {content} and {style}",
                                     length, brace + 1);
    }
    return true;
}

/* Whether a picture of that name would be found by the pattern. */
static int finds(const char *pattern, const char *path) {
    const size_t plain = strcspn(pattern, "*?[\\");
    size_t folder = plain;
    while (folder > 0 && pattern[folder - 1] != '/')
        folder--;
    char *start = malloc(folder + 3), *whole = files_whole_path(path), *place = NULL;
    int found = -1;
    if (start && whole) {
        memcpy(start, folder ? pattern : "./", folder ? folder : 2);
        start[folder ? folder : 2] = '\0';
        place = files_whole_path(start);
    }
    if (place) {
        const size_t length = strcmp(place, "/") ? strlen(place) : 0;
        found = !strncmp(place, whole, length) && whole[length] == '/' &&
                fnmatch(pattern + folder, whole + length + 1, FNM_PATHNAME | FNM_PERIOD) == 0;
    }
    free(start);
    free(whole);
    free(place);
    return found;
}

/* Refuses a result that the next run would take for a picture to paint. */
static bool check_out(const options *opts, const char *out, stylize_error *err) {
    const struct {
        const char *name, *pattern;
    } of[] = {{"--contents", opts->contents}, {"--styles", opts->style_pictures}};
    for (int i = 0; i < 2; i++) {
        const int found = finds(of[i].pattern, out);
        if (found < 0)
            return stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
        if (found)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "--out: %s would be one of %s: name another folder, or "
                                     "another extension than the pattern's",
                                     out, of[i].name);
    }
    return true;
}

/* --out with the names in it; the caller frees it. NULL with *err. */
static char *name_out(const char *pattern, const char *content, const char *style,
                      stylize_error *err) {
    static const char content_word[] = "{content}", style_word[] = "{style}";
    growing_text out = {0};
    while (*pattern) {
        const bool of_content = !strncmp(pattern, content_word, strlen(content_word));
        const bool of_style = !strncmp(pattern, style_word, strlen(style_word));
        const char *base;
        if (of_content || of_style) {
            const int length = base_of(of_content ? content : style, &base);
            growing_text_add_part(&out, base, (size_t)length);
            pattern += strlen(of_content ? content_word : style_word);
        } else {
            growing_text_add_char(&out, *pattern++);
        }
    }
    char *text = growing_text_take(&out);
    if (!text)
        stylize_error_set(err, STYLIZE_FAILURE, "out of memory");
    return text;
}

static bool add_pair(list *self, char *content, char *style, stylize_error *err) {
    static char end[] = "--";
    char *out = name_out(self->options->out_pattern, content, style, err);
    char *const words[] = {end, content, style, out};
    const bool ok = out && check_out(self->options, out, err) && list_add(self, words, 4, 0, err);
    free(out);
    return ok;
}

bool list_add_pairs(list *self, stylize_error *err) {
    const options *opts = self->options;
    glob_t contents = {0}, styles = {0};
    size_t content_count, style_count;
    self->name = "--contents and --styles";
    bool ok = find("contents", opts->contents, &contents, &content_count, err) &&
              find("styles", opts->style_pictures, &styles, &style_count, err);
    if (ok && !opts->out_pattern)
        ok = stylize_error_set(err, STYLIZE_USAGE,
                               "--out is missing, such as 'out/{content}-{style}.png'");
    ok = ok && check_braces(opts->out_pattern, err);
    for (size_t i = 0; ok && i < content_count; i++) {
        for (size_t k = 0; ok && k < style_count; k++)
            ok = add_pair(self, contents.gl_pathv[i], styles.gl_pathv[k], err);
    }
    globfree(&contents);
    globfree(&styles);
    return ok;
}
