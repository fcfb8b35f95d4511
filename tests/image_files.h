/* SPDX-License-Identifier: MIT
 *
 * What the test programs of files share: where the pictures of tests/images are, a fresh
 * folder for what a test writes (its removal at the end fails when anything was left in it), and
 * whole-file helpers that fail the test on any error. To be included once, before all else, with
 * _XOPEN_SOURCE 700 defined.
 */
#ifndef STYLIZE_TESTS_IMAGE_FILES_H
#define STYLIZE_TESTS_IMAGE_FILES_H

#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/image.h"
#include "image/picture_file.h"
#include "planes.h"

enum { PATH_SIZE = 512, MANY_PIXELS = 1 << 28 };

static const picture_file_options write_plain = {.depth = 8, .quality = 95};

typedef struct name {
    char text[PATH_SIZE];
} name;

static name folder; /* set once by start() */

static inline name data_file(const char *base) {
    const char *root = getenv("STYLIZE_TEST_DATA");
    name path;
    snprintf(path.text, sizeof path.text, "%s/images/%s", root ? root : "tests", base);
    return path;
}

static inline name temporary(const char *base) {
    name path;
    assert_true((size_t)snprintf(path.text, PATH_SIZE, "%.100s/%s", folder.text, base) < PATH_SIZE);
    return path;
}

static inline int start(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR");
    snprintf(folder.text, sizeof folder.text, "%.80s/stylize-image-XXXXXX", root ? root : "/tmp");
    return mkdtemp(folder.text) ? 0 : -1;
}

static inline int finish(void **state) {
    (void)state;
    return rmdir(folder.text); /* fails unless every test cleaned up */
}

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

/* The whole file; the caller frees data. */
static inline bytes load(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    bytes all = {.data = malloc(1 << 20)};
    assert_non_null(all.data);
    all.size = fread(all.data, 1, 1 << 20, file);
    assert_int_equal(fclose(file), 0);
    return all;
}

static inline void store(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void check_content(const char *path, const char *content) {
    const bytes all = load(path);
    assert_int_equal(all.size, strlen(content));
    assert_memory_equal(all.data, content, all.size);
    free(all.data);
}

static inline int entries_in_folder(void) {
    DIR *directory = opendir(folder.text);
    assert_non_null(directory);
    int count = -2; /* . and .. */
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* As planes. */
static inline image *read_ok(const char *path) {
    error err = {0};
    image *self = picture_file_read(path, MANY_PIXELS, &err);
    if (!self)
        fail_msg("%s", err.text);
    return with_planes(self);
}

static inline void write_image(const image *self, const char *path,
                               const picture_file_options *options) {
    error err = {0};
    if (!picture_file_write(self, path, options, &err))
        fail_msg("%s", err.text);
}

static inline void check_error(const error *err, const char *path, const char *words) {
    assert_int_equal(err->code, ERROR_FAILURE);
    if (!strstr(err->text, path) || !strstr(err->text, words))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err->text, path, words);
    assert_null(strchr(err->text, '\n'));
}

/* That a picture of tests/images is refused for this. */
static inline void check_refused(const char *base, const char *words) {
    error err = {0};
    const name path = data_file(base);
    assert_null(picture_file_read(path.text, MANY_PIXELS, &err));
    check_error(&err, path.text, words);
}

static inline float at(const image *self, int x, int y, int c) {
    return self
        ->planes[((size_t)c * (size_t)self->height + (size_t)y) * (size_t)self->width + (size_t)x];
}

static inline void check_same(const image *a, const image *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->planes, b->planes,
                        sizeof(float) * IMAGE_CHANNELS * (size_t)(a->width * a->height));
    assert_int_equal(!a->alpha, !b->alpha);
    if (a->alpha)
        assert_memory_equal(a->alpha, b->alpha, sizeof(float) * (size_t)(a->width * a->height));
}

#endif
