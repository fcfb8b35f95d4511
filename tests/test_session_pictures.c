/* SPDX-License-Identifier: MIT
 *
 * Sessions and their pictures: what a result takes over from its content and from nobody else,
 * what the network sees of transparent pixels, options of writing, the limit of pixels.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include "image_files.h"

#include <math.h>

#include "core/memory.h"
#include "image/resample.h"
#include "recipes.h"
#include "sessions.h"
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

/* Of one stage and few layers. */
static stylize_recipe *quick(const char *size, const char *iterations) {
    return recipes_of("size", size, "scales", "1", "iterations", iterations, "content-layers",
                      "relu2_1", "style-layers", "relu1_1", NULL);
}

static image *paint_until(const image *content, const image *style, const image *init,
                          const char *size, const char *iterations, stylize_event *last) {
    const session_inputs inputs = {
        .networks = {network}, .content = content, .style = style, .init = init};
    stylize_recipe *recipe = quick(size, iterations);
    image *out = sessions_run(&inputs, recipe, last);
    stylize_recipe_free(recipe);
    return out;
}

static image *paint(const image *content, const image *style, const image *init, const char *size,
                    const char *iterations) {
    return paint_until(content, style, init, size, iterations, NULL);
}

static void nothing_is_lost_on_the_way(void **state) {
    (void)state;
    const name path = temporary("content.png"), copy = temporary("copy.png");
    image *content = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    stylize_error err;
    image *out = paint(content, style, NULL, "0", "0");
    check_same(out, content);
    assert_true(stylize_image_write(out, copy.text, 16, 0, &err));
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
    image *out = paint(rich, plain, plain, "0", "2");
    check_taken_over(out, rich);
    image_free(out);
    out = paint(rich, plain, NULL, "24", "2");
    check_taken_over(out, rich);
    image_free(out);
    out = paint(plain, rich, rich, "24", "2");
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
    stylize_event last[2], style_last[2];
    image *outs[2];
    for (int i = 0; i < 2; i++) {
        outs[i] = paint_until(content, style, NULL, "0", "3", &last[i]);
        image_free(paint_until(style, content, NULL, "0", "3", &style_last[i]));
        memory_free(content->alpha); /* from now on it is opaque */
        content->alpha = NULL;
    }
    assert_true(last[0].best_total == last[1].best_total);
    assert_true(style_last[0].best_total == style_last[1].best_total);
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
    const picture_file_options deep = {.depth = 16, .quality = 95};
    image *out = paint(content, style, NULL, "0", "2");
    write_image(out, half.text, &deep);
    image *init = read_ok(half.text), *again = paint(content, style, init, "0", "0");
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
    error err;
    image *out = paint(content, init, init, "0", "0");
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
    const name picture = data_file("rgb8.png"), jpeg = temporary("out.jpg");
    assert_null(stylize_image_read(picture.text, 34, &err));
    assert_non_null(strstr(err.text, "7 x 5 pixels are over the limit of 34"));
    assert_null(stylize_image_read(picture.text, -1, &err));
    stylize_image *self = stylize_image_read(picture.text, 35, &err);
    assert_non_null(self);
    assert_false(stylize_image_write(self, jpeg.text, 16, 0, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_false(stylize_image_write(self, jpeg.text, 0, 101, &err));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_non_null(strstr(err.text, "quality"));
    assert_true(stylize_image_write(self, jpeg.text, 0, 0, &err));
    stylize_image_free(self);
    unlink(jpeg.text);

    image *style = read_ok(data_file("ycc444.jpg").text);
    const session_inputs inputs = {.networks = {network}, .content = style, .style = style};
    stylize_recipe *recipe = quick("0", "0");
    recipes_set(recipe, "max-pixels", "1535"); /* 48 x 32 has one more */
    sessions_expect_refused(&inputs, recipe, STYLIZE_FAILURE, "48x32");
    recipes_set(recipe, "max-pixels", "1536");
    image_free(sessions_run(&inputs, recipe, NULL));
    stylize_recipe_free(recipe);
    image_free(style);
}

/* What is shown on the way has what the result will have. */
static int look(void *user, stylize_session *session, const stylize_event *now) {
    const image *content = user, *picture = stylize_session_picture(session);
    if (now->kind != STYLIZE_EVENT_ITERATION)
        return 0;
    assert_int_equal(picture->width, now->plan->width);
    assert_int_equal(picture->height, now->plan->height);
    assert_non_null(picture->alpha);
    assert_int_equal(picture->properties.profile_size, content->properties.profile_size);
    assert_int_equal(picture->properties.density_unit, DENSITY_METRE);
    return 0;
}

static void pictures_on_the_way_take_over_too(void **state) {
    (void)state;
    const name path = temporary("content.png");
    image *rich = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    const session_inputs inputs = {
        .networks = {network}, .content = rich, .style = style, .observer = look, .user = rich};
    for (int i = 0; i < 2; i++)
        image_free(sessions_paint(&inputs, NULL, "size", "0", "scales", "30,36", "iterations",
                                  "1,1,1", "content-layers", "relu2_1", "style-layers", "relu1_1",
                                  "color", i ? "content" : "style", NULL));
    image_free(rich);
    image_free(style);
    unlink(path.text);
}

/* A session of several stages that is cancelled in a coarse one gives a picture of the final size
 * that is as transparent as any: nothing is seen where there is nothing. */
static int stop_in_the_first(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    return now->stage == 0 && now->stage_iteration == 2;
}

static int stop_before_the_second(void *user, stylize_session *session, const stylize_event *now) {
    (void)user;
    (void)session;
    return now->stage == 1;
}

static void coarse_results_are_transparent_too(void **state) {
    (void)state;
    const name path = temporary("content.png");
    image *rich = make_content(path.text), *style = read_ok(data_file("ycc444.jpg").text);
    stylize_observer *const observers[] = {stop_in_the_first, stop_before_the_second};
    for (int i = 0; i < 4; i++) {
        const session_inputs inputs = {.networks = {network},
                                       .content = rich,
                                       .style = style,
                                       .init = i / 2 ? style : NULL,
                                       .observer = observers[i % 2]};
        stylize_event last;
        image *out =
            sessions_paint(&inputs, &last, "size", "0", "scales", "30,40", "iterations", "4,4",
                           "content-layers", "relu2_1", "style-layers", "relu1_1", NULL);
        assert_int_equal(last.stage, i % 2);
        assert_int_equal(last.stop, STYLIZE_STOP_CANCELLED);
        check_taken_over(out, rich);
        for (int k = 0; k < 3 * WIDTH * HEIGHT; k++)
            assert_true(out->planes[k] >= 1 - out->alpha[k % (WIDTH * HEIGHT)] - 1e-6f);
        image_free(out);
    }
    image_free(rich);
    image_free(style);
    unlink(path.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_on_the_way),
        cmocka_unit_test(takes_over_from_the_content_alone),
        cmocka_unit_test(the_network_sees_white_paper),
        cmocka_unit_test(a_result_can_be_gone_on_from),
        cmocka_unit_test(an_opaque_start_keeps_its_colours),
        cmocka_unit_test(options_and_limits_are_checked),
        cmocka_unit_test(pictures_on_the_way_take_over_too),
        cmocka_unit_test(coarse_results_are_transparent_too),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
