/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* mkstemp, sigaction */
#include "made_weights.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../network_files.h"
#include "report.h"

static char temporary[4096];

void made_weights_write(const char *path, int divisor) {
    network_file file = {
        .arch = 19,
        .convs = 13,
        .widths = {64 / divisor, 128 / divisor, 256 / divisor, 512 / divisor, 512 / divisor},
        .metadata = "\"arch\":\"vgg19\",\"mean\":\"0.485,0.456,0.406\",\"std\":\"0.229,0.224,"
                    "0.225\",\"channel_order\":\"RGB\",\"input_range\":\"1\"",
    };
    network_file_write(&file, path);
}

static void remove_and_die(int number) {
    unlink(temporary);
    signal(number, SIG_DFL);
    raise(number);
}

const char *made_weights_new(int divisor) {
    static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    const char *folder = getenv("TMPDIR");
    const int length = snprintf(temporary, sizeof temporary, "%s/stylize-bench-XXXXXX",
                                folder && *folder ? folder : "/tmp");
    const int file = length < (int)sizeof temporary ? mkstemp(temporary) : -1;
    if (file < 0)
        fail("no temporary file could be made in %s", folder ? folder : "/tmp");
    close(file);
    atexit(made_weights_remove);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction action = {.sa_handler = remove_and_die};
        sigaction(deadly[i], &action, NULL);
    }
    made_weights_write(temporary, divisor);
    return temporary;
}

void made_weights_remove(void) {
    if (*temporary)
        unlink(temporary);
    *temporary = '\0';
}
