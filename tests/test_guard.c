/* SPDX-License-Identifier: MIT
 *
 * Tests of guard.c and its filter: what a parser could do that was taken over by a hostile file, it
 * tries here from inside, and each must fail.
 */
#define _GNU_SOURCE
#include "image_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "core/guard.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define TASK_MEMORY ((size_t)64 << 20)

/* ---- attempts ---- */

/* What a worker is asked to try, with the number of the program. */
typedef struct attempt {
    long (*trial)(pid_t program); /* the system's answer: -1 when it refused */
    pid_t program;
} attempt;

static long try_open(pid_t program) {
    (void)program;
    return open("/etc/passwd", O_RDONLY);
}

static long try_openat2(pid_t program) {
    (void)program;
#ifdef SYS_openat2
    struct {
        uint64_t flags, mode, resolve;
    } how = {0};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how);
#else
    return -1;
#endif
}

static long try_create(pid_t program) {
    (void)program;
    return open("planted", O_CREAT | O_WRONLY, 0600);
}

static long try_unlink(pid_t program) {
    (void)program;
    return unlink("/tmp/planted");
}

static long try_socket(pid_t program) {
    (void)program;
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_socketpair(pid_t program) {
    int ends[2];
    (void)program;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long try_execve(pid_t program) {
    char *const none[] = {NULL};
    (void)program;
    return execve("/bin/true", none, none);
}

static long try_fork(pid_t program) {
    (void)program;
    const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        syscall(SYS_exit_group, 0);
    return child;
}

static long try_kill(pid_t program) {
    return kill(program, 0);
}

static long try_queue(pid_t program) {
    return syscall(SYS_tgkill, program, program, 0);
}

static long try_ptrace(pid_t program) {
    return ptrace(PTRACE_ATTACH, program, NULL, NULL);
}

static long try_process_memory(pid_t program) {
    char byte;
    struct {
        void *base;
        size_t size;
    } here = {&byte, 1}, there = {&byte, 1};
    return syscall(SYS_process_vm_writev, program, &here, 1, &there, 1, 0);
}

static long try_write_elsewhere(pid_t program) {
    (void)program;
    for (int fd = 0; fd < 64; fd++) {
        if (fd != 4 && write(fd, "", 1) >= 0) /* 4 is its answer */
            return 0;
    }
    return -1;
}

static long try_read_elsewhere(pid_t program) {
    char byte;
    (void)program;
    for (int fd = 0; fd < 64; fd++) {
        if (fd != 3 && read(fd, &byte, 1) >= 0) /* 3 is its file */
            return 0;
    }
    return -1;
}

static long try_write_file(pid_t program) {
    (void)program;
    return write(3, "", 1);
}

static long try_truncate(pid_t program) {
    (void)program;
    return ftruncate(3, 0);
}

static long try_executable(pid_t program) {
    (void)program;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? -1
               : 0;
}

static long try_protect(pid_t program) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)program;
    return page == MAP_FAILED ? 0 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long try_dumpable(pid_t program) {
    (void)program;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long try_duplicate(pid_t program) {
    (void)program;
    return dup2(4, 1);
}

static long try_uring(pid_t program) {
    char room[256] = {0};
    (void)program;
    return syscall(425, 4, room); /* io_uring_setup, by its number everywhere */
}

static long try_poison(pid_t program) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)program;
    return page == MAP_FAILED ? 0 : madvise(page, 4096, MADV_DONTDUMP);
}

