/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall */
#include "core/guard_filter.h"

#if GUARD_HAS_FILTER

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/memory_limit.h"
#include "core/retry.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Both architectures have little-endian words: the lower half of an argument comes first. */
#define LOW(argument) (offsetof(struct seccomp_data, args) + (size_t)8 * (argument))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define LOAD_NUMBER LOAD(offsetof(struct seccomp_data, nr))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
#define PERMIT RETURN(SECCOMP_RET_ALLOW)

/* Call `name`; with that descriptor first; with those bits of an argument zero. */
#define ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), PERMIT
#define ALLOW_ON(name, fd)                                                                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOW(0)),                          \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(fd), 0, 1), PERMIT, REFUSE
#define ALLOW_WITHOUT(name, argument, bits)                                                        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOW(argument)),                   \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), PERMIT, REFUSE

/* Call `name` with one of three values of an argument, which is a word of 32 bits. */
#define ALLOW_ONE_OF(name, argument, a, b, c)                                                      \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 6), LOAD(LOW(argument)),                   \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (a), 2, 0),                                            \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (b), 1, 0),                                            \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (c), 0, 1), PERMIT, REFUSE

static bool install(int file, int answer) {
    struct sock_filter rules[] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD_NUMBER,
        ALLOW_ON(read, file),
        ALLOW_ON(readv, file), /* by which musl reads for stdio */
        ALLOW_ON(pread64, file),
        ALLOW_ON(lseek, file),
        ALLOW_ON(write, answer),
        ALLOW_WITHOUT(mmap, 2, PROT_EXEC),
        ALLOW_WITHOUT(mprotect, 2, PROT_EXEC),
        ALLOW(munmap),
        ALLOW(mremap),
        /* Of malloc and memory.c; as root others would take pages from the machine. */
        ALLOW_ONE_OF(madvise, 2, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE),
        ALLOW(brk),
        ALLOW(futex),
        ALLOW(clock_gettime),
        ALLOW(getrandom),
        ALLOW(rt_sigreturn),
        ALLOW(exit),
        ALLOW(exit_group),
        REFUSE, /* of x86-64 also the calls of x32, whose numbers are none of these */
    };
    const struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return !syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* For blocks of libraries, and the gaps before large ones. */
#define SPARE_MEMORY ((size_t)128 << 20)

/* A wish: where it is not heard, the system chooses by size. */
static void end_first(void) {
    static const char most[] = "1000";
    const int file = retry_open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (file < 0)
        return;
    retry_write(file, most, sizeof most - 1);
    close(file);
}

bool guard_filter_close(int file, int answer, size_t memory) {
    const struct rlimit none = {0, 0};
    end_first();
    return memory_limit_bind(memory_add(memory, SPARE_MEMORY)) && !setrlimit(RLIMIT_CORE, &none) &&
           !setrlimit(RLIMIT_NOFILE, &none) && !setrlimit(RLIMIT_NPROC, &none) &&
           !setrlimit(RLIMIT_FSIZE, &none) && !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) &&
           !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && install(file, answer);
}

#else

bool guard_filter_close(int file, int answer, size_t memory) {
    (void)file;
    (void)answer;
    (void)memory;
    return false;
}

#endif
