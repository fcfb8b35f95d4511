/* SPDX-License-Identifier: MIT
 *
 * The chance of portrait.h.
 */
#include "portrait.h"

#include <stdint.h>

static uint64_t state;

void random_start(int seed) {
    state = 0x9e3779b97f4a7c15u * (uint64_t)seed;
}

float random01(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)((double)(state >> 40) * (1.0 / 16777216.0));
}

float random11(void) {
    const float a = random01();
    return a + random01() - 1.0f;
}

static float lattice(int x, int y, int z, int seed) {
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)z * 1440662683u +
                 (uint32_t)seed * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    h ^= h >> 16;
    h *= 2654435761u;
    h ^= h >> 15;
    return (float)(h & 0xffffff) * (2.0f / 16777215.0f) - 1.0f;
}

float noise3(V3 p, int seed) {
    const int x = (int)floorf(p.x), y = (int)floorf(p.y), z = (int)floorf(p.z);
    const float u = step01(0, 1, p.x - (float)x), v = step01(0, 1, p.y - (float)y);
    const float w = step01(0, 1, p.z - (float)z);
    float plane[2];
    for (int k = 0; k < 2; k++) {
        const float a = lattice(x, y, z + k, seed), b = lattice(x + 1, y, z + k, seed);
        const float c = lattice(x, y + 1, z + k, seed), d = lattice(x + 1, y + 1, z + k, seed);
        plane[k] = a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v;
    }
    return plane[0] + (plane[1] - plane[0]) * w;
}

float fbm3(V3 p, int seed) {
    return 0.57f * noise3(p, seed) + 0.29f * noise3(mul(p, 2.1f), seed + 1) +
           0.14f * noise3(mul(p, 4.3f), seed + 2);
}
