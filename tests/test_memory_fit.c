/* SPDX-License-Identifier: MIT
 *
 * Tests of memory_fit.c: jobs that fit a limit or not, and what is said then. How much a job needs
 * differs from machine to machine (caches, instruction sets, threads), so the limits here are made
 * from what the jobs themselves say.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "file_tree.h"
#include "recipes.h"
#include "sessions.h"
#include "transfer/memory_fit.h"

#define MB ((uint64_t)1 << 20)

static const memory_limit none = {UINT64_MAX, NULL};

static vgg *network;

static int set_up(void **state) {
    (void)state;
    error err;
    network = vgg_load(SESSIONS_BUNDLED, kernels_best(), &err);
    return network ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vgg_free(network);
    return 0;
}

static plan_job job_of(const stylize_recipe *recipe, int style) {
    return (plan_job){
        .recipe = recipe,
        .networks = {network},
        .network_count = 1,
        .content = {900, 600},
        .styles = {{style, style}},
        .style_count = 1,
    };
}

static plan make(const plan_job *job) {
    plan made;
    error err;
    if (!plan_make(&made, job, &err))
        fail_msg("%s", err.text);
    return made;
}

/* What the job would need at this size and scale of the style. */
static uint64_t needed(const plan_job *job, int size, double scale) {
    stylize_error err;
    stylize_recipe *recipe = stylize_recipe_copy(job->recipe, &err);
    plan_job changed = *job;
    assert_non_null(recipe);
    assert_true(stylize_recipe_set_number(recipe, "size", size, &err));
    assert_true(stylize_recipe_set_number(recipe, "style-scale", scale, &err));
    changed.recipe = recipe;
    const uint64_t bytes = make(&changed).needed;
    stylize_recipe_free(recipe);
    return bytes;
}

/* The number after `what` in a text. */
static double number_after(const char *text, const char *what) {
    const char *at = strstr(text, what);
    if (!at)
        fail_msg("'%s' does not say '%s'", text, what);
    return at ? strtod(at + strlen(what), NULL) : 0;
}

/* ---- fitting ---- */

static void fits_to_the_byte(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "300", NULL);
    const plan_job job = job_of(recipe, 500);
    const plan made = make(&job);
    error err;
    assert_true(memory_fit_check(&made, &job, (memory_limit){made.needed, "the test"}, &err));
    assert_false(memory_fit_check(&made, &job, (memory_limit){made.needed - 1, "the test"}, &err));
    assert_true(memory_fit_check(&made, &job, none, &err));
    stylize_recipe_free(recipe);
}

/* ---- what would fit ---- */

static void expect_remedy(const plan_job *job, const plan *made, memory_limit limit) {
    error err;
    bool bounded = true;
    const int largest = memory_fit_largest_size(job, limit, &bounded);
    assert_in_range(largest, 16, 899);
    assert_false(bounded);
    assert_true(needed(job, largest, 1) + MEMORY_FIT_SPARE <= limit.bytes);
    assert_true(needed(job, largest + 1, 1) + MEMORY_FIT_SPARE > limit.bytes);
    assert_false(memory_fit_check(made, job, limit, &err));
    assert_int_equal(err.code, ERROR_MEMORY);
    assert_int_equal(number_after(err.text, "use --size "), largest);
    assert_int_equal(number_after(err.text, "but only "), limit.bytes / MB);
    assert_int_equal(number_after(err.text, "about "), made->needed / MB + 1);
    assert_non_null(strstr(err.text, "900x600"));
    assert_non_null(strstr(err.text, "of the test"));
}

static void refuses_with_the_largest_size(void **state) {
    (void)state;
    static const char *const scales[] = {"1", "auto", "3"};
    for (int i = 0; i < 3; i++) {
        stylize_recipe *recipe = recipes_of("size", "900", "scales", scales[i], NULL);
        const plan_job job = job_of(recipe, 500);
        const plan made = make(&job);
        const uint64_t least = needed(&job, 64, 1);
        for (uint64_t share = 1; share < 8; share++) {
            const memory_limit limit = {least + (made.needed - least) * share / 8, "the test"};
            expect_remedy(&job, &made, limit);
        }
        /* Past the content's size nothing grows. */
        bool bounded = false;
        const memory_limit enough = {made.needed + MEMORY_FIT_SPARE, "the test"};
        assert_int_equal(memory_fit_largest_size(&job, enough, &bounded), 900);
        assert_true(bounded);
        stylize_recipe_free(recipe);
    }
}

