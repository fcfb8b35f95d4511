/* SPDX-License-Identifier: MIT
 *
 * Tests of core/retry: calls that signals interrupt, by functions of this file in place of the C
 * library's, and streams from a process that writes slowly while a timer ticks.
 */
#define _DEFAULT_SOURCE /* setitimer, syscall, usleep */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/retry.h"
#include "file_tree.h"

static int interruptions; /* so many calls are still to be interrupted */
static bool renames_first; /* an interrupted rename has been done all the same */

static bool is_interrupted(void) {
    if (interruptions <= 0)
        return false;
    interruptions--;
    errno = EINTR;
    return true;
}

int openat(int folder, const char *path, int flags, ...) {
    va_list args;
    va_start(args, flags);
    const int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return is_interrupted() ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int fsync(int file) {
    return is_interrupted() ? -1 : (int)syscall(SYS_fsync, file);
}

int ftruncate(int file, off_t size) {
    return is_interrupted() ? -1 : (int)syscall(SYS_ftruncate, file, size);
}

int flock(int file, int operation) {
    return is_interrupted() ? -1 : (int)syscall(SYS_flock, file, operation);
}

int renameat(int from, const char *name, int to, const char *path) {
    const bool interrupted = is_interrupted();
    if (interrupted && !renames_first)
        return -1;
    const int result = (int)syscall(SYS_renameat2, from, name, to, path, 0);
    errno = interrupted ? EINTR : errno;
    return interrupted ? -1 : result;
}

static void calls_are_made_again(void **state) {
    char *root = file_tree_new();
    struct stat status;
    (void)state;
    file_tree_write(root, "old", "some text");
    const int folder = retry_open(root, O_RDONLY | O_DIRECTORY, 0);
    assert_true(folder >= 0);
    for (int most = 0; most < 4; most++) {
        interruptions = most;
        const int file = retry_openat(folder, "old", O_RDWR, 0);
        assert_true(file >= 0);
        assert_int_equal(interruptions, 0);
        interruptions = most;
        assert_int_equal(retry_flock(file, LOCK_EX | LOCK_NB), 0);
        interruptions = most;
        assert_int_equal(retry_ftruncate(file, 4), 0);
        interruptions = most;
        assert_int_equal(retry_fsync(file), 0);
        assert_int_equal(retry_fstat(file, &status), 0);
        assert_int_equal(status.st_size, 4);
        interruptions = most;
        assert_int_equal(retry_renameat(folder, "old", "new"), 0);
        assert_int_equal(retry_fstatat(folder, "old", &status, 0), -1);
        assert_int_equal(errno, ENOENT);
        assert_int_equal(retry_renameat(folder, "new", "old"), 0);
        assert_int_equal(retry_close(file), 0);
    }
    assert_int_equal(retry_close(folder), 0);
    file_tree_remove(root);
}

/* Other failures are those that they are. */
static void failures_are_told(void **state) {
    char *root = file_tree_new();
    (void)state;
    const int folder = retry_open(root, O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(retry_openat(folder, "none", O_RDONLY, 0), -1);
    assert_int_equal(errno, ENOENT);
    interruptions = 1;
    assert_int_equal(retry_renameat(folder, "none", "new"), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(retry_close(folder), 0);
    assert_int_equal(retry_close(folder), -1);
    assert_int_equal(retry_fsync(folder), -1);
    assert_int_equal(errno, EBADF);
    assert_false(retry_write(folder, "x", 1));
    assert_int_equal(errno, EBADF);
    assert_null(retry_fopen(root, "w"));
    assert_int_equal(errno, EISDIR);
    file_tree_remove(root);
}

static void a_rename_may_have_been_done(void **state) {
    char *root = file_tree_new();
    struct stat status;
    (void)state;
    file_tree_write(root, "old", "");
    const int folder = retry_open(root, O_RDONLY | O_DIRECTORY, 0);
    interruptions = 1;
    renames_first = true;
    assert_int_equal(retry_renameat(folder, "old", "new"), 0);
    renames_first = false;
    assert_int_equal(retry_fstatat(folder, "new", &status, 0), 0);
    assert_int_equal(retry_close(folder), 0);
    file_tree_remove(root);
}

/* ---- slow streams ---- */

static const char text[] = "one line\n\nanother\nthe last";

static void on_tick(int number) {
    (void)number;
}

static void tick(bool on) {
    struct sigaction action = {.sa_handler = on_tick}; /* no SA_RESTART: calls are interrupted */
    const struct itimerval every = {{0, on ? 1000 : 0}, {0, on ? 1000 : 0}};
    sigemptyset(&action.sa_mask);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
}

/* What a process writes byte by byte, a tick or more between two. */
static FILE *open_slow(pid_t *child) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *child = fork();
    assert_true(*child >= 0);
    if (*child == 0) {
        close(ends[0]);
        for (size_t i = 0; i < strlen(text); i++) {
            usleep(3000);
            if (write(ends[1], text + i, 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    tick(true);
    return fdopen(ends[0], "r");
}

static void close_slow(FILE *file, pid_t child) {
    int status = -1;
    tick(false);
    assert_int_equal(retry_fclose(file), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void streams_are_read_to_their_ends(void **state) {
    char got[sizeof text + 8];
    pid_t child;
    (void)state;
    FILE *file = open_slow(&child);
    assert_int_equal(retry_fread(got, 1, sizeof got, file), strlen(text));
    assert_memory_equal(got, text, strlen(text));
    assert_true(feof(file));
    assert_false(ferror(file));
    close_slow(file, child);
}

static void lines_are_whole(void **state) {
    char *line = NULL;
    size_t room = 0;
    pid_t child;
    (void)state;
    FILE *file = open_slow(&child);
    assert_int_equal(retry_getc(file), 'o');
    assert_int_equal(retry_getline(&line, &room, file), 8);
    assert_string_equal(line, "ne line\n");
    assert_int_equal(retry_getline(&line, &room, file), 1);
    assert_string_equal(line, "\n");
    assert_int_equal(retry_getline(&line, &room, file), 8);
    assert_int_equal(retry_getline(&line, &room, file), 8);
    assert_string_equal(line, "the last");
    assert_int_equal(retry_getline(&line, &room, file), -1);
    assert_true(feof(file));
    free(line);
    close_slow(file, child);
}

/* More than a pipe holds, to a process that reads slowly. */
static void all_is_written(void **state) {
    enum { SIZE = 300000 };
    int ends[2], status = -1;
    char *bytes = calloc(SIZE, 1);
    (void)state;
    assert_non_null(bytes);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        size_t sum = 0;
        ssize_t got;
        close(ends[1]);
        while ((got = read(ends[0], bytes, 10000)) > 0) {
            sum += (size_t)got;
            usleep(2000);
        }
        _exit(sum == SIZE ? 0 : 1);
    }
    close(ends[0]);
    tick(true);
    assert_true(retry_write(ends[1], bytes, SIZE));
    tick(false);
    assert_int_equal(retry_close(ends[1]), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_made_again),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(a_rename_may_have_been_done),
        cmocka_unit_test(streams_are_read_to_their_ends),
        cmocka_unit_test(lines_are_whole),
        cmocka_unit_test(all_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
