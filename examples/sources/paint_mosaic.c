/* SPDX-License-Identifier: MIT
 *
 * Makes style-mosaic, "The golden tree": gold leaf and enamel, a tree of spirals, a hill of ribbons
 * and a meadow of round flowers, all in small stones with dark joints.
 *
 *     cc -O2 -o paint_mosaic paint_mosaic.c brush.c -lm
 *     ./paint_mosaic > mosaic.ppm
 *     ./paint_mosaic map > map.ppm      the parts in a colour each
 */
#include "brush.h"

#include <math.h>
#include <stdio.h>

/* ------------------------------------------------------------- palette -- */
static const int GOLD[] = {0x6e3208, 0xa8640f, 0xd9a22b, 0xf0c44a, 0xffe596};
static const int MEADOW[] = {0x0d3b3a, 0x14605a, 0x1f8a70, 0x2b4a9a, 0x3fa66b,
                             0x123a7c, 0x6bb58a, 0x5a3a9e, 0x17796f, 0x1b2f6b};
static const int RIBBON[] = {0xf7dfb4, 0xe8673c, 0xf2a56b, 0xb3202c, 0xfbeed3,
                             0xd9432f, 0xf4b98a, 0x7a1230, 0xf3c9a0, 0xe88a2e};
static const int BARK[] = {0x2c1a12, 0xc2410f, 0x1b2f6b, 0xe9c46a, 0x14605a,
                           0xf4e6c8, 0x7a1230, 0x2c1a12, 0xd98b1f, 0x3b6fb5};
#define DARK 0x21120f

/* --------------------------------------------------------- composition -- */
/* Picture coordinates: x 0 .. 1.27, y 0 .. 1 downwards. */
#define SUN_X 0.255f
#define SUN_Y 0.235f
#define SUN_R 0.150f

enum { AIR, HILL, GRASS };

static float hill_line(float x) {
    return 0.690f - 0.165f * expf(-powf((x - 0.93f) / 0.30f, 2)) + 0.020f * sinf(7 * x) +
           0.04f * smooth(0.45f, 0.1f, x);
}

static float grass_line(float x) {
    return 0.815f + 0.050f * sinf(3.6f * x + 2.3f) + 0.02f * sinf(9 * x + 1);
}

static int part(float x, float y) {
    return y > grass_line(x) ? GRASS : y > hill_line(x) ? HILL : AIR;
}

/* ---------------------------------------------------------- the stones -- */

/* A number from 0 to 1 that belongs to a place of a lattice. */
static float own(int x, int y, int seed) {
    return 0.5f + 0.5f * noise((float)x, (float)y, seed);
}

typedef struct {
    int x, y;    /* which stone */
    float joint; /* how far from its edge, in stones */
    float u, v;  /* from its middle, in stones */
} Stone;

/* The stone at (x, y) among irregular ones, one on each place of a lattice. */
static Stone stone_at(float x, float y, float wild, int seed) {
    const int cx = (int)floorf(x), cy = (int)floorf(y);
    Stone best = {.joint = 0};
    float first = 9, second = 9;
    for (int j = cy - 1; j <= cy + 1; j++)
        for (int i = cx - 1; i <= cx + 1; i++) {
            const float u = x - ((float)i + 0.5f + wild * (own(i, j, seed) - 0.5f));
            const float v = y - ((float)j + 0.5f + wild * (own(i, j, seed + 1) - 0.5f));
            /* rather square than round */
            const float d = powf(powf(fabsf(u), 3) + powf(fabsf(v), 3), 1 / 3.0f);
            if (d < first) {
                second = first;
                first = d;
                best = (Stone){.x = i, .y = j, .u = u, .v = v};
            } else if (d < second)
                second = d;
        }
    best.joint = 0.5f * (second - first);
    return best;
}

