/* SPDX-License-Identifier: MIT
 *
 * Every vector loop of the engine, written once. A kernel file defines the words below for its
 * instruction set and includes this file, which ends with its `kernel_set`.
 *
 *     KERNELS_SYMBOL, KERNELS_NAME, KERNELS_CPU   the table's name, its name in text, needed bits
 *     vf, VF_LANES                                vector of floats, lanes (a divisor of 16)
 *     vf_load vf_store vf_set1 vf_add vf_sub vf_mul
 *     vf_fma(a, b, c)       a * b + c
 *     vf_max(a, b)          b where either is NaN
 *     vf_positive(m, v)     m > 0 ? v : 0, lane by lane
 *     vf_equal(a, b, v, w)  a == b ? v : w, lane by lane
 *     vf_sum(v)             sum of the lanes, as double
 *     CONV_PIXELS_1, CONV_PIXELS_2    pixels that conv_row holds in registers for 1 and 2 output
 *                                     blocks (0: never 2); at most 28 and 14
 *     GRAM_LANES, GRAM_BLOCKS         the register tile of gram_rows; lanes divide 16
 *
 * The convolution keeps a tile of pixels x output channels in registers: for each input channel and
 * tap it loads the panel's weights once and multiplies them with one broadcast value per pixel. No
 * input value is ever shuffled, because a broadcast can start at any float.
 */
#include "simd/kernels.h"

#define VF_BLOCK (CHANNEL_BLOCK / VF_LANES) /* vectors per channel block */
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* ---- convolution ---- */

/* Bias, add, ReLU, mask and store of a vector at offset `i` of the output row. */
ALWAYS_INLINE void conv_store(const conv_row *row, ptrdiff_t i, vf v) {
    if (row->add)
        v = vf_add(v, vf_load(row->add + i));
    if (row->relu)
        v = vf_max(vf_set1(0), v);
    if (row->mask)
        v = vf_positive(vf_load(row->mask + i), v);
    vf_store(row->out + i, v);
}

/* `pixels` outputs from x on, `blocks` output channel blocks. Both are constants where this is
 * inlined, so that the accumulators live in registers. */
ALWAYS_INLINE void conv_tile(const conv_row *row, int x, const int pixels, const int blocks) {
    const int vectors = blocks * VF_BLOCK;
    const int pad = row->taps / 2;
    vf acc[28][2 * VF_BLOCK];
    UNROLL
    for (int j = 0; j < vectors; j++) {
        const vf start = row->bias ? vf_load(row->bias + j * VF_LANES) : vf_set1(0);
        UNROLL
        for (int p = 0; p < pixels; p++)
            acc[p][j] = start;
    }

    const float *weights = row->weights;
    const float *block = row->in + (ptrdiff_t)(x - pad) * CHANNEL_BLOCK - pad * row->in_row;
    for (int left = row->in_channels; left > 0; left -= CHANNEL_BLOCK) {
        const int lanes = left < CHANNEL_BLOCK ? left : CHANNEL_BLOCK;
        for (int tap_y = 0; tap_y < row->taps; tap_y++) {
            for (int tap_x = 0; tap_x < row->taps; tap_x++) {
                const float *in = block + tap_y * row->in_row + tap_x * CHANNEL_BLOCK;
                for (int lane = 0; lane < lanes; lane++) {
                    vf w[2 * VF_BLOCK];
                    UNROLL
                    for (int j = 0; j < vectors; j++)
                        w[j] = vf_load(weights + j * VF_LANES);
                    UNROLL
                    for (int p = 0; p < pixels; p++) {
                        const vf value = vf_set1(in[p * CHANNEL_BLOCK + lane]);
                        UNROLL
                        for (int j = 0; j < vectors; j++)
                            acc[p][j] = vf_fma(value, w[j], acc[p][j]);
                    }
                    weights += blocks * CHANNEL_BLOCK;
                }
            }
        }
        block += row->in_block;
    }

    UNROLL
    for (int p = 0; p < pixels; p++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            conv_store(row,
                       (ptrdiff_t)(x + p) * CHANNEL_BLOCK + j / VF_BLOCK * row->out_block +
                           j % VF_BLOCK * VF_LANES,
                       acc[p][j]);
    }
}

/* A function per tile width: constants reach conv_tile, and one tile is one readable symbol. */
#define CONV_TILE(pixels, blocks)                                                                  \
    static void conv_tile_##pixels##x##blocks(const conv_row *row, int x) {                        \
        if ((pixels) <= CONV_PIXELS_##blocks)                                                      \
            conv_tile(row, x, pixels, blocks);                                                     \
    }
