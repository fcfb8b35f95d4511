/* glass_garden.c - draws style-garden, "Garden at noon", a stained-glass window.
 * Part of the stylize examples.  MIT licence.
 *
 * A design of shapes gives every point a region; every region is cut into
 * panes, each with its own colour, grain and waves; lead cames run along all
 * the cuts.  The light falls through the glass and glances off the lead.
 *
 *     cc -O2 -o glass_garden glass_garden.c -lm && ./glass_garden > garden.ppm
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { OUT_W = 1120, OUT_H = 880, SS = 2, W = OUT_W * SS, H = OUT_H * SS };

typedef struct { float r, g, b; } Color;

/* What a point of the design is: a region and, in it, the pane's number. */
typedef struct { int region, pane; float u, v; } Spot; /* u, v: along and across the grain */

static int pane_id[H][W];
static int region_id[H][W];
static float lead[H][W]; /* height of the lead, 0 where there is glass */
static float edge[H][W]; /* distance to the nearest cut, pixels */

static float clampf(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }
static float smooth(float a, float b, float x) {
    float t = clampf((x - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}
static uint32_t hash(int x, int y, int s) {
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)s * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    h = (h ^ (h >> 16)) * 2654435761u;
    return h ^ (h >> 15);
}
static float chance(int x, int y, int s) { return (float)(hash(x, y, s) >> 8) * (1.0f / 16777216.0f); }
static float noise(float x, float y, int seed) {
    int xi = (int)floorf(x), yi = (int)floorf(y);
    float fx = x - (float)xi, fy = y - (float)yi;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    float a = chance(xi, yi, seed), b = chance(xi + 1, yi, seed);
    float c = chance(xi, yi + 1, seed), d = chance(xi + 1, yi + 1, seed);
    return 2 * (a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy) - 1;
}
static float fbm(float x, float y, int s) {
    return 0.55f * noise(x, y, s) + 0.30f * noise(2.1f * x, 2.1f * y, s + 1) + 0.15f * noise(4.4f * x, 4.4f * y, s + 2);
}
static Color rgb(int hex) {
    Color c = {(float)(hex >> 16 & 255) / 255, (float)(hex >> 8 & 255) / 255, (float)(hex & 255) / 255};
    return c;
}
static Color mix(Color a, Color b, float t) {
    Color c = {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
    return c;
}

/* ------------------------------------------------------------- palette -- */
enum { SKY, SUN, HALO, HILL_FAR, HILL_MID, RIVER, MEADOW, TRUNK, CROWN, FRUIT, STEM, LEAF, PETAL, HEART, BIRD, WING, FRAME, REGIONS };
static const int PALETTE[REGIONS][8] = {
    [SKY] = {0x1746a8, 0x2c6fd1, 0x58a6e8, 0x0f2f86, 0x86c8f0, 0x3a56c0, 0x6b3fa8, 0x2487c9},
    [SUN] = {0xffd633, 0xffb81f, 0xfff07a, 0xff9a1a, 0xffe04d, 0xffc423, 0xffec9a, 0xff8a12},
    [HALO] = {0xff8a1f, 0xf2541b, 0xffc63d, 0xe8381e, 0xffab33, 0xf76b8a, 0xffe08a, 0xd94f8c},
    [HILL_FAR] = {0x7a3fa0, 0x9a58b8, 0x4b2f8f, 0xb86fc0, 0x6a4fc0, 0x8a3f80, 0x5a3a9a, 0xa84f98},
    [HILL_MID] = {0x0f7a6a, 0x1f9a7a, 0x0b5a5c, 0x46b08a, 0x157f5a, 0x2a8f9a, 0x0f6a4a, 0x63bf86},
    [RIVER] = {0x0f9ad0, 0x5ccbe8, 0x0a62b8, 0xa6e8f0, 0x1fb4d8, 0x0d7fc8, 0xd8f4f2, 0x2c8fe0},
    [MEADOW] = {0x2f9a2a, 0x6abf2c, 0x1a7a2f, 0xa8d63a, 0x0f5f2a, 0x4faa30, 0xcfe04a, 0x237f3f},
    [TRUNK] = {0x6a3416, 0x8a4a1f, 0x4a2010, 0xa8602a, 0x74401c, 0x5a2a14, 0x94501f, 0x3f1c10},
    [CROWN] = {0x1f8a35, 0x7abf2a, 0xd8c428, 0x0f6a3a, 0x4aa62c, 0xe8a020, 0x2f9f4a, 0xb0d030},
    [FRUIT] = {0xe01f1f, 0xf2452a, 0xc4101f, 0xff6a2f, 0xd81a2a, 0xee3a1a, 0xb80f24, 0xff5040},
    [STEM] = {0x1a6a24, 0x2f8a2a, 0x14521f, 0x4aa035, 0x1f7a2f, 0x2a6f1a, 0x3a9430, 0x0f4a1f},
    [LEAF] = {0x1f8a4a, 0x3fb04a, 0x0f6a44, 0x7acb4a, 0x2a9a3a, 0x12804f, 0x5fbf3f, 0x0f5a3a},
    [PETAL] = {0xe0123a, 0xf53a4a, 0xb80a34, 0xff6a5a, 0xd81050, 0xf0203a, 0xff8a6a, 0xa8083a},
    [HEART] = {0xffc21f, 0xffe05a, 0xff9a14, 0x2a1030, 0xffd23a, 0xf7a81f, 0x3a1838, 0xffea80},
    [BIRD] = {0xf4efe0, 0xd6e6f2, 0xfff8ea, 0xb8d2e8, 0xf0dfc0, 0xe4eef4, 0xffffff, 0xcadcec},
    [WING] = {0xffffff, 0xe8f0f4, 0xa8c8e4, 0xf6e6c4, 0xd2e4f0, 0xf4f4ee, 0x8ab4dc, 0xeadfc8},
    [FRAME] = {0x7a0f2a, 0x1a2f8a, 0xa81f2f, 0x0f1f66, 0xd89a1f, 0x6a0f3a, 0x24409a, 0x8f1a24},
};

/* -------------------------------------------------------------- design -- */
/* Cut a region into jittered cells of size cw x ch in its own coordinates. */
static int cells(float u, float v, float cw, float ch, int seed) {
    float x = u / cw, y = v / ch, best = 1e9f;
    int xi = (int)floorf(x), yi = (int)floorf(y), id = 0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            float px = (float)(xi + i) + 0.5f + 0.78f * (chance(xi + i, yi + j, seed) - 0.5f);
            float py = (float)(yi + j) + 0.5f + 0.78f * (chance(xi + i, yi + j, seed + 1) - 0.5f);
            float d = (x - px) * (x - px) + (y - py) * (y - py);
            if (d < best) {
                best = d;
                id = (int)(hash(xi + i, yi + j, seed + 2) & 0x7fffff);
            }
        }
    return id;
}
/* Bands across v, each cut along u with an offset of its own. */
static int courses(float u, float v, float cw, float ch, int seed) {
    int row = (int)floorf(v / ch);
    float f = u / (cw * (0.8f + 0.5f * chance(row, 3, seed))) + 9 * chance(row, 7, seed);
    float slant = 0.35f * (v / ch - (float)row - 0.5f) * (chance(row, 1, seed) - 0.5f) * 2;
    return (int)(hash((int)floorf(f + slant), row, seed) & 0x7fffff);
}
static Spot spot(int region, int pane, float u, float v) {
    Spot s = {region, pane, u, v};
    return s;
}

typedef struct { float x, y, r, tilt; } Flower;
static const Flower FLOWERS[] = {{0.160f, 0.690f, 0.092f, 0.2f}, {0.385f, 0.770f, 0.078f, 0.9f}, {0.060f, 0.880f, 0.060f, 0.5f}, {0.585f, 0.885f, 0.062f, 0.1f}, {0.265f, 0.905f, 0.050f, 0.7f}};
enum { N_FLOWERS = sizeof FLOWERS / sizeof FLOWERS[0] };

static float trunk_x(float y) { return 0.985f + 0.028f * sinf(7 * y + 0.5f); }

static int in_leaf(float x, float y, float x0, float y0, float x1, float y1, float fat, float *u, float *v) {
    float dx = x1 - x0, dy = y1 - y0, l = sqrtf(dx * dx + dy * dy);
    float s = ((x - x0) * dx + (y - y0) * dy) / (l * l), t = ((y - y0) * dx - (x - x0) * dy) / l;
    if (s <= 0 || s >= 1) return 0;
    float half = fat * l * sinf(3.14159265f * powf(s, 0.8f));
    *u = s * l;
    *v = t;
    return fabsf(t) < half;
}

static Spot design(float x, float y) {
    const float XM = (float)OUT_W / OUT_H;
    float u, v;
    /* frame of small panes */
    float bx = fminf(x, XM - x), by = fminf(y, 1 - y), b = fminf(bx, by);
    if (b < 0.036f) {
        float along = by < bx ? x : y;
        int side = by < bx ? (y < 0.5f ? 0 : 1) : (x < 0.5f ? 2 : 3);
        return spot(FRAME, (int)(hash((int)floorf(along / 0.0515f), side, 5) & 0x7fffff), along, b);
    }
    /* flowers, nearest first */
    for (int i = 0; i < N_FLOWERS; i++) {
        const Flower *f = &FLOWERS[i];
        float dx = x - f->x, dy = (y - f->y) * 1.12f, d = sqrtf(dx * dx + dy * dy) / f->r, a = atan2f(dy, dx) + f->tilt;
        if (d < 0.16f) return spot(HEART, 1000 * i + 900, a, d);
        if (d < 0.36f) return spot(HEART, 1000 * i + (int)floorf((a + 7) * 8 / 6.2831853f), a, d * f->r);
        float k = (a + 12.566371f) / 6.2831853f * 7, p = k - floorf(k) - 0.5f;
        float rim = 0.74f + 0.26f * sqrtf(clampf(1 - 4 * p * p, 0, 1));
        if (d < rim) {
            float mid = 0.60f + 0.10f * cosf(6.2831853f * p);
            return spot(PETAL, 1000 * i + 2 * (int)floorf(k) + (d > mid), d * f->r, a * f->r * d);
        }
    }
    /* stems and leaves */
    for (int i = 0; i < N_FLOWERS; i++) {
        const Flower *f = &FLOWERS[i];
        if (y > f->y && fabsf(x - f->x - 0.03f * sinf(9 * (y - f->y))) < 0.0085f) return spot(STEM, 100 * i + (int)((y - f->y) / 0.075f), y, x - f->x);
        for (int k = 0; k < 4; k++) {
            float s = k & 1 ? 1 : -1, y0 = f->y + f->r * (1.35f + 0.75f * (float)(k / 2)) + 0.02f * (float)(k & 1);
            if (in_leaf(x, y, f->x + 0.012f * s, y0, f->x + s * f->r * 1.35f, y0 - f->r * 0.75f, 0.21f, &u, &v))
                return spot(LEAF, 200 * i + 40 * k + 2 * (int)(u / 0.045f) + (v > 0), u, v);
        }
    }
    /* bird over the river */
    {
        float wx = x - 0.600f, wy = y - 0.300f;
        if (in_leaf(x, y, 0.500f, 0.340f, 0.715f, 0.265f, 0.13f, &u, &v)) return spot(BIRD, (int)(u / 0.052f), u, v);
        if (in_leaf(x, y, 0.595f, 0.300f, 0.500f, 0.110f, 0.23f, &u, &v)) return spot(WING, 50 + 3 * (int)(u / 0.042f) + (v > 0.0f), v, u);
        if (in_leaf(x, y, 0.625f, 0.315f, 0.690f, 0.470f, 0.21f, &u, &v)) return spot(WING, 150 + 3 * (int)(u / 0.042f) + (v > 0.0f), v, u);
        if (in_leaf(x, y, 0.520f, 0.333f, 0.425f, 0.335f, 0.20f, &u, &v)) return spot(BIRD, 250 + (v > 0), u, v);
        if (in_leaf(x, y, 0.520f, 0.333f, 0.445f, 0.395f, 0.17f, &u, &v)) return spot(BIRD, 260, u, v);
        if (in_leaf(x, y, 0.708f, 0.268f, 0.745f, 0.262f, 0.20f, &u, &v)) return spot(SUN, 270, wx, wy);
    }
    /* tree */
    {
        static const float CLUMP[][3] = {{0.985f, 0.205f, 0.125f}, {0.865f, 0.300f, 0.098f}, {1.110f, 0.300f, 0.104f}, {0.920f, 0.395f, 0.075f}, {1.075f, 0.415f, 0.078f}, {0.900f, 0.175f, 0.085f}, {1.085f, 0.175f, 0.085f}};
        static const float FRUITS[][2] = {{0.885f, 0.245f}, {0.965f, 0.150f}, {1.055f, 0.235f}, {1.125f, 0.345f}, {0.915f, 0.385f}, {1.000f, 0.290f}, {0.835f, 0.330f}, {1.085f, 0.130f}, {1.060f, 0.430f}};
        for (int i = 0; i < 9; i++)
            if (hypotf(x - FRUITS[i][0], y - FRUITS[i][1]) < 0.0215f) return spot(FRUIT, i, x, y);
        for (int i = 0; i < 7; i++) {
            float dx = x - CLUMP[i][0], dy = y - CLUMP[i][1], a = atan2f(dy, dx);
            float r = hypotf(dx, dy) / (CLUMP[i][2] * (1 + 0.07f * sinf(7 * a + (float)i)));
            if (r < 1) return spot(CROWN, 100000 * i + (cells(a * 0.085f / 1.0f, r * CLUMP[i][2], 0.052f, 0.040f, 60 + i) & 0xffff), x + y, x - y);
        }
        float tx = trunk_x(y), half = 0.026f + 0.020f * smooth(0.62f, 0.80f, y) + 0.025f * smooth(0.74f, 0.82f, y);
        if (y > 0.33f && y < 0.815f && fabsf(x - tx) < half) return spot(TRUNK, courses(y, x - tx + 0.5f, 0.085f, half * 0.68f, 71), y, x - tx);
    }
    /* meadow, river, hills */
    float meadow = 0.745f - 0.07f * smooth(0.55f, 1.2f, x) + 0.025f * sinf(5 * x + 1), far = 0.515f + 0.055f * sinf(4.3f * x + 0.4f) + 0.02f * sinf(11 * x);
    float mid = 0.585f + 0.050f * sinf(3.6f * x + 3.1f);
    float centre = 0.60f + 0.16f * sinf(8.5f * (y - 0.56f)) - 0.30f * (y - 0.60f), wide = 0.030f + 0.42f * clampf(y - 0.585f, 0, 1);
    if (y > mid + 0.01f && fabsf(x - centre) < wide * (y < meadow + 0.12f ? 1 : 1)) {
        float a = x - centre;
        return spot(RIVER, courses(a + 0.02f * sinf(30 * y), y + 0.012f * sinf(22 * x) + 0.9f, 0.105f, 0.026f + 0.012f * smooth(0.6f, 0.9f, y), 31), a, y + 0.012f * sinf(22 * x));
    }
    if (y > meadow) {
        float d = y - meadow;
        return spot(MEADOW, cells(x + 0.35f * d, d + 0.03f * sinf(9 * x), 0.075f, 0.042f, 41), x, d);
    }
    if (y > mid) return spot(HILL_MID, courses(x, y - mid + 0.9f, 0.088f, 0.038f, 44), x, y - mid);
    if (y > far) return spot(HILL_FAR, courses(x, y - far + 0.9f, 0.100f, 0.034f, 47), x, y - far);
    /* sun, halo and sky: rings about the sun */
    float dx = x - 0.285f, dy = y - 0.265f, d = sqrtf(dx * dx + dy * dy), a = atan2f(dy, dx) + 3.1415927f;
    if (d < 0.045f) return spot(SUN, 1, dx, dy);
    if (d < 0.095f) return spot(SUN, 10 + (int)floorf(a * 10 / 6.2831853f), d, a * d);
    {
        float k = a * 20 / 6.2831853f, p = fabsf(k - floorf(k) - 0.5f) * 2;
        float ray = 0.185f - 0.075f * p + 0.02f * ((int)floorf(k) & 1 ? 1.0f : -1.0f);
        if (d < ray) return spot(HALO, (int)floorf(k) * 2 + (d > 0.135f), d, a * d);
    }
    {
        int ring = (int)floorf((d + 0.012f * noise(7 * x, 7 * y, 3)) / 0.063f);
        float n = floorf(6.2831853f * ((float)ring + 0.5f) * 0.063f / 0.088f), k = a * n / 6.2831853f + 5 * chance(ring, 2, 8);
        return spot(SKY, ring * 1000 + (int)floorf(k) % (int)n, a * d, d);
    }
}

/* --------------------------------------------------------------- glass -- */
static Color glass(int X, int Y, int region, int pane, float x, float y) {
    const int *pal = PALETTE[region];
    Color c = rgb(pal[hash(pane, region, 100) & 7]);
    if (region == SKY) { /* warm near the sun, deep blue far from it */
        float d = hypotf(x - 0.285f, y - 0.265f);
        c = mix(c, rgb(chance(pane, 1, 9) < 0.5f ? 0xffd98a : 0xf08fb0), 0.75f * smooth(0.34f, 0.14f, d) * (chance(pane, 4, 9) < 0.8f));
        c = mix(c, rgb(0x0c1f6a), 0.55f * smooth(0.45f, 0.95f, d) * chance(pane, 5, 9));
    }
    float val = 0.82f + 0.42f * chance(pane, region, 101);
    /* grain: streaks drawn out along an angle of the pane's own */
    float ang = 3.1415927f * chance(pane, region, 102), ca = cosf(ang), sa = sinf(ang);
    float gx = x * ca + y * sa, gy = y * ca - x * sa, off = 40 * chance(pane, region, 103);
    float warp = 0.012f * noise(18 * x + off, 18 * y, 9);
    float streak = fbm(9 * gx + off, 75 * (gy + warp), 120), wave = fbm(22 * gx + off, 34 * gy + 3, 130), fine = noise(60 * gx, 210 * (gy + warp), 140);
    Color other = rgb(pal[hash(pane, region, 104) & 7]);
    c = mix(c, other, clampf(0.30f + 0.75f * streak, 0, 0.75f));
    c = mix(c, rgb(0xffffff), clampf(0.42f * (wave - 0.12f), 0, 0.35f));
    float light = val * (1 + 0.26f * wave + 0.12f * fine);
    /* light fades across the pane and grime gathers at its edges */
    light *= 1 + 0.22f * noise(5 * gx + off, 5 * gy, 150);
    float e = edge[Y][X] / SS;
    light *= 0.50f + 0.50f * smooth(0, 13, e);
    /* seeds: small bubbles */
    float bx = x * 95, by = y * 95;
    int ix = (int)floorf(bx), iy = (int)floorf(by);
    if (chance(ix, iy, 160) < 0.22f) {
        float cx = bx - (float)ix - 0.25f - 0.5f * chance(ix, iy, 161), cy = by - (float)iy - 0.25f - 0.5f * chance(ix, iy, 162), r = 0.10f + 0.13f * chance(ix, iy, 163);
        float d = hypotf(cx, cy) / r;
        if (d < 1.3f) light *= d > 0.75f ? 0.74f : 1.28f;
    }
    c.r *= light;
    c.g *= light;
    c.b *= light;
    return c;
}

int main(void) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            /* a hand-cut edge is never quite true */
            float fx = (float)x / H, fy = (float)y / H;
            float wx = 0.0016f * noise(40 * fx, 40 * fy, 1), wy = 0.0016f * noise(40 * fx, 40 * fy, 2);
            Spot s = design(fx + wx, fy + wy);
            region_id[y][x] = s.region;
            pane_id[y][x] = s.pane;
            edge[y][x] = 1e9f;
        }
    /* Distance to the nearest cut, and the lead on it: broad between regions,
     * narrow inside one. */
    enum { R = 15 * SS };
    static float offset[2 * R + 1][2 * R + 1];
    for (int j = -R; j <= R; j++)
        for (int i = -R; i <= R; i++) offset[j + R][i + R] = sqrtf((float)(i * i + j * j));
    for (int y = 0; y < H - 1; y++)
        for (int x = 0; x < W - 1; x++) {
            int region = region_id[y][x] != region_id[y][x + 1] || region_id[y][x] != region_id[y + 1][x];
            int pane = pane_id[y][x] != pane_id[y][x + 1] || pane_id[y][x] != pane_id[y + 1][x];
            if (!region && !pane) continue;
            float thick = (region ? 4.3f : 2.7f) * SS * (1 + 0.16f * noise((float)x * 0.02f, (float)y * 0.02f, 70));
            for (int j = -R; j <= R; j++) {
                int Y = y + j;
                if (Y < 0 || Y >= H) continue;
                int x0 = x - R < 0 ? 0 : x - R, x1 = x + R >= W ? W - 1 : x + R;
                const float *o = offset[j + R] + R - x;
                for (int X = x0; X <= x1; X++) {
                    if (o[X] < edge[Y][X]) edge[Y][X] = o[X];
                    float q = o[X] / thick;
                    if (q < 1) {
                        float h = sqrtf(1 - q * q) * thick;
                        if (h > lead[Y][X]) lead[Y][X] = h;
                    }
                }
            }
        }
    printf("P6\n%d %d\n255\n", OUT_W, OUT_H);
    for (int y = 0; y < OUT_H; y++)
        for (int x = 0; x < OUT_W; x++) {
            float r = 0, g = 0, b = 0;
            for (int j = 0; j < SS; j++)
                for (int i = 0; i < SS; i++) {
                    int X = x * SS + i, Y = y * SS + j;
                    float fx = (float)X / H, fy = (float)Y / H;
                    Color c;
                    if (lead[Y][X] > 0) {
                        int xa = X ? X - 1 : 0, xb = X < W - 1 ? X + 1 : X, ya = Y ? Y - 1 : 0, yb = Y < H - 1 ? Y + 1 : Y;
                        float gx = (lead[Y][xb] - lead[Y][xa]) * 0.5f, gy = (lead[yb][X] - lead[ya][X]) * 0.5f;
                        float bump = 0.30f * fbm(300 * fx, 300 * fy, 80);
                        float n = 1 / sqrtf(1 + gx * gx + gy * gy), lit = (0.55f * gx + 0.6f * gy + 0.58f + bump) * n;
                        float v = 0.035f + 0.10f * clampf(lit, 0, 1) + 0.42f * powf(clampf(lit, 0, 1), 7);
                        c.r = v * 0.92f;
                        c.g = v * 0.97f;
                        c.b = v * 1.08f;
                    } else
                        c = glass(X, Y, region_id[Y][X], pane_id[Y][X], fx, fy);
                    r += clampf(c.r, 0, 1);
                    g += clampf(c.g, 0, 1);
                    b += clampf(c.b, 0, 1);
                }
            const float k = 255.0f / (SS * SS);
            putchar((int)(r * k + 0.5f));
            putchar((int)(g * k + 0.5f));
            putchar((int)(b * k + 0.5f));
        }
    return 0;
}
