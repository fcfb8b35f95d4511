/* SPDX-License-Identifier: MIT
 *
 * Measures the engine: see "Measuring" in docs/speed.md.
 *
 *     bench [kernels|layers|evaluations|threads|all] [--quick] [--large] [--slim] [--size N]
 * [--threads N]
 *           [--precision fp32|bf16] [--json FILE] [--weights FILE]
 *     bench --make-weights FILE DIVISOR      a random VGG-19, widths divided by DIVISOR
 *     bench --worker MODE WEIGHTS SIZE THREADS PRECISION
 */
#define _DEFAULT_SOURCE /* getloadavg */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/threads.h"
#include "core/caches.h"
#include "core/cpu.h"
#include "made_weights.h"
#include "peak.h"
#include "report.h"
#include "worker.h"

#define USAGE                                                                                      \
    "usage: bench [kernels|layers|evaluations|threads|all] [--quick] [--large] [--slim] [--size "  \
    "N] "                                                                                          \
    "[--threads N] [--precision fp32|bf16] [--json FILE] [--weights FILE]"

static int number(const char *text, int least, int most) {
    char *end;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || value < least || value > most)
        fail("%s is no number from %d to %d", text, least, most);
    return (int)value;
}

static void describe_peak(const kernel_set *k, const bench_options *options) {
    const double one = peak_flops(k, 1), all = peak_flops(k, options->threads);
    printf("peak with %s: %.1f GFLOP/s with one thread, %.1f with all\n", k->name, one * 1e-9,
           all * 1e-9);
    report(json_pack("{s:s, s:s, s:f, s:f}", "part", "peak", "set", k->name, "one_flops", one,
                     "all_flops", all));
}

/* What the machine is, so that numbers can be compared with those of others. */
static void describe_machine(const bench_options *options) {
    const cpu_caches caches = cpu_caches_get();
    char model[256] = "unknown processor", line[256];
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info && fgets(line, sizeof line, info)) {
        const char *colon = strchr(line, ':');
        if (!strncmp(line, "model name", 10) && colon) {
            snprintf(model, sizeof model, "%s", colon + 2);
            model[strcspn(model, "\n")] = '\0';
            break;
        }
    }
    if (info)
        fclose(info);
    double load[1] = {0};
    (void)!getloadavg(load, 1);
    const double copy_one = peak_copy(1), copy_all = peak_copy(options->threads);
    printf("%s, %d threads, caches %zu KB, %zu KB, %zu KB, sets %s, OMP_WAIT_POLICY=%s, load %.1f\n"
           "copying memory: %.1f GB/s read and written with one thread, %.1f with all\n",
           model, options->threads, caches.l1d >> 10, caches.l2 >> 10, caches.l3 >> 10,
           kernels_compiled(), getenv("OMP_WAIT_POLICY"), load[0], copy_one * 1e-9,
           copy_all * 1e-9);
    for (int i = 0; kernels_at(i); i++) {
        if (kernels_supported(kernels_at(i)))
            describe_peak(kernels_at(i), options);
    }
    if (kernels_best_of(PRECISION_BF16)->bf16_products)
        describe_peak(kernels_best_of(PRECISION_BF16), options);
    report(json_pack("{s:s, s:s, s:i, s:f, s:f, s:f}", "part", "machine", "model", model, "threads",
                     options->threads, "load", load[0], "copy_one", copy_one, "copy_all",
                     copy_all));
}

static bool is_part(const char *name) {
    return !strcmp(name, "kernels") || !strcmp(name, "layers") || !strcmp(name, "evaluations") ||
           !strcmp(name, "threads") || !strcmp(name, "all");
}

/* Reads the options; returns the part's name. */
static const char *read_options(int argc, char **argv, bench_options *options) {
    const char *part = "all";
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--quick"))
            options->quick = true;
        else if (!strcmp(argv[i], "--large"))
            options->large = true;
        else if (!strcmp(argv[i], "--slim"))
            options->slim = true;
        else if (is_part(argv[i]))
            part = argv[i];
        else if (!value)
            fail(USAGE);
        else if (!strcmp(argv[i], "--size"))
            options->size = number(argv[++i], 32, 8192);
        else if (!strcmp(argv[i], "--threads"))
            options->threads = number(argv[++i], 1, 1024);
        else if (!strcmp(argv[i], "--precision"))
            options->precision = precision_named(argv[++i]);
        else if (!strcmp(argv[i], "--json"))
            report_open(argv[++i]);
        else if (!strcmp(argv[i], "--weights"))
            options->weights = argv[++i];
        else
            fail(USAGE);
    }
    return part;
}

int main(int argc, char **argv) {
    threads_wait_briefly(argv);
    if (argc == 7 && !strcmp(argv[1], "--worker"))
        return worker_main(argv[2], argv[3], number(argv[4], 32, 8192), number(argv[5], 1, 1024),
                           precision_named(argv[6]));
    if (argc == 4 && !strcmp(argv[1], "--make-weights")) {
        made_weights_write(argv[2], number(argv[3], 1, 64));
        return 0;
    }
    bench_options options = {
        .threads = cpu_count(), .weights = "weights/vgg19-slim.safetensors", .program = argv[0]};
    const char *part = read_options(argc, argv, &options);
    const bool all = !strcmp(part, "all");
    bool right = true;
    cpu_set_threads(options.threads);
    options.threads = cpu_set_threads(0); /* 1 in a build without OpenMP */
    describe_machine(&options);
    if (all || !strcmp(part, "kernels"))
        right = bench_kernels(&options);
    if (all || !strcmp(part, "layers"))
        bench_layers(&options);
    if (all || !strcmp(part, "evaluations"))
        bench_evaluations(&options);
    if (all || !strcmp(part, "threads"))
        bench_threads(&options);
    report_close();
    if (!right)
        fail("a kernel differs from the generic set");
    return 0;
}
