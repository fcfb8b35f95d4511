/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* getrlimit */
#include "cli/threads.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/signals.h"

void threads_wait_briefly(char **argv) {
#if defined(_OPENMP) && defined(__linux__)
    char path[PATH_MAX]; /* not the link itself, whose name the process would take */
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0 || getenv("OMP_WAIT_POLICY") || setenv("GOMP_SPINCOUNT", "5000", 0) != 0 ||
        setenv("OMP_WAIT_POLICY", "passive", 1) != 0)
        return;
    path[length] = '\0';
    signals_wait_for_exec(true);
    execv(path, argv);
    signals_wait_for_exec(false);
#else
    (void)argv;
#endif
}

/* KB; measured: 96 and 32 are enough to paint */
enum { LEAST_STACK = 256, LEAST_THREAD_STACK = 64, USUAL_STACK = 8192 };

/* What OMP_STACKSIZE stands for, in KB: a number, and B, K, M or G behind it. What is no such text
 * OpenMP passes over, and is SIZE_MAX. */
static size_t kilobytes(const char *text) {
    static const char units[] = "bkmg";
    char *end;
    const unsigned long long number = strtoull(text, &end, 10);
    const bool none = end == text;
    end += strspn(end, " \t");
    const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : units + 1;
    end += *end != '\0';
    if (none || !unit || end[strspn(end, " \t")] || number > SIZE_MAX >> 30)
        return SIZE_MAX;
    return unit == units ? (size_t)number >> 10 : (size_t)number << 10 * (unit - units - 1);
}

bool threads_check_stacks(stylize_error *err) {
    static const char *const variables[] = {"OMP_STACKSIZE", "GOMP_STACKSIZE"};
    const rlim_t least = (rlim_t)LEAST_STACK << 10, usual = (rlim_t)USUAL_STACK << 10;
    struct rlimit limit;
    if (!getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < least) {
        const rlim_t had = limit.rlim_cur;
        const bool more = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > usual;
        limit.rlim_cur = more ? usual : limit.rlim_max;
        if (limit.rlim_cur < least || setrlimit(RLIMIT_STACK, &limit))
            return stylize_error_set(err, STYLIZE_FAILURE,
                                     "the stack limit (ulimit -s) of %llu KB is too small: allow "
                                     "at least %d",
                                     (unsigned long long)had >> 10, LEAST_STACK);
    }
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i]);
        if (text && kilobytes(text) < LEAST_THREAD_STACK)
            return stylize_error_set(err, STYLIZE_USAGE,
                                     "%s: '%s' is too small for the stack of a thread: unset it, "
                                     "or give at least %dk",
                                     variables[i], text, LEAST_THREAD_STACK);
    }
    return true;
}

/* Waits until all are started. */
static void *wait_for_all(void *lock) {
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

bool threads_try(int count, stylize_error *err) {
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t attributes;
    int started = 0, failure = threads ? pthread_attr_init(&attributes) : ENOMEM;
    if (!failure) {
        /* Stacks that are freed may stay reserved, and count against ulimit -v: as little as can
         * be. */
        pthread_attr_setstacksize(&attributes, (size_t)sysconf(_SC_THREAD_STACK_MIN));
        pthread_mutex_lock(&lock);
        while (!failure && started < count - 1) {
            failure = pthread_create(&threads[started], &attributes, wait_for_all, &lock);
            started += !failure;
        }
        pthread_mutex_unlock(&lock);
        for (int i = 0; i < started; i++)
            pthread_join(threads[i], NULL);
        pthread_attr_destroy(&attributes);
    }
    free(threads);
    return !failure ||
           stylize_error_set(
               err, STYLIZE_FAILURE,
               "only %d of %d threads can be started: use --threads %d, or raise the limit",
               started + 1, count, started + 1);
}