/* Paint of a stone: its colour inside, the joint's at the edge; *high is its relief. */
static Color set_stone(Stone s, Color color, Color joint, float gap, float *high) {
    const float in = smooth(gap * 0.6f, gap * 1.4f, s.joint);
    const float lean = 0.9f * ((own(s.x, s.y, 7) - 0.5f) * s.u + (own(s.x, s.y, 8) - 0.5f) * s.v);
    const float tone = 0.84f + 0.32f * own(s.x, s.y, 9);
    *high = in * (0.55f + 0.9f * lean) + 0.2f * smooth(gap, 0.3f, s.joint);
    return mix(joint, mix(rgb(0x000000), color, tone), in);
}

static Color pick(const int *palette, int n, float t) {
    const int i = (int)(t * (float)n);
    return rgb(palette[i < 0 ? 0 : i >= n ? n - 1 : i]);
}

/* ------------------------------------------------------------- the air -- */

/* Rings of stones around the sun's middle. */
static Color sun(float d, float angle, float *high) {
    static const int RINGS[] = {0xfff3c4, 0xf8c537, 0xd7263d, 0xf7e7c0, 0xe8751a, 0x1b2f6b,
                                0xf2b632, 0xb3202c, 0xfff0c0, 0x14605a, 0xe8751a};
    const float ring = d / SUN_R * 8;
    const int r = (int)ring;
    const float count = 6 + 7 * (float)r, a = (angle / 6.2831853f + 0.5f) * count;
    const float u = a - floorf(a) - 0.5f, v = ring - (float)r - 0.5f;
    const float wide = SUN_R * 6.2831853f * (d / SUN_R) / count; /* of a stone */
    const float du = (0.5f - fabsf(u)) * wide * 8 / SUN_R, dv = 0.5f - fabsf(v);
    const Stone s = {(int)a, r, fminf(du, dv), u, v};
    return set_stone(s, rgb(RINGS[r % 11]), rgb(DARK), 0.085f, high);
}

/* Small signs strewn over the gold: rings, eyes, triangles, dots. */
static int sign(float x, float y, Color *color, float *high) {
    const float cell = 0.062f;
    const int i = (int)floorf(x / cell), j = (int)floorf(y / cell);
    if (own(i, j, 51) < 0.42f)
        return 0;
    const float u = x / cell - (float)i - 0.5f - 0.25f * (own(i, j, 52) - 0.5f);
    const float v = y / cell - (float)j - 0.5f - 0.25f * (own(i, j, 53) - 0.5f);
    const float d = hypotf(u, v), kind = own(i, j, 54), size = 0.20f + 0.16f * own(i, j, 55);
    static const int INKS[] = {0x21120f, 0xb3202c, 0x14605a, 0xfff3d0, 0x1b2f6b, 0x7d3a0c};
    const Color ink = pick(INKS, 6, own(i, j, 56)), light = rgb(0xfff0c4);
    *high = 0.72f;
    if (kind < 0.40f) { /* rings */
        const float ring = d / size;
        if (ring > 1)
            return 0;
        *color = ring < 0.30f ? ink : ring < 0.62f ? light : ring < 0.92f ? ink : rgb(DARK);
        return 1;
    }
    if (kind < 0.58f) { /* an eye */
        const float lid = 0.62f * size * (1 - u * u / (1.6f * size * size * 1.6f));
        if (fabsf(v) > lid)
            return 0;
        *color = fabsf(v) > lid - 0.055f ? rgb(DARK)
                 : d < 0.09f             ? rgb(DARK)
                 : d < 0.17f             ? ink
                                         : light;
        return 1;
    }
    if (kind < 0.72f) { /* a triangle */
        if (v < -size || v > size || fabsf(u) > 0.5f * (v + size))
            return 0;
        *color = fabsf(u) > 0.5f * (v + size) - 0.05f || v > size - 0.06f ? rgb(DARK) : ink;
        return 1;
    }
    *high = 0.63f;
    if (d > 0.5f * size)
        return 0;
    *color = ink;
    return 1;
}

