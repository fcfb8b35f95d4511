/* SPDX-License-Identifier: MIT
 *
 * Calls of the system for files that fail or come short, for LD_PRELOAD before a program that is
 * linked with glibc:
 *
 *     IO_WHAT=EIO|ENOSPC|EINTR|SHORT   what befalls a call; SHORT: it moves one byte, or
 *                                    of many half
 *     IO_AT=N          the N-th that it can befall, from the start of main, from 1
 *     IO_EVERY=N       each N-th
 *     IO_TELL=FILE     keeps there, a line each, how many there were and which it befell last
 *
 * The kernel traps the calls (seccomp), so that those that the C library makes for itself, as for
 * stdio, count as well; and they are counted over all processes of a run. Standard streams are left
 * alone, and files of the system, which others than the program read, such as its fonts. A call of
 * close that fails has closed, as Linux has it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "make io-test leaves this out on other processors"
#endif

/* ---- calls that are not trapped ---- */

long io_call(long number, const long arguments[6]);
extern const char io_called[] __attribute__((visibility("hidden"))); /* where it returns to */

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
__asm__(".text\n.globl io_call\n.hidden io_call\n.hidden io_called\nio_call:\n"
        "mov %rdi, %rax\nmov %rsi, %r11\n"
        "mov (%r11), %rdi\nmov 8(%r11), %rsi\nmov 16(%r11), %rdx\n"
        "mov 24(%r11), %r10\nmov 32(%r11), %r8\nmov 40(%r11), %r9\n"
        "syscall\nio_called:\nret\n");
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
__asm__(".text\n.globl io_call\n.hidden io_call\n.hidden io_called\nio_call:\n"
        "mov x8, x0\nmov x9, x1\n"
        "ldp x0, x1, [x9]\nldp x2, x3, [x9, #16]\nldp x4, x5, [x9, #32]\n"
        "svc #0\nio_called:\nret\n");
#endif

/* ---- which calls, and what may befall them ---- */

enum { FAILS = 1, FILLS = 2, INTERRUPTED = 4, SHORTENED = 8 };
enum { ON_FILE = 16, ON_PATH = 32, AT_FOLDER = 64 }; /* what its first arguments are */

#define CALL(name) SYS_##name, #name

static const struct {
    int number;
    const char *name;
    int may;
} calls[] = {
    {CALL(openat), FAILS | FILLS | INTERRUPTED | AT_FOLDER},
    {CALL(read), FAILS | INTERRUPTED | SHORTENED | ON_FILE},
    {CALL(pread64), FAILS | INTERRUPTED | SHORTENED | ON_FILE},
    {CALL(write), FAILS | FILLS | INTERRUPTED | SHORTENED | ON_FILE},
    {CALL(pwrite64), FAILS | FILLS | INTERRUPTED | SHORTENED | ON_FILE},
    {CALL(close), FAILS | FILLS | INTERRUPTED | ON_FILE},
    {CALL(fsync), FAILS | FILLS | INTERRUPTED | ON_FILE},
    {CALL(ftruncate), FAILS | FILLS | INTERRUPTED | ON_FILE},
    {CALL(fstat), FAILS | INTERRUPTED | ON_FILE},
    {CALL(newfstatat), FAILS | INTERRUPTED | AT_FOLDER},
    {CALL(renameat), FAILS | FILLS | INTERRUPTED | AT_FOLDER},
    {CALL(renameat2), FAILS | FILLS | INTERRUPTED | AT_FOLDER},
#ifdef __x86_64__ /* the older names of some, which the C library uses there */
    {CALL(open), FAILS | FILLS | INTERRUPTED | ON_PATH},
    {CALL(rename), FAILS | FILLS | INTERRUPTED | ON_PATH},
    {CALL(unlink), FAILS | ON_PATH},
    {CALL(readlink), FAILS | ON_PATH},
    {CALL(access), FAILS | ON_PATH},
    {CALL(dup2), FAILS},
#endif
    {CALL(unlinkat), FAILS | AT_FOLDER},
    {CALL(readlinkat), FAILS | AT_FOLDER},
    {CALL(faccessat), FAILS | AT_FOLDER},
    {CALL(dup3), FAILS},
    {CALL(lseek), FAILS | ON_FILE},
    {CALL(fcntl), FAILS | ON_FILE},
    {CALL(flock), FAILS | INTERRUPTED | ON_FILE},
    {CALL(fchmod), FAILS | ON_FILE},
    {CALL(fchown), FAILS | ON_FILE},
    {CALL(getdents64), FAILS | ON_FILE},
    {CALL(pipe2), FAILS},
    {CALL(socketpair), FAILS},
    {CALL(sendmsg), FAILS | INTERRUPTED},
    {CALL(recvmsg), FAILS | INTERRUPTED},
};
enum { CALLS = sizeof calls / sizeof *calls };
enum { MANY = 1024 }; /* bytes, of which one at a time would take too long */

static int what, failure; /* one of the above, and an errno */
static long at, every;

/* What all processes share: lines of fixed length in the file of IO_TELL, and behind them. */
enum { LINE = 24 };
static struct {
    char lines[2][LINE];
    atomic_long count;
} *shared;

/* ---- files of the system ---- */

enum { MOST_FILES = 1024 };
static bool of_system[MOST_FILES] = {true, true, true}; /* by descriptor; of this process */

static bool is_marked(long file) {
    return file >= 0 && file < MOST_FILES && of_system[file];
}

static bool is_path_of_system(const char *path) {
    static const char *const folders[] = {"/usr/", "/etc/", "/var/", "/lib"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!strncmp(path, folders[i], strlen(folders[i])))
            return true;
    }
    return strstr(path, "/fontconfig") != NULL;
}

