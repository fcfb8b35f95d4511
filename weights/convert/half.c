/* SPDX-License-Identifier: MIT */
#include "convert/half.h"

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

float half_to_float(uint16_t half) {
    const int exponent = half >> FRACTION_BITS & 31, fraction = half & 0x3ff;
    const float magnitude =
        exponent ? ldexpf((float)(fraction | 1 << FRACTION_BITS), exponent - BIAS - FRACTION_BITS)
                 : ldexpf((float)fraction, LEAST_EXPONENT - FRACTION_BITS);
    return half & 0x8000 ? -magnitude : magnitude;
}
