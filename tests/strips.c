/* SPDX-License-Identifier: MIT */
#include "strips.h"

enum { MOST = 64 };

static unsigned next(unsigned *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

void strips_each(int height, int width, unsigned seed, void (*work)(void *user, vector_range range),
                 void *user) {
    int first[MOST + 1], order[MOST], count = 0;
    first[0] = 0;
    while (first[count] < height) {
        const int left = height - first[count];
        const int rows = count == MOST - 1 ? left : 1 + (int)(next(&seed) % (unsigned)left);
        order[count] = count;
        first[count + 1] = first[count] + (rows > 1 && count % 3 == 0 ? rows / 2 : rows);
        count++;
    }
    for (int i = count - 1; i > 0; i--) {
        const int other = (int)(next(&seed) % (unsigned)(i + 1)), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (int i = 0; i < count; i++) {
        for (int plane = 0; plane < 3; plane++) {
            const size_t at = (size_t)plane * (size_t)height;
            const int strip = order[i];
            work(user, (vector_range){(at + (size_t)first[strip]) * (size_t)width,
                                      (at + (size_t)first[strip + 1]) * (size_t)width});
        }
    }
}
