/* SPDX-License-Identifier: MIT
 *
 * F16, the IEEE half: a sign, 5 bits of exponent, 10 of fraction.
 */
#ifndef STYLIZE_WEIGHTS_HALF_H
#define STYLIZE_WEIGHTS_HALF_H

#include <stdint.h>

#define HALF_MAX 65504.0f

/* The nearest half to a finite value, of two equally near the even one; infinity beyond HALF_MAX.
 */
uint16_t half_of_float(float value);

/* The bits of the float of the same value as a half, which may be infinite or no number. */
uint32_t half_to_float_bits(uint16_t half);

#endif
