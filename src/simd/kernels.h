/* SPDX-License-Identifier: MIT
 *
 * The inner loops of the engine: for each instruction set one set in fp32 and one in bf16.
 *
 * A kernel set works on rows of blocked tensors (network/tensor.h): a pixel of a channel block is
 * 16 values side by side, its neighbour in x follows. Values of tensors are activations, float or
 * bf16 as the set's precision says; operands of products, float or bf16 as the processor
 * can; sums are floats. bf16 is the upper half of a float, rounded to nearest even, in a uint16_t.
 * Pointers to void point to the one or the other. Signs are kept as bitmaps
 * (network/bitmap.h): one 16-bit word per pixel of a channel block, bit c for channel c. Kernels
 * compute and cannot fail; the drivers that call them (network/, cost/) check the sizes, split the
 * work and own the threads. Adding an instruction set: write one file like x86_64-avx2.c and name
 * it in kernels.def and the Makefile.
 */
#ifndef STYLIZE_SIMD_KERNELS_H
#define STYLIZE_SIMD_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANNEL_BLOCK 16 /* channels of a block */

/* How the activations of a network are kept. */
typedef enum precision { PRECISION_FP32, PRECISION_BF16 } precision;

/* Winograd F(4x4, 3x3), see network/winograd.h: sides of a tile's outputs and inputs. */
#define WINOGRAD_OUT 4
#define WINOGRAD_IN 6

/* One register tile of a product of matrices, m (+)= v u: `rows` rows of v against one panel of
 * u's columns. Row i of v has its channels in blocks: v[b * v_block + i * 16 + lane]. */
typedef struct product_tile {
    const void *v;
    ptrdiff_t v_block;
    int blocks;    /* channel blocks of v */
    const void *u; /* [blocks * 16][panel * 16]; bf16: [blocks * 8][panel * 16][2 channels] */
    float *m;      /* row i, block b of the panel at m[b * m_block + i * 16] */
    ptrdiff_t m_block;
    int rows;        /* 1 .. kernel_set.product_rows[panel - 1] */
    int panel;       /* column blocks: 1 .. kernel_set.panel */
    bool accumulate; /* add to what m holds */
} product_tile;

/* The outputs of one Winograd tile, up to 4x4 pixels of one channel block. For each output:
 *     v += bias                      (unless NULL)
 *     v += add                       (unless NULL)
 *     v = max(v, 0), sign = v > 0    (if relu; sign unless NULL)
 *     v = keep ? v : 0               (bit by bit, unless NULL)
 * `add` has the geometry of `out` and may be it; `keep` that of `sign`. */
typedef struct winograd_out {
    void *out; /* the tile's first pixel */
    const void *add;
    ptrdiff_t row; /* values from a row to the next */
    uint16_t *sign;
    const uint16_t *keep;
    ptrdiff_t sign_row; /* words from a row to the next */
    int height, width;  /* pixels to store, 1 .. 4 each */
    const float *bias;  /* [16] or NULL */
    bool relu;
} winograd_out;

/* The outputs of one Winograd tile after bias, ReLU and 2x2 pooling: up to 2x2 pixels. `choice` has
 * four words a pixel, one for each pixel of its window in row-major order: where the gradient goes.
 * Maximum: the first of the largest, if positive. Average: every positive one. */
typedef struct winograd_pooled {
    void *out;
    ptrdiff_t row;
    uint16_t *choice;
    ptrdiff_t choice_row; /* words */
    int height, width;    /* pooled pixels to store, 1 or 2 each */
    const float *bias;    /* [16] */
    bool average;
} winograd_pooled;

/* One row of the convolution of the normalised picture, `width` pixels of one panel of outputs,
 * with ReLU. `in` is the row above in plane 0 at x = -1, all of them readable; sign may be NULL. */
typedef struct first_row {
    const float *in;
    ptrdiff_t in_row, in_plane;
    const float *weights; /* [3][tap y][tap x][panel * 16] */
    const float *bias;    /* [panel * 16] */
    void *out;
    ptrdiff_t out_block;
    uint16_t *sign;
    ptrdiff_t sign_block; /* words */
    int width, panel;
    bool relu;
} first_row;

/* Its adjoint: one row of the gradient of the normalised picture. `in` is the gradient of the
 * convolution at x = 0, with readable zeros or neighbours all round. */
