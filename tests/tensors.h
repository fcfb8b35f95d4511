/* SPDX-License-Identifier: MIT
 *
 * Tensors and bitmaps for tests: filled from planar values, [c][h][w] in double, and read back, and
 * their rings and unused lanes looked at. What goes wrong fails the running cmocka test.
 */
#ifndef STYLIZE_TESTS_TENSORS_H
#define STYLIZE_TESTS_TENSORS_H

#include <stdbool.h>

#include "network/bitmap.h"
#include "network/tensor.h"

/* `count` random values in [-1, 1) that fp32 holds exactly; the caller frees. */
double *random_values(int count);

/* Such values, rounded to what `bytes` keep: floats or bf16. */
double *random_kept(size_t bytes, int count);
float *to_floats(const double *values, int count);
double *to_doubles(const float *values, int count);

double dot(const double *a, const double *b, int count);

/* The error of values against what is expected, relative to the norm of that. */
double relative_error(const double *values, const double *expected, int count);

/* A tensor of zeros of so many bytes each, with memory of its own; tensor_free releases it. */
tensor tensor_new(size_t value_bytes, int channels, int height, int width);
void tensor_free(tensor *self);

/* The first of its memory, a corner of the ring. */
void *tensor_memory(const tensor *self);

/* A tensor that holds `values`, which it must be able to, or zeros for NULL; tensor_free releases
 * it. */
tensor tensor_of(size_t value_bytes, const double *values, int channels, int height, int width);

/* One value, the ring and unused lanes included. */
double tensor_get(const tensor *self, int channel, int y, int x);
void tensor_put(const tensor *self, int channel, int y, int x, double value);

/* The values of a tensor; the caller frees. */
double *tensor_planar(const tensor *self);

/* The ring and the lanes past the last channel are zero, and so is whatever lies in the unused
 * lanes of rows that are shown to a visitor. */
void expect_padding(const tensor *self);
void expect_unused_lanes(const tensor *self);

/* Every value within the tolerance, if it is of bf16 besides that of its last rounding; and the
 * padding. */
void expect_tensor(const tensor *self, const double *expected, double tolerance);

/* The same bits in all rows. */
void expect_same_rows(const tensor *a, const tensor *b);

/* A bitmap for so many channels, random where a bit belongs to one of them, or zero; bitmap_free
 * releases it, after a look at its ring and the bits past the last channel: they must be zero. */
bitmap bitmap_new(int channels, int words, int height, int width, bool random);
void bitmap_free(bitmap *self, int channels);

/* A bit of word `word` of a pixel. */
int bitmap_bit(const bitmap *self, int channel, int y, int x, int word);

#endif
