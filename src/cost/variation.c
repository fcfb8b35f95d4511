/* SPDX-License-Identifier: MIT */
#include "cost/variation.h"

#include <math.h>
#include <stddef.h>

#include "cost/sums.h"

/* A plane, and what is asked of it at row y. */
typedef struct place {
    const float *plane;
    int height, width, y;
    double straight, diagonal; /* factors of the stencil */
} place;

static inline int within(int i, int count) {
    return i < 0 ? 0 : i < count ? i : count - 1;
}

/* A value of the plane with its edges repeated. */
static inline double value_at(const place *at, int y, int x) {
    return (double)at->plane[(ptrdiff_t)within(y, at->height) * at->width + within(x, at->width)];
}

/* ---- each kind: the share of pixel x in the value, and the slope there ---- */

static double squares_share(const place *at, int x) {
    if (at->y + 1 == at->height || x + 1 == at->width)
        return 0;
    const double here = value_at(at, at->y, x), right = here - value_at(at, at->y, x + 1),
                 below = here - value_at(at, at->y + 1, x);
    return (right * right + below * below) / 2;
}

static double squares_slope(const place *at, int x) {
    const int y = at->y;
    const double here = value_at(at, y, x);
    double slope = 0;
    if (y + 1 < at->height && x + 1 < at->width)
        slope += 2 * here - value_at(at, y, x + 1) - value_at(at, y + 1, x);
    if (y + 1 < at->height && x > 0)
        slope += here - value_at(at, y, x - 1);
    if (x + 1 < at->width && y > 0)
        slope += here - value_at(at, y - 1, x);
    return slope;
}

static double absolute_share(const place *at, int x) {
    const double here = value_at(at, at->y, x);
    return fabs(here - value_at(at, at->y, x + 1)) + fabs(here - value_at(at, at->y + 1, x));
}

static inline double sign(double d) {
    return (double)((d > 0) - (d < 0));
}

static double absolute_slope(const place *at, int x) {
    const int y = at->y;
    const double here = value_at(at, y, x);
    return sign(here - value_at(at, y, x - 1)) + sign(here - value_at(at, y, x + 1)) +
           sign(here - value_at(at, y - 1, x)) + sign(here - value_at(at, y + 1, x));
}

/* Both diagonals of the window whose last pixel is (y, x), which may be one past the edges. */
static double window(const place *at, int y, int x) {
    const double a = value_at(at, y, x) - value_at(at, y - 1, x - 1),
                 b = value_at(at, y, x - 1) - value_at(at, y - 1, x);
    return a * a + b * b;
}

static double stencil_share(const place *at, int x) {
    const int y = at->y, last_y = y + 1 == at->height, last_x = x + 1 == at->width;
    const double here = value_at(at, y, x), right = here - value_at(at, y, x + 1),
                 below = here - value_at(at, y + 1, x);
    double windows = 0;
    for (int i = y; i <= y + last_y; i++) {
        for (int j = x; j <= x + last_x; j++)
            windows += window(at, i, j);
    }
    return at->straight * (right * right + below * below) + at->diagonal * windows;
}

static double stencil_slope(const place *at, int x) {
    const int h = at->height, w = at->width, y = at->y;
    const double here = value_at(at, y, x);
    double diagonals = 0;
    /* Where the pixel stands, its repetitions included, and the corners around. */
    for (int i = y == 0 ? -1 : y; i <= (y + 1 == h ? h : y); i++) {
        for (int j = x == 0 ? -1 : x; j <= (x + 1 == w ? w : x); j++) {
            for (int corner = 0; corner < 4; corner++) {
                const int to_y = i + (corner & 1 ? 1 : -1), to_x = j + (corner & 2 ? 1 : -1);
                if (to_y >= -1 && to_y <= h && to_x >= -1 && to_x <= w)
                    diagonals += here - value_at(at, to_y, to_x);
            }
        }
    }
    return 2 * at->straight *
               (4 * here - value_at(at, y, x - 1) - value_at(at, y, x + 1) -
                value_at(at, y - 1, x) - value_at(at, y + 1, x)) +
           2 * at->diagonal * diagonals;
}

/* The places of one row, which is that of plane i / inner; an edge that is one has a window more.
 */
static place place_of(const float *planes, int height, int width, int margin, int i) {
    const int inner = height - 2 * margin, across = width - 2 * margin, edge = margin == 0;
    return (place){
        .plane = planes + (ptrdiff_t)(i / inner) * height * width,
        .height = height,
        .width = width,
        .y = margin + i % inner,
        .straight = 2.0 / 3 / (3.0 * inner * across),
        .diagonal = 2.0 / 12 / (3.0 * (inner + edge) * (across + edge)),
    };
}

double variation_eval(smoothness_kind kind, const float *planes, int height, int width, int margin,
                      double weight, float *gradient, double *rows) {
    static const struct {
        double (*share)(const place *at, int x);
        double (*slope)(const place *at, int x);
    } kinds[] = {
        [SMOOTHNESS_SQUARES] = {squares_share, squares_slope},
        [SMOOTHNESS_ABSOLUTE] = {absolute_share, absolute_slope},
        [SMOOTHNESS_STENCIL] = {stencil_share, stencil_slope},
    };
    const int count = 3 * (height - 2 * margin), to = width - margin;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < count; i++) {
        const place at = place_of(planes, height, width, margin, i);
        float *slopes = gradient + (at.plane - planes) + (ptrdiff_t)at.y * width;
        rows[i] = 0;
        for (int x = margin; x < to; x++)
            rows[i] += kinds[kind].share(&at, x); /* analysed: one of the kinds above */
        for (int x = margin; weight > 0 && x < to; x++)
            slopes[x] += (float)(weight * kinds[kind].slope(&at, x));
    }
    return cost_add_up(rows, count);
}
