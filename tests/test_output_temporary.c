/* SPDX-License-Identifier: MIT
 *
 * Tests of output_temporary.c: of temporary files those go that were left behind, and none that
 * somebody writes, whatever its process is called there; those who write and those who sweep meet
 * at any moment.
 */
#define _GNU_SOURCE /* renameat2, syscall */
#include "image_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/output_file.h"

/* ---- the system's functions, with others that come between ---- */

static int flock_error; /* there are no locks */
static void (*before_lock)(int calls), (*before_rename)(const char *old);
static void (*before_removal)(const char *base);
static int lock_calls;

static int real_flock(int file, int operation) {
    return (int)syscall(SYS_flock, file, operation);
}

int flock(int file, int operation) {
    if (before_lock)
        before_lock(lock_calls++);
    errno = flock_error;
    return flock_error ? -1 : real_flock(file, operation);
}

int renameat(int from, const char *old, int to, const char *new) {
    if (before_rename)
        before_rename(old);
    return renameat2(from, old, to, new, 0);
}

int unlinkat(int from, const char *base, int flags) {
    if (before_removal)
        before_removal(base);
    return (int)syscall(SYS_unlinkat, from, base, flags);
}

/* ---- help ---- */

static void write_ok(const char *path) {
    error err = {0};
    if (!output_file_write(path, "fresh", 5, NULL, &err))
        fail_msg("%s", err.text);
}

static bool is_there(const char *path) {
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static pid_t process_that_is_gone(void) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return child;
}

static name temporary_of(long process) {
    char base[80];
    snprintf(base, sizeof base, ".out.png.%ld-0123456789abcdef.tmp", process);
    return temporary(base);
}

/* Whether somebody has the lock on the file of that name. */
static bool is_held(const char *path) {
    const int file = open(path, O_RDWR);
    assert_true(file >= 0);
    const bool held = real_flock(file, LOCK_EX | LOCK_NB) != 0;
    assert_true(!held || errno == EWOULDBLOCK);
    close(file);
    return held;
}

/* What is being written beside out.png. */
static name being_written(void) {
    name path = {""};
    DIR *all = opendir(temporary("").text);
    const struct dirent *entry;
    assert_non_null(all);
    while ((entry = readdir(all))) {
        if (!strncmp(entry->d_name, ".out.png.", 9))
            path = temporary(entry->d_name);
    }
    closedir(all);
    assert_string_not_equal(path.text, "");
    return path;
}

/* ---- what is swept ---- */

/* Those of our user alone, plain files with our names. */
static void only_what_killed_runs_left_goes(void **state) {
    (void)state;
    static const struct {
        const char *before, *after; /* around the number of the process */
        bool goes;
    } cases[] = {
        {".out.png.", "-0123456789abcdef.tmp", true},
        {".out.png.", "-0123456789abcde.tmp", false},
        {".out.png.", "-0123456789abcdeg.tmp", false},
        {".out.png.", "-0123456789abcdef.tmp2", false},
        {".out.png.", ".tmp", false},
        {".out.png.0", "-0123456789abcdef.tmp", false},
        {".out.png.x", "-0123456789abcdef.tmp", false},
        {".out.png.-", "-0123456789abcdef.tmp", false},
        {".other.", "-0123456789abcdef.tmp", false},
    };
    const long child = process_that_is_gone();
    const name path = temporary("out.png");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int kind = 0; kind < 4; kind++) { /* a file, one in use, a link, another's */
            char base[80];
            snprintf(base, sizeof base, "%s%ld%s", cases[i].before, child, cases[i].after);
            const name left = temporary(base);
            int held = -1;
            if (kind == 2) {
                assert_int_equal(symlink("/dev/null", left.text), 0);
            } else {
                store(left.text, "other", 5);
            }
            if (kind == 1) {
                held = open(left.text, O_RDWR);
                assert_int_equal(real_flock(held, LOCK_EX), 0);
            }
            if (kind == 3 && chown(left.text, 12345, (gid_t)-1) != 0)
                assert_int_equal(unlink(left.text), 0);
            write_ok(path.text);
            if (kind == 0)
                assert_int_equal(!is_there(left.text), cases[i].goes);
            else if (kind < 3 || geteuid() == 0)
                assert_true(is_there(left.text));
            unlink(left.text);
            if (held >= 0)
                close(held);
        }
    }
    unlink(path.text);
}

