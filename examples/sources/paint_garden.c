/* SPDX-License-Identifier: MIT
 *
 * Paints style-garden, "Blossom by the pond": a garden in short broken touches.
 *
 * Every part of the garden has its own handwriting: leaves are commas that turn with their clump,
 * water lies in level strokes over upright reflections, grass stands, the path is dappled. What
 * grows in front is then set with single touches: boughs, blossom, flowers, lilies.
 *
 *     cc -O2 -o paint_garden paint_garden.c brush.c -lm && ./paint_garden > garden.ppm
 */
#include "brush.h"

#include <math.h>
#include <stdlib.h>

#define PI 3.14159265f
#define RIGHT ((float)W / H)

/* ------------------------------------------------------------- palette -- */

static const int SKY[] = {0xffe6ac, 0xf9c9a2, 0xe6adc2, 0xa9a6dc, 0x6ea6de, 0x4686cc};
static const int WOOD_LIT[] = {0x2f6f4a, 0x4f9a52, 0x86b84a, 0xc4cf55, 0xe9dd7a, 0x6fae6a};
static const int WOOD_DIM[] = {0x12264f, 0x1d4766, 0x1c544f, 0x35357a, 0x54418c, 0x123a48};
static const int WATER[] = {0x1a4f7f, 0x2a7f9a, 0x4fa9b5, 0x6f7fc5, 0x2f559f, 0x8fcac8};
static const int GRASS[] = {0x2a7a35, 0x57a534, 0x95c43f, 0xcfdc50, 0x1f5f48, 0x6fb560};
static const int PATH[] = {0xf2cdb0, 0xe2a5a0, 0xbd8cb8, 0xf9e0b0, 0x9a7cc4, 0xeab888};
static const int BED[] = {0x1f6240, 0x164a44, 0x3c8645, 0x24427a, 0x57994a, 0x12373f};
static const int BLOSSOM[] = {0xffe4e6, 0xf9b4c6, 0xee80a5, 0xd9527f, 0xfbc6b2, 0xc068ae};
static const int POPPIES[] = {0xe23b2a, 0xf2603a, 0xc9242f, 0xff8a5a, 0xd82a4a, 0xf04a30};
static const int IRISES[] = {0x5a4fb5, 0x7d6fd0, 0x413a94, 0xa597e0, 0x6a45a8, 0x8c86dc};
static const int DAISIES[] = {0xfffaf0, 0xfff0d0, 0xf4f0ff, 0xffe9a8, 0xffffff, 0xf8dfe6};
static const int ROSES[] = {0xe85a8a, 0xf48fb0, 0xd13a78, 0xfbb7c8, 0xf07a70, 0xc84a98};
static const int MARIGOLDS[] = {0xf7b32b, 0xffd04f, 0xf08a1f, 0xffe27a, 0xe86f1a, 0xfac63c};

/* --------------------------------------------------------- composition -- */

enum { AIR, WOODS, POND, LAWN, WAY, FLOWERS };

/* The far shore rises to the right; woods stand on it. */
static float shore(float x) {
    return 0.475f - 0.015f * x + 0.010f * sinf(9 * x + 1) + 0.006f * noise(30 * x, 2, 11);
}

static float treetops(float x) {
    float t = 0.20f + 0.07f * sinf(4.1f * x + 0.9f) + 0.035f * sinf(11 * x) +
              0.030f * noise(14 * x, 5, 12) + 0.16f * expf(-powf((x - 0.80f) / 0.13f, 2));
    /* three poplars, each a flame */
    static const Vec POPLAR[] = {{0.965f, 0.065f}, {1.045f, 0.020f}, {1.130f, 0.105f}};
    for (int i = 0; i < 3; i++) {
        float d = fabsf(x - POPLAR[i].x) / 0.034f;
        if (d < 1.2f)
            t = fminf(t, POPLAR[i].y + 0.22f * d * d + 0.010f * noise(60 * x, 1, 13));
    }
    return t;
}

