/* SPDX-License-Identifier: MIT
 *
 * The part `threads`: how long an evaluation takes, and an iteration beside it, with as many cores
 * as threads, foretold on one (virtual_threads.h); and which loops keep threads waiting.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_weights.h"
#include "process.h"
#include "report.h"
#include "virtual_threads.h"

#define UNITS 5 /* of which the best counts, for every loop */
#define WARM_ITERATIONS 11
#define MOST_LOOPS 32
#define SHOWN_LOOPS 5

static const int counts[] = {1, 2, 4, 8, 16, 32, 64};
enum { COUNTS = sizeof counts / sizeof *counts };

/* What a worker told of one number of threads. */
typedef struct foretold {
    double seconds, work, serial, optimiser;
    int waits;
    json_t *loops;
} foretold;

static json_t *ask(const bench_options *options, const process_case *c, int warm_up) {
    process p;
    json_decref(process_start(&p, options, c));
    process_work(&p, warm_up);
    process_work(&p, options->quick ? 1 : UNITS);
    json_t *end = process_end(&p);
    json_t *threads = json_incref(json_object_get(end, "threads"));
    json_decref(end);
    if (!threads)
        fail("a worker told nothing of its threads");
    return threads;
}

static double number_of(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

static foretold foretell(const bench_options *options, const char *weights, int size, int threads) {
    process_case c = {"virtual-eval", weights, kernels_best_of(options->precision)->name, size,
                      threads};
    json_t *eval = ask(options, &c, 1);
    c.mode = "virtual-optimiser";
    json_t *optimiser = ask(options, &c, options->quick ? 1 : WARM_ITERATIONS);
    const foretold f = {
        .seconds = number_of(eval, "seconds"),
        .work = number_of(eval, "work"),
        .serial = number_of(eval, "serial"),
        .optimiser = number_of(optimiser, "seconds"),
        .waits = (int)json_integer_value(json_object_get(eval, "waits")),
        .loops = json_incref(json_object_get(eval, "loops")),
    };
    json_decref(eval);
    json_decref(optimiser);
    return f;
}

typedef struct loop {
    const char *name;
    double lost; /* seconds that it takes longer than if all threads had the same to do */
} loop;

static int by_loss(const void *a, const void *b) {
    const double x = ((const loop *)a)->lost, y = ((const loop *)b)->lost;
    return (x < y) - (x > y);
}

/* The loops that lose most, in milliseconds; a function with several of them once. */
static void show_losses(const foretold *f, int threads) {
    loop loops[MOST_LOOPS];
    int count = 0;
    for (size_t i = 0; i < json_array_size(f->loops); i++) {
        const json_t *row = json_array_get(f->loops, i);
        const char *name = json_string_value(json_array_get(row, 0));
        const double seconds = json_number_value(json_array_get(row, 2));
        const double work = json_number_value(json_array_get(row, 3));
        int k = 0;
        while (k < count && strcmp(loops[k].name, name) != 0)
            k++;
        if (k == count && count == MOST_LOOPS)
            continue;
        if (k == count)
            loops[count++] = (loop){name, 0};
        loops[k].lost += seconds - work / threads;
    }
    qsort(loops, (size_t)count, sizeof *loops, by_loss);
    for (int i = 0; i < count && i < SHOWN_LOOPS && loops[i].lost > 0.005 * f->seconds; i++)
        printf(" %s %.2f", loops[i].name, 1e3 * loops[i].lost);
    putchar('\n');
}

static void foretell_size(const bench_options *options, const char *widths, const char *weights,
                          int size) {
    foretold one = {0};
    for (int i = 0; i < COUNTS; i++) {
        foretold f = foretell(options, weights, size, counts[i]);
        if (i == 0)
            one = f;
        printf("  %-8s %5d %4d %9.2f %7.2f %6.1f %% %6.2f %6d %9.3f ", widths, size, counts[i],
               1e3 * f.seconds, one.seconds / f.seconds, 100 * (1 - f.work / f.seconds / counts[i]),
               f.work / one.work, f.waits, 1e3 * f.optimiser);
        show_losses(&f, counts[i]);
        report(json_pack("{s:s, s:s, s:i, s:s, s:i, s:f, s:f, s:f, s:f, s:i, s:o}", "part",
                         "threads", "widths", widths, "size", size, "precision",
                         precision_name(options->precision), "threads", counts[i], "seconds",
                         f.seconds, "work", f.work, "serial", f.serial, "optimiser_s", f.optimiser,
                         "waits", f.waits, "loops", f.loops));
    }
}

void bench_threads(const bench_options *options) {
    static const int sizes[] = {256, 512, 1024};
    if (!virtual_threads_possible()) {
        puts("\nthreads: foretold only with gcc's OpenMP");
        return;
    }
    printf(
        "\nthreads, %s: milliseconds of an evaluation foretold for as many cores, by how much it "
        "is faster;\nshare of all cores' time spent waiting, work of all threads against that of "
        "one; waits;\nmilliseconds of the optimiser; and where most is lost, in milliseconds\n"
        "  %-8s %5s %4s %9s %7s %8s %6s %6s %9s\n",
        precision_name(options->precision), "network", "size", "thr.", "ms", "faster", "idle",
        "work", "waits", "optim.ms");
    for (int n = options->slim; n < 2; n++) {
        const char *weights = n ? options->weights : made_weights_new(1);
        const int usual = options->quick ? 1 : options->large ? 3 : 2;
        for (int i = 0; i < (options->size ? 1 : usual); i++)
            foretell_size(options, n ? "bundled" : "full", weights,
                          options->size ? options->size : sizes[i]);
    }
    made_weights_remove();
}
