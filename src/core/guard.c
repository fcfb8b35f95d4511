/* SPDX-License-Identifier: MIT
 *
 * Processes: the program; the helper, which only waits for tasks; of each task a keeper, which
 * waits for its worker's end and tells it; and the worker. The helper ends when its socket does,
 * and who is below ends with who is above. None of them heeds Ctrl-C: the program does, and with
 * it they end.
 */
#define _GNU_SOURCE /* pipe2, SOCK_CLOEXEC, F_SETPIPE_SZ */
#include "core/guard.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/guard_filter.h"
#include "core/retry.h"
#include "core/sanitized.h"

#if GUARD_HAS_FILTER && !SANITIZED

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors of the helper and its children, at fixed places: 0 to 2 lead nowhere. */
enum { FIRST_FREE = 3, FILE_AT = 3, ANSWER_AT = 4, STATUS_AT = 5, CHANNEL_AT = 9, AWAY = 16 };
enum { DESCRIPTORS = 3 }; /* that go with a task: file, answer, status */
enum { DONE = 0x600d, FAILED = 0xbad };
enum { PIPE_SIZE = 1 << 20 };

struct guard_worker {
    FILE *file;
    const void *question;
    size_t question_size;
    bool begun; /* the first word of the answer is written */
};

struct guard_answer {
    int from;
    const char *name;
    bool ended; /* before all was there that was asked for: so has the worker */
};

/* What goes to the helper. */
typedef struct message {
    bool (*work)(guard_worker *self, error *err);
    size_t memory, size;
    char question[GUARD_MOST_QUESTION];
} message;

/* The process has one helper, as it has one standard output: written by guard_start alone. */
static struct {
    int channel;
    pid_t helper, program;
    const char *state;
    bool watched;
} guard = {-1, 0, 0, "off: not asked for", false};

/* ---- bytes ---- */

static bool read_all(int from, void *bytes, size_t count) {
    char *at = bytes;
    while (count > 0) {
        const ssize_t got = read(from, at, count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        count -= (size_t)got;
    }
    return true;
}

/* ---- the worker ---- */

FILE *guard_file(const guard_worker *self) {
    return self->file;
}

const void *guard_question(const guard_worker *self, size_t *size) {
    *size = self->question_size;
    return self->question;
}

bool guard_put(guard_worker *self, const void *bytes, size_t count, error *err) {
    const uint32_t begin = DONE;
    const bool begun = self->begun || retry_write(ANSWER_AT, &begin, sizeof begin);
    self->begun = true;
    return (begun && retry_write(ANSWER_AT, bytes, count)) ||
           error_set(err, ERROR_FAILURE, "nobody takes the answer");
}

/* Ends when its parent does; `parent` may have ended before. */
static void follow(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || getppid() != parent)
        _exit(1);
}

/* The exit status is 2 where the process cannot be closed. */
static void work(const message *task) {
    static char buffer[1 << 16]; /* that stdio needs no call for one */
    guard_worker self = {.question = task->question, .question_size = task->size};
    error err = {0};
    close(STATUS_AT);
    close(CHANNEL_AT);
    self.file = fdopen(FILE_AT, "rb"); /* here, where it may ask for the file's flags */
    if (!self.file)
        _exit(2);
    setvbuf(self.file, buffer, _IOFBF, sizeof buffer);
    if (!guard_filter_close(FILE_AT, ANSWER_AT, task->memory))
        _exit(2);
    if (task->work(&self, &err)) {
        _exit(self.begun || guard_put(&self, "", 0, &err) ? 0 : 1);
    } else if (!self.begun) {
        const uint32_t failed = FAILED;
        retry_write(ANSWER_AT, &failed, sizeof failed);
        retry_write(ANSWER_AT, &err, sizeof err);
    }
    _exit(1);
}

/* Starts the worker and tells how it ended. */
static void keep(const message *task, pid_t helper) {
    int status = -1;
    follow(helper);
    signal(SIGCHLD, SIG_DFL);
    const pid_t self = getpid(), child = fork();
    if (child == 0) {
        follow(self);
        work(task);
    }
    close(FILE_AT);
    close(ANSWER_AT); /* so the answer ends with the worker */
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    retry_write(STATUS_AT, &status, sizeof status);
    _exit(0);
}

/* ---- the helper ---- */

