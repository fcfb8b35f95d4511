/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "image/picture_file.h"
#include "image/resample.h"
#include "judge/features.h"
#include "judge/surface.h"
#include "transfer/frame.h"
#include "transfer/stylize.h"

static image_extent extent_of(const image *self) {
    return (image_extent){self->width, self->height};
}

image *judge_read(const char *path, error *err) {
    return picture_file_read(path, STYLIZE_MOST_PIXELS, err);
}

/* A file's picture at a size that depends on its own: *size pixels, or where `side` is given with
 * that longest side, or where neither is as it is. */
static image *read_at(const char *path, const image_extent *size, int side, error *err) {
    image *whole = judge_read(path, err);
    if (!whole)
        return NULL;
    const image_extent own = extent_of(whole);
    const image_extent to = size ? *size : side ? frame_scale(own, side) : own;
    image *scaled = NULL;
    if (to.width < STYLIZE_LEAST_SIDE || to.height < STYLIZE_LEAST_SIDE)
        error_set(err, ERROR_FAILURE, "%s: at %dx%d pixels it cannot be judged: a side needs %d",
                  path, to.width, to.height, STYLIZE_LEAST_SIDE);
    else
        scaled = image_resample(whole, to.width, to.height, err);
    image_free(whole);
    return scaled;
}

/* How like the other picture this one is, both so small that strokes do not matter. */
static bool compare(const image *self, const image *other, double *likeness, error *err) {
    const image_extent size = frame_scale(extent_of(self), JUDGE_LIKENESS_SIDE);
    image *a = image_resample(self, size.width, size.height, err);
    image *b = a ? image_resample(other, size.width, size.height, err) : NULL;
    if (b)
        *likeness = correlation_of(a, b);
    image_free(a);
    image_free(b);
    return b != NULL;
}

static bool judge_images(const judge *self, const image *content, const image *style,
                         const image *picture, figures *found, error *err) {
    const speckle ours = speckle_of(picture), theirs = speckle_of(style);
    *found = figures_none();
    found->of[FIGURE_LUMA] = ours.luma / theirs.luma;
    found->of[FIGURE_CHROMA] = ours.chroma / theirs.chroma;
    found->of[FIGURE_BORDER] = border_of(picture);
    return features_judge(found, self->network, content, style, picture, FEATURES_BAND, err) &&
           (!self->other || compare(picture, self->other, &found->of[FIGURE_LIKENESS], err));
}

bool judge_run(const judge *self, const judge_files *files, figures *found, error *err) {
    image *content = NULL, *style = NULL;
    image *picture = read_at(files->picture, NULL, self->side, err);
    if (picture) {
        const image_extent size = extent_of(picture);
        content = read_at(files->content, &size, 0, err);
        if (content)
            style = read_at(files->style, NULL, image_extent_longest(size), err);
    }
    const bool ok = style && judge_images(self, content, style, picture, found, err);
    image_free(content);
    image_free(style);
    image_free(picture);
    return ok;
}
