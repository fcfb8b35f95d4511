/* SPDX-License-Identifier: MIT
 *
 * Loops that go element by element: part of body.h.
 */

static void relu(const void *in, void *out, uint16_t *sign, int pixels) {
    for (ptrdiff_t x = 0; x < pixels; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            const vf v = activation_load((const activation *)in + x * CHANNEL_BLOCK + lane);
            word_put(sign + x, lane, vf_positive(v));
            activation_store((activation *)out + x * CHANNEL_BLOCK + lane, vf_max(vf_set1(0), v));
        }
    }
}

static void keep(const uint16_t *sign, void *out, int pixels) {
    for (ptrdiff_t x = 0; x < pixels; x++) {
        for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
            activation *to = (activation *)out + x * CHANNEL_BLOCK + lane;
            activation_store(to, vf_keep(word_bits(sign[x], lane), activation_load(to)));
        }
    }
}

static void add(const void *in, void *out, int pixels) {
    for (ptrdiff_t i = 0; i < (ptrdiff_t)pixels * CHANNEL_BLOCK; i += VF_LANES) {
        activation *to = (activation *)out + i;
        activation_store(to,
                         vf_add(activation_load(to), activation_load((const activation *)in + i)));
    }
}

static void widen(const void *activations, float *out, size_t count) {
    for (size_t i = 0; i < count; i += VF_LANES)
        vf_store(out + i, activation_load((const activation *)activations + i));
}

static void narrow(const float *in, void *activations, size_t count) {
    for (size_t i = 0; i < count; i += VF_LANES)
        activation_store((activation *)activations + i, vf_load(in + i));
}

static void operands(const float *in, void *out, size_t count) {
    for (size_t i = 0; i < count; i += VF_LANES)
        operand_store((operand *)out + i, vf_load(in + i));
}

static double difference(const float *a, const void *b, float scale, bool accumulate,
                         float *gradient, size_t count) {
    const size_t chunk = 256 * VF_LANES; /* fp32 sums of 256 squares a lane, double above */
    double sum = 0;
    for (size_t from = 0; from < count; from += chunk) {
        const size_t to = count - from < chunk ? count : from + chunk;
        vf squares = vf_set1(0);
        for (size_t i = from; i < to; i += VF_LANES) {
            const vf d = vf_sub(vf_load(a + i), activation_load((const activation *)b + i));
            squares = vf_fma(d, d, squares);
            const vf before = accumulate ? vf_load(gradient + i) : vf_set1(0);
            vf_store(gradient + i, vf_fma(vf_set1(scale), d, before));
        }
        sum += (double)vf_sum(squares);
    }
    return sum;
}