/* The near bank: it comes in from the right and runs out below the pond at the left. */
static float bank(float x) {
    return 0.93f - 0.36f * smooth(0.30f, 1.10f, x) + 0.020f * sinf(8 * x) +
           0.010f * noise(26 * x, 3, 14);
}

static float way_centre(float y) {
    return 1.03f + 0.10f * sinf(6.5f * (y - 0.50f)) - 0.12f * (y - 0.55f);
}

static float way_width(float y) {
    return 0.018f + 0.34f * clampf(y - 0.54f, 0, 1);
}

static int part(float x, float y) {
    float wob = 0.006f * noise(26 * x, 26 * y, 5);
    y += wob;
    if (y < treetops(x))
        return AIR;
    if (y < shore(x))
        return WOODS;
    if (y < bank(x) && x < 1.02f + 0.03f * sinf(20 * y))
        return POND;
    if (y > 0.525f && fabsf(x - way_centre(y)) < way_width(y))
        return WAY;
    float bed = fabsf(x - way_centre(y)) - way_width(y);
    if (bed < 0.05f + 0.30f * (y - 0.5f) || y - bank(x) < 0.05f || y > 0.86f)
        return FLOWERS;
    return LAWN;
}

/* The clump of leaves that a point is in: its middle, and a number of its own. */
typedef struct {
    float x, y, id, far;
} Clump;

static Clump clump(float x, float y, float size, int seed) {
    Clump best = {0, 0, 0, 1e9f};
    int xi = (int)floorf(x / size), yi = (int)floorf(y / size);
    for (int j = yi - 1; j <= yi + 1; j++)
        for (int i = xi - 1; i <= xi + 1; i++) {
            float cx = ((float)i + 0.5f + 0.42f * noise((float)i, (float)j, seed)) * size;
            float cy = ((float)j + 0.5f + 0.42f * noise((float)i, (float)j, seed + 1)) * size;
            float d = hypotf(x - cx, y - cy);
            if (d < best.far) {
                best = (Clump){cx, cy, 0.5f + 0.5f * noise((float)i, (float)j, seed + 2), d};
            }
        }
    best.far /= size;
    return best;
}

/* Clumps of two sizes, the small ones here and there. */
static Clump leaves(float x, float y) {
    float wx = x + 0.020f * noise(11 * x, 11 * y, 34), wy = y + 0.020f * noise(11 * x, 11 * y, 35);
    Clump big = clump(wx, wy, 0.095f, 31), small = clump(wx, wy, 0.048f, 36);
    return small.id > 0.52f ? small : big;
}

static Vec along(float angle) {
    Vec v = {cosf(angle), sinf(angle)};
    return v;
}

static Vec flow(float x, float y) {
    float n = fbm(5 * x, 5 * y, 61), fine = noise(17 * x, 17 * y, 62);
    switch (part(x, y)) {
    case AIR:
        return along(-0.35f + 1.1f * n + 0.3f * fine);
    case WOODS: {
        /* leaves hang around the middle of their clump */
        Clump c = leaves(x, y);
        return along(atan2f(y - c.y, x - c.x) + PI / 2 + 1.1f * n + 0.7f * fine +
                     2.0f * (c.id - 0.5f));
    }
    case POND:
        return along(0.10f * n + 0.06f * fine);
    case WAY:
        return along(0.25f + 0.5f * n);
    case FLOWERS:
        return along(-PI / 2 + 1.0f * n + 0.8f * fine);
    default:
        return along(-PI / 2 + 0.55f + 0.8f * n + 0.5f * fine);
    }
}

/* ------------------------------------------------------------- colours -- */

static Color sky_color(float x, float y) {
    float n = fbm(3.5f * x, 6 * y, 41);
    float glow = expf(-(powf((x - 0.62f) / 0.35f, 2) + powf((y - 0.26f) / 0.22f, 2)));
    return ramp(SKY, 6, 0.85f - 0.75f * glow - 1.0f * y + 0.45f * n);
}

