/* SPDX-License-Identifier: MIT
 *
 * The convolution of the three planes of the picture, and its adjoint: part of body.h.
 *
 * Forward the 27 values under the filter are broadcast, one pixel after the other, against a panel
 * of outputs. Backward each of three results is a sum over all channels, kept lane by lane until
 * its end.
 */

ALWAYS_INLINE void first_put(const first_row *r, ptrdiff_t x, int block, int lane, vf v) {
    if (r->relu) {
        if (r->sign)
            word_put(r->sign + block * r->sign_block + x, lane, vf_positive(v));
        v = vf_max(vf_set1(0), v);
    }
    activation_store((activation *)r->out + block * r->out_block + x * CHANNEL_BLOCK + lane, v);
}

/* Tap i of a 3x3 filter, in floats from the first one: a row lies `row` floats and a pixel `pixel`
 * floats after the one before. Tables of these keep the compiler from carrying values on from tap
 * to tap, for which there are not enough registers. */
ALWAYS_INLINE ptrdiff_t first_tap(int i, ptrdiff_t row, ptrdiff_t pixel) {
    return i / 3 * row + i % 3 * pixel;
}

ALWAYS_INLINE void first_tile(const first_row *r, const ptrdiff_t taps[27], int x, const int pixels,
                              const int panel) {
    const int vectors = panel * VF_BLOCK;
    vf acc[28][2 * VF_BLOCK];
    UNROLL
    for (int j = 0; j < vectors; j++) {
        const vf bias = vf_load(r->bias + j * VF_LANES);
        UNROLL
        for (int p = 0; p < pixels; p++)
            acc[p][j] = bias;
    }
    const float *weights = r->weights, *in = r->in + x;
    activation *next = (activation *)r->out + (ptrdiff_t)(x + pixels) * CHANNEL_BLOCK;
    for (int tap = 0; tap < 27; tap++, weights += panel * CHANNEL_BLOCK) {
        const float *values = in + taps[tap];
        vf w[2 * VF_BLOCK];
        if (tap < pixels) { /* places of the next tile, to be written */
            UNROLL
            for (int j = 0; j < panel; j++)
                __builtin_prefetch(next + j * r->out_block + tap * CHANNEL_BLOCK, 1);
        }
        UNROLL
        for (int j = 0; j < vectors; j++)
            w[j] = vf_load(weights + j * VF_LANES);
        UNROLL
        for (int p = 0; p < pixels; p++) {
            const vf value = vf_set1(values[p]);
            UNROLL
            for (int j = 0; j < vectors; j++)
                acc[p][j] = vf_fma(value, w[j], acc[p][j]);
        }
    }
    UNROLL
    for (int p = 0; p < pixels; p++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            first_put(r, x + p, j / VF_BLOCK, j % VF_BLOCK * VF_LANES, acc[p][j]);
    }
}

/* Full tiles, then single pixels. */
ALWAYS_INLINE void first_tiles(const first_row *r, const int pixels, const int panel) {
    ptrdiff_t taps[27];
    for (int i = 0; i < 27; i++)
        taps[i] = i / 9 * r->in_plane + first_tap(i % 9, r->in_row, 1);
    int x = 0;
    for (; x + pixels <= r->width; x += pixels)
        first_tile(r, taps, x, pixels, panel);
    for (; x < r->width; x++)
        first_tile(r, taps, x, 1, panel);
}

static void first_row_run(const first_row *row) {
    const first_row r = *row;
    if (r.panel == 2 && PRODUCT_ROWS_2 > 0)
        first_tiles(&r, PRODUCT_ROWS_2 ? PRODUCT_ROWS_2 : 1, 2);
    else
        first_tiles(&r, PRODUCT_ROWS_1 < 14 ? PRODUCT_ROWS_1 : 14, 1);
}

ALWAYS_INLINE void first_adjoint_tile(const first_adjoint_row *r, const ptrdiff_t taps[9], int x,
                                      const int pixels) {
    vf acc[FIRST_PIXELS][3];
    UNROLL
    for (int i = 0; i < 3 * pixels; i++)
        acc[i / 3][i % 3] = vf_set1(0);
    const float *weights = r->weights;
    const activation *block =
        (const activation *)r->in + (ptrdiff_t)(x - 1) * CHANNEL_BLOCK - r->in_row;
    for (int b = 0; b < r->blocks; b++, block += r->in_block) {
        /* The two rows above have been read for the row before. */
        const activation *next = block + 2 * r->in_row + (pixels + 1) * CHANNEL_BLOCK;
        for (int tap = 0; tap < 9; tap++, weights += 3 * CHANNEL_BLOCK) {
            const activation *in = block + taps[tap];
            __builtin_prefetch(next + tap * CHANNEL_BLOCK);
            UNROLL
            for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
                vf w[3];
                UNROLL
                for (int c = 0; c < 3; c++)
                    w[c] = vf_load(weights + c * CHANNEL_BLOCK + lane);
                UNROLL
                for (int p = 0; p < pixels; p++) {
                    const vf v = activation_load(in + p * CHANNEL_BLOCK + lane);
                    UNROLL
                    for (int c = 0; c < 3; c++)
                        acc[p][c] = vf_fma(v, w[c], acc[p][c]);
                }
            }
        }
    }
    UNROLL
    for (int p = 0; p < pixels; p++) {
        UNROLL
        for (int c = 0; c < 3; c++)
            r->out[c][x + p] = r->scale[c] * vf_sum(acc[p][c]);
    }
}

static void first_adjoint_row_run(const first_adjoint_row *row) {
    const first_adjoint_row r = *row;
    ptrdiff_t taps[9];
    for (int i = 0; i < 9; i++)
        taps[i] = first_tap(i, r.in_row, CHANNEL_BLOCK);
    int x = 0;
    for (; x + FIRST_PIXELS <= r.width; x += FIRST_PIXELS)
        first_adjoint_tile(&r, taps, x, FIRST_PIXELS);
    for (; x < r.width; x++)
        first_adjoint_tile(&r, taps, x, 1);
}
