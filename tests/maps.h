/* SPDX-License-Identifier: MIT
 *
 * Pictures in flat colours for tests: maps of regions; and grey ones: masks.
 */
#ifndef STYLIZE_TESTS_MAPS_H
#define STYLIZE_TESTS_MAPS_H

#include "image/image.h"
#include "transfer/regions.h"

/* A picture of one colour, each channel of 255; the caller frees. */
image *map_new(int width, int height, const int rgb[3]);

/* One that is green left of a column and red from there on... */
image *map_new_halves(int width, int height, int from);

/* ...and a grey one that goes from black in a column to white over some more. */
image *map_new_ramp(int width, int height, int from, int columns);

void map_paint_pixel(image *self, int x, int y, const int rgb[3]);
void map_paint(image *self, int x, int y, int width, int height, const int rgb[3]);

/* What a place is, [height][width] of its picture. */
void map_write_place(const region_place *place, float *plane);

#endif