/* In a container every run may be process 1; and a number may be that of another by now. */
static void numbers_of_living_processes_keep_nothing(void **state) {
    (void)state;
    const long numbers[] = {(long)getpid(), 1};
    const name path = temporary("out.png");
    for (int i = 0; i < 2; i++) {
        const name left = temporary_of(numbers[i]);
        store(left.text, "other", 5);
        write_ok(path.text);
        assert_false(is_there(left.text));
    }
    unlink(path.text);
}

static void without_locks_nothing_goes(void **state) {
    (void)state;
    static const int numbers[] = {ENOLCK, ENOSYS, EOPNOTSUPP, EIO};
    const name path = temporary("out.png"), left = temporary_of(process_that_is_gone());
    store(left.text, "other", 5);
    for (int i = 0; i < 4; i++) {
        flock_error = numbers[i];
        write_ok(path.text);
        check_content(path.text, "fresh");
        assert_true(is_there(left.text));
        unlink(path.text);
    }
    flock_error = 0;
    unlink(left.text);
}

/* ---- a sweep and a writer at once ---- */

static void check_held(const char *base) {
    assert_true(is_held(temporary(base).text));
}

static void a_file_is_held_until_it_has_its_name(void **state) {
    (void)state;
    const name path = temporary("out.png");
    before_rename = check_held;
    write_ok(path.text);
    before_rename = NULL;
    assert_false(is_held(path.text));
    unlink(path.text);
}

static void what_is_swept_is_held_until_it_is_gone(void **state) {
    (void)state;
    const name path = temporary("out.png"), left = temporary_of(process_that_is_gone());
    store(left.text, "other", 5);
    before_removal = check_held;
    write_ok(path.text);
    before_removal = NULL;
    assert_false(is_there(left.text));
    unlink(path.text);
}

static int sweeper = -1;

/* A sweep has come before the first lock. */
static void hold(int calls) {
    if (calls > 0)
        return;
    sweeper = open(being_written().text, O_RDWR);
    assert_true(sweeper >= 0);
    assert_int_equal(real_flock(sweeper, LOCK_EX | LOCK_NB), 0);
}

static void remove_it(int calls) {
    if (calls == 0)
        assert_int_equal(unlink(being_written().text), 0);
}

static void who_is_swept_at_once_takes_another_name(void **state) {
    (void)state;
    void (*const sweeps[])(int) = {hold, remove_it};
    const name path = temporary("out.png");
    for (int i = 0; i < 2; i++) {
        lock_calls = 0;
        before_lock = sweeps[i];
        before_rename = check_held;
        write_ok(path.text);
        assert_int_equal(lock_calls, 2);
        before_lock = NULL;
        before_rename = NULL;
        check_content(path.text, "fresh");
        assert_int_equal(entries_in_folder(), 1);
        unlink(path.text);
    }
    assert_int_equal(close(sweeper), 0);
}

/* What had the name when the sweep opened it has become a result, and another file has it. */
static void replace(int calls) {
    const name left = temporary_of(1), result = temporary("result");
    if (calls > 0)
        return;
    assert_int_equal(rename(left.text, result.text), 0);
    store(left.text, "another", 7);
}

static void what_has_the_name_of_another_stays(void **state) {
    (void)state;
    const name path = temporary("out.png"), left = temporary_of(1), result = temporary("result");
    store(left.text, "other", 5);
    lock_calls = 0;
    before_lock = replace;
    write_ok(path.text);
    before_lock = NULL;
    check_content(left.text, "another");
    check_content(result.text, "other");
    unlink(left.text);
    unlink(result.text);
    unlink(path.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_killed_runs_left_goes),
        cmocka_unit_test(numbers_of_living_processes_keep_nothing),
        cmocka_unit_test(without_locks_nothing_goes),
        cmocka_unit_test(a_file_is_held_until_it_has_its_name),
        cmocka_unit_test(what_is_swept_is_held_until_it_is_gone),
        cmocka_unit_test(who_is_swept_at_once_takes_another_name),
        cmocka_unit_test(what_has_the_name_of_another_stays),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