static bool is_of_system(int may, const long arguments[6]) {
    if (may & ON_FILE)
        return is_marked(arguments[0]);
    if (!(may & (ON_PATH | AT_FOLDER)))
        return false;
    const char *path = (const char *)arguments[may & AT_FOLDER ? 1 : 0];
    return is_path_of_system(path) ||
           ((may & AT_FOLDER) && *path != '/' && is_marked(arguments[0]));
}

/* Notes of a descriptor that was opened, or closed, what it is. */
static void mark(long number, const long arguments[6], long result) {
    if (number == SYS_close && arguments[0] > STDERR_FILENO && arguments[0] < MOST_FILES)
        of_system[arguments[0]] = false;
    if (result > STDERR_FILENO && result < MOST_FILES) {
        if (number == SYS_openat)
            of_system[result] = is_of_system(AT_FOLDER, arguments);
#ifdef SYS_open
        if (number == SYS_open)
            of_system[result] = is_of_system(ON_PATH, arguments);
#endif
    }
}

/* ---- failures ---- */

/* Without the C library, whose functions may be what is interrupted. */
static void put_line(int index, const char *text, long number) {
    char line[LINE];
    int length = 0;
    memset(line, ' ', sizeof line);
    line[LINE - 1] = '\n';
    while (text[length] && length < LINE - 1) {
        line[length] = text[length];
        length++;
    }
    for (int i = LINE - 2; number > 0 && i >= length; number /= 10)
        line[i--] = (char)('0' + number % 10);
    memcpy(shared->lines[index], line, sizeof line);
}

static bool befalls(long number, const long arguments[6]) {
    int i = 0;
    while (i < CALLS && calls[i].number != number)
        i++;
    const int may = i < CALLS ? calls[i].may : 0;
    if (!(may & what) || is_of_system(may, arguments) || (what == SHORTENED && arguments[2] < 2))
        return false;
    const long call = ++shared->count;
    const bool now = call == at || (every > 0 && call % every == 0);
    put_line(0, "", call);
    if (now)
        put_line(1, calls[i].name, -1);
    return now;
}

/* What the kernel would return. */
static long answer(long number, long arguments[6]) {
    if (!befalls(number, arguments)) {
        const long result = io_call(number, arguments);
        mark(number, arguments, result);
        return result;
    }
    if (what == SHORTENED)
        arguments[2] = arguments[2] > MANY ? arguments[2] / 2 : 1;
    if (what == SHORTENED || number == SYS_close) {
        const long result = io_call(number, arguments);
        mark(number, arguments, result);
        return what == SHORTENED || result < 0 ? result : -failure;
    }
    return -failure;
}

static void on_trap(int signal, siginfo_t *info, void *context) {
    mcontext_t *state = &((ucontext_t *)context)->uc_mcontext;
    (void)signal;
#ifdef __x86_64__
    static const int places[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
    long arguments[6];
    for (int i = 0; i < 6; i++)
        arguments[i] = state->gregs[places[i]];
    state->gregs[REG_RAX] = answer(info->si_syscall, arguments);
#else
    long arguments[6];
    for (int i = 0; i < 6; i++)
        arguments[i] = (long)state->regs[i];
    state->regs[0] = (unsigned long)answer(info->si_syscall, arguments);
#endif
}

/* ---- the beginning ---- */

#define LOAD(offset) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define UNLESS(value, skip) /* goes on where the loaded word is `value`, else past `skip` */ \
    (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, (skip))
#define RETURN(value) (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, (value))

static bool trap(void) {
    const uint64_t here = (uint64_t)(uintptr_t)io_called;
    struct sock_filter rules[2 * CALLS + 16];
    unsigned short n = 0;
    rules[n++] = LOAD(offsetof(struct seccomp_data, arch));
    rules[n++] = UNLESS(ARCHITECTURE, 4);
    rules[n++] = LOAD(offsetof(struct seccomp_data, instruction_pointer));
    rules[n++] = UNLESS(here, 3);
    rules[n++] = LOAD(offsetof(struct seccomp_data, instruction_pointer) + 4);
    rules[n++] = UNLESS(here >> 32, 1);
    rules[n++] = RETURN(SECCOMP_RET_ALLOW);
    rules[n++] = LOAD(offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++) {
        rules[n++] = UNLESS(calls[i].number, 1);
        rules[n++] = RETURN(SECCOMP_RET_TRAP);
    }
    rules[n++] = RETURN(SECCOMP_RET_ALLOW);
    const struct sock_fprog filter = {n, rules};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
    return !sigaction(SIGSYS, &action, NULL) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void arm(void) {
    static const struct {
        const char *name;
        int what, failure;
    } kinds[] = {{"EIO", FAILS, EIO},
                 {"ENOSPC", FILLS, ENOSPC},
                 {"EINTR", INTERRUPTED, EINTR},
                 {"SHORT", SHORTENED, 0}};
    const char *name = getenv("IO_WHAT");
    for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(name, kinds[i].name)) {
            what = kinds[i].what;
            failure = kinds[i].failure;
        }
    }
    at = number_of("IO_AT");
    every = number_of("IO_EVERY");
    const char *path = getenv("IO_TELL");
    const int file = path ? open(path, O_RDWR | O_CREAT | O_TRUNC, 0666) : -1;
    if (file >= 0 && ftruncate(file, sizeof *shared))
        _exit(3);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | (file >= 0 ? 0 : MAP_ANONYMOUS), file, 0);
    if (file >= 0)
        close(file);
    if (shared == MAP_FAILED || !what || !trap()) {
        fputs("io.c: cannot trap calls\n", stderr);
        _exit(3);
    }
    put_line(0, "", 0);
    put_line(1, "none", -1);
}
