/* SPDX-License-Identifier: MIT
 *
 * Sums of products of channels over pixels, the Gram matrix: part of body.h.
 *
 * A register tile holds a few channels of one block against some whole blocks; every pixel adds the
 * outer product of the two. Pixels are asked for a little ahead. Operands in bf16 go by pairs of
 * pixels, which fill the place of a float.
 */

#define GRAM_AHEAD (8 * CHANNEL_BLOCK)

ALWAYS_INLINE void gram_tile(const product_word *a, const int lanes, const product_word *b,
                             ptrdiff_t b_block, const int blocks, ptrdiff_t row, int rows,
                             int width, double *gram, ptrdiff_t gram_row) {
    const int vectors = blocks * VF_BLOCK;
    vf acc[CHANNEL_BLOCK][GRAM_BLOCKS * VF_BLOCK];
    UNROLL
    for (int i = 0; i < lanes; i++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            acc[i][j] = vf_set1(0);
    }
    for (int y = 0; y < rows; y++, a += row, b += row) {
        for (ptrdiff_t x = 0; x < (ptrdiff_t)width * CHANNEL_BLOCK; x += CHANNEL_BLOCK) {
            vf v[GRAM_BLOCKS * VF_BLOCK];
            __builtin_prefetch(a + x + GRAM_AHEAD);
            UNROLL
            for (int j = 0; j < blocks; j++)
                __builtin_prefetch(b + x + j * b_block + GRAM_AHEAD);
            UNROLL
            for (int j = 0; j < vectors; j++)
                v[j] = vf_load((const float *)b + x + j / VF_BLOCK * b_block +
                               j % VF_BLOCK * VF_LANES);
            UNROLL
            for (int i = 0; i < lanes; i++) {
                const vf value = vf_set1(a[x + i]);
                UNROLL
                for (int j = 0; j < vectors; j++)
                    acc[i][j] = OPERAND_FMA(value, v[j], acc[i][j]);
            }
        }
    }
    UNROLL
    for (int i = 0; i < lanes; i++) {
        float sums[GRAM_BLOCKS * CHANNEL_BLOCK];
        UNROLL
        for (int j = 0; j < vectors; j++)
            vf_store(sums + j * VF_LANES, acc[i][j]);
        for (int j = 0; j < blocks * CHANNEL_BLOCK; j++)
            gram[i * gram_row + j] += (double)sums[j]; /* analysed: `blocks` of the vectors above */
    }
}

/* All 16 lanes of a against `blocks` blocks, `lanes` at a time. */
ALWAYS_INLINE void gram_tiles(const product_word *a, const int lanes, const product_word *b,
                              ptrdiff_t b_block, const int blocks, ptrdiff_t row, int rows,
                              int width, double *gram, ptrdiff_t gram_row) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += lanes)
        gram_tile(a + lane, lanes, b, b_block, blocks, row, rows, width, gram + lane * gram_row,
                  gram_row);
}

static void gram_rows(const void *a, const void *b, ptrdiff_t b_block, int blocks, ptrdiff_t row,
                      int rows, int width, double *gram, ptrdiff_t gram_row) {
    enum { TWO = GRAM_BLOCKS > 2 ? 2 : 1 };
    if (blocks == GRAM_BLOCKS) /* analysed: each is compiled for its own constants */
        gram_tiles(a, GRAM_LANES, b, b_block, GRAM_BLOCKS, row, rows, width, gram, gram_row);
    else if (blocks == TWO)
        gram_tiles(a, GRAM_LANES, b, b_block, TWO, row, rows, width, gram, gram_row);
    else
        gram_tiles(a, GRAM_LANES_1, b, b_block, 1, row, rows, width, gram, gram_row);
}

static void gram_pack(const void *activations, int pixels, void *out) {
    const activation *in = activations;
    operand *to = out;
    for (int x = 0; x < pixels; x += OPERAND_PAIR, in += OPERAND_PAIR * CHANNEL_BLOCK) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES, to += OPERAND_PAIR * VF_LANES)
            operand_store_pair(to, activation_load(in + lane),
                               x + 1 < pixels ? activation_load(in + CHANNEL_BLOCK + lane)
                                              : vf_set1(0));
    }
}
