/* SPDX-License-Identifier: MIT
 *
 * Tests of features.c: style and content of pictures by a random network against the reference in
 * double precision, networks that lack layers, bands of all heights, and any number of threads.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "judge/features.h"
#include "network_files.h"
#include "reference.h"
#include "simd/kernels.h"

#define TOLERANCE 1e-4 /* relative: a quotient of differences of fp32 features */

enum { WIDTH = 37, HEIGHT = 283, TO_CONV3_2 = 6, TO_CONV5_1 = 13 };

/* ---- pictures ---- */

static image *image_of(const reference_image *from) {
    error err;
    image *self = image_new(from->width, from->height, &err);
    assert_non_null(self);
    for (int i = 0; i < IMAGE_CHANNELS * from->width * from->height; i++)
        self->planes[i] = (float)from->pixels[i];
    return self;
}

/* Content, style and picture, the style of another size, and both kinds of network. */
typedef struct setup {
    reference_image content, style, picture;
    image *images[3];
    reference_vgg net;
    vgg *network;
} setup;

static void open_setup(setup *self, const network_file *file) {
    self->content = reference_pattern_image(1, WIDTH, HEIGHT);
    self->style = reference_pattern_image(2, 61, 44);
    self->picture = reference_pattern_image(3, WIDTH, HEIGHT);
    self->images[0] = image_of(&self->content);
    self->images[1] = image_of(&self->style);
    self->images[2] = image_of(&self->picture);
    self->network = network_file_load(file, kernels_best(), &self->net);
}

static void close_setup(setup *self) {
    for (int i = 0; i < 3; i++)
        image_free(self->images[i]);
    free(self->content.pixels);
    free(self->style.pixels);
    free(self->picture.pixels);
    reference_vgg_clear(&self->net);
    vgg_free(self->network);
}

static figures judge_in_bands(const setup *self, size_t band) {
    figures found = figures_none();
    error err;
    if (!features_judge(&found, self->network, self->images[0], self->images[1], self->images[2],
                        band, &err))
        fail_msg("%s", err.text);
    return found;
}

/* ---- the definitions again ---- */

/* The Gram matrix of a layer over its pixels; the caller frees. */
static double *plain_gram(const reference_run *run, const char *name, int *channels) {
    const reference_layer *layer = reference_run_find(run, name);
    assert_non_null(layer);
    const int pixels = layer->h * layer->w;
    double *gram = calloc((size_t)layer->c * (size_t)layer->c, sizeof *gram);
    assert_non_null(gram);
    reference_gram(layer->values, layer->c, pixels, gram);
    for (int i = 0; i < layer->c * layer->c; i++)
        gram[i] /= pixels;
    *channels = layer->c;
    return gram;
}

static double plain_style(const reference_run runs[3], const char *name) {
    int channels;
    double *content = plain_gram(&runs[0], name, &channels);
    double *style = plain_gram(&runs[1], name, &channels);
    double *picture = plain_gram(&runs[2], name, &channels);
    double left = 0, whole = 0;
    for (int i = 0; i < channels * channels; i++) {
        left += pow(picture[i] - style[i], 2);
        whole += pow(content[i] - style[i], 2);
    }
    free(content);
    free(style);
    free(picture);
    return left / whole;
}

static double plain_content(const reference_run runs[3], const char *name) {
    const reference_layer *content = reference_run_find(&runs[0], name);
    const reference_layer *picture = reference_run_find(&runs[2], name);
    double distance = 0, square = 0;
    assert_true(content && picture);
    for (int i = 0; i < content->c * content->h * content->w; i++) {
        distance += pow(picture->values[i] - content->values[i], 2);
        square += pow(content->values[i], 2);
    }
    return distance / square;
}

static void expect(const char *name, double found, double wanted) {
    if (!(fabs(found / wanted - 1) < TOLERANCE))
        fail_msg("%s: %.8g, not %.8g", name, found, wanted);
}

/* ---- tests ---- */