static Color woods_color(float x, float y) {
    Clump c = leaves(x, y);
    float n = fbm(16 * x, 16 * y, 42), side = (c.x - x + 0.8f * (c.y - y)) / 0.085f;
    float sun = 0.50f + 0.75f * side + 0.35f * n + 0.35f * (c.id - 0.5f);
    sun += 0.5f * expf(-powf((x - 0.65f) / 0.22f, 2)) - 0.55f * smooth(0.30f, 0.47f, y);
    Color k =
        mix(ramp(WOOD_DIM, 6, c.id + 0.35f * n),
            ramp(WOOD_LIT, 6, 0.5f * c.id + 0.5f * sun + 0.25f * n), smooth(0.25f, 0.75f, sun));
    /* haze from the glow in the gap */
    float haze = 0.55f * expf(-powf((x - 0.66f) / 0.16f, 2)) * smooth(0.50f, 0.28f, y);
    return mix(k, rgb(0xe6dcc0), haze);
}

static Color pond_color(float x, float y) {
    /* the world upside down, drawn out towards the eye and broken by ripples */
    float s = shore(x), deep = y - s;
    float shake = 0.030f * noise(7 * x, 90 * y, 43) + 0.016f * noise(15 * x, 190 * y, 44);
    float mx = x + shake, my = s - 0.82f * deep;
    Color k = my < treetops(mx) ? sky_color(mx, my) : woods_color(mx, fmaxf(my, 0));
    float ripple = noise(4 * x, 60 * y, 45) + 0.5f * noise(11 * x, 130 * y, 46);
    k = mix(k, ramp(WATER, 6, 0.5f + 0.5f * noise(5 * x, 24 * y, 47)), 0.34f);
    if (ripple > 0.75f)
        k = mix(k, rgb(0xe9e4f4), 0.55f);
    if (ripple < -0.85f)
        k = mix(k, rgb(0x2a4a86), 0.5f);
    k = mix(k, rgb(0x123a5a),
            0.45f * smooth(0.10f, 0.0f, deep) + 0.25f * (noise(3 * x, 9 * y, 48) > 0.1f));
    float edge = smooth(0.030f, 0.0f, bank(x) - y);
    return mix(k, rgb(0x1f4458), 0.6f * edge);
}

static Color scene(float x, float y) {
    float n = fbm(9 * x, 9 * y, 50), fine = noise(40 * x, 40 * y, 51);
    switch (part(x, y)) {
    case AIR:
        return sky_color(x, y);
    case WOODS:
        return woods_color(x, y);
    case POND:
        return pond_color(x, y);
    case WAY: {
        float dapple = fbm(11 * x + 4 * y, 15 * y, 52) + 0.3f * fine;
        Color k = ramp(PATH, 6, 0.5f + 0.8f * n);
        return dapple < -0.10f ? mix(k, rgb(0x5f52a8), 0.76f) : dapple > 0.3f ? rgb(0xfff1cc) : k;
    }
    case FLOWERS:
        return mix(ramp(BED, 6, 0.5f + 0.9f * n), rgb(0x16323f), 0.25f + 0.25f * fine);
    default: {
        Color k = ramp(GRASS, 6, 0.5f + 0.8f * n + 0.1f * fine);
        return fbm(4 * x, 9 * y, 53) < -0.16f ? mix(k, rgb(0x2a5a8a), 0.6f) : k;
    }
    }
}

/* ---------------------------------------------------------------- ground -- */

typedef struct {
    float width, length, cover, jitter, thick, load, skip;
} Layer;

static const Motif MOTIF = {part, flow};

/* Longer strokes for sky and water, short ones for leaves. */
static float reach(int where) {
    static const float LENGTH[] = {[AIR] = 1.0f,   [WOODS] = 0.50f, [POND] = 1.15f,
                                   [LAWN] = 0.60f, [WAY] = 0.75f,   [FLOWERS] = 0.6f};
    return LENGTH[where];
}

