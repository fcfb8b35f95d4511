/* SPDX-License-Identifier: MIT
 *
 * 2x2 pooling, and the backward pass of it and of the ReLU before it: part of body.h.
 */

/* The pooled value of a window of activations (after ReLU, in row-major order), and its choice: see
 * winograd_pooled in kernels.h. */
ALWAYS_INLINE vf pool_window(const vf window[4], const bool average, uint16_t *choice, int lane) {
    if (average) {
        UNROLL
        for (int i = 0; i < 4; i++)
            word_put(choice + i, lane, vf_positive(window[i]));
        return vf_mul(vf_set1(0.25f),
                      vf_add(vf_add(window[0], window[1]), vf_add(window[2], window[3])));
    }
    const vf top = vf_max(vf_max(window[0], window[1]), vf_max(window[2], window[3]));
    unsigned open = vf_positive(top);
    UNROLL
    for (int i = 0; i < 4; i++) {
        const unsigned taken = open & vf_equal(window[i], top);
        word_put(choice + i, lane, taken);
        open &= ~taken;
    }
    return top;
}

static void pool_row(const void *in0, const void *in1, void *out, uint16_t *choice, int width,
                     bool average) {
    const activation *rows[2] = {in0, in1};
    for (ptrdiff_t x = 0; x < width; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            const ptrdiff_t left = 2 * x * CHANNEL_BLOCK + lane, right = left + CHANNEL_BLOCK;
            const vf window[4] = {activation_load(rows[0] + left), activation_load(rows[0] + right),
                                  activation_load(rows[1] + left),
                                  activation_load(rows[1] + right)};
            activation_store((activation *)out + x * CHANNEL_BLOCK + lane,
                             pool_window(window, average, choice + 4 * x, lane));
        }
    }
}

static void unpool_row(const void *g, const uint16_t *choice, float scale, bool keep_out,
                       const uint16_t *sign, void *out, int width) {
    for (ptrdiff_t x = 0; x < width; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            const vf gradient = vf_mul(
                vf_set1(scale), activation_load((const activation *)g + x * CHANNEL_BLOCK + lane));
            UNROLL
            for (int i = 0; i < 2; i++) {
                activation *to = (activation *)out + (2 * x + i) * CHANNEL_BLOCK + lane;
                vf v = vf_keep(word_bits(choice[4 * x + i], lane), gradient);
                if (keep_out)
                    v = vf_add(v, activation_load(to));
                activation_store(to, vf_keep(word_bits(sign[2 * x + i], lane), v));
            }
        }
    }
}

/* Rows 1 to 6 and columns 1 to 6 of the 8x8 pixels that 4x4 windows cover. */
static void unpool_patch(const void *g, ptrdiff_t row, const uint16_t *choice, ptrdiff_t choice_row,
                         float scale, void *patch) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        UNROLL
        for (int y = 0; y < 4; y++) {
            UNROLL
            for (int x = 0; x < 4; x++) {
                const vf v =
                    vf_mul(vf_set1(scale), activation_load((const activation *)g + y * row +
                                                           x * CHANNEL_BLOCK + lane));
                const uint16_t *words = choice + y * choice_row + 4 * x;
                UNROLL
                for (int i = 0; i < 4; i++) {
                    const int py = 2 * y + i / 2 - 1, px = 2 * x + i % 2 - 1;
                    if (py >= 0 && py < 6 && px >= 0 && px < 6)
                        activation_store((activation *)patch + (6 * py + px) * CHANNEL_BLOCK + lane,
                                         vf_keep(word_bits(words[i], lane), v));
                }
            }
        }
    }
}
