/* SPDX-License-Identifier: MIT
 *
 * The inner loops of the engine, one set per instruction set.
 *
 * A kernel set works on rows of blocked tensors (network/tensor.h): a pixel of a channel block is
 * 16 floats in one cache line, `x` neighbours lie 16 floats apart. Kernels compute and cannot fail;
 * the drivers that call them (network/, cost/) check the sizes, split the work and own the threads.
 * Adding an instruction set: write one file like x86_64-avx2.c and name it in kernels.def and the
 * Makefile.
 */
#ifndef STYLIZE_SIMD_KERNELS_H
#define STYLIZE_SIMD_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_BLOCK 16 /* channels that share a cache line */

/* One row of a convolution with a square kernel of 1 or 3 taps a side, stride 1, for one panel of
 * output channels. Every pointer is at x = 0 of its row; the pixels at x = -1 and x = width of `in`
 * and the rows beside it must be readable (the tensor's zero ring). For each output:
 *     v = bias + sum over in channels and taps of in * weight   (bias may be NULL)
 *     v += add                                                  (unless NULL)
 *     v = max(v, 0)                                             (if relu)
 *     v = mask > 0 ? v : 0                                      (unless NULL)
 * `add`, `mask` and `out` have one geometry; `mask` and `add` may be `out` itself. */
typedef struct conv_row {
    const float *in;      /* [in_blocks][...][16], block 0 */
    ptrdiff_t in_row;     /* floats from a row to the next */
    ptrdiff_t in_block;   /* floats from a channel block to the next */
    int in_channels;      /* true channels: lanes past them are not read */
    int taps;             /* 1 or 3 a side */
    const float *weights; /* [in block][tap y][tap x][lane of the block][out_blocks * 16] */
    const float *bias;    /* [out_blocks * 16] or NULL */
    float *out;
    const float *add, *mask;
    ptrdiff_t out_block; /* floats from an output channel block to the next */
    int out_blocks;      /* 1 .. kernel_set.panel_blocks */
    int width;           /* pixels, >= 1 */
    bool relu;
} conv_row;

/* The output of one Winograd tile: up to 4x4 pixels of one channel block, with conv_row's epilogue.
 * `out`, `add` and `mask` point at the tile's first pixel and have one row stride. */
typedef struct winograd_out {
    float *out;
    const float *add, *mask; /* or NULL */
    ptrdiff_t row;           /* floats from a row to the next */
    int height, width;       /* pixels to store, 1 .. 4 each */
    const float *bias;       /* [16] or NULL */
    bool relu;
} winograd_out;

/* Long vectors of floats are worked on in pieces, the longest that fp32 sums are carried over and
 * short enough for the first cache. Values in 16 bits are the upper halves of floats, two to a
 * word: of a group of 32, word i holds value i in its lower half and value i + 16 in its upper one,
 * so that a shift or a mask makes floats of them. */
#define VECTOR_PIECE 1024 /* floats */
#define VECTOR_GROUP 32   /* floats; a divisor of VECTOR_PIECE */

