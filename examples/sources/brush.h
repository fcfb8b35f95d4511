/* SPDX-License-Identifier: MIT
 *
 * Oil paint: a canvas that remembers the colour and the height of the paint on it, and strokes
 * drawn bristle by bristle. Positions are in pixels of the canvas, which is SS times as large as
 * the picture; colours are linear factors of the printed values, 0 to 1.
 */
#ifndef BRUSH_H
#define BRUSH_H

enum { OUT_W = 1120, OUT_H = 880, SS = 2, W = OUT_W * SS, H = OUT_H * SS };

typedef struct {
    float r, g, b;
} Color;

typedef struct {
    float x, y;
} Vec;

/* What the strokes follow, in picture coordinates: x from 0 to W / H, y from 0 to 1 downwards.
 * A stroke does not leave the part that it began in. */
typedef struct {
    int (*part)(float x, float y);
    Vec (*flow)(float x, float y); /* a unit vector */
} Motif;

/* load: how far the paint lasts, 1 for the whole stroke; thick: how high it stands; wild: the
 * angle to the flow. */
typedef struct {
    float length, width, load, thick, wild;
} Brush;

float rnd(void);  /* 0 to 1 */
float rnd2(void); /* -1 to 1, mostly near 0 */
float noise(float x, float y, int seed);
float fbm(float x, float y, int seed);
float clampf(float v, float lo, float hi);
float smooth(float a, float b, float x); /* 0 at a, 1 at b */

Color rgb(int hex);
Color mix(Color a, Color b, float t);
Color ramp(const int *hex, int n, float t); /* t from 0 to 1 */

void prime(Color ground);

/* A stroke through (x, y) along the flow. */
void stroke(const Motif *motif, float x, float y, Brush brush, Color color);

/* A touch of the brush that starts at (x, y) and bends by bend radians. */
void dab(float x, float y, float angle, float bend, Brush brush, Color color);

/* A ruled line with bare bristles, from and to in picture coordinates. */
void line(Vec from, Vec to, float width, Color color, float thick);

/* Flat paint, without bristles: one pixel of the canvas, or a disc in picture coordinates. */
void put(int x, int y, Color color, float thick);
void spot(float x, float y, float radius, Color color, float thick);

/* Fills order with the numbers below n, shuffled. */
void shuffle(int *order, int n);

/* Lights the relief from the upper left and prints the picture as a PPM file. */
void print_picture(void);

#endif
