/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include "network_files.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEADER_SIZE 16384

typedef struct writer {
    const network_file *file;
    char header[HEADER_SIZE];
    size_t header_size;
    unsigned char *data;
    size_t data_size;
    unsigned seed;
} writer;

__attribute__((format(printf, 2, 3))) static void add_header(writer *self, const char *format,
                                                             ...) {
    va_list args;
    va_start(args, format);
    const int length =
        vsnprintf(self->header + self->header_size, HEADER_SIZE - self->header_size, format, args);
    va_end(args);
    assert_in_range(length, 0, HEADER_SIZE - self->header_size - 1);
    self->header_size += (size_t)length;
}

/* The bits of a value that F16 holds exactly: k / 1024 with |k| <= 1024. */
static uint16_t half_bits(float value) {
    int exponent;
    if (value == 0)
        return 0;
    const float fraction = frexpf(fabsf(value), &exponent); /* [0.5, 1) */
    const int mantissa = (int)(fraction * 2048) - 1024;
    return (uint16_t)((value < 0 ? 0x8000 : 0) | ((exponent + 14) << 10) | mantissa);
}

static void add_value(writer *self, float value) {
    unsigned char *at = self->data + self->data_size;
    if (self->file->f16) {
        const uint16_t bits = isnan(value) ? 0x7e00 : half_bits(value);
        memcpy(at, &bits, sizeof bits);
        self->data_size += sizeof bits;
    } else {
        memcpy(at, &value, sizeof value);
        self->data_size += sizeof value;
    }
}

/* A tensor of random multiples of 1/1024 within +-scale. */
static void add_tensor(writer *self, const char *name, const char *shape, size_t count, float scale,
                       bool with_nan) {
    const size_t begin = self->data_size, size = self->file->f16 ? 2 : 4;
    self->data = realloc(self->data, begin + count * size);
    assert_non_null(self->data);
    for (size_t i = 0; i < count; i++) {
        self->seed = self->seed * 1664525u + 1013904223u;
        const float value = (float)((self->seed >> 8) / 8388608.0 - 1) * scale;
        add_value(self, with_nan && i == count / 2 ? NAN : roundf(value * 1024) / 1024);
    }
    add_header(self, "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]},", name,
               self->file->f16 ? "F16" : "F32", shape, begin, self->data_size);
}

/* Random weights of 8 bits [out][each] of at most +-scale, and what each channel's are times. */
static void add_rounded(writer *self, const char *stem, const char *shape, int out, int each,
                        float scale) {
    const size_t begin = self->data_size, count = (size_t)(out * each);
    const size_t end = begin + count, behind = end + (size_t)out * sizeof(float);
    self->data = realloc(self->data, behind);
    assert_non_null(self->data);
    for (size_t i = begin; i < end; i++) {
        self->seed = self->seed * 1664525u + 1013904223u;
        self->data[i] = (unsigned char)(self->seed >> 24);
    }
    for (int i = 0; i < out; i++) {
        const float value = scale / (float)(128 + i);
        memcpy(self->data + end + (size_t)i * sizeof value, &value, sizeof value);
    }
    self->data_size = behind;
    add_header(self, "\"%s.weight\":{\"dtype\":\"I8\",\"shape\":%s,\"data_offsets\":[%zu,%zu]},",
               stem, shape, begin, end);
    add_header(self,
               "\"%s.weight_scale\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%zu,%zu]},",
               stem, out, end, behind);
}

static void add_conv(writer *self, int number, const char *stem, int in, int out) {
    const network_file *file = self->file;
    char name[64], shape[64];
    const int rows = file->wrong_kernel == number ? 1 : 3;
    const float scale = sqrtf(6.0f / (float)(9 * in)); /* keeps the variance through a ReLU */
    in += file->wrong_in == number;
    if (file->without_weight != number) {
        snprintf(name, sizeof name, "%s.weight", stem);
        snprintf(shape, sizeof shape, "[%d,%d,%d,3]", out, in, rows);
        if (file->i8)
            add_rounded(self, stem, shape, out, in * rows * 3, scale < 1 ? scale : 1);
        else
            add_tensor(self, name, shape, (size_t)(out * in * rows * 3), scale < 1 ? scale : 1,
                       file->with_nan == number);
    }
    if (file->without_bias != number) {
        const int count = out + (file->wrong_bias == number);
        snprintf(name, sizeof name, "%s.bias", stem);
        snprintf(shape, sizeof shape, "[%d]", count);
        add_tensor(self, name, shape, (size_t)count, 0.25f, false);
    }
}

static void add_convs(writer *self) {
    const network_file *file = self->file;
    int number = 0, feature = 0, in = 3;
    for (int block = 0; block < 5; block++) {
        const int count = block < 2 ? 2 : file->arch == 19 ? 4 : 3;
        for (int i = 1; i <= count && number < file->convs; i++) {
            char stem[32];
            if (file->torchvision)
                snprintf(stem, sizeof stem, "features.%d", feature);
            else
                snprintf(stem, sizeof stem, "conv%d_%d", block + 1, i);
            add_conv(self, ++number, stem, in, file->widths[block]);
            in = file->widths[block];
            feature += 2; /* the convolution and its ReLU */
        }
        feature++; /* the pooling */
    }
}

void network_file_write(const network_file *self, const char *path) {
    writer w = {.file = self, .seed = 1};
    add_header(&w, "{");
    if (self->metadata)
        add_header(&w, "\"__metadata__\":{%s},", self->metadata);
    add_convs(&w);
    if (self->extra)
        add_header(&w, "%s", self->extra);
    w.header[w.header_size - 1] = '}'; /* in place of the last comma */
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    const uint64_t size = w.header_size;
    assert_int_equal(fwrite(&size, sizeof size, 1, stream), 1);
    assert_int_equal(fwrite(w.header, w.header_size, 1, stream), 1);
    if (w.data)
        assert_int_equal(fwrite(w.data, 1, w.data_size, stream), w.data_size);
    assert_int_equal(fclose(stream), 0);
    free(w.data);
}

network_file network_file_narrow(int convs) {
    return (network_file){.arch = 19, .convs = convs, .widths = {17, 20, 12, 33, 5}};
}

vgg *network_file_load(const network_file *self, const kernel_set *kernels,
                       reference_vgg *reference) {
    char path[] = "/tmp/stylize-test-network-XXXXXX";
    error err;
    const int file = mkstemp(path);
    assert_true(file >= 0 && close(file) == 0);
    network_file_write(self, path);
    vgg *network = vgg_load(path, kernels, &err);
    if (!network)
        fail_msg("%s", err.text);
    if (reference)
        assert_true(reference_vgg_load(reference, path));
    assert_int_equal(unlink(path), 0);
    return network;
}
