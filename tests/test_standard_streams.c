/* SPDX-License-Identifier: MIT
 *
 * Standard streams that come in closed: their numbers are kept from files, and the guard's channel
 * is not on them either.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/guard.h"
#include "core/standard_streams.h"

/* Exit statuses of processes below. */
enum { GOOD, BAD, NOT_HERE };

/* What `run` returns in a process of its own whose standard streams are closed. */
static int without_streams(int (*run)(void)) {
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (!child) {
        for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
            close(stream);
        _exit(run());
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_file(void) {
    error err;
    if (!standard_streams_occupy(&err) || open("/dev/null", O_RDWR) <= STDERR_FILENO)
        return BAD;
    /* They refuse what they would if they were closed. */
    char byte = 0;
    const bool refused = read(STDIN_FILENO, &byte, 1) < 0 && errno == EBADF &&
                         write(STDOUT_FILENO, &byte, 1) < 0 && errno == EBADF &&
                         write(STDERR_FILENO, &byte, 1) < 0 && errno == EBADF;
    puts("lost");
    return refused && !standard_streams_flush(&err) ? GOOD : BAD;
}

static void numbers_are_kept_from_files(void **state) {
    (void)state;
    assert_int_equal(without_streams(open_file), GOOD);
}

static int start_guard(void) {
    if (!guard_start())
        return NOT_HERE;
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) >= 0)
            return BAD;
    }
    return GOOD;
}

static void the_guard_takes_none(void **state) {
    (void)state;
    if (without_streams(start_guard) == NOT_HERE)
        skip();
    assert_int_equal(without_streams(start_guard), GOOD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_kept_from_files),
        cmocka_unit_test(the_guard_takes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
