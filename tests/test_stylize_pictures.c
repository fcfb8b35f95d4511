/* SPDX-License-Identifier: MIT
 *
 * The public API and its pictures: what a result takes over from its content and from nobody else,
 * what the network sees of transparent pixels, options of writing, the limit of pixels.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>

#include "core/memory.h"
#include "image/resample.h"
#include "transfer/stylize.h"

enum { WIDTH = 40, HEIGHT = 30 };

static stylize_network *network;

static int set_up(void **state) {
    stylize_error err;
    network = stylize_network_load("tests/golden/small16.safetensors", &err);
    return network ? start(state) : -1;
}

static int tear_down(void **state) {
    stylize_network_free(network);
    return finish(state);
}

/* A file of 16 bits with a soft edge to transparency, a profile and a density, as read. */
static image *make_content(const char *path) {
    error err = {0};
    const bytes profile = load(data_file("profile.icc").text);
    image *self = image_new(WIDTH, HEIGHT, &err);
    assert_non_null(self);
    assert_true(image_add_alpha(self, &err));
    assert_true(image_properties_set_profile(&self->properties, profile.data, profile.size, &err));
    free(profile.data);
    self->properties.density_unit = DENSITY_METRE;
    self->properties.density[0] = 5000;
    self->properties.density[1] = 4000;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        const double alpha = fmin(fmax(0, (i % WIDTH - 8) / 16.0), 1);
        self->alpha[i] = (float)alpha;
        for (int c = 0; c < IMAGE_CHANNELS; c++) {
            const double value = (i * (c + 37) % 991) / 991.0;
            self->planes[c * WIDTH * HEIGHT + i] = (float)(alpha * value + 1 - alpha);
        }
    }
    const picture_file_options options = {.depth = 16, .quality = 95};
    write_image(self, path, &options);
    image_free(self);
    return read_ok(path);
}

static stylize_params quick(int size, int iterations) {
    stylize_params params = stylize_params_default();
    params.content_layer_count = params.style_layer_count = 1;
    params.content_layers[0] = (stylize_layer){"relu2_1", 1};
    params.style_layers[0] = (stylize_layer){"relu1_1", 1};
    params.size = size;
    params.iterations = iterations;
    params.threads = 1;
    return params;
}

static image *paint(const image *content, const image *style, const image *init,
                    const stylize_params *params) {
    stylize_error err;
    image *out = stylize_transfer(network, content, style, init, params, NULL, &err);
    if (!out)
        fail_msg("%s", err.text);
    return out;
}

static void nothing_is_lost_on_the_way(void **state) {
    (void)state;
    const name path = temporary("content.png"), copy = temporary("copy.png");
    image *content = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    const stylize_params params = quick(0, 0);
    const stylize_write_options options = {.depth = STYLIZE_DEPTH_16, .quality = 95};
    stylize_error err;
    image *out = paint(content, style, NULL, &params);
    check_same(out, content);
    assert_true(stylize_image_write(out, copy.text, &options, &err));
    image_free(out);
    const bytes before = load(path.text), after = load(copy.text);
    assert_int_equal(before.size, after.size);
    assert_memory_equal(before.data, after.data, before.size);
    free(before.data);
    free(after.data);
    image_free(content);
    image_free(style);
    unlink(path.text);
    unlink(copy.text);
}

static void check_taken_over(const image *out, const image *content) {
    const image_properties *from = &content->properties, *to = &out->properties;
    error err;
    assert_non_null(to->profile);
    assert_ptr_not_equal(to->profile, from->profile);
    assert_int_equal(to->profile_size, from->profile_size);
    assert_memory_equal(to->profile, from->profile, to->profile_size);
    assert_int_equal(to->density_unit, DENSITY_METRE);
    assert_true(to->density[0] == 5000 && to->density[1] == 4000);
    image *expected = image_resample(content, out->width, out->height, &err);
    assert_non_null(expected);
    assert_true(image_resample_alpha(expected, content, &err));
    assert_memory_equal(out->alpha, expected->alpha,
                        sizeof(float) * (size_t)(out->width * out->height));
    image_free(expected);
}

/* In painting, too, at another size, from another start. */
static void takes_over_from_the_content_alone(void **state) {
    (void)state;
    const name path = temporary("content.png");
    image *rich = make_content(path.text), *plain = read_ok(data_file("ycc444.jpg").text);
    const stylize_params same = quick(0, 2), smaller = quick(24, 2);
    image *out = paint(rich, plain, plain, &same);
    check_taken_over(out, rich);
    image_free(out);
    out = paint(rich, plain, NULL, &smaller);
    check_taken_over(out, rich);
    image_free(out);
    out = paint(plain, rich, rich, &smaller);
    assert_null(out->alpha);
    assert_null(out->properties.profile);
    assert_int_equal(out->properties.density_unit, DENSITY_UNKNOWN);
    image_free(out);
    image_free(rich);
    image_free(plain);
    unlink(path.text);
}