static Color air(float x, float y, float *high) {
    const float dx = x - SUN_X, dy = y - SUN_Y, d = hypotf(dx, dy), angle = atan2f(dy, dx);
    if (d < SUN_R)
        return sun(d, angle, high);
    const float ray = 0.016f + 0.022f * (1 - fabsf(2 * (angle * 7 - floorf(angle * 7)) - 1));
    if (d < SUN_R + ray) {
        *high = 0.81f;
        return d < SUN_R + ray - 0.006f ? rgb(0xd7263d) : rgb(DARK);
    }
    Color color;
    if (d > SUN_R + 0.045f && sign(x, y, &color, high))
        return color;
    /* gold leaf, in rows that bend around the sun */
    const float bend = 0.05f * noise(3 * x, 3 * y, 12);
    const Stone s = stone_at((x + bend) / 0.027f, (y + 0.4f * bend) / 0.027f, 0.6f, 13);
    const float t =
        0.56f + 0.48f * fbm(3.2f * x, 3.2f * y, 14) + 0.45f * (own(s.x, s.y, 15) - 0.5f);
    return set_stone(s, ramp(GOLD, 5, t), rgb(0x8a5212), 0.035f, high);
}

/* ---------------------------------------------------- ribbons and grass -- */

static Color hill(float x, float y, float *high) {
    const float depth = y - hill_line(x);
    const float way =
        26 * depth + 1.6f * sinf(7.5f * x + 5 * depth) + 1.3f * noise(4 * x, 6 * y, 31);
    const float band = floorf(way), in = way - band, edge = fminf(in, 1 - in);
    const int k = (int)band + 40;
    *high = 0.8f * smooth(0.06f, 0.20f, edge);
    if (edge < 0.085f || depth < 0.006f)
        return rgb(DARK);
    const Color color = rgb(RIBBON[k % 10]);
    const float along = 34 * x + 3 * depth;
    if (k % 3 == 1) { /* stones in a row */
        const float u = along - floorf(along) - 0.5f;
        if (fabsf(u) > 0.43f) {
            *high = 0.09f;
            return rgb(DARK);
        }
        return mix(color, rgb(RIBBON[((int)floorf(along) + 3 * k) & 7]), 0.65f);
    }
    if (k % 4 == 0) { /* dots */
        const float u = along - floorf(along) - 0.5f, v = in - 0.5f;
        if (u * u + v * v < 0.055f)
            return rgb(k % 8 ? 0x1b2f6b : DARK);
    }
    if (k % 5 == 2 && fabsf(in - 0.5f) < 0.07f) /* a thread */
        return rgb(0xf2c14e);
    return mix(color, rgb(0x7a1230), 0.18f * (0.5f + 0.5f * noise(90 * x, 12 * y, 33)));
}

static Color grass(float x, float y, float *high) {
    const float lean = 0.30f * (y - 0.8f);
    const Stone s = stone_at((x + lean) / 0.028f, y / 0.034f, 0.8f, 41);
    const float t = own(s.x, s.y, 42) * 0.65f + 0.35f * (0.5f + 0.5f * noise(5 * x, 5 * y, 43));
    if (y - grass_line(x) < 0.006f) {
        *high = 0.68f;
        return rgb(DARK);
    }
    return set_stone(s, pick(MEADOW, 10, t), rgb(0x0a1420), 0.075f, high);
}

static void flower(float x, float y, float r) {
    static const int INKS[] = {0xd7263d, 0xfff3d0, 0xf2b632, 0xe56b9c,
                               0x3b6fb5, 0xe8751a, 0x8e5bd0, 0xf7c9d4};
    const Color outer = pick(INKS, 8, rnd()), inner = pick(INKS, 8, rnd()),
                heart = pick(INKS, 8, rnd());
    const int petals = 5 + (int)(5 * rnd());
    const float first = 6.28f * rnd();
    const int round = rnd() < 0.45f;
    spot(x, y, r * 1.10f, rgb(DARK), 0.54f);
    if (round)
        spot(x, y, r * 0.96f, outer, 0.99f);
    else
        for (int k = 0; k < petals; k++) {
            const float a = first + 6.2831853f * (float)k / (float)petals;
            spot(x + 0.64f * r * cosf(a), y + 0.64f * r * sinf(a), 2.1f * r / (float)petals, outer,
                 1.08f);
        }
    spot(x, y, r * 0.60f, rgb(DARK), 0.68f);
    spot(x, y, r * 0.52f, inner, 1.17f);
    for (int k = 0; k < petals && r > 0.018f; k++) {
        const float a = first + 6.2831853f * ((float)k + 0.5f) / (float)petals;
        spot(x + 0.37f * r * cosf(a), y + 0.37f * r * sinf(a), 0.07f * r, rgb(DARK), 1.26f);
    }
    spot(x, y, r * 0.26f, rgb(DARK), 0.99f);
    spot(x, y, r * 0.19f, heart, 1.35f);
}