#define CONV_TILES_14(X, blocks)                                                                   \
    X(1, blocks)                                                                                   \
    X(2, blocks)                                                                                   \
    X(3, blocks) X(4, blocks) X(5, blocks) X(6, blocks) X(7, blocks) X(8, blocks) X(9, blocks)     \
        X(10, blocks) X(11, blocks) X(12, blocks) X(13, blocks) X(14, blocks)
#define CONV_TILES_28(X, blocks)                                                                   \
    CONV_TILES_14(X, blocks)                                                                       \
    X(15, blocks)                                                                                  \
    X(16, blocks)                                                                                  \
    X(17, blocks) X(18, blocks) X(19, blocks) X(20, blocks) X(21, blocks) X(22, blocks)            \
        X(23, blocks) X(24, blocks) X(25, blocks) X(26, blocks) X(27, blocks) X(28, blocks)
CONV_TILES_28(CONV_TILE, 1)
CONV_TILES_14(CONV_TILE, 2)

typedef void conv_tile_function(const conv_row *row, int x);
#define CONV_TILE_NAME(pixels, blocks) conv_tile_##pixels##x##blocks,
static conv_tile_function *const conv_tiles_1[] = {CONV_TILES_28(CONV_TILE_NAME, 1)};
static conv_tile_function *const conv_tiles_2[] = {CONV_TILES_14(CONV_TILE_NAME, 2)};

/* Splits the row into the fewest tiles and evens them out: 64 pixels are 13+13+13+13+12, not
 * 4 * 14 + 8. */
static void conv_row_run(const conv_row *row) {
    const int most = row->out_blocks == 2 ? CONV_PIXELS_2 : CONV_PIXELS_1;
    conv_tile_function *const *tiles = row->out_blocks == 2 ? conv_tiles_2 : conv_tiles_1;
    int count = (row->width + most - 1) / most;
    for (int x = 0; x < row->width; count--) {
        const int pixels = (row->width - x + count - 1) / count;
        tiles[pixels - 1](row, x);
        x += pixels;
    }
}

/* ---- Winograd ---- */

/* B^T of F(4,3) with the points 0, +-2/3, +-3/2 and infinity on six values. */
ALWAYS_INLINE void winograd_input_line(const vf d[6], vf t[6]) {
    const vf a = vf_set1(2 / 3.0f), b = vf_set1(3 / 2.0f);
    const vf even_a = vf_fma(vf_set1(-9 / 4.0f), d[2], d[4]);
    const vf odd_a = vf_fma(vf_set1(-9 / 4.0f), d[1], d[3]);
    const vf even_b = vf_fma(vf_set1(-4 / 9.0f), d[2], d[4]);
    const vf odd_b = vf_fma(vf_set1(-4 / 9.0f), d[1], d[3]);
    t[0] = vf_fma(vf_set1(-97 / 36.0f), d[2], vf_add(d[0], d[4]));
    t[1] = vf_fma(a, odd_a, even_a);
    t[2] = vf_sub(even_a, vf_mul(a, odd_a));
    t[3] = vf_fma(b, odd_b, even_b);
    t[4] = vf_sub(even_b, vf_mul(b, odd_b));
    t[5] = vf_fma(vf_set1(-97 / 36.0f), d[3], vf_add(d[1], d[5]));
}

/* A^T of the same on six values. */
ALWAYS_INLINE void winograd_output_line(const vf m[6], vf y[4]) {
    const vf sum_a = vf_add(m[1], m[2]), difference_a = vf_sub(m[1], m[2]);
    const vf sum_b = vf_add(m[3], m[4]), difference_b = vf_sub(m[3], m[4]);
    y[0] = vf_fma(vf_set1(-9 / 4.0f), sum_a, vf_add(m[0], sum_b));
    y[1] = vf_mul(vf_set1(3 / 2.0f), vf_sub(difference_b, difference_a));
    y[2] = vf_fma(vf_set1(9 / 4.0f), sum_b, vf_sub(vf_set1(0), sum_a));
    y[3] = vf_fma(vf_set1(27 / 8.0f), difference_b, vf_fma(vf_set1(-2 / 3.0f), difference_a, m[5]));
}

static void winograd_input(const float *in, ptrdiff_t row, float *out, ptrdiff_t step) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[6][6], line[6];
        UNROLL
        for (int x = 0; x < 6; x++) {
            vf d[6];
            UNROLL
            for (int y = 0; y < 6; y++)
                d[y] = vf_load(in + y * row + x * CHANNEL_BLOCK + lane);
            winograd_input_line(d, line);
            UNROLL
            for (int y = 0; y < 6; y++)
                columns[y][x] = line[y];
        }
        UNROLL
        for (int y = 0; y < 6; y++) {
            winograd_input_line(columns[y], line);
            UNROLL
            for (int x = 0; x < 6; x++)
                vf_store(out + (6 * y + x) * step + lane, line[x]);
        }
    }
}

