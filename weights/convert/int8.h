/* SPDX-License-Identifier: MIT
 *
 * Rounding to 8 bits: the filters of a channel as integers from -127 to 127 times one scale.
 *
 * The integers reach as far as the largest weight, or not so far: then the few weights beyond are
 * clipped and all others rounded more finely. Of eleven such reaches, from the largest weight down
 * to half of it, that is taken with which the nearest integers leave the least squared error.
 *
 * What a filter then does to an activation is closer than its weights are, because the error of
 * each weight is made up for by those right of it and below: activations that are neighbours are
 * much alike. With a correlation of r between neighbours of a row or a column, and r^2 across, the
 * error squared of the filter's output is least when they take over r, r and -r^2 of it.
 *
 * The arithmetic is plain double precision in a fixed order, so that the result is the same on
 * every machine.
 */
#ifndef STYLIZE_CONVERT_INT8_H
#define STYLIZE_CONVERT_INT8_H

#include <stddef.h>

#define INT8_LARGEST 1e38f   /* absolute value that can be rounded so */
#define INT8_CORRELATION 0.7 /* of activations that are neighbours */
enum { INT8_TAPS = 9 };

/* Rounds filters [count][3][3] of values not beyond INT8_LARGEST to integers of the same shape
 * times the result, which is within WEIGHTS_SCALE_LEAST and _MOST. */
float int8_round(const float *filters, size_t count, signed char *integers);

#endif
