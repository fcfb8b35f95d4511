/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli/threads.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
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
