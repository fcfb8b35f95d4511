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
#include "image/image.h"
#include "network_files.h"
#include "transfer/forecast.h"
#include "transfer/params.h"
#include "transfer/stylize.h"

#define BUNDLED "weights/vgg19-slim.safetensors"

/* A transfer and the pictures it is made from. */
typedef struct job {
    const char *weights;
    int content, style; /* longest side of the pictures; the other is two thirds of it */
    int size;
    double style_scale;
    stylize_optimizer optimizer;
    int history, threads;
} job;

static image *make_picture(int longest, bool upright) {
    error err;
    const int other = longest * 2 / 3;
    image *self = image_new(upright ? other : longest, upright ? longest : other, &err);
    assert_non_null(self);
    for (int i = 0; i < 2 * longest * other; i++)
        self->planes[i] = (float)(i * 7919 % 256) / 255;
    return self;
}

static stylize_params make_params(const job *self) {
    stylize_params params = stylize_params_default();
    params.size = self->size;
    params.style_scale = self->style_scale;
    params.optimizer = self->optimizer;
    params.history = self->history;
    params.threads = self->threads;
    params.iterations = 1;
    params.upscale = true;
    return params;
}

/* In a process of its own: the peak that is foretold when pictures and network are there, and the
 * peak after the transfer. */
static void measure(const job *self, uint64_t peaks[2]) {
    stylize_error err;
    error e;
    const stylize_params params = make_params(self);
    image *content = make_picture(self->content, false), *style = make_picture(self->style, true);
    stylize_network *network = stylize_network_load(self->weights, &err);
    assert_non_null(network);
    cost_spec spec;
    forecast plan;
    assert_true(params_spec(&params, network, &spec, &e));
    const forecast_job what = {
        network, &spec, &params, {content->width, content->height}, {style->width, style->height},
        {0, 0}};
    cpu_set_threads(self->threads);
    assert_true(forecast_make(&plan, &what, &e));
    peaks[0] = memory_resident() + plan.bytes;
    if (peaks[0] < memory_peak_resident())
        peaks[0] = memory_peak_resident();
    assert_non_null(stylize_transfer(network, content, style, NULL, &params, NULL, &err));
    peaks[1] = memory_peak_resident();
}

static void expect_forecast(const job *self) {
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
    if (off < -0.1 || off > 0.1)
        fail_msg("the forecast is off by %.1f %%", 100 * off);
}

static char wide[64];

static void foretells_the_peak(void **state) {
    (void)state;
    const job jobs[] = {
        {BUNDLED, 640, 640, 128, 1, STYLIZE_LBFGS, 10, 1},
        {BUNDLED, 640, 640, 256, 1, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_LBFGS, 3, 1},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_LBFGS, 20, 2},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_ADAM, 10, 2},
        {BUNDLED, 640, 640, 512, 1, STYLIZE_GD, 10, 2},
        {BUNDLED, 1280, 1000, 512, 0.4, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 640, 1000, 512, 2, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 640, 1000, 256, 4, STYLIZE_GD, 10, 2},
        {BUNDLED, 200, 3000, 192, 1, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 3000, 200, 192, 1, STYLIZE_LBFGS, 10, 2},
        {BUNDLED, 1280, 1000, 1024, 1, STYLIZE_LBFGS, 10, 2},
        {wide, 640, 640, 128, 1, STYLIZE_LBFGS, 10, 2},
        {wide, 640, 640, 384, 1, STYLIZE_LBFGS, 3, 2},
        {wide, 640, 640, 256, 2, STYLIZE_ADAM, 10, 1},
    };
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        expect_forecast(&jobs[i]);
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
        cmocka_unit_test(foretells_the_peak),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(wide);
    rmdir(folder);
    return failed;
}
