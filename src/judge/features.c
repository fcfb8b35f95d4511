/* SPDX-License-Identifier: MIT */
#include "judge/features.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/layout.h"
#include "cost/gram.h"
#include "cost/sums.h"
#include "network/vgg_run.h"

/* Rows of a picture that meet in one of relu5_1, and so the unit of bands; and rows that the
 * activations of VGG-19 up to relu5_1 see beyond these, 70, in such units. */
enum { UNIT = 16, AROUND = 5 * UNIT };

/* A picture on its way through the network. */
typedef struct sight {
    const image *picture;
    gram grams[FIGURES_STYLE_LAYERS];
    double *matrices[FIGURES_STYLE_LAYERS];
} sight;

typedef struct features {
    const vgg *network;
    int style_layers[FIGURES_STYLE_LAYERS]; /* indices in the vgg; -1: it has no such layer */
    int content_layers[FIGURES_CONTENT_LAYERS];
    sight content, style, picture;
    double *squares[FIGURES_CONTENT_LAYERS];   /* of the content, a sum for each row */
    double *distances[FIGURES_CONTENT_LAYERS]; /* of the picture from it, likewise */
} features;

/* Rows `first` .. `end` - 1 of a picture, with those around it: `top` .. `bottom` - 1. */
typedef struct band {
    features *all;
    int first, end, top, bottom;
    const sight *seen; /* the picture that goes through */
    vgg_run run;
    float *planes;                       /* [3][bottom - top][width] */
    tensor kept[FIGURES_CONTENT_LAYERS]; /* the content's features, until the picture's come */
} band;

/* ---- layers ---- */

/* Those of `count` figures from `first` on, as the network has them. */
static void find_layers(const vgg *network, figure first, int count, int *layers) {
    error unused;
    for (int i = 0; i < count; i++)
        layers[i] = vgg_layer_find(network, figure_name(first + (figure)i), &unused);
}

static int side_of(const features *self, int layer, int side) {
    return vgg_layer_side(self->network, layer, side);
}

/* ---- what is seen ---- */

/* The sums of a row of content's and picture's features, whichever it is. The features kept are
 * not needed again once they are compared. */
static void compare_row(const band *self, int i, const tensor *rows, int row, int y) {
    const features *all = self->all;
    const kernel_set *kernels = all->network->kernels;
    const size_t count = (size_t)rows->width * CHANNEL_BLOCK;
    double sum = 0;
    for (int b = 0; b < rows->blocks; b++) {
        const float *here = tensor_row(rows, row, b);
        float *kept =
            tensor_row(&self->kept[i], y - side_of(all, all->content_layers[i], self->first), b);
        if (self->seen == &all->picture) {
            sum += kernels->difference(kept, here, 0, false, kept, count);
        } else {
            memcpy(kept, here, count * sizeof *kept);
            sum += kernels->dot(here, here, count);
        }
    }
    (self->seen == &all->picture ? all->distances : all->squares)[i][y] = sum;
}

/* A collective call with rows of a layer of the whole picture. */
static void take(const band *self, int layer, int y, const tensor *rows) {
    const features *all = self->all;
    for (int i = 0; i < FIGURES_STYLE_LAYERS; i++) {
        if (all->style_layers[i] == layer)
            gram_add(&self->seen->grams[i], y, rows);
    }
    for (int i = 0; i < FIGURES_CONTENT_LAYERS && self->seen != &all->style; i++) {
        if (all->content_layers[i] != layer)
            continue;
#pragma omp for schedule(static)
        for (int row = 0; row < rows->height; row++)
            compare_row(self, i, rows, row, y + row);
    }
}

/* Of the rows that come, those of the band itself. */
static void observe(void *user, int layer, int y, const tensor *rows) {
    const band *self = user;
    const int top =
        y + side_of(self->all, layer, self->top); /* in the layer of the whole picture */
    const int first = side_of(self->all, layer, self->first);
    const int end = side_of(self->all, layer, self->end);
    const int skipped = top < first ? first - top : 0;
    const int past = top + rows->height > end ? top + rows->height - end : 0;
    if (skipped + past >= rows->height)
        return;
    const tensor own = tensor_rows(rows, skipped, rows->height - skipped - past);
    take(self, layer, top + skipped, &own);
}

/* ---- bands ---- */

static void walk_band(void *part, layout *to) {
    band *self = part;
    const features *all = self->all;
    const size_t area = (size_t)(self->bottom - self->top) * (size_t)self->seen->picture->width;
    vgg_run_layout(&self->run, to);
    self->planes = layout_take(to, IMAGE_CHANNELS * area, sizeof *self->planes);
    for (int i = 0; i < FIGURES_CONTENT_LAYERS; i++) {
        const int layer = all->content_layers[i];
        if (layer < 0 || self->seen == &all->style)
            continue;
        self->kept[i] = (tensor){
            .channels = all->network->layers[layer].channels,
            .height = side_of(all, layer, self->end) - side_of(all, layer, self->first),
            .width = side_of(all, layer, self->seen->picture->width),
            .value_bytes = sizeof(float),
        };
        tensor_layout(&self->kept[i], to);
    }
}

static bool prepare_run(band *self, error *err) {
    const features *all = self->all;
    bool wanted[VGG_MAX_LAYERS] = {false};
    for (int i = 0; i < FIGURES_STYLE_LAYERS; i++) {
        if (all->style_layers[i] >= 0)
            wanted[all->style_layers[i]] = true;
    }
    for (int i = 0; i < FIGURES_CONTENT_LAYERS; i++) {
        if (all->content_layers[i] >= 0)
            wanted[all->content_layers[i]] = true;
    }
    return vgg_run_prepare(&self->run, all->network, POOLING_MAX, self->bottom - self->top,
                           self->seen->picture->width, wanted, false, err);
}

