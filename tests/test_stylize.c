/* SPDX-License-Identifier: MIT
 *
 * The public API: sizes, pixels that pass untouched, what is refused, stopping, the best picture
 * and its cost, the same picture for the same seed and any number of threads.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image/image.h"
#include "reference.h"
#include "transfer/stylize.h"

static stylize_network *network;
static stylize_image *content, *style;

static stylize_image *pattern(int k, int width, int height) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] =
            (float)reference_pattern(k, i % width, i / width % height, i / (width * height)) / 255;
    return self;
}

static int set_up(void **state) {
    (void)state;
    stylize_error err;
    network = stylize_network_load("weights/vgg19-slim.safetensors", &err);
    content = pattern(1, 45, 33);
    style = pattern(2, 40, 52);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_image_free(content);
    stylize_image_free(style);
    return 0;
}

/* One thread: threads that wait for one another cost more than the small work here. The size is
 * above the content's, which is not enlarged, and keeps the style small. */
static stylize_params quick(int iterations) {
    stylize_params params = stylize_params_default();
    params.iterations = iterations;
    params.threads = 1;
    params.size = 64;
    return params;
}

static stylize_image *paint(const stylize_params *params, const stylize_image *init,
                            stylize_result *result) {
    stylize_error err;
    stylize_image *out = stylize_transfer(network, content, style, init, params, result, &err);
    if (!out)
        fail_msg("%s", err.text);
    return out;
}

static size_t bytes(const stylize_image *self) {
    return 3 * (size_t)self->width * (size_t)self->height * sizeof(float);
}

static void expect_same(const stylize_image *a, const stylize_image *b) {
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_memory_equal(a->planes, b->planes, bytes(a));
}

/* ---- sizes ---- */

static void expect_size(stylize_params params, int width, int height, int expected_width,
                        int expected_height) {
    int w, h;
    stylize_output_size(&params, width, height, &w, &h);
    assert_int_equal(w, expected_width);
    assert_int_equal(h, expected_height);
}

/* For a content of 400 x 300. */
static void expect_style_size(stylize_params params, int width, int height, int expected_width,
                              int expected_height) {
    int result_width, result_height, w, h;
    stylize_output_size(&params, 400, 300, &result_width, &result_height);
    stylize_style_size(&params, result_width, result_height, width, height, &w, &h);
    assert_int_equal(w, expected_width);
    assert_int_equal(h, expected_height);
}

static void test_sizes(void **state) {
    (void)state;
    stylize_params p = stylize_params_default();
    assert_int_equal(p.size, 512);
    expect_size(p, 1024, 768, 512, 384);
    expect_size(p, 333, 1000, 170, 512);
    expect_size(p, 512, 512, 512, 512);
    expect_size(p, 513, 511, 512, 510);
    expect_size(p, 4000, 3, 512, 1);
    expect_size(p, 3, 4000, 1, 512);
    expect_size(p, 300, 200, 300, 200); /* never enlarged ... */
    p.upscale = true;
    expect_size(p, 300, 200, 512, 341); /* ... unless asked to */
    p.size = 0;
    expect_size(p, 300, 200, 300, 200);
    expect_style_size(p, 640, 480, 400, 300); /* it follows the result */
    p.style_scale = 0.5;
    expect_style_size(p, 640, 480, 200, 150);
    p.size = 1000;
    expect_style_size(p, 640, 480, 500, 375);
    p.upscale = false;
    expect_style_size(p, 640, 480, 200, 150); /* also where that stays smaller than asked for */
    p.size = 100;
    expect_style_size(p, 640, 480, 50, 38);
    p.style_scale = 2;
    expect_style_size(p, 48, 64, 150, 200);
    p.style_scale = 1e300; /* no overflow; refused when it is to be made */
    expect_style_size(p, 48, 64, 1 << 24, 1 << 24);
}

