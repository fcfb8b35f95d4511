/* SPDX-License-Identifier: MIT
 *
 * The input of an entry whose reader wants a file: one in /tmp, which is removed at the end; where
 * the program does not come to that, the newest is what ended it. Included by one file of a
 * program.
 */
#ifndef FUZZ_INPUT_FILE_H
#define FUZZ_INPUT_FILE_H

#include <unistd.h>

#include "replay.h"

static char path[] = "/tmp/stylize-fuzz-XXXXXX";
static int file = -1; /* of that name */

static void remove_file(void) {
    unlink(path);
}

static void put_file(const void *data, size_t size) {
    if (file < 0 && (file = mkstemp(path)) >= 0)
        atexit(remove_file);
    check(file >= 0 && ftruncate(file, (off_t)size) == 0 &&
              pwrite(file, data, size, 0) == (ssize_t)size,
          "cannot be written");
}

#endif