/* What is named as largest may be larger than what was asked for. */
static void knows_larger_sizes(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "100", "scales", "1", "upscale", "yes", NULL);
    const plan_job job = job_of(recipe, 500);
    const memory_limit limit = {needed(&job, 3000, 1) + MEMORY_FIT_SPARE, "the test"};
    bool bounded = true;
    const int largest = memory_fit_largest_size(&job, limit, &bounded);
    assert_in_range(largest, 1500, 4000);
    assert_true(needed(&job, largest, 1) + MEMORY_FIT_SPARE <= limit.bytes);
    assert_true(needed(&job, largest + 1, 1) + MEMORY_FIT_SPARE > limit.bytes);
    assert_false(bounded);
    recipes_set(recipe, "upscale", "no");
    assert_int_equal(memory_fit_largest_size(&job, none, &bounded), 900);
    assert_true(bounded);
    stylize_recipe_free(recipe);
}

/* What fits is never larger than what is said to fit, though larger pictures may need less than
 * smaller ones, when they are worked through in strips. */
static void what_fits_is_possible(void **state) {
    (void)state;
    for (int size = 100; size < 900; size += 10) {
        stylize_error err;
        stylize_recipe *recipe = recipes_new();
        assert_true(stylize_recipe_set_number(recipe, "size", size, &err));
        const plan_job job = job_of(recipe, 500);
        const memory_limit limit = {make(&job).needed + MEMORY_FIT_SPARE, "the test"};
        bool bounded;
        assert_in_range(memory_fit_largest_size(&job, limit, &bounded), size, 900);
        stylize_recipe_free(recipe);
    }
}

/* A frame keeps its shape. */
static void frames_keep_their_shape(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "300x600", "scales", "1", NULL);
    const plan_job job = job_of(recipe, 500);
    const plan made = make(&job);
    bool bounded;
    error err;
    assert_int_equal(memory_fit_largest_size(&job, none, &bounded), 600);
    assert_true(bounded);
    recipes_set(recipe, "size", "200x400");
    const memory_limit limit = {make(&job).needed + MEMORY_FIT_SPARE, "the test"};
    recipes_set(recipe, "size", "300x600");
    const int largest = memory_fit_largest_size(&job, limit, &bounded);
    char words[64];
    assert_in_range(largest, 380, 599); /* about */
    assert_false(memory_fit_check(&made, &job, limit, &err));
    assert_non_null(strstr(err.text, "300x600"));
    snprintf(words, sizeof words, "use --size %dx%d or less", (largest + 1) / 2, largest);
    assert_non_null(strstr(err.text, words));
    stylize_recipe_free(recipe);
}

static void names_the_style_when_it_alone_is_too_large(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "256", "style-scale", "8", "scales", "1", NULL);
    const plan_job job = job_of(recipe, 700);
    const plan made = make(&job);
    const memory_limit limit = {needed(&job, 256, 4) + MEMORY_FIT_SPARE, "the test"};
    error err;
    assert_true(limit.bytes < made.needed);
    assert_false(memory_fit_check(&made, &job, limit, &err));
    const double scale = number_after(err.text, "use --style-scale ");
    assert_true(scale > 3 && scale < 8); /* about 4 */
    assert_true(needed(&job, 256, scale) + MEMORY_FIT_SPARE <= limit.bytes);
    assert_true(needed(&job, 256, scale + 0.01) + MEMORY_FIT_SPARE > limit.bytes);
    assert_non_null(strstr(err.text, "the style picture at 2048x2048"));
    stylize_recipe_free(recipe);
}

