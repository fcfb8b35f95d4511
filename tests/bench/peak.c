/* SPDX-License-Identifier: MIT */
#include "peak.h"

#include <string.h>

#include "core/caches.h"
#include "core/cpu.h"
#include "core/memory.h"
#include "report.h"

#define RUN_SECONDS 0.002
#define TEAM_SECONDS 0.01 /* with many threads: the system takes a while to spread them */
#define RUNS 12
#define COPIES 5
#define COPY_BYTES ((size_t)64 << 20)

typedef struct named_loop {
    const char *name;
    peak_loop *run;
    int lanes; /* multiply-adds of an instruction */
} named_loop;

static const named_loop loops[] = {
#if defined(__x86_64__)
    {"avx512bf16", peak_avx512bf16, 32},
    {"avx512", peak_avx512, 16},
    {"avx2", peak_avx2, 8},
#elif defined(__aarch64__)
    {"neon", peak_neon, 4},
#endif
    {"generic", peak_generic, 4},
};

static const named_loop *loop_of(const kernel_set *kernels) {
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        if (!strcmp(loops[i].name, kernels->name))
            return &loops[i];
    }
    fail("tests/bench/peak.c knows no loop for %s", kernels->name);
}

/* Seconds that all threads together take. */
static double time_loop(const named_loop *loop, long rounds, int threads) {
    const double start = cpu_seconds();
    (void)threads; /* of no use without OpenMP */
#pragma omp parallel num_threads(threads)
    {
        float numbers[PEAK_CHAINS + 2], sink = 0; /* towards 1, for ever */
        for (int i = 0; i < PEAK_CHAINS; i++)
            numbers[i] = 0.5f + (float)i / PEAK_CHAINS;
        numbers[PEAK_CHAINS] = 0.999f;
        numbers[PEAK_CHAINS + 1] = 0.001f;
        loop->run(rounds, numbers, &sink);
        if (sink == 12345.0f) /* never; but the compiler does not know */
            memory_free(NULL);
    }
    return cpu_seconds() - start;
}

double peak_flops(const kernel_set *kernels, int threads) {
    const named_loop *loop = loop_of(kernels);
    long rounds = 1000;
    double seconds;
    const double least = threads > 1 ? TEAM_SECONDS : RUN_SECONDS;
    while ((seconds = time_loop(loop, rounds, threads)) < least && rounds < 1 << 28)
        rounds *= 2;
    for (int i = 1; i < RUNS; i++) {
        const double again = time_loop(loop, rounds, threads);
        seconds = again < seconds ? again : seconds;
    }
    return 2.0 * loop->lanes * PEAK_CHAINS * threads * (double)rounds / seconds;
}

double peak_copy(int threads) {
    const size_t l3 = cpu_caches_get().l3;
    const size_t bytes = l3 > COPY_BYTES / 2 ? 2 * l3 : COPY_BYTES;
    char *from = must_alloc(bytes, 1), *to = must_alloc(bytes, 1);
    double best = 0;
    for (int i = 0; i < COPIES; i++) {
        const double start = cpu_seconds();
#pragma omp parallel for schedule(static) num_threads(threads)
        for (int part = 0; part < threads; part++) {
            const size_t share = bytes / (size_t)threads;
            memcpy(to + (size_t)part * share, from + (size_t)part * share, share);
        }
        const double rate = 2 * (double)bytes / (cpu_seconds() - start);
        best = rate > best ? rate : best;
    }
    memory_free(from);
    memory_free(to);
    return best;
}
