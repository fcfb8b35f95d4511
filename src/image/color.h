/* SPDX-License-Identifier: MIT
 *
 * Light and colour of a picture taken apart and put together: the luma of one in the colours of
 * another.
 *
 * Luma is that of ITU-R BT.709-6, of the coded values as everywhere in the program:
 *
 *     Y' = 0.2126 R' + 0.7152 G' + 0.0722 B'
 *
 * Colour is what is left, (R' - Y', G' - Y', B' - Y'), which is zero for a grey. Where a colour
 * does not fit a new luma into [0,1] it becomes paler, all three differences by one factor: luma
 * and hue stay.
 *
 * Not done: a perceptual space. With Oklab, pictures could not be told from these.
 */
#ifndef STYLIZE_IMAGE_COLOR_H
#define STYLIZE_IMAGE_COLOR_H

#include "image/image.h"

/* The luma of one colour, of a grey its very value. */
float color_luma_of(float red, float green, float blue);

/* luma [height][width] in [0,1], of a grey its very value; it may be the first of the planes. */
void color_luma(const image *self, float *luma);

/* The same of `count` pixels of row y from x on. */
void color_luma_row(const image *self, int x, int y, int count, float *luma);

/* Mean and standard deviation of the luma of a picture of planes, as all pictures below are. */
typedef struct color_tone {
    double mean, deviation;
} color_tone;

color_tone color_tone_of(const image *self);

/* By how much contrast grows on the way from one tone to another: half of it (to their geometric
 * mean), and by no more than a factor of two. */
double color_gain(color_tone from, color_tone to);

/* Brings luma [count] of tone `from` nearer to `to`: its mean all the way, its deviation by that
 * gain. What leaves [0,1] is clipped. */
void color_adapt(float *luma, size_t count, color_tone from, color_tone to);

/* planes [3][height][width] get the luma [height][width], in [0,1], and the colours of `colors`;
 * `luma` may be the first of the planes. */
void color_paint(const image *colors, const float *luma, float *planes);

/* Brings a colour into [0,1]: its luma, and what differs from that by one factor. */
void color_fit(float color[IMAGE_CHANNELS]);

/* Adds a share, which may be negative, of what the colours of `colors` differ from their luma to
 * planes [3][height][width], and brings the sum into [0,1]. */
void color_tint(const image *colors, float share, float *planes);

#endif