/* Less than what is kept free in any case. */
static void says_when_nothing_fits(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_new();
    const plan_job job = job_of(recipe, 500);
    const plan made = make(&job);
    const int threads = cpu_set_threads(1);
    for (uint64_t megabytes = 0; megabytes <= 8; megabytes += 4) {
        const memory_limit limit = {megabytes * MB, "the test"};
        error err;
        bool bounded;
        assert_int_equal(memory_fit_largest_size(&job, limit, &bounded), 0);
        assert_false(memory_fit_check(&made, &job, limit, &err));
        assert_non_null(
            strstr(err.text, "even the smallest --size does not fit: free some memory"));
        assert_null(strstr(err.text, "--threads"));
        cpu_set_threads(2); /* without OpenMP there is one all the same */
        assert_false(memory_fit_check(&made, &job, limit, &err));
        assert_int_equal(strstr(err.text, ", or use fewer --threads") != NULL,
                         cpu_set_threads(1) == 2);
    }
    cpu_set_threads(threads);
    stylize_recipe_free(recipe);
}

/* A size that is named has not too many pixels, either. */
static void knows_other_limits(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("max-pixels", "174591", NULL);
    const plan_job job = job_of(recipe, 500);
    bool bounded;
    assert_int_equal(memory_fit_largest_size(&job, none, &bounded), 417); /* of the style */
    assert_false(bounded);
    recipes_set(recipe, "max-pixels", "2147483647");
    recipes_set(recipe, "upscale", "yes");
    recipes_set(recipe, "size", "20");
    const int largest = memory_fit_largest_size(&job, none, &bounded);
    assert_in_range(largest, 10000, 30000);
    stylize_recipe_free(recipe);
}

/* ---- the machine ---- */

/* A group that has a little less left than what is needed, or a little more. */
static void refuses_in_a_control_group(void **state) {
    (void)state;
    stylize_recipe *recipe = recipes_of("size", "0", NULL);
    const plan_job job = job_of(recipe, 2000);
    const plan made = make(&job);
    for (int more = 0; more < 2; more++) {
        const uint64_t used = 100 * MB, left = more ? made.needed + MB : made.needed - MB;
        char text[32], words[80];
        char *root = file_tree_new();
        file_tree_write(root, "proc/self/cgroup", "0::/box\n");
        snprintf(text, sizeof text, "%" PRIu64 "\n", used + left);
        file_tree_write(root, "sys/fs/cgroup/box/memory.max", text);
        snprintf(text, sizeof text, "%" PRIu64 "\n", used);
        file_tree_write(root, "sys/fs/cgroup/box/memory.current", text);
        const memory_limit limit = memory_limit_group(root);
        error err;
        assert_true(limit.bytes == left);
        assert_int_equal(memory_fit_check(&made, &job, limit, &err), more);
        snprintf(words, sizeof words,
                 "%d MB are left of the memory limit of the control group: ", (int)(left / MB));
        if (!more && !strstr(err.text, words))
            fail_msg("'%s' does not say '%s'", err.text, words);
        file_tree_remove(root);
    }
    stylize_recipe_free(recipe);
}

/* What there is by the machine's own account, less the stacks of threads where they count. */
static void asks_the_machine(void **state) {
    (void)state;
    const int threads = cpu_set_threads(1);
    const memory_limit limit = memory_fit_limit();
    cpu_set_threads(threads);
    assert_true(limit.bytes > 0);
    assert_int_equal(limit.name == NULL, limit.bytes == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_to_the_byte),
        cmocka_unit_test(refuses_with_the_largest_size),
        cmocka_unit_test(knows_larger_sizes),
        cmocka_unit_test(what_fits_is_possible),
        cmocka_unit_test(frames_keep_their_shape),
        cmocka_unit_test(names_the_style_when_it_alone_is_too_large),
        cmocka_unit_test(says_when_nothing_fits),
        cmocka_unit_test(knows_other_limits),
        cmocka_unit_test(refuses_in_a_control_group),
        cmocka_unit_test(asks_the_machine),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
