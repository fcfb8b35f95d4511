/* SPDX-License-Identifier: MIT */
#include "weights/half.h"

#include <math.h>

enum {
    FRACTION_BITS = 10,
    LEAST_EXPONENT = -14, /* of a normal half, 2^-14 */
    BIAS = 15,
    INFINITE = 31 << FRACTION_BITS,
};

uint16_t half_of_float(float value) {
    const uint16_t sign = signbit(value) ? 0x8000 : 0;
    const float magnitude = fabsf(value);
    int exponent = LEAST_EXPONENT; /* of the place of the highest bit; subnormals share the least */
    if (magnitude >= ldexpf(1, LEAST_EXPONENT))
        exponent = ilogbf(magnitude);
    /* In units of the last bit the value is exact, and so is its rounding: ties to even. */
    const float units = nearbyintf(ldexpf(magnitude, FRACTION_BITS - exponent));
    /* A normal half's leading bit adds one to the exponent, as does rounding up to the next. */
    const int bits =
        exponent > BIAS ? INFINITE : ((exponent + BIAS - 1) << FRACTION_BITS) + (int)units;
    return (uint16_t)(sign | (bits < INFINITE ? bits : INFINITE));
}

uint32_t half_to_float_bits(uint16_t half) {
    const uint32_t sign = (half & 0x8000u) << 16;
    uint32_t exponent = half >> 10 & 31, fraction = half & 0x3ff;
    if (exponent == 31) /* infinity or NaN */
        return sign | 0x7f800000u | fraction << 13;
    if (!exponent) {
        if (!fraction)
            return sign;
        exponent = 1; /* a subnormal half is a normal float: shift its leading one into place */
        while (!(fraction & 0x400)) {
            fraction <<= 1;
            exponent--; /* wraps below 0; the bias below brings it back */
        }
        fraction &= 0x3ff;
    }
    return sign | (exponent + (127 - 15)) << 23 | fraction << 13;
}
