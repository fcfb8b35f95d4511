/* SPDX-License-Identifier: MIT
 *
 * The part `evaluations`: whole evaluations of cost and gradient, and whole iterations, in
 * processes of their own.
 */
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "made_weights.h"
#include "peak.h"
#include "process.h"
#include "report.h"

/* Iterations until L-BFGS has its ten pairs; in a hurry, some of them. */
#define WARM_ITERATIONS 11
#define QUICK_ITERATIONS 3

typedef struct network_case {
    const char *widths, *weights;
} network_case;

/* What one worker tells. */
typedef struct measured {
    double seconds; /* median of a unit */
    double load;    /* the weights */
    double peak_mb;
} measured;

static measured measure(const bench_options *options, const process_case *c, int warm_up) {
    process p;
    measured m = {0};
    json_t *ready = process_start(&p, options, c);
    m.load = json_number_value(json_object_get(ready, "load_s"));
    json_decref(ready);
    const double once = process_work(&p, warm_up);
    const double count = (options->quick ? 0.5 : 5) / once;
    const int least = options->quick ? 2 : 3;
    m.seconds = process_work(&p, count < least ? least : count > 15 ? 15 : (int)count);
    json_t *end = process_end(&p);
    m.peak_mb = (double)json_integer_value(json_object_get(end, "peak_resident")) / (1 << 20);
    json_decref(end);
    return m;
}

static void measure_size(const bench_options *options, const network_case *network, int size) {
    const kernel_set *k = kernels_best_of(options->precision);
    const int warm = options->quick ? QUICK_ITERATIONS : WARM_ITERATIONS;
    const double peak = peak_flops(k, options->threads), pixels = (double)size * size;
    process_case c = {"eval", network->weights, k->name, size, 1};
    const measured one = measure(options, &c, 1);
    c.threads = options->threads;
    const measured all = measure(options, &c, 1);
    c.mode = "transfer";
    const measured iteration = measure(options, &c, warm);
    c.mode = "optimiser";
    const measured outside = measure(options, &c, warm);
    printf("  %-8s %5d %-8s %8.3f %8.3f %6.2f %8.1f %9.3f %8.2f %6.1f %% %7.0f %7.3f %8.1f\n",
           network->widths, size, k->name, one.seconds, all.seconds, one.seconds / all.seconds,
           all.seconds / pixels * 1e9, iteration.seconds, outside.seconds * 1e3,
           100 * outside.seconds / (all.seconds + outside.seconds), iteration.peak_mb,
           iteration.load, peak * 1e-9);
    report(json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "part",
                     "evaluations", "widths", network->widths, "size", size, "set", k->name,
                     "precision", precision_name(options->precision), "threads", options->threads,
                     "one_thread_s", one.seconds, "all_threads_s", all.seconds, "iteration_s",
                     iteration.seconds, "optimiser_s", outside.seconds, "peak_resident_mb",
                     iteration.peak_mb, "load_s", iteration.load, "peak_flops", peak));
}

/* The other sets by name, at one size; in bf16 each names that of its instructions. */
static void measure_sets(const bench_options *options, const network_case *network, int size) {
    const kernel_set *best = kernels_best_of(options->precision);
    for (int i = 0; kernels_at(i); i++) {
        const kernel_set *k = kernels_at(i);
        if (!kernels_supported(k) || !strcmp(k->name, best->name))
            continue;
        const process_case c = {"eval", network->weights, k->name, size, options->threads};
        const double peak = peak_flops(k, options->threads);
        const measured all = measure(options, &c, 1);
        printf("  %-8s %5d %-8s %8s %8.3f %6s %8.1f %42s %7.3f %8.1f\n", network->widths, size,
               k->name, "", all.seconds, "", all.seconds / ((double)size * size) * 1e9, "",
               all.load, peak * 1e-9);
        report(json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:f, s:f, s:f}", "part", "evaluations",
                         "widths", network->widths, "size", size, "set", k->name, "precision",
                         precision_name(options->precision), "threads", options->threads,
                         "all_threads_s", all.seconds, "load_s", all.load, "peak_flops", peak));
    }
}

void bench_evaluations(const bench_options *options) {
    static const int sizes[] = {256, 512, 1024, 2048};
    const int usual = options->quick ? 1 : options->large ? 4 : 3;
    const network_case networks[] = {{"full", options->slim ? NULL : made_weights_new(1)},
                                     {"bundled", options->weights}};
    printf(
        "\nevaluations in %s: seconds with 1 thread, with %d, and their ratio; of a whole "
        "iteration; "
        "milliseconds\nof one iteration outside of the evaluation and their share; peak resident "
        "memory of a transfer\n  %-8s %5s %-8s %8s %8s %6s %8s %9s %8s %8s %7s %7s %8s\n",
        precision_name(options->precision), options->threads, "network", "size", "set", "1 thread",
        "all", "ratio", "ns/pixel", "iteration", "optim.ms", "share", "MB", "load s", "GFLOP/s");
    for (int n = options->slim; n < 2; n++) {
        for (int i = 0; i < (options->size ? 1 : usual); i++)
            measure_size(options, &networks[n], options->size ? options->size : sizes[i]);
        if (!options->quick || n == 1)
            measure_sets(options, &networks[n],
                         options->size    ? options->size
                         : options->quick ? 256
                                          : 512);
    }
    made_weights_remove();
}