static Color broken(Color c, float jitter) {
    float value = 1 + jitter * rnd2(), warm = 0.6f * jitter * rnd2();
    c.r *= value * (1 + warm);
    c.g *= value;
    c.b *= value * (1 - warm);
    float odd = rnd(), light = 0.3f * c.r + 0.6f * c.g + 0.1f * c.b;
    if (odd < 0.05f) /* a touch of the complement */
        return mix(c, c.g > c.r ? rgb(0xe88aa8) : rgb(0x5fae8a), 0.60f);
    if (odd < 0.09f)
        return mix(c, light > 0.5f ? rgb(0xfff6dc) : rgb(0x8f86d0), 0.6f);
    if (odd < 0.12f)
        return mix(c, rgb(0x27306a), 0.5f);
    return c;
}

static void paint_layer(const Layer *l) {
    float sx = l->length * 0.42f * SS / l->cover, sy = l->width * 0.85f * SS / l->cover;
    float pitch = sqrtf(sx * sy);
    int nx = (int)(W / pitch) + 3, ny = (int)(H / pitch) + 3, n = nx * ny;
    int *order = malloc((size_t)n * sizeof *order);
    if (!order)
        exit(1);
    shuffle(order, n);
    for (int i = 0; i < n; i++) {
        if (rnd() < l->skip)
            continue;
        float x = ((float)(order[i] % nx) - 0.5f + rnd2()) * pitch;
        float y = ((float)(order[i] / nx) - 0.5f + rnd2()) * pitch;
        float u = clampf(x, 0, W - 1) / H, v = clampf(y, 0, H - 1) / H;
        int where = part(u, v);
        float size = reach(where) * (0.65f + 0.7f * rnd());
        Brush brush = {l->length * SS * size, l->width * SS * (0.7f + 0.6f * rnd()), l->load,
                       l->thick, where == AIR || where == POND ? 0.12f : 0.5f};
        stroke(&MOTIF, x, y, brush, broken(scene(u, v), l->jitter));
    }
    free(order);
}

/* --------------------------------------------------------- what grows in front -- */

/* A touch at picture coordinates, size and width in pixels of the picture. */
static void touch_of(float x, float y, float angle, float bend, float length, float width, Color c,
                     float thick) {
    Brush brush = {length * SS, width * SS, 1.15f, thick, 0};
    dab(x * H, y * H, angle, bend, brush, c);
}

static Color pick(const int palette[6]) {
    return broken(rgb(palette[(int)(5.999f * rnd())]), 0.12f);
}

/* Petals around a middle; squash below 1 for a flower seen from the side. */
static void flower(float x, float y, float size, int petals, float squash, const int palette[6],
                   Color heart) {
    float turn = 2 * PI * rnd();
    Color tone = pick(palette);
    for (int i = 0; i < petals; i++) {
        float a = turn + 2 * PI * (float)i / (float)petals + 0.3f * rnd2();
        float dx = cosf(a), dy = squash * sinf(a);
        float l = size * (0.7f + 0.5f * rnd()) * hypotf(dx, dy);
        Color c = mix(tone, pick(palette), 0.5f);
        float light = 1 - 0.18f * sinf(a); /* the upper petals catch the sun */
        c.r *= light;
        c.g *= light;
        c.b *= light;
        touch_of(x + 0.25f * size * dx / OUT_H, y + 0.25f * size * dy / OUT_H, atan2f(dy, dx),
                 0.5f * rnd2(), l, size * 0.52f, c, 1.2f);
    }
    touch_of(x - 0.12f * size / OUT_H, y, 0.3f, 0, size * 0.34f, size * 0.34f, heart, 1.3f);
}

static void stem(float x, float y, float length, Color c) {
    touch_of(x, y, PI / 2 + 0.2f * rnd2(), 0.5f * rnd2(), length, 3.2f, c, 0.9f);
}

