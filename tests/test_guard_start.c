/* SPDX-License-Identifier: MIT
 *
 * Tests of guard_start where a guard cannot be: it must say so, and leave nothing running.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/guard.h"
#include "core/guard_filter.h"
#include "watched.h"

#if GUARD_HAS_FILTER

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Has a call of this process and those below it fail where that is its first argument; -1: any. */
static bool forbid(unsigned call, int first) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)first, 0, first < 0 ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* What guard_start says where the call fails. */
static void expect_state(unsigned call, int first, const char *state) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!forbid(call, first))
            _exit(2);
        const bool on = guard_start();
        const bool same = !strcmp(guard_state(), state) && on == guard_is_on();
        /* Whom it started has ended, and was waited for. */
        _exit(same && (on || waitpid(-1, NULL, WNOHANG) < 0) ? 0 : 1);
    }
    int end;
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    if (WEXITSTATUS(end) == 2)
        skip(); /* nothing can be forbidden here */
    assert_int_equal(WEXITSTATUS(end), 0);
}

static void says_why_it_is_off(void **state) {
    static const char closed[] = "off: this system lets no process be closed (seccomp)";
    enum { FILE_AT = 3 };
    (void)state;
    if (is_watched())
        skip(); /* then there is no guard */
    expect_state(SYS_seccomp, -1, closed);
    /* The worker cannot read: as of a C library that reads by another call. */
    expect_state(SYS_read, FILE_AT, closed);
    expect_state(SYS_socketpair, -1, "off: no process can be started");
    expect_state(SYS_getsockname, -1, "on"); /* which none of this needs */
}

#else

static void says_why_it_is_off(void **state) {
    (void)state;
    assert_false(guard_start());
    assert_true(!strncmp(guard_state(), "off: ", 5));
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_why_it_is_off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
