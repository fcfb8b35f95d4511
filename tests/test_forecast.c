/* SPDX-License-Identifier: MIT
 *
 * Forecasts of memory against what transfers really take, each measured in a process of its own.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp, fork */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "file_tree.h"
#include "image/image.h"
#include "image/picture_file.h"
#include "network_files.h"
#include "optimize/optimizer.h"
#include "sanitized.h"
#include "transfer/forecast.h"
#include "transfer/luminance.h"
#include "transfer/params.h"
#include "transfer/stylize.h"

#define BUNDLED "weights/vgg19-slim.safetensors"

/* A transfer and the pictures it is made from. */
typedef struct trial {
    const char *weights;
    int content, style; /* longest side of the pictures; the other is two thirds of it */
    int size;
    double style_scale;
    stylize_optimizer optimizer;
    int history, threads;
    enum {
        PLAIN,
        RICH,   /* the content has alpha and a profile of 15 MB */
        COLORS, /* the content's colours stay */
        SAVES,  /* the picture is encoded on the way */
    } kind;
} trial;

static image *make_picture(int longest, bool upright) {
    error err;
    const int other = longest * 2 / 3;
    image *self = image_new(upright ? other : longest, upright ? longest : other, &err);
    assert_non_null(self);
    for (int i = 0; i < 2 * longest * other; i++)
        self->planes[i] = (float)(i % 256 * 31 % 256) / 255;
    return self;
}

static void enrich(image *self) {
    const size_t size = (size_t)15 << 20;
    error err;
    uint8_t *profile = calloc(size, 1);
    assert_non_null(profile);
    profile[1] = 0xf0; /* its size */
    memcpy(profile + 16, "RGB ", 4);
    memcpy(profile + 36, "acsp", 4);
    assert_true(image_add_alpha(self, &err));
    assert_true(image_properties_set_profile(&self->properties, profile, size, &err));
    assert_int_equal(self->properties.profile_size, size);
    free(profile);
}

static int encode(void *user, const stylize_iteration *now) {
    const picture_file_options deep = {.depth = 16, .quality = 95};
    char *data;
    size_t size;
    error err;
    (void)user;
    assert_true(picture_file_encode(now->picture, IMAGE_PNG, &deep, "picture", &data, &size, &err));
    free(data);
    return 0;
}

static stylize_params make_params(const trial *self) {
    stylize_params params = stylize_params_default();
    params.size = self->size;
    params.style_scale = self->style_scale;
    params.optimizer = self->optimizer;
    params.history = self->history;
    params.threads = self->threads;
    params.iterations = 1;
    params.upscale = true;
    if (self->kind == COLORS)
        params.color = STYLIZE_COLOR_CONTENT;
    if (self->kind == SAVES) {
        params.progress = encode;
        params.progress_memory = 3 * 4 * 2; /* three times what all samples take */
    }
    return params;
}

/* In a process of its own: the peak that is foretold when pictures and network are there, and the
 * peak after the transfer. */
static void measure(const trial *self, uint64_t peaks[2]) {
    stylize_error err;
    error e;
    const stylize_params params = make_params(self);
    image *content = make_picture(self->content, false), *style = make_picture(self->style, true);
    if (self->kind == RICH)
        enrich(content);
    stylize_network *network = stylize_network_load(self->weights, &err);
    assert_non_null(network);
    cost_spec spec;
    forecast plan;
    assert_true(params_spec(&params, network, &spec, &e));
    const forecast_job what = {
        .network = network,
        .spec = &spec,
        .params = &params,
        .content = {content->width, content->height},
        .style = {style->width, style->height},
        .content_has_alpha = content->alpha != NULL,
        .content_properties = image_properties_memory(&content->properties),
    };
    cpu_set_threads(self->threads);
    assert_true(forecast_make(&plan, &what, &e));
    peaks[0] = memory_resident() + plan.bytes;
    if (peaks[0] < memory_peak_resident())
        peaks[0] = memory_peak_resident();
    assert_non_null(stylize_transfer(network, content, style, NULL, &params, NULL, &err));
    peaks[1] = memory_peak_resident();
}