/* All the same as with an opaque picture of what is seen over white, as far as nothing is lost at
 * the end. */
static void the_network_sees_white_paper(void **state) {
    (void)state;
    const name path = temporary("content.png");
    image *content = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    const stylize_params params = quick(0, 3);
    stylize_result results[2], style_results[2];
    stylize_error err;
    image *outs[2];
    for (int i = 0; i < 2; i++) {
        outs[i] = stylize_transfer(network, content, style, NULL, &params, &results[i], &err);
        image *other =
            stylize_transfer(network, style, content, NULL, &params, &style_results[i], &err);
        assert_true(outs[i] && other);
        image_free(other);
        memory_free(content->alpha); /* from now on it is opaque */
        content->alpha = NULL;
    }
    assert_true(results[0].best_total == results[1].best_total);
    assert_true(style_results[0].best_total == style_results[1].best_total);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const float alpha = outs[0]->alpha[i % (WIDTH * HEIGHT)];
        assert_true(outs[0]->planes[i] >= 1 - alpha);
        if (alpha == 1)
            assert_true(outs[0]->planes[i] == outs[1]->planes[i]);
    }
    image_free(outs[0]);
    image_free(outs[1]);
    image_free(content);
    image_free(style);
    unlink(path.text);
}

/* To go on from a result without a step is to have it again: no paper comes in. */
static void a_result_can_be_gone_on_from(void **state) {
    (void)state;
    const name path = temporary("content.png"), half = temporary("half.png");
    image *content = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    const stylize_params some = quick(0, 2), none = quick(0, 0);
    const picture_file_options deep = {.depth = 16, .quality = 95};
    image *out = paint(content, style, NULL, &some);
    write_image(out, half.text, &deep);
    image *init = read_ok(half.text), *again = paint(content, style, init, &none);
    check_same(init, again);
    image_free(again);
    image_free(init);
    image_free(out);
    image_free(content);
    image_free(style);
    unlink(path.text);
    unlink(half.text);
}

/* An opaque start has no paper in it, whatever the content. */
static void an_opaque_start_keeps_its_colours(void **state) {
    (void)state;
    const name path = temporary("content.png");
    image *content = make_content(path.text), *init = read_ok(data_file("ycc444.jpg").text);
    const stylize_params none = quick(0, 0);
    error err;
    image *out = paint(content, init, init, &none);
    image *resized = image_resample(init, WIDTH, HEIGHT, &err);
    assert_non_null(resized);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        const float alpha = content->alpha[i % (WIDTH * HEIGHT)];
        assert_true(fabsf(out->planes[i] - (alpha * resized->planes[i] + 1 - alpha)) < 1e-6f);
    }
    image_free(resized);
    image_free(out);
    image_free(init);
    image_free(content);
    unlink(path.text);
}

static void options_and_limits_are_checked(void **state) {
    (void)state;
    stylize_error err = {STYLIZE_OK, ""};
    const stylize_write_options deep = {.depth = STYLIZE_DEPTH_16, .quality = 95};
    const stylize_write_options none = {.depth = STYLIZE_DEPTH_8};
    const stylize_write_options best = stylize_write_options_default();
    const name picture = data_file("rgb8.png"), jpeg = temporary("out.jpg");
    assert_true(best.depth == STYLIZE_DEPTH_8 && best.quality == 95);
    assert_null(stylize_image_read(picture.text, 34, &err));
    assert_non_null(strstr(err.text, "7 x 5 pixels are over the limit of 34"));
    assert_null(stylize_image_read(picture.text, -1, &err));
    stylize_image *self = stylize_image_read(picture.text, 35, &err);
    assert_non_null(self);
    assert_false(stylize_image_write(self, jpeg.text, &deep, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_false(stylize_image_write(self, jpeg.text, &none, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_non_null(strstr(err.text, "quality"));
    assert_true(stylize_image_write(self, jpeg.text, NULL, &err));
    stylize_image_free(self);
    unlink(jpeg.text);

    image *style = read_ok(data_file("ycc444.jpg").text);
    stylize_params params = quick(0, 0);
    params.max_pixels = 48 * 32 - 1;
    assert_null(stylize_transfer(network, style, style, NULL, &params, NULL, &err));
    assert_non_null(strstr(err.text, "48x32"));
    params.max_pixels = 0;
    assert_null(stylize_transfer(network, style, style, NULL, &params, NULL, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    image_free(style);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_on_the_way),
        cmocka_unit_test(takes_over_from_the_content_alone),
        cmocka_unit_test(the_network_sees_white_paper),
        cmocka_unit_test(a_result_can_be_gone_on_from),
        cmocka_unit_test(an_opaque_start_keeps_its_colours),
        cmocka_unit_test(options_and_limits_are_checked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