static void figures_are_those_of_the_reference(void **state) {
    (void)state;
    static const char *const styles[] = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
    static const char *const contents[] = {"relu3_3", "relu4_2"};
    const network_file file = network_file_narrow(TO_CONV5_1);
    setup self;
    reference_run runs[3];
    open_setup(&self, &file);
    reference_run_init(&runs[0], &self.net, REFERENCE_MAX, &self.content);
    reference_run_init(&runs[1], &self.net, REFERENCE_MAX, &self.style);
    reference_run_init(&runs[2], &self.net, REFERENCE_MAX, &self.picture);
    static const size_t bands[] = {FEATURES_BAND, 100 * WIDTH, 1};
    for (size_t k = 0; k < sizeof bands / sizeof *bands; k++) {
        const figures found = judge_in_bands(&self, bands[k]);
        for (int i = 0; i < FIGURES_STYLE_LAYERS; i++)
            expect(styles[i], found.of[FIGURE_STYLE + i], plain_style(runs, styles[i]));
        for (int i = 0; i < FIGURES_CONTENT_LAYERS; i++)
            expect(contents[i], found.of[FIGURE_CONTENT + i], plain_content(runs, contents[i]));
        assert_true(isnan(found.of[FIGURE_LUMA]) && isnan(found.of[FIGURE_LIKENESS]));
    }
    for (int i = 0; i < 3; i++)
        reference_run_clear(&runs[i]);
    close_setup(&self);
}

static void layers_that_are_not_there_have_no_figures(void **state) {
    (void)state;
    const network_file file = network_file_narrow(TO_CONV3_2);
    setup self;
    open_setup(&self, &file);
    const figures found = judge_in_bands(&self, FEATURES_BAND);
    for (int i = 0; i < FIGURES_STYLE_LAYERS; i++)
        assert_int_equal(isnan(found.of[FIGURE_STYLE + i]) != 0, i >= 3);
    assert_true(isnan(found.of[FIGURE_CONTENT]) && isnan(found.of[FIGURE_CONTENT + 1]));
    close_setup(&self);
}

/* Each band sees all rows that its activations do: what differs is the rounding of sums alone. */
static void bands_see_what_the_whole_sees(void **state) {
    (void)state;
    const network_file file = {.arch = 19, .convs = TO_CONV5_1, .widths = {3, 4, 4, 5, 5}};
    setup self;
    open_setup(&self, &file);
    const figures whole = judge_in_bands(&self, FEATURES_BAND);
    for (int rows = 16; rows < HEIGHT; rows += 16) {
        const figures found = judge_in_bands(&self, (size_t)(rows * WIDTH));
        for (int i = 0; i < FIGURE_LUMA; i++)
            if (!(fabs(found.of[i] / whole.of[i] - 1) < 1e-6))
                fail_msg("%s, %d rows: %.9g, not %.9g", figure_name((figure)i), rows, found.of[i],
                         whole.of[i]);
    }
    close_setup(&self);
}

static void threads_do_not_change_figures(void **state) {
    (void)state;
    const network_file file = network_file_narrow(TO_CONV5_1);
    setup self;
    open_setup(&self, &file);
    const int before = cpu_set_threads(1);
    const figures one = judge_in_bands(&self, 64 * WIDTH);
    cpu_set_threads(3);
    const figures three = judge_in_bands(&self, 64 * WIDTH);
    cpu_set_threads(before);
    assert_memory_equal(&one.of[FIGURE_STYLE], &three.of[FIGURE_STYLE],
                        FIGURE_LUMA * sizeof *one.of);
    close_setup(&self);
}

/* The same picture has all of the style and none of the content's errors. */
static void pictures_against_themselves(void **state) {
    (void)state;
    const network_file file = network_file_narrow(TO_CONV5_1);
    setup self;
    error err;
    open_setup(&self, &file);
    figures found = figures_none();
    assert_true(features_judge(&found, self.network, self.images[0], self.images[1], self.images[0],
                               FEATURES_BAND, &err));
    for (int i = 0; i < FIGURES_STYLE_LAYERS; i++)
        assert_true(found.of[FIGURE_STYLE + i] == 1);
    for (int i = 0; i < FIGURES_CONTENT_LAYERS; i++)
        assert_true(found.of[FIGURE_CONTENT + i] == 0);
    close_setup(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_reference),
        cmocka_unit_test(layers_that_are_not_there_have_no_figures),
        cmocka_unit_test(bands_see_what_the_whole_sees),
        cmocka_unit_test(threads_do_not_change_figures),
        cmocka_unit_test(pictures_against_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