static void expect_forecast(const trial *full) {
    trial smaller = *full, *self = &smaller;
    if (SANITIZED) /* slow, and the figures are not compared */
        smaller.size /= 2;
    int ends[2];
    uint64_t peaks[2] = {0, 0};
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        measure(self, peaks);
        _exit(write(ends[1], peaks, sizeof peaks) == (ssize_t)sizeof peaks ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], peaks, sizeof peaks), sizeof peaks);
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    const double off = (double)peaks[0] / (double)peaks[1] - 1;
    printf("%-12.12s content %4d style %4d size %4d x %.2f optimizer %d history %2d threads %d: "
           "%6.1f MB foretold, %6.1f MB measured, %+.1f %%\n",
           strrchr(self->weights, '/') + 1, self->content, self->style, self->size,
           self->style_scale, (int)self->optimizer, self->history, self->threads,
           (double)peaks[0] / 1048576, (double)peaks[1] / 1048576, 100 * off);
    if (!SANITIZED && (off < -0.1 || off > 0.1))
        fail_msg("the forecast is off by %.1f %%", 100 * off);
}

static char wide[64];

static void foretells_the_peak(void **state) {
    (void)state;
    const trial trials[] = {
        {BUNDLED, 640, 640, 128, 1, STYLIZE_LBFGS, 10, 1, PLAIN},
        {BUNDLED, 640, 640, 320, 1, STYLIZE_LBFGS, 10, 2, PLAIN},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_LBFGS, 3, 1, PLAIN},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_LBFGS, 20, 2, PLAIN},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_ADAM, 10, 2, PLAIN},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_GD, 10, 2, PLAIN},
        {BUNDLED, 1280, 1000, 512, 0.4, STYLIZE_LBFGS, 10, 2, PLAIN},
        {BUNDLED, 640, 1000, 256, 4, STYLIZE_GD, 10, 2, PLAIN},
        {BUNDLED, 200, 3000, 192, 1, STYLIZE_LBFGS, 10, 2, PLAIN},
        {BUNDLED, 3000, 200, 192, 1, STYLIZE_LBFGS, 10, 2, PLAIN},
        {wide, 640, 640, 128, 1, STYLIZE_LBFGS, 10, 2, PLAIN},
        {wide, 640, 640, 256, 1, STYLIZE_LBFGS, 3, 2, PLAIN},
        {wide, 640, 640, 192, 2, STYLIZE_ADAM, 10, 1, PLAIN},
        {BUNDLED, 640, 640, 192, 1, STYLIZE_LBFGS, 3, 1, RICH},
        {BUNDLED, 640, 300, 640, 0.3, STYLIZE_GD, 3, 1, RICH},
        {BUNDLED, 640, 640, 384, 1, STYLIZE_LBFGS, 10, 2, COLORS},
        {BUNDLED, 640, 640, 512, 0.3, STYLIZE_ADAM, 3, 1, COLORS},
        {BUNDLED, 640, 300, 640, 0.3, STYLIZE_GD, 3, 1, SAVES},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        expect_forecast(&trials[i]);
}

/* ---- refusals ---- */

#define MB ((uint64_t)1 << 20)

static vgg *network;
static cost_spec spec;

static forecast_job make_job(const stylize_params *params, int style) {
    error err;
    if (!network)
        network = vgg_load(BUNDLED, kernels_best(), &err);
    assert_non_null(network);
    assert_true(params_spec(params, network, &spec, &err));
    return (forecast_job){
        .network = network,
        .spec = &spec,
        .params = params,
        .content = {900, 600},
        .style = {style, style},
    };
}

static size_t needed(const forecast_job *job, int size, double scale) {
    stylize_params params = *job->params;
    forecast_job other = *job;
    forecast found;
    error err;
    params.size = size;
    params.style_scale = scale;
    other.params = &params;
    assert_true(forecast_make(&found, &other, &err));
    return found.needed;
}

/* The number after `what` in a text. */
static double number_after(const char *text, const char *what) {
    const char *at = strstr(text, what);
    if (!at)
        fail_msg("'%s' does not say '%s'", text, what);
    return at ? strtod(at + strlen(what), NULL) : 0;
}

