/* SPDX-License-Identifier: MIT
 *
 * Change of size through zimg, of whole pictures and of parts of them.
 */
#ifndef STYLIZE_IMAGE_RESAMPLE_H
#define STYLIZE_IMAGE_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/layout.h"
#include "image/image.h"

typedef struct image_extent {
    int width, height; /* pixels, >= 1 */
} image_extent;

static inline int image_extent_longest(image_extent self) {
    return self.width > self.height ? self.width : self.height;
}

static inline int image_extent_shortest(image_extent self) {
    return self.width < self.height ? self.width : self.height;
}

static inline size_t image_extent_area(image_extent self) {
    return (size_t)self.width * (size_t)self.height;
}

/* Index i of a line of n samples continued by reflection, the end samples repeated. A line may be
 * shorter than what it is continued by. */
static inline int image_reflect(int i, int n) {
    while (i < 0 || i >= n)
        i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
}

/* The same continued by itself, again and again. */
static inline int image_repeat(int i, int n) {
    return (i % n + n) % n;
}

/* Writes `count` values of a row of what `user` is, from x on. */
typedef void image_row(const void *user, int plane, int x, int y, int count, float *to);

/* Planes of somebody else's, or a part of each; or what is to be read from rows that are written
 * when they are asked for. */
typedef struct image_view {
    float *data; /* that of the first plane's first pixel */
    int width, height, planes;
    size_t row_step, plane_step; /* floats from one to the next */
    image_row *row;              /* or NULL */
    const void *user;
    int left, top; /* where the view begins in it */
    bool grey;     /* all planes are as the first */
} image_view;

/* All of planes [planes][height][width], of rows, of what is seen of a picture (three planes), and
 * of its alpha (one); and a part of a view. */
image_view image_view_of(float *data, int width, int height, int planes);
image_view image_view_of_rows(image_row *row, const void *user, int width, int height, int planes);
image_view image_view_of_picture(const image *self);
image_view image_view_of_alpha(const image *self);
image_view image_view_part(image_view whole, int x, int y, int width, int height);

/* One change of size at work; source and target have as many planes and do not overlap. While
 * memory is measured they need no data. */
typedef struct resampling {
    image_view source, target;
    bool repeats; /* the source goes on beyond its edges as it begins, and so will the target */
    float *between[2];
    struct {
        void *place;
        size_t bytes;
    } loaded, stored, scratch;
} resampling;

void resampling_layout(resampling *self, layout *to);

/* A walk over `to`, which gets back what it takes: measures, and with `works` fills the target,
 * too. False with *err likewise. */
bool resampling_walk(resampling *self, layout *to, bool works, error *err);

/* Fills the target with the source, clipped to [0,1]. The filter is widened by the ratio when
 * shrinking, so no detail aliases. The same size gives the same bits. False with *err set when
 * memory is short. */
bool resampling_run(const resampling *self, error *err);

/* The same with memory of its own. */
bool image_view_resample(image_view from, image_view to, bool repeats, error *err);

/* A copy of the planes of `source` at width x height; the caller owns it. NULL with *err set when
 * memory is short. */
image *image_resample(const image *source, int width, int height, error *err);

/* Gives `self`, which is opaque, the alpha of `source` at its own size; leaves it opaque where the
 * source is. */
bool image_resample_alpha(image *self, const image *source, error *err);

#endif
