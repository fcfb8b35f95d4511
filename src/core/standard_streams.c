/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "core/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/retry.h"

bool standard_streams_occupy(error *err) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        const int flags = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF &&
            retry_open("/dev/null", flags, 0) != stream)
            return error_set(err, ERROR_FAILURE, "cannot open /dev/null: %s", strerror(errno));
    }
    return true;
}

bool standard_streams_flush(error *err) {
    errno = 0;
    return (fflush(stdout) == 0 && !ferror(stdout)) ||
           error_set_errno(err, errno ? errno : EIO, "cannot write to standard output");
}
