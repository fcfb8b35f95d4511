/* SPDX-License-Identifier: MIT
 *
 * Points, directions and colours, three numbers each.
 */
#ifndef VEC3_H
#define VEC3_H

#include <math.h>

typedef struct {
    float x, y, z;
} V3;

static inline V3 v3(float x, float y, float z) {
    return (V3){x, y, z};
}

static inline V3 add(V3 a, V3 b) {
    return v3(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline V3 sub(V3 a, V3 b) {
    return v3(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline V3 mul(V3 a, float s) {
    return v3(a.x * s, a.y * s, a.z * s);
}

static inline V3 times(V3 a, V3 b) {
    return v3(a.x * b.x, a.y * b.y, a.z * b.z);
}

static inline float dot(V3 a, V3 b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline V3 cross(V3 a, V3 b) {
    return v3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline float length(V3 a) {
    return sqrtf(dot(a, a));
}

static inline V3 unit(V3 a) {
    return mul(a, 1 / (length(a) + 1e-12f));
}

static inline V3 blend(V3 a, V3 b, float t) {
    return add(a, mul(sub(b, a), t));
}

static inline float clamp01(float v) {
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* 0 at a, 1 at b */
static inline float step01(float a, float b, float v) {
    const float t = clamp01((v - a) / (b - a));
    return t * t * (3 - 2 * t);
}

#endif