typedef struct first_adjoint_row {
    const void *in;
    ptrdiff_t in_row, in_block;
    int blocks;
    const float *weights; /* [blocks][tap y][tap x][3][16], turned by 180 degrees */
    float *out[3];
    float scale[3]; /* factors of the three results */
    int width;
} first_adjoint_row;

/* Long vectors of floats are worked on in pieces, the longest that fp32 sums are carried over and
 * short enough for the first cache. */
#define VECTOR_PIECE 1024 /* floats */
#define VECTOR_GROUP 64   /* floats; a divisor of VECTOR_PIECE */

/* A piece of some vectors, a row of each, with values in 8 bits: integers from -127 to 127 times
 * the scale of their row. Of a group of 64, word i holds values i, i + 16, i + 32 and i + 48, the
 * first in its lowest bits. */
typedef struct vector_rows {
    uint32_t *words; /* [row][VECTOR_PIECE / 4] */
    float *scales;   /* [row] */
    ptrdiff_t ahead; /* words from these to the piece that follows, which is fetched meanwhile */
} vector_rows;

typedef struct kernel_set {
    const char *name;
    unsigned cpu; /* CPU_* bits needed */
    precision precision;
    bool bf16_products;              /* operands are bf16, of which it multiplies twice as many */
    const struct kernel_set *single; /* the fp32 set of the same instructions */

    int panel;           /* column blocks that a product_tile takes at once, 1 or 2 */
    int product_rows[2]; /* the most rows of a tile with a panel of 1 and of 2 */
    void (*product)(const product_tile *tile); /* of operands */

    /* Between floats and the set's own values; count is a multiple of 16, and operands may go
     * to where the floats were. */
    void (*widen)(const void *activations, float *out, size_t count);
    void (*narrow)(const float *in, void *activations, size_t count);
    void (*operands)(const float *in, void *out, size_t count);

    /* Winograd F(4x4, 3x3), one channel block at a time (network/winograd.h). The first transforms
     * 3x3 taps, 16 filters side by side, `tap_step` floats apart, to 36 points `step` operands
     * apart; with operands in bf16 those of two input channels, `channel_step` floats apart, whose
     * points go by pairs. The second transforms 6x6 pixels from `in` on, whose rows lie `row`
     * values apart; the others turn 36 products back into outputs. */
    void (*winograd_filter)(const float *taps, ptrdiff_t tap_step, ptrdiff_t channel_step,
                            void *out, ptrdiff_t step);
    void (*winograd_input)(const void *in, ptrdiff_t row, void *out, ptrdiff_t step);
    void (*winograd_output)(const float *in, ptrdiff_t step, const winograd_out *out);
    void (*winograd_output_pooled)(const float *in, ptrdiff_t step, const winograd_pooled *out);

    /* 8x8 pixels of the gradient before pooling, of which the inner 6x6 go to `patch` [6][6][16]:
     * each pixel of g, 4x4 of them, where its window's choice says, times `scale`. */
    void (*unpool_patch)(const void *g, ptrdiff_t row, const uint16_t *choice, ptrdiff_t choice_row,
                         float scale, void *patch);

    void (*first_row)(const first_row *row);
    void (*first_adjoint_row)(const first_adjoint_row *row);

    /* Adds to gram[i][j], i over the 16 lanes of block a and j over the 16 * blocks lanes from
     * block b, the sum over pixels of a[i] * b[j]. Pixels are floats, or pairs of pixels in bf16
     * with the two values of a channel side by side, as gram_pack makes them; b_block and row count
     * floats or pairs, width pixels or pairs. fp32 inside, so the caller keeps rows * width below
     * about a thousand; double outside. gram has `gram_row` doubles a row. */
    void (*gram_rows)(const void *a, const void *b, ptrdiff_t b_block, int blocks, ptrdiff_t row,
                      int rows, int width, double *gram, ptrdiff_t gram_row);
    void (*gram_pack)(const void *activations, int pixels, void *out);
    int gram_blocks; /* the most blocks that gram_rows takes at once */

    /* 2x2 pooling of one channel block of activations after ReLU: rows in0 and in1 to `width`
     * pixels, and their choice as in winograd_pooled. */
    void (*pool_row)(const void *in0, const void *in1, void *out, uint16_t *choice, int width,
                     bool average);

    /* One row of the backward pass: out = sign ? out * keep_out + gradient * scale where the window
     * chose it : 0. `choice` is at the two words of this row's half of the windows. */
    void (*unpool_row)(const void *g, const uint16_t *choice, float scale, bool keep_out,
                       const uint16_t *sign, void *out, int width);

    /* out = max(in, 0) and its sign; `pixels` of one channel block. */
    void (*relu)(const void *in, void *out, uint16_t *sign, int pixels);

    /* out = sign ? out : 0 */
    void (*keep)(const uint16_t *sign, void *out, int pixels);

    /* out += in */
    void (*add)(const void *in, void *out, int pixels);

    /* gradient[i] = scale * (a[i] - b[i]), plus what it was where `accumulate` is set; returns the
     * sum of (a[i] - b[i])^2. `count` values, a multiple of 16, b activations; gradient may be a.
     */
    double (*difference)(const float *a, const void *b, float scale, bool accumulate,
                         float *gradient, size_t count);

    /* Sum of a[i] * b[i], in double; any count. */
    double (*dot)(const float *a, const float *b, size_t count);

    /* out[x] = sum over `count` >= 1 rows of weights[r] * rows[r][x]; any width, any alignment. */
    void (*weighted_sum)(const float *const *rows, const float *weights, int count, float *out,
                         size_t width);

    /* The rest is for one piece of the vectors of L-BFGS: `count` is a multiple of VECTOR_GROUP, at
     * most VECTOR_PIECE.
     *
     * A step from x to new_x in the box: the rows s := new_x - x and y := new_gradient - gradient,
     * the largest value of each becoming 127 and all rounded to nearest; zeros where that is
     * below 2^-100 or above 2^100. `gradient` becomes y as floats and x the new gradient where that
     * can move new_x, 0 where it would only push against a bound. dots receives s.y, s.s and y.y of
     * the integers, exact. */
    void (*pair_learn)(float *x, float *gradient, const float *new_x, const float *new_gradient,
                       const vector_rows *s, const vector_rows *y, size_t count, double dots[3]);

    /* Adds s.y, s.s and y.y of a number of such pieces to sums, one after the other: their dots
     * times their scales. From one piece to the next it is `dots_step` and `scales_step`. */
    void (*pair_sums)(const double *dots, size_t dots_step, const float *s_scales,
                      const float *y_scales, size_t scales_step, size_t pieces, double sums[3]);

    /* Adds the products of each row with v to v_sums and, unless w is NULL, with w to w_sums. fp32
     * inside, double outside. */
    void (*rows_dot)(const vector_rows *rows, int row_count, const float *v, const float *w,
                     size_t count, double *v_sums, double *w_sums);

    /* out = scale * in + sum over rows of factors[r] * row; out may be in. */
    void (*rows_combine)(const vector_rows *rows, int row_count, const float *factors, float scale,
                         const float *in, float *out, size_t count);

    /* out = x - step * descent, projected on [0,1], where x is free to move against the gradient,
     * and x elsewhere. Adds to sums, in double, the products of the gradient with that direction
     * and with out - x. */
    void (*box_step)(const float *x, const float *gradient, const float *descent, float step,
                     float *out, size_t count, double sums[2]);
} kernel_set;

