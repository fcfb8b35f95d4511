/* SPDX-License-Identifier: MIT
 *
 * The public API around a transfer: the plan beforehand, no allocation in an iteration, and the
 * caller's floating-point state afterwards.
 */
#define _POSIX_C_SOURCE 200809L /* fork */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

#include "allocations.h"
#include "core/memory_limit.h"
#include "image/image.h"
#include "sanitized.h"
#include "transfer/stylize.h"

static stylize_network *network;
static stylize_image *content, *style;

static image *pattern(int width, int height) {
    error err;
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    for (int i = 0; i < 3 * width * height; i++)
        self->planes[i] = (float)(i % 256 * 31 % 256) / 255;
    return self;
}

static int set_up(void **state) {
    (void)state;
    stylize_error err;
    network = stylize_network_load("weights/vgg19-slim.safetensors", &err);
    content = pattern(120, 90);
    style = pattern(70, 100);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    stylize_network_free(network);
    stylize_image_free(content);
    stylize_image_free(style);
    return 0;
}

static stylize_params quick(int iterations) {
    stylize_params params = stylize_params_default();
    params.iterations = iterations;
    params.threads = 2;
    params.size = 96;
    return params;
}

static bool paint(const stylize_params *params, stylize_error *err) {
    stylize_image *out = stylize_transfer(network, content, style, NULL, params, NULL, err);
    stylize_image_free(out);
    return out != NULL;
}

/* ---- the plan ---- */

static int never(void *user, const stylize_iteration *now) {
    (void)user;
    (void)now;
    fail_msg("a plan calls back");
    return 1;
}

static void plans(void **state) {
    (void)state;
    stylize_params params = quick(9);
    stylize_forecast plan;
    stylize_error err;
    params.progress = never;
    assert_true(stylize_plan(network, content, style, NULL, &params, &plan, &err));
    assert_int_equal(plan.width, 96);
    assert_int_equal(plan.height, 72);
    assert_int_equal(plan.style_width, 67);
    assert_int_equal(plan.style_height, 96);
    assert_int_equal(plan.refusal.status, STYLIZE_OK);
    assert_true(plan.needed > 0 && plan.needed < plan.available);
    assert_true(plan.peak > (uint64_t)1 << 20 && plan.peak < (uint64_t)1 << 30);
    assert_non_null(plan.limit);
    assert_true(plan.largest_size > 96);
    assert_true(plan.seconds > 0 && plan.seconds < 60);

    /* More of either costs more. */
    stylize_forecast more;
    params.size = 120;
    params.iterations = 3000;
    assert_true(stylize_plan(network, content, style, NULL, &params, &more, &err));
    assert_true(more.needed > plan.needed);
    assert_true(more.seconds > 20 * plan.seconds);
}

static void plans_refuse_as_transfers_do(void **state) {
    (void)state;
    stylize_params params = quick(1);
    stylize_forecast plan;
    stylize_error err = {STYLIZE_OK, ""}, same = {STYLIZE_OK, ""};
    params.alpha = -1;
    assert_false(stylize_plan(network, content, style, NULL, &params, &plan, &err));
    assert_false(paint(&params, &same));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_string_equal(err.text, same.text);
    params = quick(1);
    params.size = 20;
    assert_false(stylize_plan(network, content, style, NULL, &params, &plan, &err));
    assert_non_null(strstr(err.text, "20x15"));
}

/* Both sizes timed, a straight line between them. */
static void foretells_the_time_of_large_pictures(void **state) {
    (void)state;
    stylize_params params = quick(0);
    stylize_forecast half, full;
    stylize_error err;
    params.upscale = true;
    params.size = 450;
    assert_true(stylize_plan(network, content, style, NULL, &params, &half, &err));
    params.size = 2000;
    assert_true(stylize_plan(network, content, style, NULL, &params, &full, &err));
    assert_true(half.seconds > 0);
    assert_true(full.seconds > 2 * half.seconds && full.seconds < 100 * half.seconds);
}

/* In a process with 48 MB of address space left, a job of 2000 pixels is refused, and one of the
 * size that it names is done. */
