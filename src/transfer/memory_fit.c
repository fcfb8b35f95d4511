/* SPDX-License-Identifier: MIT */
#include "transfer/memory_fit.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "core/cpu.h"

#define MOST_SCALE 65536 /* of the style: no picture may be that much larger */

memory_limit memory_fit_limit(void) {
    return memory_limit_get((uint64_t)(cpu_set_threads(0) - 1) * cpu_thread_space());
}

static bool fits(size_t needed, memory_limit limit) {
    return !limit.name || needed <= limit.bytes;
}

/* ---- searching ---- */

static int longer(int a, int b) {
    return a > b ? a : b;
}

/* Whether the job with this recipe would take too much. What is too small takes little, and what is
 * refused for another reason than memory is not possible. */
static bool takes_too_much(const plan_job *job, const stylize_recipe *recipe, memory_limit limit,
                           bool *possible) {
    plan_job other = *job;
    plan found;
    error unused;
    other.recipe = recipe;
    *possible = plan_make(&found, &other, &unused);
    return *possible ? !fits(found.needed, limit) : plan_too_large(&other);
}

/* The greatest number in [1, most] for which the job, changed by it, leaves MEMORY_FIT_SPARE; 0
 * when that is not possible with it. `change` puts the number into a copy of the job's recipe.
 * Where larger pictures begin to be worked through in strips, they need less than somewhat smaller
 * ones: then it is not the greatest, but one after which the next does not fit, and at least
 * `known` where that fits. */
static int search(const plan_job *job, memory_limit limit, int most, int known,
                  void (*change)(stylize_recipe *copy, const stylize_recipe *original,
                                 int number)) {
    stylize_recipe copy = *job->recipe; /* its strings are only read */
    bool possible = false;
    limit.bytes -= limit.bytes < MEMORY_FIT_SPARE ? limit.bytes : MEMORY_FIT_SPARE;
    int low = 0, high = most + 1; /* low does not take too much, high does */
    change(&copy, job->recipe, known);
    if (!takes_too_much(job, &copy, limit, &possible) && possible)
        low = known;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        change(&copy, job->recipe, middle);
        if (takes_too_much(job, &copy, limit, &possible))
            high = middle;
        else
            low = middle;
    }
    change(&copy, job->recipe, low);
    return low > 0 && !takes_too_much(job, &copy, limit, &possible) && possible ? low : 0;
}

/* A frame keeps its shape. */
static void change_size(stylize_recipe *copy, const stylize_recipe *original, int longest) {
    const int *size = original->size;
    copy->size[0] = longest;
    copy->size[1] = 0;
    if (size[1] > 0) {
        const image_extent shape = frame_scale((image_extent){size[0], size[1]}, longest);
        copy->size[0] = shape.width;
        copy->size[1] = shape.height;
    }
}

static void change_scale(stylize_recipe *copy, const stylize_recipe *original, int hundredths) {
    for (int i = 0; i < original->style_scale.count; i++)
        copy->style_scale.items[i] = fmin(original->style_scale.items[i], hundredths / 100.0);
}

int memory_fit_largest_size(const plan_job *job, memory_limit limit, bool *bounded) {
    stylize_recipe largest = *job->recipe;
    change_size(&largest, job->recipe, MEMORY_FIT_MOST_SIZE);
    bool held;
    const frame most = frame_of_result(&largest, job->content, &held);
    const frame asked = frame_of_result(job->recipe, job->content, NULL);
    const int own = longer(most.width, most.height);
    const int found = search(job, limit, own < MEMORY_FIT_MOST_SIZE ? own : MEMORY_FIT_MOST_SIZE,
                             longer(asked.width, asked.height), change_size);
    *bounded = held && found == own;
    return found;
}

static int largest_scale(const plan_job *job, memory_limit limit) {
    const recipe_amounts *scales = &job->recipe->style_scale;
    double scale = 0;
    for (int i = 0; i < scales->count; i++)
        scale = fmax(scale, scales->items[i]);
    return search(job, limit, (int)(100 * (scale < MOST_SCALE ? scale : MOST_SCALE)), 1,
                  change_scale);
}

/* ---- refusing ---- */

/* Rounded up. */
static size_t megabytes(size_t bytes) {
    return (bytes >> 20) + 1;
}

bool memory_fit_check(const plan *self, const plan_job *job, memory_limit limit, error *err) {
    if (fits(self->needed, limit))
        return true;
    /* The style picture alone is too much where the result would fit without it. */
    const size_t without = self->needed - (self->bytes - self->without_style);
    const int scale = fits(without, limit) ? largest_scale(job, limit) : 0;
    bool bounded;
    const int size = scale ? 0 : memory_fit_largest_size(job, limit, &bounded);
    const int width = scale ? self->largest_style.width : self->frame.width;
    const int height = scale ? self->largest_style.height : self->frame.height;
    stylize_recipe named = *job->recipe;
    char remedy[120];
    snprintf(remedy, sizeof remedy, "even the smallest --size does not fit: free some memory%s",
             cpu_set_threads(0) > 1 ? ", or use fewer --threads" : "");
    if (scale)
        snprintf(remedy, sizeof remedy, "use --style-scale %.2f or less", scale / 100.0);
    change_size(&named, job->recipe, size);
    if (size && named.size[1] > 0)
        snprintf(remedy, sizeof remedy, "use --size %dx%d or less", named.size[0], named.size[1]);
    else if (size)
        snprintf(remedy, sizeof remedy, "use --size %d or less", size);
    return error_set(
        err, ERROR_MEMORY,
        "%s at %dx%d pixels needs about %zu MB of memory, but only %zu MB are left of %s: "
        "%s",
        scale ? "the style picture" : "the result", width, height, megabytes(self->needed),
        (size_t)(limit.bytes >> 20), limit.name, remedy);
}