static void winograd_output(const float *in, ptrdiff_t step, const winograd_out *out) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[4][6];
        UNROLL
        for (int x = 0; x < 6; x++) {
            vf m[6], y4[4];
            UNROLL
            for (int y = 0; y < 6; y++)
                m[y] = vf_load(in + (6 * y + x) * step + lane);
            winograd_output_line(m, y4);
            UNROLL
            for (int y = 0; y < 4; y++)
                columns[y][x] = y4[y];
        }
        const vf bias = out->bias ? vf_load(out->bias + lane) : vf_set1(0);
        for (int y = 0; y < out->height; y++) {
            vf values[4];
            winograd_output_line(columns[y], values);
            for (int x = 0; x < out->width; x++) {
                const ptrdiff_t at = y * out->row + x * CHANNEL_BLOCK + lane;
                vf v = vf_add(values[x], bias);
                if (out->add)
                    v = vf_add(v, vf_load(out->add + at));
                if (out->relu)
                    v = vf_max(vf_set1(0), v);
                if (out->mask)
                    v = vf_positive(vf_load(out->mask + at), v);
                vf_store(out->out + at, v);
            }
        }
    }
}

/* ---- Gram matrix ---- */

ALWAYS_INLINE void gram_tile(const float *a, const float *b, ptrdiff_t b_block, const int blocks,
                             ptrdiff_t row, int rows, int width, double *gram, ptrdiff_t gram_row) {
    const int vectors = blocks * VF_BLOCK;
    vf acc[GRAM_LANES][GRAM_BLOCKS * VF_BLOCK];
    UNROLL
    for (int i = 0; i < GRAM_LANES; i++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            acc[i][j] = vf_set1(0);
    }
    for (int y = 0; y < rows; y++, a += row, b += row) {
        for (ptrdiff_t x = 0; x < (ptrdiff_t)width * CHANNEL_BLOCK; x += CHANNEL_BLOCK) {
            vf v[GRAM_BLOCKS * VF_BLOCK];
            UNROLL
            for (int j = 0; j < vectors; j++)
                v[j] = vf_load(b + x + j / VF_BLOCK * b_block + j % VF_BLOCK * VF_LANES);
            UNROLL
            for (int i = 0; i < GRAM_LANES; i++) {
                const vf value = vf_set1(a[x + i]);
                UNROLL
                for (int j = 0; j < vectors; j++)
                    acc[i][j] = vf_fma(value, v[j], acc[i][j]);
            }
        }
    }
    for (int i = 0; i < GRAM_LANES; i++) {
        for (int j = 0; j < vectors; j++) {
            float sums[VF_LANES];
            vf_store(sums, acc[i][j]);
            for (int lane = 0; lane < VF_LANES; lane++)
                gram[i * gram_row + j * VF_LANES + lane] += (double)sums[lane];
        }
    }
}

static void gram_rows(const float *a, const float *b, ptrdiff_t b_block, int blocks, ptrdiff_t row,
                      int rows, int width, double *gram, ptrdiff_t gram_row) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += GRAM_LANES) {
        if (blocks == GRAM_BLOCKS)
            gram_tile(a + lane, b, b_block, GRAM_BLOCKS, row, rows, width, gram + lane * gram_row,
                      gram_row);
        else
            gram_tile(a + lane, b, b_block, 1, row, rows, width, gram + lane * gram_row, gram_row);
    }
}

/* ---- pooling ---- */

static void pool_max_row(const float *in0, const float *in1, float *out, int width) {
    for (ptrdiff_t x = 0; x < width; x++) {
        for (int i = 0; i < CHANNEL_BLOCK; i += VF_LANES) {
            const ptrdiff_t left = 2 * x * CHANNEL_BLOCK + i, right = left + CHANNEL_BLOCK;
            const vf top = vf_max(vf_load(in0 + left), vf_load(in0 + right));
            const vf bottom = vf_max(vf_load(in1 + left), vf_load(in1 + right));
            vf_store(out + x * CHANNEL_BLOCK + i, vf_max(top, bottom));
        }
    }
}

static void pool_avg_row(const float *in0, const float *in1, float *out, int width) {
    for (ptrdiff_t x = 0; x < width; x++) {
        for (int i = 0; i < CHANNEL_BLOCK; i += VF_LANES) {
            const ptrdiff_t left = 2 * x * CHANNEL_BLOCK + i, right = left + CHANNEL_BLOCK;
            const vf top = vf_add(vf_load(in0 + left), vf_load(in0 + right));
            const vf bottom = vf_add(vf_load(in1 + left), vf_load(in1 + right));
            vf_store(out + x * CHANNEL_BLOCK + i, vf_mul(vf_set1(0.25f), vf_add(top, bottom)));
        }
    }
}