/* Blades of irises and grass that stand before a bed. */
static void blades(float x, float y, float length) {
    for (int i = 0; i < 5; i++)
        touch_of(x + 0.012f * rnd2(), y, -PI / 2 + 0.5f * rnd2(), 0.7f * rnd2(),
                 length * (0.6f + 0.6f * rnd()), 4.5f, pick(i & 1 ? GRASS : BED), 1.0f);
}

/* The beds, from the far flowers to the near. */
static void plant_beds(void) {
    static const int *const KINDS[] = {POPPIES, IRISES, DAISIES, ROSES, MARIGOLDS};
    for (int row = 0; row < 64; row++) {
        float y = 0.52f + 0.53f * (float)row / 64, near = clampf((y - 0.48f) / 0.5f, 0.1f, 1.1f);
        int count = (int)(120 - 78 * near);
        for (int i = 0; i < count; i++) {
            float x = RIGHT * rnd(), v = y + 0.010f * rnd2();
            if (part(x, fminf(v, 0.995f)) != FLOWERS)
                continue;
            /* each kind grows in drifts */
            float drift = 0.5f + 0.62f * fbm(4.2f * x + 3, 6.5f * v, 71);
            int kind = (int)clampf(6.5f * drift - 0.75f + 0.6f * rnd2(), 0, 4.99f);
            float size = (9 + 32 * near * near) * (0.65f + 0.7f * rnd());
            if (rnd() < 0.16f) {
                blades(x, v, 12 + 46 * near);
                continue;
            }
            if (near > 0.3f)
                stem(x, v, 30 * near, pick(GRASS));
            Color heart = kind == 0 ? rgb(0x2a1a2e) : kind == 2 ? rgb(0xf2b52a) : pick(MARIGOLDS);
            flower(x, v, size,
                   kind == 2   ? 8
                   : kind == 3 ? 7
                               : 5,
                   0.55f + 0.4f * rnd(), KINDS[kind], heart);
        }
    }
}

/* Lily pads in drifts, level ovals, with a flower here and there. */
static void plant_lilies(void) {
    for (int row = 0; row < 40; row++) {
        float y = 0.53f + 0.42f * (float)row / 40, near = (y - 0.47f) / 0.45f;
        for (int i = 0; i < 30; i++) {
            float x = RIGHT * rnd(), v = y + 0.006f * rnd2();
            if (part(x, v) != POND || part(x + 0.03f, v + 0.01f) != POND)
                continue;
            if (fbm(3.6f * x + 1.5f, 12 * v, 75) < 0.16f)
                continue;
            float l = (22 + 52 * near) * (0.7f + 0.6f * rnd()), w = l * 0.30f;
            touch_of(x, v + 0.005f, 0.05f * rnd2(), 0, l, w, rgb(0x234f5e), 0.6f);
            touch_of(x, v, 0.05f * rnd2(), 0.1f * rnd2(), l, w, pick(GRASS), 1.1f);
            if (rnd() < 0.5f)
                touch_of(x, v - 0.003f, 0.08f * rnd2(), 0, l * 0.6f, w * 0.4f, rgb(0xd6e6b0), 1.2f);
            if (rnd() < 0.24f)
                flower(x + 0.5f * l / OUT_H, v - 0.006f, 10 + 20 * near, 6, 0.6f,
                       rnd() < 0.6f ? BLOSSOM : DAISIES, rgb(0xf7c63c));
        }
    }
}

/* The tree at the left: boughs that fork, and blossom along them. */
typedef struct {
    float x, y, lit;
} Twig;

enum { MOST_TWIGS = 4000 };
static Twig twigs[MOST_TWIGS];
static int twig_count;