typedef struct kernel_set {
    const char *name;
    unsigned cpu;     /* CPU_* bits needed */
    int panel_blocks; /* output channel blocks that conv_row takes at once */

    void (*conv_row)(const conv_row *row);

    /* Winograd F(4x4, 3x3), one tile of one channel block (network/winograd.h). The first
     * transforms 6x6 pixels from `in` on, whose rows lie `row` floats apart, to 36 pixels `step`
     * floats apart; the second turns 36 such pixels of products into the 4x4 outputs. */
    void (*winograd_input)(const float *in, ptrdiff_t row, float *out, ptrdiff_t step);
    void (*winograd_output)(const float *in, ptrdiff_t step, const winograd_out *out);

    /* Adds to gram[i][j], i over the 16 lanes of block a and j over the 16 * blocks lanes from
     * block b, the sum over pixels of a[i] * b[j]. fp32 inside, so the caller keeps rows * width
     * below about a thousand; double outside. gram has `gram_row` doubles a row. */
    void (*gram_rows)(const float *a, const float *b, ptrdiff_t b_block, int blocks, ptrdiff_t row,
                      int rows, int width, double *gram, ptrdiff_t gram_row);
    int gram_blocks; /* the most blocks that gram_rows takes at once */

    /* 2x2 pooling of one channel block: rows in0 and in1 to `width` output pixels. */
    void (*pool_max_row)(const float *in0, const float *in1, float *out, int width);
    void (*pool_avg_row)(const float *in0, const float *in1, float *out, int width);

    /* The way back, in place: in0 and in1 hold the activations (after ReLU) and become gradients,
     * g is the gradient of the pooled row; add0 and add1 (both NULL or neither) are added before
     * the ReLU mask in > 0. Maximum ties go to the first of the window in row-major order. */
    void (*unpool_max_row)(float *in0, float *in1, const float *g, const float *add0,
                           const float *add1, int width);
    void (*unpool_avg_row)(float *in0, float *in1, const float *g, const float *add0,
                           const float *add1, int width);

    /* out[i] = max(in[i], 0); `count` floats, a multiple of 16, as below. */
    void (*relu)(const float *in, float *out, size_t count);

    /* out[i] = mask[i] > 0 ? add[i] : 0; add NULL stands for zeros. out may be mask. */
    void (*relu_backward)(const float *mask, const float *add, float *out, size_t count);

    /* gradient[i] = scale * (a[i] - b[i]), plus what it was where `accumulate` is set; returns the
     * sum of (a[i] - b[i])^2. */
    double (*difference)(const float *a, const float *b, float scale, bool accumulate,
                         float *gradient, size_t count);

    /* Sum of a[i] * b[i], in double; any count. */
    double (*dot)(const float *a, const float *b, size_t count);

    /* out[x] = sum over `count` >= 1 rows of weights[r] * rows[r][x]; any width, any alignment. */
    void (*weighted_sum)(const float *const *rows, const float *weights, int count, float *out,
                         size_t width);

    /* The rest is for one piece of the vectors of L-BFGS: `count` is a multiple of VECTOR_GROUP, at
     * most VECTOR_PIECE, and rows of values in 16 bits lie VECTOR_PIECE / 2 words apart.
     *
     * A step from x to new_x in the box: s := new_x - x and y := new_gradient - gradient, rounded
     * to 16 bits. `gradient` becomes y as floats and x the new gradient where that can move new_x,
     * 0 where it would only push against a bound. Adds s.y, s.s and y.y, of the rounded values and
     * in double, to sums. */
    void (*pair_learn)(float *x, float *gradient, const float *new_x, const float *new_gradient,
                       uint32_t *s, uint32_t *y, size_t count, double sums[3]);

    /* Adds the products of each row with v to v_sums and, unless w is NULL, with w to w_sums. fp32
     * inside, double outside. */
    void (*half_dots)(const uint32_t *rows, int row_count, const float *v, const float *w,
                      size_t count, double *v_sums, double *w_sums);

    /* out = scale * in + sum over rows of factors[r] * row; out may be in. */
    void (*half_combine)(const uint32_t *rows, int row_count, const float *factors, float scale,
                         const float *in, float *out, size_t count);

    /* out = x - step * descent, projected on [0,1], where x is free to move against the gradient,
     * and x elsewhere. Adds to sums, in double, the products of the gradient with that direction
     * and with out - x. */
    void (*box_step)(const float *x, const float *gradient, const float *descent, float step,
                     float *out, size_t count, double sums[2]);
} kernel_set;

/* The best set that this processor runs. The environment variable STYLIZE_ISA=name overrides it
 * when it names a compiled set that the processor runs, and is ignored otherwise. */
const kernel_set *kernels_best(void);

/* Compiled set number `index`, best first, whether or not the processor runs it; NULL past the end.
 */
const kernel_set *kernels_at(int index);

/* Whether this processor runs the set. */
bool kernels_supported(const kernel_set *self);

/* The names of all compiled sets, best first, separated by spaces. */
const char *kernels_compiled(void);

#endif