static void test_pixels_pass(void **state) {
    (void)state;
    stylize_params params = quick(0);
    stylize_result result;
    params.size = 0;
    for (int i = 0; i < 3; i++) {
        params.optimizer = (stylize_optimizer)i;
        stylize_image *out = paint(&params, NULL, &result);
        expect_same(out, content);
        assert_int_equal(result.iterations, 0);
        assert_int_equal(result.evaluations, 1);
        assert_int_equal(result.best_iteration, 0);
        assert_int_equal(result.stop, STYLIZE_STOP_ITERATIONS);
        stylize_image_free(out);
    }
    params.init = STYLIZE_INIT_RANDOM; /* a picture that is given goes first */
    stylize_image *init = pattern(3, 45, 33), *out = paint(&params, init, NULL);
    expect_same(out, init);
    stylize_image_free(out);
    stylize_image_free(init);
    init = pattern(3, 90, 66); /* of another size: resampled */
    out = paint(&params, init, NULL);
    assert_int_equal(out->width, 45);
    assert_int_equal(out->height, 33);
    stylize_image_free(out);
    stylize_image_free(init);
}

/* The least side is that at which the deepest layer still has a pixel: 16 works, 15 does not. */
static void test_least_sizes(void **state) {
    (void)state;
    const stylize_params params = quick(1);
    for (int i = 0; i < 4; i++) {
        stylize_image *a = pattern(1, i == 1 ? 15 : 16, i == 2 ? 15 : 40);
        stylize_image *b = pattern(2, 40, 16);
        stylize_params p = params;
        stylize_error err = {STYLIZE_OK, ""};
        p.size = i < 3 ? 0 : 39; /* 39 scales the pictures to 16 x 39 and 39 x 16 */
        stylize_image *out = stylize_transfer(network, a, b, NULL, &p, NULL, &err);
        if (i == 1 || i == 2) {
            assert_null(out);
            assert_int_equal(err.status, STYLIZE_FAILURE);
            assert_non_null(strstr(err.text, i == 1 ? "15x40" : "16x15"));
        } else {
            assert_non_null(out);
            assert_int_equal(out->width, 16);
        }
        stylize_image_free(out);
        stylize_image_free(a);
        stylize_image_free(b);
    }
}

/* ---- running ---- */

typedef struct watch {
    int calls, stop_at;
    double totals[64];
} watch;

static int watch_progress(void *user, const stylize_iteration *now) {
    watch *self = user;
    assert_int_equal(now->iteration, self->calls);
    assert_true(now->evaluations > now->iteration);
    assert_true(now->seconds >= 0);
    assert_true(fabs(now->total - (now->content + 300 * now->style)) < 1e-6 * now->total);
    double sum = 0;
    for (int i = 0; i < 5; i++)
        sum += 0.2 * now->style_layers[i];
    assert_true(fabs(now->style - sum) < 1e-9 * sum);
    assert_true(now->content == now->content_layers[0]);
    assert_true(now->gradient_norm > 0 && now->tv > 0);
    self->totals[self->calls++] = now->total;
    return self->calls > self->stop_at;
}

static void test_progress_and_best(void **state) {
    (void)state;
    watch w = {.stop_at = 12};
    stylize_params params = quick(40);
    stylize_result result;
    params.progress = watch_progress;
    params.user = &w;
    stylize_image *out = paint(&params, NULL, &result);
    assert_int_equal(w.calls, 13);
    assert_int_equal(result.stop, STYLIZE_STOP_PROGRESS);
    assert_int_equal(result.iterations, 12);
    assert_true(result.best_total == w.totals[result.best_iteration]);
    for (int i = 0; i < w.calls; i++)
        assert_true(result.best_total <= w.totals[i]);
    assert_true(result.best_total < 0.7 * w.totals[0]);
    for (size_t i = 0; i < bytes(out) / sizeof(float); i++)
        assert_true(out->planes[i] >= 0 && out->planes[i] <= 1);

    /* What is handed back is that best picture, to the bit. */
    const stylize_params none = quick(0);
    stylize_result again;
    stylize_image *same = paint(&none, out, &again);
    expect_same(same, out);
    assert_true(again.best_total == result.best_total);
    stylize_image_free(same);
    stylize_image_free(out);
}

/* The cost logged is that of the picture written: through an 8-bit file and back it changes little.
 */