/* Adds, masks by the activation that is still in place, and replaces it. */
ALWAYS_INLINE void unpool_store(float *in, const float *add, vf activation, vf gradient) {
    if (add)
        gradient = vf_add(gradient, vf_load(add));
    vf_store(in, vf_positive(activation, gradient));
}

/* `gradient` for the first of the window equal to `top`, zero for the others: what is left of it
 * after a position has taken it is zero. */
ALWAYS_INLINE vf unpool_take(vf activation, vf top, vf *gradient) {
    const vf taken = vf_equal(activation, top, *gradient, vf_set1(0));
    *gradient = vf_equal(activation, top, vf_set1(0), *gradient);
    return taken;
}

static void unpool_max_row(float *in0, float *in1, const float *g, const float *add0,
                           const float *add1, int width) {
    for (ptrdiff_t x = 0; x < width; x++) {
        for (int i = 0; i < CHANNEL_BLOCK; i += VF_LANES) {
            const ptrdiff_t left = 2 * x * CHANNEL_BLOCK + i, right = left + CHANNEL_BLOCK;
            const vf a = vf_load(in0 + left), b = vf_load(in0 + right);
            const vf c = vf_load(in1 + left), d = vf_load(in1 + right);
            const vf top = vf_max(vf_max(a, b), vf_max(c, d));
            vf rest = vf_load(g + x * CHANNEL_BLOCK + i);
            const vf ga = unpool_take(a, top, &rest), gb = unpool_take(b, top, &rest);
            const vf gc = unpool_take(c, top, &rest), gd = unpool_take(d, top, &rest);
            unpool_store(in0 + left, add0 ? add0 + left : NULL, a, ga);
            unpool_store(in0 + right, add0 ? add0 + right : NULL, b, gb);
            unpool_store(in1 + left, add1 ? add1 + left : NULL, c, gc);
            unpool_store(in1 + right, add1 ? add1 + right : NULL, d, gd);
        }
    }
}

static void unpool_avg_row(float *in0, float *in1, const float *g, const float *add0,
                           const float *add1, int width) {
    for (ptrdiff_t x = 0; x < 2 * (ptrdiff_t)width; x++) {
        for (int i = 0; i < CHANNEL_BLOCK; i += VF_LANES) {
            const ptrdiff_t at = x * CHANNEL_BLOCK + i;
            const vf share = vf_mul(vf_set1(0.25f), vf_load(g + x / 2 * CHANNEL_BLOCK + i));
            unpool_store(in0 + at, add0 ? add0 + at : NULL, vf_load(in0 + at), share);
            unpool_store(in1 + at, add1 ? add1 + at : NULL, vf_load(in1 + at), share);
        }
    }
}

/* ---- element by element ---- */

static void relu(const float *in, float *out, size_t count) {
    for (size_t i = 0; i < count; i += VF_LANES)
        vf_store(out + i, vf_max(vf_set1(0), vf_load(in + i)));
}

static void relu_backward(const float *mask, const float *add, float *out, size_t count) {
    for (size_t i = 0; i < count; i += VF_LANES) {
        const vf gradient = add ? vf_load(add + i) : vf_set1(0);
        vf_store(out + i, vf_positive(vf_load(mask + i), gradient));
    }
}

static double difference(const float *a, const float *b, float scale, bool accumulate,
                         float *gradient, size_t count) {
    const size_t chunk = 256 * VF_LANES; /* fp32 sums of 256 squares a lane, double above */
    double sum = 0;
    for (size_t from = 0; from < count; from += chunk) {
        const size_t to = count - from < chunk ? count : from + chunk;
        vf squares = vf_set1(0);
        for (size_t i = from; i < to; i += VF_LANES) {
            const vf d = vf_sub(vf_load(a + i), vf_load(b + i));
            squares = vf_fma(d, d, squares);
            const vf before = accumulate ? vf_load(gradient + i) : vf_set1(0);
            vf_store(gradient + i, vf_fma(vf_set1(scale), d, before));
        }
        sum += vf_sum(squares);
    }
    return sum;
}

#include "simd/vector_body.h"

extern const kernel_set KERNELS_SYMBOL;
const kernel_set KERNELS_SYMBOL = {
    .name = KERNELS_NAME,
    .cpu = KERNELS_CPU,
    .panel_blocks = CONV_PIXELS_2 ? 2 : 1,
    .conv_row = conv_row_run,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .gram_rows = gram_rows,
    .gram_blocks = GRAM_BLOCKS,
    .pool_max_row = pool_max_row,
    .pool_avg_row = pool_avg_row,
    .unpool_max_row = unpool_max_row,
    .unpool_avg_row = unpool_avg_row,
    .relu = relu,
    .relu_backward = relu_backward,
    .difference = difference,
    VECTOR_KERNELS
};