static void flowers(void) {
    enum { MOST = 260 };
    static float at[MOST][3];
    int n = 0;
    for (int tries = 0; tries < 9000 && n < MOST; tries++) {
        const float x = 1.30f * rnd() - 0.015f, y = 0.74f + 0.27f * rnd();
        const float big = 0.046f * (1 - 0.75f * (float)tries / 9000);
        const float r = big * (0.45f + 0.55f * rnd());
        if (y < grass_line(x) + 0.5f * r)
            continue;
        int free_ = 1;
        for (int k = 0; k < n && free_; k++)
            free_ = hypotf(x - at[k][0], y - at[k][1]) > 1.12f * (r + at[k][2]) + 0.004f;
        if (!free_)
            continue;
        at[n][0] = x;
        at[n][1] = y;
        at[n++][2] = r;
        flower(x, y, r);
    }
}

/* ------------------------------------------------------------- the tree -- */

typedef struct {
    float x, y, r, way; /* way: the length from the branch's start */
    int level, branch;
} Knot;
enum { KNOTS = 60000 };
#define STEP 0.0012f /* from knot to knot */
static Knot knots[KNOTS];
static int knot_count, branch_count;

static void knot(float x, float y, float r, float way, int level) {
    if (knot_count < KNOTS)
        knots[knot_count++] = (Knot){x, y, r, way, level, branch_count};
}

/* turns is 1 or -1; stem the length before the spiral of this outer radius; r the half width. */
typedef struct {
    float x, y, heading, turns, stem, radius, r;
    int level;
} Branch;

static void grow(Branch b) {
    enum { TWIGS = 12 };
    Branch twigs[TWIGS];
    int n = 0;
    const float gap = b.radius * 0.42f / 6.2831853f;
    const float whole = b.radius * b.radius / (2 * gap), total = b.stem + whole;
    float next = b.stem * 0.55f;
    branch_count++;
    for (float s = 0; s < total; s += STEP) {
        const float left = fmaxf(total - s, 0.004f), r = b.r * (1 - 0.62f * s / total);
        knot(b.x, b.y, r, s, b.level);
        const float bow = s < b.stem ? -0.55f * b.turns * (1 - s / b.stem) / (b.stem + 0.05f)
                                     : b.turns / sqrtf(2 * gap * left);
        b.heading += bow * STEP;
        b.x += cosf(b.heading) * STEP;
        b.y += sinf(b.heading) * STEP;
        if (b.level < 3 && n < TWIGS && s > next && s < b.stem + 0.40f * whole) {
            const float side = s < b.stem && n % 2 ? b.turns : -b.turns;
            const float small = b.radius * (0.44f + 0.16f * rnd());
            twigs[n++] =
                (Branch){b.x,       b.y,        b.heading + 0.75f * side, side, small * 0.7f, small,
                         r * 0.68f, b.level + 1};
            next = s + b.radius * (1.30f + 0.35f * rnd());
        }
    }
    for (int k = 0; k < n; k++)
        grow(twigs[k]);
}

static void grow_tree(void) {
    const float x = 0.735f, y = 0.46f;
    static const Branch boughs[] = {{-0.012f, 0.02f, -2.75f, 1, 0.30f, 0.100f, 0.019f, 1},
                                    {0.012f, 0.02f, -0.40f, -1, 0.28f, 0.100f, 0.019f, 1},
                                    {-0.010f, 0.0f, -2.10f, -1, 0.27f, 0.095f, 0.020f, 1},
                                    {0.010f, 0.0f, -1.05f, 1, 0.27f, 0.095f, 0.020f, 1},
                                    {0.0f, 0.0f, -1.62f, -1, 0.18f, 0.075f, 0.018f, 1},
                                    {-0.02f, 0.12f, 2.95f, -1, 0.27f, 0.075f, 0.016f, 1},
                                    {0.02f, 0.12f, 0.10f, 1, 0.25f, 0.070f, 0.016f, 1}};
    for (float s = 0; s < 0.87f; s += 0.002f) /* the trunk, wide at the foot */
        knot(x + 0.05f * sinf(2.6f * s) * s, y + 0.46f * s, 0.026f + 0.034f * s * s, 0.46f * s, 0);
    for (int k = 0; k < 7; k++) {
        Branch b = boughs[k];
        b.x += x;
        b.y += y;
        grow(b);
    }
}

