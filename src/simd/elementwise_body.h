/* SPDX-License-Identifier: MIT
 *
 * Loops that go element by element: part of body.h.
 */

static void relu(const float *in, float *out, uint16_t *sign, int pixels) {
    for (ptrdiff_t x = 0; x < pixels; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            const vf v = vf_load(in + x * CHANNEL_BLOCK + lane);
            word_put(sign + x, lane, vf_positive(v));
            vf_store(out + x * CHANNEL_BLOCK + lane, vf_max(vf_set1(0), v));
        }
    }
}

static void keep(const uint16_t *sign, float *out, int pixels) {
    for (ptrdiff_t x = 0; x < pixels; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            float *to = out + x * CHANNEL_BLOCK + lane;
            vf_store(to, vf_keep(word_bits(sign[x], lane), vf_load(to)));
        }
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
        sum += (double)vf_sum(squares);
    }
    return sum;
}
