/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* scandir */
#include "convert/pictures.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/picture_file.h"
#include "image/resample.h"
#include "transfer/frame.h"

static int is_picture(const struct dirent *item) {
    return item->d_name[0] != '.' && image_format_of_path(item->d_name) != IMAGE_UNKNOWN;
}

/* By bytes: alphasort would go by the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* A picture whose longest side has at most `size` pixels. */
static image *read_shrunk(const char *path, int size, error *err) {
    image *whole = picture_file_read(path, STYLIZE_MOST_PIXELS, err);
    if (!whole)
        return NULL;
    image_extent extent = {whole->width, whole->height};
    if (whole->width > size || whole->height > size)
        extent = frame_scale(extent, size);
    image *shrunk = image_resample(whole, extent.width, extent.height, err);
    image_free(whole);
    return shrunk;
}

bool pictures_read(pictures *self, const char *folder, int size, error *err) {
    struct dirent **names = NULL;
    *self = (pictures){0};
    const int count = scandir(folder, &names, is_picture, compare_names);
    if (count < 0)
        return error_set_errno(err, errno, "%s", folder);
    self->images = calloc((size_t)count + 1, sizeof *self->images);
    bool ok = self->images != NULL;
    if (!ok)
        error_set(err, ERROR_FAILURE, "%s: not enough memory", folder);
    else if (!count)
        ok = error_set(err, ERROR_FAILURE, "%s: no PNG or JPEG files in this folder", folder);
    for (int i = 0; i < count; i++) {
        char path[4096];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (ok && length >= (int)sizeof path)
            ok = error_set_errno(err, ENAMETOOLONG, "%s", folder);
        if (ok) {
            self->images[i] = read_shrunk(path, size, err);
            ok = self->images[i] != NULL;
            self->count += ok;
        }
        free(names[i]);
    }
    free(names);
    return ok;
}

void pictures_clear(pictures *self) {
    for (int i = 0; i < self->count; i++)
        image_free(self->images[i]);
    free(self->images);
    *self = (pictures){0};
}