/* The knots from first to before last, as one branch with its outline. */
static void paint_branch(int first, int last) {
    for (int i = first; i < last; i++)
        spot(knots[i].x, knots[i].y, knots[i].r + 0.0040f, rgb(DARK), 0.27f);
    for (int i = first; i < last; i++)
        spot(knots[i].x, knots[i].y, knots[i].r, rgb(0xf6cf62), 1.17f);
    for (int i = first; i < last; i++) {
        const float t = 0.5f + 0.5f * noise(knots[i].way * 40, (float)first, 61);
        spot(knots[i].x, knots[i].y, 0.70f * knots[i].r, mix(rgb(0x4a120f), rgb(0x9a2f17), t),
             0.99f);
    }
    for (int i = first; i < last; i++) {
        const Knot *k = &knots[i];
        const float step = 3.1f * k->r, place = k->way / step;
        if (k->r < 0.0055f || floorf(place) == floorf((k->way + STEP) / step))
            continue;
        const int n = (int)place;
        spot(k->x, k->y, 0.60f * k->r, rgb(DARK), 1.08f);
        spot(k->x, k->y, 0.50f * k->r, pick(BARK, 10, own(n, first, 63)), 1.35f);
        spot(k->x, k->y, 0.20f * k->r, rgb(n & 1 ? DARK : 0xfff3d0), 1.44f);
    }
}

/* Twigs first, so that what carries them lies over their roots. */
static void paint_tree(void) {
    for (int level = 3; level >= 0; level--)
        for (int i = 0, first = 0; i <= knot_count; i++)
            if (i == knot_count || knots[i].branch != knots[first].branch) {
                if (knots[first].level == level)
                    paint_branch(first, i);
                first = i;
            }
}

/* The trunk's stones, over its plain paint. */
static int trunk(float x, float y, Color *color, float *high) {
    const float s = (y - 0.46f) / 0.46f;
    if (s < 0 || s > 1)
        return 0;
    const float u = x - (0.735f + 0.05f * sinf(2.6f * s) * s), r = 0.026f + 0.034f * s * s;
    if (fabsf(u) > r - 0.002f)
        return 0;
    const Stone q = stone_at(u / r * 2.2f + 20, y / 0.019f, 0.35f, 65);
    *color = set_stone(q, pick(BARK, 10, own(q.x, q.y, 66)), rgb(DARK), 0.09f, high);
    return 1;
}

/* ---------------------------------------------------------------- main -- */

static void print_map(void) {
    static const unsigned char colors[][3] = {{30, 60, 200}, {230, 60, 40}, {250, 200, 40}};
    printf("P6\n%d %d\n255\n", OUT_W, OUT_H);
    for (int y = 0; y < OUT_H; y++)
        for (int x = 0; x < OUT_W; x++)
            fwrite(colors[part((float)x / OUT_H, (float)y / OUT_H)], 1, 3, stdout);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        print_map();
        return 0;
    }
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const float u = (float)x / H, v = (float)y / H;
            const int where = part(u, v);
            float high = 0;
            const Color c = where == AIR    ? air(u, v, &high)
                            : where == HILL ? hill(u, v, &high)
                                            : grass(u, v, &high);
            put(x, y, c, high);
        }
    grow_tree();
    paint_tree();
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            Color c;
            float high;
            if (trunk((float)x / H, (float)y / H, &c, &high))
                put(x, y, c, high);
        }
    flowers();
    print_picture();
    return 0;
}
