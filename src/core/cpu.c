/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_getaffinity */
#include "core/cpu.h"

#include <time.h>
#ifdef __linux__
#include <sched.h>
#else
#include <unistd.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif

unsigned cpu_features(void) {
    unsigned bits = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        bits |= CPU_AVX2_FMA;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        bits |= CPU_AVX512;
    if ((bits & CPU_AVX512) && __builtin_cpu_supports("avx512bf16"))
        bits |= CPU_AVX512_BF16;
#elif defined(__aarch64__)
    bits |= CPU_NEON; /* part of the base architecture */
#endif
    return bits;
}

int cpu_count(void) {
#ifdef __linux__
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set) && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    return 1;
#else
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
#endif
}

int cpu_set_threads(int count) {
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    if (count >= 1)
        omp_set_num_threads(count);
    return before;
#else
    (void)count;
    return 1;
#endif
}

int cpu_use_threads(int wanted) {
    return cpu_set_threads(wanted > 0 ? wanted : cpu_count());
}

/* LLVM's OpenMP allocates in its threads, and glibc has a heap for every thread that does. */
#if defined(__clang__) && defined(__GLIBC__)
#define THREAD_HEAP ((size_t)64 << 20)
#else
#define THREAD_HEAP ((size_t)0)
#endif

size_t cpu_thread_space(void) {
    size_t stack = 0, guard = 0;
#ifdef _OPENMP
    pthread_attr_t defaults;
    if (pthread_attr_init(&defaults))
        return 0;
    pthread_attr_getstacksize(&defaults, &stack);
    pthread_attr_getguardsize(&defaults, &guard);
    pthread_attr_destroy(&defaults);
    stack += THREAD_HEAP;
#endif
    return stack + guard;
}

int cpu_thread(void) {
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