static void bough(float x, float y, float angle, float length, float width, int depth) {
    static const int BARK[] = {0x1f1f4f, 0x33245c, 0x4a2a52, 0x7a4a5c, 0xb5807a, 0xe0b48f};
    float bend = 0.45f * rnd2();
    int steps = 14;
    for (int i = 0; i < steps; i++) {
        float t = (float)i / (float)steps, w = width * (1 - 0.45f * t);
        float a = angle + bend * t + 0.18f * rnd2(), step = length / (float)steps;
        int strands = (int)(w / 4.5f) + 2;
        for (int b = 0; b < strands; b++) {
            /* light from the left: rose and ochre there, violet and blue at the right */
            float across = (float)b / (float)(strands - 1) - 0.5f;
            float off = across * w * 0.85f / OUT_H,
                  lit = -across * sinf(-a) - 0.5f * across * cosf(a);
            Color c = ramp(BARK, 6, 0.5f + 0.9f * lit + 0.22f * rnd2());
            float d = step * rnd();
            touch_of(x - off * sinf(a) + d * cosf(a), y + off * cosf(a) + d * sinf(a),
                     a + 0.22f * rnd2(), 0.3f * rnd2(), step * OUT_H * (0.9f + 0.9f * rnd()),
                     clampf(w * 0.3f, 2.4f, 7.5f), broken(c, 0.16f), 1.1f);
        }
        x += cosf(a) * step;
        y += sinf(a) * step;
        if (depth < 3 && twig_count < MOST_TWIGS) {
            Twig t1 = {x, y, 0};
            twigs[twig_count++] = t1;
        }
        if (depth > 0 && i > 3 && i % 3 == depth % 3) {
            float side = i & 1 ? 1.0f : -1.0f;
            bough(x, y, a + side * (0.55f + 0.35f * rnd()), length * (0.52f + 0.15f * rnd()),
                  w * 0.58f, depth - 1);
        }
    }
}

static void blossom(void) {
    int order[MOST_TWIGS];
    shuffle(order, twig_count);
    for (int pass = 0; pass < 3; pass++)
        for (int k = 0; k < twig_count; k++) {
            const Twig *t = &twigs[order[k]];
            if (rnd() < 0.25f)
                continue;
            for (int i = 0; i < 3; i++) {
                float x = t->x + 0.040f * rnd2(), y = t->y + 0.036f * rnd2();
                float shade = 0.5f * (t->y - y) / 0.036f + 0.25f * rnd2() +
                              0.55f * (float)(pass - 1) - 0.12f +
                              1.3f * fbm(6.5f * t->x, 6.5f * t->y, 81);
                float size = powf(rnd(), 1.6f);
                Color c = shade > 0.20f    ? pick(BLOSSOM)
                          : shade > -0.35f ? mix(pick(BLOSSOM), rgb(0xdf6f9f), 0.55f)
                          : shade > -0.75f ? mix(pick(BLOSSOM), rgb(0x8a3f9a), 0.70f)
                                           : mix(pick(BLOSSOM), rgb(0x2f3f86), 0.85f);
                if (shade > 0.65f)
                    c = mix(c, rgb(0xfff7ea), 0.75f);
                touch_of(x, y, 2 * PI * rnd(), 1.4f * rnd2(), 8 + 19 * size, 5 + 9 * size, c,
                         1.25f);
            }
        }
}

int main(void) {
    prime(rgb(0xc9a28a));
    /*                             width length cover jitter thick load skip */
    static const Layer layers[] = {{44, 190, 1.6f, 0.14f, 0.50f, 1.30f, 0.0f},
                                   {27, 124, 1.4f, 0.20f, 0.75f, 1.15f, 0.0f},
                                   {17, 82, 1.2f, 0.24f, 1.00f, 1.00f, 0.10f},
                                   {10, 50, 0.9f, 0.26f, 1.15f, 0.95f, 0.40f}};
    for (int i = 0; i < 4; i++)
        paint_layer(&layers[i]);
    plant_lilies();
    plant_beds();
    bough(0.075f, 1.02f, -PI / 2 + 0.12f, 0.62f, 52, 3);
    bough(0.120f, 0.55f, -0.85f, 0.50f, 26, 2);
    bough(0.105f, 0.48f, -0.35f, 0.46f, 20, 2);
    blossom();
    print_picture();
    return 0;
}