static void test_written_picture_has_the_cost(void **state) {
    (void)state;
    static stylize_optimizer const optimizers[] = {STYLIZE_LBFGS, STYLIZE_ADAM, STYLIZE_GD};
    char folder[] = "/tmp/stylize-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.png", folder);
    for (int i = 0; i < 3; i++) {
        stylize_params params = quick(12);
        stylize_result result, again;
        stylize_error err;
        params.optimizer = optimizers[i];
        stylize_image *out = paint(&params, NULL, &result);
        assert_true(stylize_image_write(out, path, NULL, &err));
        stylize_image_free(out);
        stylize_image *init = stylize_image_read(path, params.max_pixels, &err);
        assert_non_null(init);
        params.iterations = 0;
        out = paint(&params, init, &again);
        assert_true(fabs(again.best_total - result.best_total) < 0.05 * result.best_total);
        stylize_image_free(out);
        stylize_image_free(init);
    }
    unlink(path);
    rmdir(folder);
}

static void test_seeds_and_threads(void **state) {
    (void)state;
    stylize_params params = quick(4);
    params.init = STYLIZE_INIT_RANDOM;
    params.seed = 5;
    params.threads = 1;
    stylize_image *first = paint(&params, NULL, NULL);
    for (params.threads = 2; params.threads <= 3; params.threads++) {
        stylize_image *again = paint(&params, NULL, NULL);
        expect_same(first, again);
        stylize_image_free(again);
    }
    params.seed = 6;
    stylize_image *other = paint(&params, NULL, NULL);
    assert_memory_not_equal(first->planes, other->planes, bytes(first));
    stylize_image_free(other);
    stylize_image_free(first);
}

/* Every setting reaches the engine: it changes the picture. */
static void test_settings_matter(void **state) {
    (void)state;
    const stylize_params defaults = quick(3);
    stylize_image *plain = paint(&defaults, NULL, NULL);
    for (int i = 0; i < 13; i++) {
        stylize_params p = defaults;
        p.alpha = i == 0 ? 10 : p.alpha;
        p.beta = i == 1 ? 30 : p.beta;
        p.tv = i == 2 ? 5 : p.tv;
        p.pooling = i == 3 ? STYLIZE_POOL_AVG : p.pooling;
        p.cost = i == 4 ? STYLIZE_COST_GATYS : p.cost;
        p.optimizer = i == 5 ? STYLIZE_ADAM : p.optimizer;
        p.style_scale = i == 6 ? 0.7 : p.style_scale;
        p.style_layer_count = i == 7 ? 2 : p.style_layer_count;
        p.style_layers[3].weight = i == 8 ? 0.4 : p.style_layers[3].weight;
        p.history = i == 9 ? 1 : p.history;
        p.learning_rate = i == 10 ? 0.5 : p.learning_rate;
        p.init = i == 11 ? STYLIZE_INIT_RANDOM : p.init;
        p.color = i == 12 ? STYLIZE_COLOR_CONTENT : p.color;
        stylize_image *out = paint(&p, NULL, NULL);
        if (!memcmp(plain->planes, out->planes, bytes(plain)))
            fail_msg("setting %d changes nothing", i);
        stylize_image_free(out);
    }
    stylize_image_free(plain);
}

/* ---- refusals ---- */

static void expect_refused(stylize_params params, stylize_status status, const char *what) {
    stylize_error err = {STYLIZE_OK, ""};
    stylize_image *out = stylize_transfer(network, content, style, NULL, &params, NULL, &err);
    if (out)
        fail_msg("accepted: %s", what);
    assert_int_equal(err.status, status);
    if (!strstr(err.text, what))
        fail_msg("'%s' does not say '%s'", err.text, what);
}

