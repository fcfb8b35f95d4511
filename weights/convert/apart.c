/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* fork, setrlimit */
#include "convert/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "core/memory_limit.h"

/* Processor time that a file may take: some for the library's own work, and more for each byte. The
 * whole VGG-19 (550 MB) takes less than one second of the fourteen that it may have. */
#define LEAST_SECONDS 3
#define BYTES_A_SECOND 50000000

/* Memory likewise: the numbers of a network take the bytes of its file, those of a layer twice. */
#define LEAST_MEMORY ((rlim_t)1 << 30)
#define MEMORY_A_BYTE 4

/* What comes first through the pipe; weights and biases of each convolution follow. */
typedef struct message {
    unsigned char ok, is_vgg19; /* 0 for no: a bool must not come from strangers */
    int conv_count;
    int widths[VGG_MAX_CONVS];
    error err;
} message;

/* ---- the child ---- */

static bool send_bytes(int pipe, const void *data, size_t size) {
    for (const char *at = data; size;) {
        const ssize_t sent = write(pipe, at, size);
        if (sent < 0 && errno != EINTR)
            return false;
        at += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

/* Lowers a limit; one that is lower stays. */
static void limit(int what, rlim_t soft, rlim_t hard) {
    struct rlimit now;
    if (getrlimit(what, &now))
        return;
    now.rlim_max = hard < now.rlim_max ? hard : now.rlim_max;
    now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
    setrlimit(what, &now);
}

/* Processor time, memory, and no files: what a damaged file makes of the library ends there. */
static void set_limits(const char *path) {
    struct stat status;
    const off_t size = stat(path, &status) == 0 ? status.st_size : 0;
    const rlim_t bytes = size > 0 ? (rlim_t)size : 0;
    const rlim_t seconds = LEAST_SECONDS + bytes / BYTES_A_SECOND;
    /* The first limit tells that it was time, the second ends without a word. */
    limit(RLIMIT_CPU, seconds, seconds + 1);
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_FSIZE, 0, 0);
    memory_limit_bind(LEAST_MEMORY + MEMORY_A_BYTE * (size_t)bytes);
#ifdef __linux__
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
}

static void be_child(network_reader *read_file, const char *path, bool all, int pipe) {
    plain_vgg net;
    message m;
    memset(&m, 0, sizeof m);
    set_limits(path);
    /* What a crash would print goes nowhere; not so the pipe, where the parent's output is closed.
     */
    const int nowhere = open("/dev/null", O_RDWR);
    pipe = fcntl(pipe, F_DUPFD, STDERR_FILENO + 1);
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
    }
    m.ok = read_file(&net, path, all, &m.err);
    m.is_vgg19 = net.arch == &vgg_19;
    m.conv_count = net.conv_count;
    memcpy(m.widths, net.widths, sizeof m.widths);
    bool sent = send_bytes(pipe, &m, sizeof m);
    for (int i = 0; m.ok && sent && i < net.conv_count; i++)
        sent = send_bytes(pipe, net.weights[i], plain_vgg_weight_count(&net, i) * sizeof(float)) &&
               send_bytes(pipe, net.biases[i], (size_t)net.widths[i] * sizeof(float));
    _exit(0); /* nothing of the parent's is flushed or released twice */
}

/* ---- the parent ---- */

static bool receive_bytes(int pipe, void *data, size_t size) {
    for (char *at = data; size;) {
        const ssize_t got = read(pipe, at, size);
        if (!got || (got < 0 && errno != EINTR))
            return false;
        at += got > 0 ? got : 0;
        size -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* The child may be in a hostile file's hands: nothing that it says is trusted. */
static bool receive(plain_vgg *self, int pipe, bool *complete, error *err) {
    message m;
    *complete = false;
    if (!receive_bytes(pipe, &m, sizeof m))
        return false;
    *complete = !m.ok;
    if (!m.ok) {
        m.err.text[sizeof m.err.text - 1] = '\0';
        return error_set(err, ERROR_FAILURE, "%s", m.err.text);
    }
    self->arch = m.is_vgg19 ? &vgg_19 : &vgg_16;
    self->input = vgg_input_caffe;
    for (; self->conv_count < m.conv_count; self->conv_count++) {
        const int i = self->conv_count;
        if (i == self->arch->conv_count || m.widths[i] < 1 || m.widths[i] > VGG_MAX_WIDTH)
            return false;
        self->widths[i] = m.widths[i];
        if (!plain_vgg_alloc_conv(self, i, err)) {
            *complete = true;
            return false;
        }
        if (!receive_bytes(pipe, self->weights[i],
                           plain_vgg_weight_count(self, i) * sizeof(float)) ||
            !receive_bytes(pipe, self->biases[i], (size_t)self->widths[i] * sizeof(float)))
            return false;
    }
    *complete = true;
    return true;
}

bool apart_read(network_reader *read_file, plain_vgg *self, const char *path, bool all,
                error *err) {
    int ends[2], status = 0;
    *self = (plain_vgg){0};
    if (pipe(ends))
        return error_set_errno(err, errno, "%s: cannot be read in a separate process", path);
    const pid_t child = fork();
    if (child < 0) {
        const int number = errno;
        close(ends[0]);
        close(ends[1]);
        return error_set_errno(err, number, "%s: cannot be read in a separate process", path);
    }
    if (!child) {
        close(ends[0]);
        be_child(read_file, path, all, ends[1]);
    }
    bool complete;
    close(ends[1]);
    const bool ok = receive(self, ends[0], &complete, err);
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (complete)
        return ok;
    return error_set(err, ERROR_FAILURE, "%s: broken: the HDF5 library %s on it", path,
                     WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? "never finishes"
                                                                        : "crashes");
}