/* Sends the band's rows of a picture through the network. */
static void show(band *self, const sight *seen) {
    const image *picture = seen->picture;
    const size_t row = (size_t)picture->width, rows = (size_t)(self->bottom - self->top);
    const size_t plane = row * (size_t)picture->height;
    self->seen = seen;
    for (size_t c = 0; c < IMAGE_CHANNELS; c++)
        memcpy(self->planes + c * rows * row, picture->planes + c * plane + (size_t)self->top * row,
               rows * row * sizeof *self->planes);
    vgg_run_forward(&self->run, self->planes, &(vgg_visitor){.observe = observe, .user = self});
}

/* Rows of a band, in units: bands of a picture are about equally high. */
static int band_rows(const image *picture, size_t pixels) {
    const int most = (int)fmin((double)pixels / picture->width, picture->height);
    const int count = most ? (picture->height + most - 1) / most : picture->height;
    const int rows = (picture->height + count - 1) / count;
    return (rows + UNIT - 1) / UNIT * UNIT;
}

/* Shows some pictures of one size, band by band, each band in turn. */
static bool show_all(features *self, const sight *const *sights, int count, size_t pixels,
                     error *err) {
    const int height = sights[0]->picture->height, rows = band_rows(sights[0]->picture, pixels);
    for (int first = 0; first < height; first += rows) {
        band one = {.all = self, .first = first, .seen = sights[0]};
        layout memory;
        one.end = rows < height - first ? first + rows : height;
        one.top = first > AROUND ? first - AROUND : 0;
        one.bottom = AROUND < height - one.end ? one.end + AROUND : height;
        if (!prepare_run(&one, err) || !layout_make(&memory, walk_band, &one, err))
            return false;
        for (int i = 0; i < count; i++)
            show(&one, sights[i]);
        layout_free(&memory);
    }
    return true;
}

/* ---- figures ---- */

static void layout_sight(const features *self, sight *seen, layout *to) {
    for (int i = 0; i < FIGURES_STYLE_LAYERS; i++) {
        const int layer = self->style_layers[i];
        if (layer < 0)
            continue;
        const size_t channels = (size_t)self->network->layers[layer].channels;
        gram_prepare(&seen->grams[i], self->network->kernels, (int)channels,
                     side_of(self, layer, seen->picture->height),
                     side_of(self, layer, seen->picture->width), true, NULL);
        gram_layout(&seen->grams[i], to);
        seen->matrices[i] = layout_take(to, channels * channels, sizeof *seen->matrices[i]);
    }
}

static void walk(void *part, layout *to) {
    features *self = part;
    layout_sight(self, &self->content, to);
    layout_sight(self, &self->style, to);
    layout_sight(self, &self->picture, to);
    for (int i = 0; i < FIGURES_CONTENT_LAYERS; i++) {
        const int layer = self->content_layers[i];
        const size_t rows =
            layer < 0 ? 0 : (size_t)side_of(self, layer, self->picture.picture->height);
        self->squares[i] = layout_take(to, rows, sizeof *self->squares[i]);
        self->distances[i] = layout_take(to, rows, sizeof *self->distances[i]);
    }
}

static double squared_distance(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static double style_left(const features *self, int i) {
    const double *goal = self->style.matrices[i];
    const int channels = self->network->layers[self->style_layers[i]].channels;
    const int elements = channels * channels;
#pragma omp parallel
    {
        gram_finish(&self->content.grams[i], 0, self->content.matrices[i]);
        gram_finish(&self->style.grams[i], 0, self->style.matrices[i]);
        gram_finish(&self->picture.grams[i], 0, self->picture.matrices[i]);
    }
    return squared_distance(self->picture.matrices[i], goal, elements) /
           squared_distance(self->content.matrices[i], goal, elements);
}

static double content_error(const features *self, int i) {
    const int rows = side_of(self, self->content_layers[i], self->picture.picture->height);
    return cost_add_up(self->distances[i], rows) / cost_add_up(self->squares[i], rows);
}

bool features_judge(figures *self, const vgg *network, const image *content, const image *style,
                    const image *picture, size_t band_pixels, error *err) {
    features all = {.network = network,
                    .content.picture = content,
                    .style.picture = style,
                    .picture.picture = picture};
    layout memory;
    assert(content->width == picture->width && content->height == picture->height);
    find_layers(network, FIGURE_STYLE, FIGURES_STYLE_LAYERS, all.style_layers);
    find_layers(network, FIGURE_CONTENT, FIGURES_CONTENT_LAYERS, all.content_layers);
    if (!layout_make(&memory, walk, &all, err))
        return false;
    const bool ok =
        show_all(&all, (const sight *[]){&all.style}, 1, band_pixels, err) &&
        show_all(&all, (const sight *[]){&all.content, &all.picture}, 2, band_pixels, err);
    for (int i = 0; ok && i < FIGURES_STYLE_LAYERS; i++) {
        if (all.style_layers[i] >= 0)
            self->of[FIGURE_STYLE + i] = style_left(&all, i);
    }
    for (int i = 0; ok && i < FIGURES_CONTENT_LAYERS; i++) {
        if (all.content_layers[i] >= 0)
            self->of[FIGURE_CONTENT + i] = content_error(&all, i);
    }
    layout_free(&memory);
    return ok;
}
