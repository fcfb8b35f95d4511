/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* mkstemp, sigaction */
#include "made_weights.h"

#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/memory.h"
#include "report.h"

#define CONVS 13
#define HEADER_BYTES 8192

static const char *const names[CONVS] = {"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1",
                                         "conv3_2", "conv3_3", "conv3_4", "conv4_1", "conv4_2",
                                         "conv4_3", "conv4_4", "conv5_1"};
static const int widths[CONVS] = {64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512};

static char temporary[4096];

/* Uniform within +-scale: `scale` = sqrt(6 / inputs) keeps the variance through a ReLU. */
static void write_values(FILE *file, size_t count, float scale, unsigned *seed) {
    float *values = must_alloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        values[i] = ((float)(*seed >> 8) / 8388608.0f - 1) * scale;
    }
    if (fwrite(values, sizeof *values, count, file) != count)
        fail("the weights could not be written");
    memory_free(values);
}

/* The header: one weight and one bias for each convolution, in F32. Returns its length. */
static size_t make_header(char header[HEADER_BYTES], int divisor) {
    int length = snprintf(header, HEADER_BYTES,
                          "{\"__metadata__\":{\"arch\":\"vgg19\",\"mean\":\"0.485,0.456,0.406\","
                          "\"std\":\"0.229,0.224,0.225\",\"channel_order\":\"RGB\","
                          "\"input_range\":\"1\"}");
    size_t at = 0;
    for (int i = 0; i < CONVS; i++) {
        const int in = i ? widths[i - 1] / divisor : 3, out = widths[i] / divisor;
        const size_t weights = (size_t)out * (size_t)in * 36, bias = (size_t)out * 4;
        length += snprintf(header + length, HEADER_BYTES - (size_t)length,
                           ",\"%s.weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d,3,3],"
                           "\"data_offsets\":[%zu,%zu]},\"%s.bias\":{\"dtype\":\"F32\","
                           "\"shape\":[%d],\"data_offsets\":[%zu,%zu]}",
                           names[i], out, in, at, at + weights, names[i], out, at + weights,
                           at + weights + bias);
        at += weights + bias;
        if (length >= HEADER_BYTES - 1)
            fail("the header of the weights is too long");
    }
    header[length++] = '}';
    return (size_t)length;
}

void made_weights_write(const char *path, int divisor) {
    char header[HEADER_BYTES];
    const uint64_t length = make_header(header, divisor);
    unsigned char size[8];
    unsigned seed = 1;
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 8; i++)
        size[i] = (unsigned char)(length >> 8 * i);
    if (!file || fwrite(size, 8, 1, file) != 1 || fwrite(header, (size_t)length, 1, file) != 1)
        fail("%s could not be written", path);
    for (int i = 0; i < CONVS; i++) {
        const int in = i ? widths[i - 1] / divisor : 3, out = widths[i] / divisor;
        write_values(file, (size_t)out * (size_t)in * 9, sqrtf(6 / (float)(9 * in)), &seed);
        write_values(file, (size_t)out, 0.25f, &seed);
    }
    if (fclose(file))
        fail("%s could not be written", path);
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