/* Waits for a task and puts its descriptors into their places. False when there will be none. */
static bool receive(message *task) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec bytes = {task, sizeof *task};
    struct msghdr header = {.msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    ssize_t got;
    int fds[DESCRIPTORS];
    do
        got = recvmsg(CHANNEL_AT, &header, 0);
    while (got < 0 && errno == EINTR);
    const struct cmsghdr *part = CMSG_FIRSTHDR(&header);
    if (got < (ssize_t)offsetof(message, question) || !part || part->cmsg_type != SCM_RIGHTS ||
        part->cmsg_len != CMSG_LEN(sizeof fds))
        return false;
    memcpy(fds, CMSG_DATA(part), sizeof fds);
    /* First out of each other's way. */
    for (int i = 0; i < DESCRIPTORS; i++) {
        const int away = fcntl(fds[i], F_DUPFD, AWAY);
        close(fds[i]);
        fds[i] = away;
    }
    bool ok = true;
    for (int i = 0; i < DESCRIPTORS; i++) {
        ok = fds[i] >= 0 && dup2(fds[i], FIRST_FREE + i) >= 0 && ok;
        close(fds[i]);
    }
    return ok;
}

/* Leaves only the socket, at its place, and descriptors that lead nowhere. */
static void clear_descriptors(int channel) {
    const long most = sysconf(_SC_OPEN_MAX);
    dup2(channel, CHANNEL_AT);
#ifdef __NR_close_range
    if (syscall(__NR_close_range, CHANNEL_AT + 1, ~0U, 0))
#endif
        for (int fd = CHANNEL_AT + 1; fd < (most > 0 && most < 65536 ? most : 65536); fd++)
            close(fd);
    for (int fd = 0; fd < CHANNEL_AT; fd++)
        close(fd);
    for (int fd = 0; fd < FIRST_FREE; fd++) {
        if (retry_open("/dev/null", O_RDWR, 0) != fd)
            _exit(1);
    }
}

static void help(int channel, pid_t program) {
    static message task;
    static const int ignored[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                  SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN); /* of children that end: nobody waits for keepers */
    follow(program);
    clear_descriptors(channel);
    const pid_t self = getpid();
    while (receive(&task)) {
        const pid_t child = fork();
        if (child == 0)
            keep(&task, self);
        for (int i = 0; i < DESCRIPTORS; i++)
            close(FIRST_FREE + i);
    }
    _exit(0);
}

/* ---- the program ---- */

bool guard_is_on(void) {
    return guard.channel >= 0;
}

const char *guard_state(void) {
    return guard.state;
}

bool guard_is_left_out(void) {
    return guard.watched;
}