static void keeps_to_the_address_space(void) {
    struct rlimit limit;
    stylize_params params = quick(2);
    stylize_forecast plan;
    stylize_error err;
    params.threads = 1;
    params.upscale = true;
    params.size = 2000;
    getrlimit(RLIMIT_AS, &limit);
    const uint64_t left = memory_limit_address_space("", (uint64_t)1 << 46).bytes;
    limit.rlim_cur = (rlim_t)(((uint64_t)1 << 46) - left + ((uint64_t)48 << 20));
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    assert_true(stylize_plan(network, content, style, NULL, &params, &plan, &err));
    assert_int_equal(plan.refusal.status, STYLIZE_FAILURE);
    assert_true(plan.seconds < 0);
    assert_string_equal(plan.limit, "the address space limit (ulimit -v)");
    assert_false(paint(&params, &err));
    assert_string_equal(err.text, plan.refusal.text);
    const char *size = strstr(err.text, "use --size ");
    assert_non_null(size);
    params.size = atoi(size + strlen("use --size "));
    assert_int_equal(params.size, plan.largest_size);
    assert_true(paint(&params, &err));
}

static void fits_into_the_address_space(void **state) {
    (void)state;
    if (SANITIZED || memory_limit_address_space("", (uint64_t)1 << 46).name == NULL)
        return;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        keeps_to_the_address_space(); /* a failure leaves by abort or with a code of its own */
        _exit(42);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* ---- iterations ---- */

typedef struct growth {
    size_t blocks, heap; /* when iteration 2 was over */
    int grown, calls;
} growth;

/* Bytes that are allocated by whatever means, where the system tells. */
static size_t heap_bytes(void) {
#if defined(__GLIBC__) && !SANITIZED
#if __GLIBC_PREREQ(2, 33)
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
#endif
    return 0;
}

static int watch_growth(void *user, const stylize_iteration *now) {
    growth *self = user;
    const size_t blocks = allocations_count(), heap = heap_bytes();
    self->calls++;
    if (now->iteration <= 2) {
        self->grown += now->iteration > 0 && blocks != self->blocks;
        self->blocks = blocks;
        self->heap = heap;
    } else {
        self->grown += blocks != self->blocks || heap != self->heap;
    }
    return 0;
}

static void iterations_allocate_nothing(void **state) {
    (void)state;
    for (int i = 0; i < 6; i++) {
        growth g = {0};
        stylize_params params = quick(12);
        stylize_error err;
        params.optimizer = (stylize_optimizer)(i % 3);
        params.threads = 1 + i / 3;
        params.color = (stylize_color)(i % 2);
        params.history = 4; /* is full before the end */
        params.tv = 1;
        params.progress = watch_growth;
        params.user = &g;
        assert_true(paint(&params, &err));
        assert_int_equal(g.calls, 13);
        assert_int_equal(g.grown, 0);
    }
}

/* ---- floating-point state ---- */

static bool has_denormals(void) {
    volatile float small = 1e-30f;
    volatile float product = small * 1e-10f;
    return product != 0;
}

static unsigned control_state(void) {
#ifdef __x86_64__
    return _mm_getcsr();
#else
    return 0;
#endif
}

static int watch_denormals(void *user, const stylize_iteration *now) {
    int *found = user;
    *found += has_denormals();
    return now->iteration == 2;
}

/* What the transfer must leave as it was: flush to zero alone, an odd rounding, all by default. */
static void keeps_the_callers_state(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        int found = 0;
        stylize_params params = quick(2);
        stylize_error err;
        params.progress = watch_denormals;
        params.user = &found;
        if (i == 1) /* ends at the first evaluation, long after the state was changed */
            params.alpha = params.beta = params.tv = 1e308;
        if (i == 2)
            params.alpha = -1; /* and before */
        if (i == 3)
            params.size = 20;
#ifdef __x86_64__
        const unsigned former = _mm_getcsr();
        if (i == 4)
            _mm_setcsr(former | 0x2000); /* rounds down */
#endif
        const unsigned before = control_state();
        const bool done = paint(&params, &err);
        const unsigned after = control_state();
        const bool denormals = has_denormals();
#ifdef __x86_64__
        _mm_setcsr(former);
#endif
        assert_int_equal(before, after);
        assert_true(denormals);
        assert_int_equal(done, i == 0 || i == 4);
#if defined(__x86_64__) || defined(__aarch64__)
        assert_int_equal(found, 0);
#endif
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_into_the_address_space), /* first: no threads are there yet */
        cmocka_unit_test(plans),
        cmocka_unit_test(plans_refuse_as_transfers_do),
        cmocka_unit_test(foretells_the_time_of_large_pictures),
        cmocka_unit_test(iterations_allocate_nothing),
        cmocka_unit_test(keeps_the_callers_state),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