/* Bytes of an activation, and of an operand of products. */
static inline size_t kernels_activation_bytes(const kernel_set *self) {
    return self->precision == PRECISION_BF16 ? sizeof(uint16_t) : sizeof(float);
}
static inline size_t kernels_operand_bytes(const kernel_set *self) {
    return self->bf16_products ? sizeof(uint16_t) : sizeof(float);
}

/* Bytes of so many operands. */
static inline ptrdiff_t kernels_operands(const kernel_set *self, ptrdiff_t count) {
    return count * (ptrdiff_t)kernels_operand_bytes(self);
}

/* The best fp32 set that this processor runs. The environment variable STYLIZE_ISA=name overrides
 * it when it names a compiled set that the processor runs, and is ignored otherwise; the command
 * line refuses to run then. */
const kernel_set *kernels_best(void);

/* The best set of that precision, chosen likewise. */
const kernel_set *kernels_best_of(precision which);

/* Compiled set number `index` of a precision, best first, whether or not the processor runs it;
 * NULL past the end. kernels_at: of fp32. */
const kernel_set *kernels_of(precision which, int index);
const kernel_set *kernels_at(int index);

/* Whether this processor runs the set. */
bool kernels_supported(const kernel_set *self);

/* The names of all compiled instruction sets, best first, separated by spaces. */
const char *kernels_compiled(void);

#endif