static void test_refusals(void **state) {
    (void)state;
    stylize_params p;
#define REFUSED(change, status, what) (p = quick(1), change, expect_refused(p, status, what))
    REFUSED(p.alpha = -1, STYLIZE_USAGE, "alpha");
    REFUSED(p.beta = NAN, STYLIZE_USAGE, "beta");
    REFUSED(p.tv = INFINITY, STYLIZE_USAGE, "tv");
    REFUSED(p.iterations = -1, STYLIZE_USAGE, "iterations");
    REFUSED(p.size = 7, STYLIZE_USAGE, "size");
    REFUSED(p.history = 0, STYLIZE_USAGE, "history");
    REFUSED(p.style_scale = 0, STYLIZE_USAGE, "style scale");
    REFUSED(p.learning_rate = -1, STYLIZE_USAGE, "learning rate");
    REFUSED(p.threads = -1, STYLIZE_USAGE, "threads");
    REFUSED(p.optimizer = (stylize_optimizer)7, STYLIZE_USAGE, "optimizer");
    REFUSED(p.pooling = (stylize_pooling)2, STYLIZE_USAGE, "pooling");
    REFUSED(p.color = (stylize_color)2, STYLIZE_USAGE, "color");
    REFUSED(p.progress_memory = -1, STYLIZE_USAGE, "progress memory");
    REFUSED(memset(p.style_layers[0].name, 'x', 8), STYLIZE_USAGE, "does not end");
    REFUSED(p.content_layers[0].weight = NAN, STYLIZE_USAGE, "relu4_2");
    REFUSED(p.style_layers[0].weight = -1, STYLIZE_USAGE, "relu1_1");
    REFUSED(p.style_layer_count = STYLIZE_MAX_LAYERS + 1, STYLIZE_USAGE, "layers");
    REFUSED(p.content_layer_count = -1, STYLIZE_USAGE, "layers");
    REFUSED(p.style_scale = INFINITY, STYLIZE_USAGE, "style scale");
    REFUSED(p.learning_rate = NAN, STYLIZE_USAGE, "learning rate");
    REFUSED(strcpy(p.style_layers[1].name, "relu1_1"), STYLIZE_USAGE, "twice");
    REFUSED(strcpy(p.style_layers[0].name, "relu9_9"), STYLIZE_USAGE, "relu9_9");
    REFUSED((p.style_layer_count = 0, p.content_layer_count = 0), STYLIZE_USAGE, "layer");
    REFUSED(strcpy(p.style_layers[0].name, "relu5_4"), STYLIZE_FAILURE, "deepest is relu5_1");
    REFUSED(p.size = 16, STYLIZE_FAILURE, "result");
    REFUSED(p.style_scale = 0.01, STYLIZE_FAILURE, "style");
    REFUSED(p.style_scale = 1e300, STYLIZE_FAILURE, "pixels");
}

static void test_extreme_weights(void **state) {
    (void)state;
    stylize_params p = quick(3);
    p.beta = 1e300; /* the cost overflows: an error or a picture, never a broken one */
    stylize_error err;
    stylize_image *out = stylize_transfer(network, content, style, NULL, &p, NULL, &err);
    for (size_t i = 0; out && i < bytes(out) / sizeof(float); i++)
        assert_true(out->planes[i] >= 0 && out->planes[i] <= 1);
    stylize_image_free(out);
    p = quick(3);
    p.alpha = p.beta = 0; /* nothing to do */
    out = paint(&p, NULL, NULL);
    expect_same(out, content);
    stylize_image_free(out);
}

static void test_names(void **state) {
    (void)state;
    assert_true(stylize_layer_known("relu4_2"));
    assert_false(stylize_layer_known("relu4_5"));
    assert_string_equal(stylize_stop_name(STYLIZE_STOP_ITERATIONS), "iterations");
    assert_true(strlen(stylize_instruction_set()) > 0);
    stylize_image_free(NULL);
    stylize_network_free(NULL);
    stylize_error err;
    assert_null(stylize_network_load("no/such/file.safetensors", &err));
    assert_non_null(strstr(err.text, "no/such/file.safetensors"));
    assert_null(stylize_image_read("no/such/picture.png", 100, &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_pixels_pass),
        cmocka_unit_test(test_least_sizes),
        cmocka_unit_test(test_progress_and_best),
        cmocka_unit_test(test_written_picture_has_the_cost),
        cmocka_unit_test(test_seeds_and_threads),
        cmocka_unit_test(test_settings_matter),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_extreme_weights),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