static void refuses_with_the_largest_size(void **state) {
    (void)state;
    static const uint64_t limits[] = {40, 64, 100, 150, 217, 300};
    stylize_params params = stylize_params_default();
    params.size = 900;
    const forecast_job job = make_job(&params, 500);
    forecast plan;
    error err;
    assert_true(forecast_make(&plan, &job, &err));
    assert_int_equal(plan.size[0], 900);
    assert_int_equal(plan.style_size[1], 900);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const memory_limit limit = {limits[i] * MB, "the test"};
        const int largest = forecast_largest_size(&job, limit);
        assert_in_range(largest, 16, FORECAST_MOST_SIZE);
        assert_true(needed(&job, largest, 1) + FORECAST_SPARE <= limit.bytes);
        if (largest >= 900) { /* the content's size, past which nothing grows */
            assert_int_equal(largest, FORECAST_MOST_SIZE);
            assert_true(forecast_check(&plan, &job, limit, &err));
            continue;
        }
        assert_true(needed(&job, largest + 1, 1) + FORECAST_SPARE > limit.bytes);
        assert_false(forecast_check(&plan, &job, limit, &err));
        assert_int_equal(err.code, ERROR_FAILURE);
        assert_int_equal(number_after(err.text, "use --size "), largest);
        assert_int_equal(number_after(err.text, "and "), limits[i]);
        assert_int_equal(number_after(err.text, "about "), plan.needed / MB + 1);
        assert_non_null(strstr(err.text, "900x600"));
        assert_non_null(strstr(err.text, "of the test"));
    }
    assert_true(forecast_check(&plan, &job, (memory_limit){UINT64_MAX, NULL}, &err));
}

static void names_the_style_when_it_alone_is_too_large(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    params.size = 256;
    params.style_scale = 8;
    const forecast_job job = make_job(&params, 700);
    const memory_limit limit = {128 * MB, "the test"};
    forecast plan;
    error err;
    assert_true(forecast_make(&plan, &job, &err));
    assert_false(forecast_check(&plan, &job, limit, &err));
    const double scale = number_after(err.text, "use --style-scale ");
    assert_true(scale > 1 && scale < 8);
    assert_true(needed(&job, 256, scale) <= limit.bytes);
    assert_true(needed(&job, 256, scale + 0.05) > limit.bytes);
    assert_non_null(strstr(err.text, "the style picture at 2048x2048"));
}

static void says_when_nothing_fits(void **state) {
    (void)state;
    const stylize_params params = stylize_params_default();
    const forecast_job job = make_job(&params, 500);
    forecast plan;
    error err;
    assert_true(forecast_make(&plan, &job, &err));
    for (uint64_t megabytes = 0; megabytes < 12; megabytes += 4) {
        const memory_limit limit = {megabytes * MB, "the test"};
        assert_int_equal(forecast_largest_size(&job, limit), 0);
        assert_false(forecast_check(&plan, &job, limit, &err));
        assert_non_null(strstr(err.text, "not even the smallest --size"));
    }
}

/* What the result takes over from its content is there all the time. */
static void counts_what_is_taken_over(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    forecast_job job = make_job(&params, 500);
    forecast plain, rich;
    error err;
    assert_true(forecast_make(&plain, &job, &err));
    job.content_has_alpha = true;
    job.content_properties = 12345;
    assert_true(forecast_make(&rich, &job, &err));
    assert_int_equal(rich.bytes - plain.bytes,
                     12345 + 2 * image_memory(512, 341) + 2 * image_alpha_memory(512, 341));
    assert_int_equal(rich.style_bytes - plain.style_bytes, rich.bytes - plain.bytes);
}

/* The colours, the grey sheet and its gradient come in addition; the optimiser moves a third. */
static void counts_what_keeping_colors_takes(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    const forecast_job job = make_job(&params, 50);
    forecast plain, colors;
    error err;
    params.optimizer = STYLIZE_ADAM;
    assert_true(forecast_make(&plain, &job, &err));
    params.color = STYLIZE_COLOR_CONTENT;
    assert_true(forecast_make(&colors, &job, &err));
    assert_int_equal(colors.result_bytes + adam_memory(3 * 512 * 341),
                     plain.result_bytes + adam_memory(512 * 341) + image_memory(512, 341) +
                         luminance_memory(512, 341));
}

