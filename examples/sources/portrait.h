/* SPDX-License-Identifier: MIT
 *
 * The parts of the portrait. A unit is a decimetre; x points to the right of the picture, y up, z
 * towards the viewer. Head space has its origin between the eyes; the face looks along its z.
 */
#ifndef PORTRAIT_H
#define PORTRAIT_H

#include "vec3.h"

typedef enum { NOTHING, SKIN, EYE, CLOTH, LACE, BEADS } Matter;

/* ------------------------------------------------------------ portrait_shape.c */

V3 to_head(V3 world);
V3 from_head(V3 head);
V3 turn_from_head(V3 direction);

/* The distance to the figure without hair, never much too far; *matter may be NULL. */
float figure(V3 world, Matter *matter);
V3 figure_normal(V3 world);

/* The middle of an eye in head space; side is -1 or 1. */
V3 eye_middle(float side);
/* A point on the edge of a lid in head space: along from -1 to 1, upper or lower. */
V3 lid_edge(float side, float along, int upper);
/* The height at which the lips meet, in head space. */
float mouth_line(V3 head);
/* The distance to the bare head in head space. */
float head_shape(V3 head);

/* ------------------------------------------------------------- portrait_hair.c */

/* A piece of a hair in world space; depth is 0 for a hair at the outside and 1 at the scalp. */
typedef struct {
    V3 from, to;
    V3 color;
    float width, depth;
    V3 out; /* a petal's normal */
    enum { STRAND, LASH, PETAL } kind;
} Hair;

/* Whether hair grows from this place of the head, 0 to 1. */
float hair_cover(V3 head);

/* Calls draw for every piece of every hair, lash and brow, always the same ones. */
void grow_hair(void (*draw)(const Hair *hair));

/* ------------------------------------------------------------ portrait_noise.c */

void random_start(int seed); /* above 0 */
float random01(void);
float random11(void);
float noise3(V3 p, int seed); /* -1 to 1 */
float fbm3(V3 p, int seed);

#endif