static bool send_task(const message *task, const int fds[DESCRIPTORS]) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
    } control = {.room = {0}};
    struct iovec bytes = {(void *)(uintptr_t)task, offsetof(message, question) + task->size};
    struct msghdr header = {.msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(DESCRIPTORS * sizeof(int));
    memcpy(CMSG_DATA(part), fds, DESCRIPTORS * sizeof(int));
    ssize_t sent;
    do
        sent = sendmsg(guard.channel, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

/* Sends a task; answer and status are then what to read from. False with errno. */
static bool begin(const message *task, int file, int *answer, int *status) {
    int answers[2], ends[2];
    if (pipe2(answers, O_CLOEXEC))
        return false;
    if (pipe2(ends, O_CLOEXEC)) {
        close(answers[0]);
        close(answers[1]);
        return false;
    }
    fcntl(answers[0], F_SETPIPE_SZ, PIPE_SIZE); /* faster where it may be */
    const bool ok = send_task(task, (const int[DESCRIPTORS]){file, answers[1], ends[1]});
    const int number = errno;
    close(answers[1]);
    close(ends[1]);
    *answer = answers[0];
    *status = ends[0];
    if (!ok) {
        close(*answer);
        close(*status);
        errno = number;
    }
    return ok;
}

/* Under valgrind a worker would be watched by it, with calls of its own. */
static bool is_watched(void) {
    char line[512];
    bool found = false;
    FILE *maps = retry_fopen("/proc/self/maps", "re");
    while (maps && !found && fgets(line, sizeof line, maps))
        found = strstr(line, "/vgpreload_") != NULL;
    if (maps)
        fclose(maps);
    return found;
}

static bool read_byte(guard_worker *self, error *err) {
    (void)err;
    return getc(guard_file(self)) == 'x';
}

/* Whether a worker can be closed here, and stdio still reads its file: another C library may need a
 * call for that which is not allowed. */
static bool try_it(void) {
    const message task = {.work = read_byte};
    int answer, status, ends[2], end = -1;
    if (pipe2(ends, O_CLOEXEC))
        return false;
    const bool begun =
        retry_write(ends[1], "x", 1) && begin(&task, ends[0], &answer, &status);
    close(ends[0]);
    close(ends[1]);
    if (!begun)
        return false;
    const bool told = read_all(status, &end, sizeof end);
    close(answer);
    close(status);
    return told && end == 0;
}

/* Of a program that ends in order the helper has ended, too. */
static void stop(void) {
    if (guard.channel < 0 || guard.program != getpid())
        return;
    shutdown(guard.channel, SHUT_RDWR); /* which the helper sees, whatever comes of the other */
    close(guard.channel);
    guard.channel = -1;
    while (waitpid(guard.helper, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* The two ends of the channel, away from the numbers of standard streams that are closed: what a
 * program prints would go into it. */
static bool open_channel(int ends[2]) {
    int low[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low))
        return false;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(low[i]);
    }
    if (ends[0] >= 0 && ends[1] >= 0)
        return true;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
    }
    return false;
}

bool guard_start(void) {
    int ends[2];
    if (guard.channel >= 0)
        return true;
    guard.state = "off: it runs under valgrind";
    guard.watched = is_watched();
    if (guard.watched)
        return false;
    guard.state = "off: no process can be started";
    if (!open_channel(ends))
        return false;
    const pid_t program = getpid(), child = fork();
    if (child == 0)
        help(ends[1], program);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return false;
    }
    guard.channel = ends[0];
    guard.helper = child;
    guard.program = program;
    guard.state = "on";
    if (try_it() && !atexit(stop))
        return true;
    guard.state = "off: this system lets no process be closed (seccomp)";
    stop();
    return false;
}

bool guard_get(guard_answer *self, void *bytes, size_t count, error *err) {
    self->ended = self->ended || !read_all(self->from, bytes, count);
    return !self->ended || guard_refuse(self, err);
}

bool guard_refuse(const guard_answer *self, error *err) {
    return error_set(err, ERROR_FAILURE, "cannot read %s: the decoder's answer makes no sense",
                     self->name);
}

/* Takes over what the worker says has failed. */
static bool take_error(guard_answer *self, error *err) {
    error said;
    if (!guard_get(self, &said, sizeof said, err))
        return false;
    said.text[sizeof said.text - 1] = '\0';
    /* analysed: guard_get has filled it, as guard_refuse is always false */
    const bool known = said.code == ERROR_USAGE || said.code == ERROR_MEMORY;
    return error_set(err, known ? said.code : ERROR_FAILURE, "%s", said.text);
}

/* How the worker ended, where that explains the failure better than *err. */
static void explain(const guard_task *task, int status, error *err) {
    int end;
    if (!read_all(status, &end, sizeof end) || end == -1)
        error_set(err, ERROR_FAILURE, "cannot read %s: no process can be started to decode it",
                  task->name);
    else if (WIFSIGNALED(end))
        error_set(err, ERROR_FAILURE,
                  "cannot read %s: the decoder stopped unexpectedly (signal %d)%s", task->name,
                  WTERMSIG(end),
                  WTERMSIG(end) == SIGKILL ? ", as where memory runs out: free some" : "");
    else if (WEXITSTATUS(end) == 2)
        error_set(err, ERROR_FAILURE, "cannot read %s: the decoder cannot be shut off from files",
                  task->name);
}

bool guard_run(const guard_task *task, error *err) {
    message question = {
        .work = task->work, .memory = task->memory, .size = task->question_size};
    guard_answer self = {.name = task->name};
    uint32_t begun = 0;
    int status;
    if (task->question_size > sizeof question.question)
        return error_set(err, ERROR_FAILURE, "cannot read %s: its name is too long", task->name);
    memcpy(question.question, task->question, task->question_size);
    if (!begin(&question, task->file, &self.from, &status))
        return error_set_errno(err, errno, "cannot read %s: no decoder", task->name);
    bool ok = guard_get(&self, &begun, sizeof begun, err);
    if (ok && begun == DONE)
        ok = task->take(&self, task->user, err);
    else if (ok)
        ok = begun == FAILED ? take_error(&self, err) : guard_refuse(&self, err);
    close(self.from); /* what a worker goes on to write, nobody reads */
    if (self.ended)
        explain(task, status, err);
    close(status);
    return ok;
}

#else

bool guard_start(void) {
    return false;
}

bool guard_is_on(void) {
    return false;
}

const char *guard_state(void) {
    return SANITIZED ? "off: built with a sanitizer" : "off: not on this system";
}

bool guard_is_left_out(void) {
    return true;
}

bool guard_run(const guard_task *task, error *err) {
    return error_set(err, ERROR_FAILURE, "cannot read %s: no decoder", task->name);
}

bool guard_get(guard_answer *self, void *bytes, size_t count, error *err) {
    (void)bytes;
    (void)count;
    return guard_refuse(self, err);
}

bool guard_refuse(const guard_answer *self, error *err) {
    (void)self;
    return error_set(err, ERROR_FAILURE, "no decoder");
}

FILE *guard_file(const guard_worker *self) {
    (void)self;
    return NULL;
}

const void *guard_question(const guard_worker *self, size_t *size) {
    (void)self;
    *size = 0;
    return NULL;
}

bool guard_put(guard_worker *self, const void *bytes, size_t count, error *err) {
    (void)self;
    (void)bytes;
    (void)count;
    return error_set(err, ERROR_FAILURE, "no decoder");
}

#endif