/* More than the task allows, and what is spare for all of them. */
static long try_memory(pid_t program) {
    (void)program;
    return mmap(NULL, TASK_MEMORY + ((size_t)256 << 20), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static bool work_on_attempt(guard_worker *self, error *err) {
    size_t size;
    const attempt *asked = guard_question(self, &size);
    errno = 0;
    const long got = asked->trial(asked->program);
    const int told[2] = {got == -1, errno};
    return guard_put(self, told, sizeof told, err);
}

static bool take_attempt(guard_answer *from, void *user, error *err) {
    return guard_get(from, user, 2 * sizeof(int), err);
}

static bool run(bool (*work)(guard_worker *self, error *err),
                bool (*take)(guard_answer *self, void *user, error *err), const void *question,
                size_t size, void *user, error *err) {
    const int file = open(data_file("rgb.jpg").text, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    const guard_task task = {.work = work,
                             .question = question,
                             .question_size = size,
                             .memory = TASK_MEMORY,
                             .file = file,
                             .name = "FILE",
                             .take = take,
                             .user = user};
    const bool ok = guard_run(&task, err);
    close(file);
    return ok;
}

/* Tests of what is there; a build without says so. */
static bool is_here(void) {
    if (guard_is_on())
        return true;
    assert_true(!strncmp(guard_state(), "off: ", 5));
    assert_true(guard_is_left_out() || strstr(guard_state(), "seccomp"));
    return false;
}

static void attempts_fail(void **state) {
    static long (*const trials[])(pid_t program) = {
        try_open,           try_openat2,         try_create,         try_unlink,
        try_socket,         try_socketpair,      try_execve,         try_fork,
        try_kill,           try_queue,           try_ptrace,         try_process_memory,
        try_write_elsewhere, try_read_elsewhere, try_write_file,     try_truncate,
        try_executable,     try_protect,         try_dumpable,       try_duplicate,
        try_uring,          try_poison,          try_memory,
    };
    (void)state;
    for (size_t i = 0; is_here() && i < COUNT_OF(trials); i++) {
        const attempt asked = {trials[i], getpid()};
        error err = {0};
        int told[2] = {0, 0};
        if (!run(work_on_attempt, take_attempt, &asked, sizeof asked, told, &err))
            fail_msg("attempt %zu: %s", i, err.text);
        const int number = trials[i] == try_memory ? ENOMEM : EPERM;
        if (!told[0] || (told[1] != number && told[1] != EBADF))
            fail_msg("attempt %zu is let through: %d", i, told[1]);
    }
    assert_int_equal(access("planted", F_OK), -1);
}

/* What standard input and output of C libraries do; 0 where it was let through. */
static bool work_on_file(guard_worker *self, error *err) {
    char room[4];
    const struct iovec parts[] = {{room, 2}, {room + 2, 2}};
    const bool ok = lseek(3, 0, SEEK_SET) == 0 && read(3, room, 4) == 4 &&
                    readv(3, parts, 2) == 4 && pread(3, room, 4, 0) == 4;
    const int told[2] = {ok, errno};
    return guard_put(self, told, sizeof told, err);
}

static void the_file_can_be_read(void **state) {
    int told[2] = {0, 0};
    error err = {0};
    (void)state;
    if (is_here() && (!run(work_on_file, take_attempt, "", 0, told, &err) || !told[0]))
        fail_msg("%s %d", err.text, told[1]);
}

/* How many processes of this program's name the system ends first, and one of them. */
static int find_first(pid_t *one) {
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    char self[64] = "", comm[64], path[300];
    int count = 0;
    assert_non_null(dir);
    assert_int_equal(prctl(PR_GET_NAME, self), 0);
    while ((entry = readdir(dir))) {
        int first = 0;
        snprintf(path, sizeof path, "/proc/%.20s/comm", entry->d_name);
        FILE *file = fopen(path, "r");
        const bool same = file && fscanf(file, "%63s", comm) == 1 && !strcmp(comm, self);
        if (file)
            fclose(file);
        snprintf(path, sizeof path, "/proc/%.20s/oom_score_adj", entry->d_name);
        file = same ? fopen(path, "r") : NULL;
        if (file && fscanf(file, "%d", &first) == 1 && first == 1000) {
            *one = (pid_t)strtol(entry->d_name, NULL, 10);
            count++;
        }
        if (file)
            fclose(file);
    }
    closedir(dir);
    return count;
}

enum { MUCH = 1 << 23 }; /* more than a pipe holds */

static bool work_much(guard_worker *self, error *err) {
    static char much[MUCH];
    return guard_put(self, much, sizeof much, err);
}

/* Ends the worker as the system does, if it is found; it is there yet, as it has more to put. */
static bool take_much(guard_answer *from, void *user, error *err) {
    static char much[MUCH];
    pid_t worker;
    int *count = user;
    *count = find_first(&worker);
    if (*count == 1)
        kill(worker, SIGKILL);
    return guard_get(from, much, sizeof much, err);
}

static void the_worker_ends_first(void **state) {
    int count = 0;
    pid_t other;
    error err = {0};
    (void)state;
    if (!is_here() || find_first(&other)) /* not where all of them are */
        return;
    assert_false(run(work_much, take_much, "", 0, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(err.text, "cannot read FILE: the decoder stopped unexpectedly (signal 9), "
                                  "as where memory runs out: free some");
}

/* ---- ends ---- */

static bool work_crash(guard_worker *self, error *err) {
    size_t size;
    int *const *planted = guard_question(self, &size); /* an address */
    *(volatile int *)*planted = 1;
    return error_set(err, ERROR_FAILURE, "it was written");
}

static bool work_silently(guard_worker *self, error *err) {
    (void)self;
    (void)err;
    return true;
}

static bool work_fail(guard_worker *self, error *err) {
    (void)self;
    return error_set(err, ERROR_USAGE, "FILE: not\nlike this");
}

static bool take_nothing(guard_answer *from, void *user, error *err) {
    (void)from;
    (void)user;
    (void)err;
    return true;
}

static void ends_are_told(void **state) {
    int told[2];
    error err = {0};
    (void)state;
    if (!is_here())
        return;
    const uintptr_t planted = 8;
    assert_false(run(work_crash, take_attempt, &planted, sizeof planted, told, &err));
    assert_string_equal(err.text,
                        "cannot read FILE: the decoder stopped unexpectedly (signal 11)");
    assert_false(run(work_silently, take_attempt, "", 0, told, &err));
    assert_string_equal(err.text, "cannot read FILE: the decoder's answer makes no sense");
    assert_true(run(work_silently, take_nothing, "", 0, NULL, &err));
    assert_false(run(work_fail, take_nothing, "", 0, NULL, &err));
    assert_string_equal(err.text, "FILE: not?like this");
    assert_int_equal(err.code, ERROR_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_fail),
        cmocka_unit_test(the_file_can_be_read),
        cmocka_unit_test(the_worker_ends_first),
        cmocka_unit_test(ends_are_told),
    };
    guard_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