static void counts_what_a_callback_takes(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    const forecast_job job = make_job(&params, 50);
    forecast plain, more;
    error err;
    assert_true(forecast_make(&plain, &job, &err));
    params.progress_memory = 12;
    assert_true(forecast_make(&more, &job, &err));
    const size_t grown = more.result_bytes - plain.result_bytes;
    assert_in_range(grown, 12 * 512 * 341, 12 * 512 * 341 + 64);
}

static void keeps_to_the_limit_of_pixels(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    forecast_job job = make_job(&params, 500);
    forecast plan;
    error err;
    params.max_pixels = 512 * 512; /* the style's */
    assert_true(forecast_make(&plan, &job, &err));
    params.max_pixels--;
    assert_false(forecast_make(&plan, &job, &err));
    assert_non_null(strstr(err.text, "the style picture at 512x512"));
    params.max_pixels = 512 * 341 - 1;
    assert_false(forecast_make(&plan, &job, &err));
    assert_non_null(strstr(err.text, "512x341"));
    assert_non_null(strstr(err.text, "raise --max-pixels"));
    const int largest = forecast_largest_size(&job, (memory_limit){UINT64_MAX, NULL});
    assert_in_range(largest, 400, 511);
    /* The network has a limit of its own. */
    params.max_pixels = INT32_MAX;
    params.size = 40000;
    params.upscale = true;
    assert_false(forecast_make(&plan, &job, &err));
    assert_null(strstr(err.text, "--max-pixels"));
}

/* A group that has 200 MB left. */
static void refuses_in_a_control_group(void **state) {
    (void)state;
    char *root = file_tree_new();
    file_tree_write(root, "proc/self/cgroup", "0::/box\n");
    file_tree_write(root, "sys/fs/cgroup/box/memory.max", "314572800\n");
    file_tree_write(root, "sys/fs/cgroup/box/memory.current", "104857600\n");
    stylize_params params = stylize_params_default();
    params.size = 0;
    const forecast_job job = make_job(&params, 2000);
    forecast plan;
    error err;
    assert_true(forecast_make(&plan, &job, &err));
    const memory_limit limit = memory_limit_group(root);
    assert_false(forecast_check(&plan, &job, limit, &err));
    assert_non_null(strstr(err.text, "200 MB are left of the memory limit of the control group: "));
    file_tree_remove(root);
}

/* Sizes that no memory would help. */
static void says_what_is_impossible(void **state) {
    (void)state;
    stylize_params params = stylize_params_default();
    params.size = 40000;
    params.upscale = true;
    forecast_job job = make_job(&params, 500);
    forecast plan;
    error err;
    assert_false(forecast_make(&plan, &job, &err));
    assert_non_null(strstr(err.text, "40000x26667"));
    params.size = 20;
    assert_false(forecast_make(&plan, &job, &err));
    assert_non_null(strstr(err.text, "20x13"));
    /* The largest size is one that has not too many pixels, either. */
    const int largest = forecast_largest_size(&job, (memory_limit){UINT64_MAX, NULL});
    assert_in_range(largest, 10000, 30000);
}

int main(void) {
    char folder[] = "/tmp/stylize-test-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    snprintf(wide, sizeof wide, "%s/wide.safetensors", folder);
    network_file_write(
        &(network_file){.arch = 16, .convs = 13, .widths = {64, 128, 192, 256, 256}, .f16 = true},
        wide);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foretells_the_peak), /* first: its processes are to be fresh */
        cmocka_unit_test(refuses_with_the_largest_size),
        cmocka_unit_test(names_the_style_when_it_alone_is_too_large),
        cmocka_unit_test(says_when_nothing_fits),
        cmocka_unit_test(counts_what_is_taken_over),
        cmocka_unit_test(counts_what_keeping_colors_takes),
        cmocka_unit_test(counts_what_a_callback_takes),
        cmocka_unit_test(keeps_to_the_limit_of_pixels),
        cmocka_unit_test(refuses_in_a_control_group),
        cmocka_unit_test(says_what_is_impossible),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vgg_free(network);
    unlink(wide);
    rmdir(folder);
    return failed;
}
