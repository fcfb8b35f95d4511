/* SPDX-License-Identifier: MIT
 *
 * Paints style-storm, "Sun over a rising sea".
 *
 * The picture is a stream function: strokes follow its level lines, and its value chooses the
 * colour, so that bands of paint curl around each other.
 *
 *     cc -O2 -o paint_storm paint_storm.c brush.c -lm && ./paint_storm > storm.ppm
 */
#include "brush.h"

#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------- palette -- */
static const int SKY_DARK[] = {0x0b1440, 0x152a72, 0x1b3f9a, 0x2a63b4,
                               0x1a3383, 0x10205c, 0x3f86c2, 0x1d4aa0};
static const int SKY_FIRE[] = {0xd9591a, 0xf08a1d, 0xf7b733, 0xe36f17,
                               0xc2410f, 0xf5a623, 0xfbd96b, 0xe88a2c};
static const int SEA_DEEP[] = {0x061a2c, 0x0a2f45, 0x0f4a5e, 0x0b2544,
                               0x12657a, 0x0a1b3a, 0x1b8490, 0x0d3a5a};
static const int LAND[] = {0x1a0f1e, 0x2c1526, 0x40202a, 0x1d1a33, 0x5a2d1e, 0x141026};

/* --------------------------------------------------------- composition -- */
/* Picture coordinates: x 0 .. 1.27, y 0 .. 1 downwards. */
#define SUN_X 0.87f
#define SUN_Y 0.315f

/* A whirl lifts the stream function; turns is the number of spiral arms. */
typedef struct {
    float x, y, amount, size, turns;
} Whirl;
enum { N_SKY = 9, N_SEA = 7 };
static const Whirl SKY_WHIRL[N_SKY] = {
    {SUN_X, SUN_Y, -0.60f, 0.150f, -1},   {0.17f, 0.20f, 0.40f, 0.110f, 1},
    {0.520f, 0.130f, -0.26f, 0.075f, -1}, {0.04f, 0.43f, -0.16f, 0.060f, -1},
    {1.16f, 0.13f, 0.26f, 0.085f, 1},     {0.455f, 0.435f, 0.22f, 0.060f, 1},
    {1.19f, 0.36f, 0.06f, 0.050f, 0},     {0.36f, 0.045f, 0.12f, 0.050f, 1},
    {0.655f, 0.46f, -0.08f, 0.050f, 0},
};
static const Whirl SEA_WHIRL[N_SEA] = {
    {0.335f, 0.60f, 0.34f, 0.085f, 1},  {0.78f, 0.79f, 0.15f, 0.065f, 1},
    {1.10f, 0.69f, -0.13f, 0.060f, -1}, {0.55f, 0.88f, -0.20f, 0.065f, -1},
    {0.08f, 0.86f, 0.20f, 0.075f, 1},   {1.12f, 0.92f, 0.22f, 0.075f, 1},
    {0.62f, 0.67f, 0.06f, 0.040f, 0},
};
#define BANDS 7.5f /* colour bands per unit of the stream function */

static float whirls(const Whirl *w, int n, float x, float y) {
    float s = 0;
    for (int i = 0; i < n; i++) {
        float dx = x - w[i].x, dy = y - w[i].y;
        s += w[i].amount * expf(-sqrtf(dx * dx + dy * dy + 0.0001f) / w[i].size);
    }
    return s;
}
/* The phase of the spiral arms, in bands, and its gradient. */
static float arms(const Whirl *w, int n, float x, float y) {
    float s = 0;
    for (int i = 0; i < n; i++)
        if (w[i].turns != 0)
            s += w[i].turns * atan2f(y - w[i].y, x - w[i].x) / 6.2831853f;
    return s;
}
static void arms_gradient(const Whirl *w, int n, float x, float y, float *gx, float *gy) {
    for (int i = 0; i < n; i++) {
        float dx = x - w[i].x, dy = y - w[i].y,
              k = w[i].turns / (6.2831853f * BANDS * (dx * dx + dy * dy + 0.0004f));
        *gx -= k * dy;
        *gy += k * dx;
    }
}
/* The sea's upper edge: a great wave at the left, steep to the right; swell beyond. */
static float sea_line(float x) {
    float d = x - 0.345f;
    float great = expf(-powf(fabsf(d) / (d < 0 ? 0.22f : 0.055f), 1.6f));
    return 0.565f - 0.215f * great + 0.022f * sinf(11 * x + 0.6f) * smooth(0.40f, 0.7f, x) +
           0.008f * sinf(37 * x) + 0.006f * noise(60 * x, 4, 33);
}
/* A headland at the right. */
static float land_line(float x) {
    float t = smooth(0.93f, 1.27f, x);
    return 0.60f - 0.22f * t - 0.025f * noise(16 * x, 3.3f, 9) - 0.012f * noise(41 * x, 1.3f, 10);
}
enum { SKY, SEA, LANDMASS };
static int part(float x, float y) {
    float wob = 0.006f * noise(24 * x, 24 * y, 5);
    if (x > 0.94f && y + wob > land_line(x) && y + wob < 0.600f + 0.02f * sinf(14 * x))
        return LANDMASS;
    return y + wob > sea_line(x) ? SEA : SKY;
}
static float stream(float x, float y) {
    float n = 0.035f * fbm(3.1f * x + 7, 3.1f * y, 21);
    switch (part(x, y)) {
    case SKY:
        return 0.85f * y - 0.16f * x * (y - 0.2f) + whirls(SKY_WHIRL, N_SKY, x, y) + n;
    case SEA: {
        float depth = (y - sea_line(x));
        float swell = 0.028f * sinf(15 * x - 9 * y) + 0.016f * sinf(27 * x + 6 * y + 1);
        return 0.8f * (0.45f * y + 0.55f * depth) + swell + whirls(SEA_WHIRL, N_SEA, x, y) + n;
    }
    default:
        return 0.9f * x + 0.55f * (y - land_line(x)) + n;
    }
}
static Vec flow(float x, float y) {
    const float e = 0.0022f;
    float gx = stream(x + e, y) - stream(x - e, y), gy = stream(x, y + e) - stream(x, y - e);
    gx /= 2 * e;
    gy /= 2 * e;
    switch (part(x, y)) {
    case SKY:
        arms_gradient(SKY_WHIRL, N_SKY, x, y, &gx, &gy);
        break;
    case SEA:
        arms_gradient(SEA_WHIRL, N_SEA, x, y, &gx, &gy);
        break;
    default:
        break;
    }
    float l = sqrtf(gx * gx + gy * gy) + 1e-9f;
    Vec v = {gy / l, -gx / l};
    return v;
}

static Color scene(float x, float y) {
    const float turn = 6.2831853f;
    int where = part(x, y);
    float n = fbm(5 * x, 5 * y, 40), n2 = fbm(8 * x + 3, 8 * y, 44);
    float arm = where == SKY   ? arms(SKY_WHIRL, N_SKY, x, y)
                : where == SEA ? arms(SEA_WHIRL, N_SEA, x, y)
                               : 0;
    float phase = BANDS * stream(x, y) + arm;
    float band = phase + 0.45f * n;
    float saw = band - floorf(band);
    float fine = turn * (phase + 0.5f * n2);             /* one streak in a band */
    float finer = turn * (2 * phase + 0.9f * n2 + 0.3f); /* two */
    float dx = x - SUN_X, dy = y - SUN_Y, d = sqrtf(dx * dx + dy * dy);
    switch (where) {
    case SKY: {
        Color c = ramp(SKY_DARK, 8, saw);
        /* fire spreads from the sun along the streams, and lies on the horizon */
        float streak = sinf(fine) - 0.55f * n - 0.25f, streak2 = sinf(finer) + 0.8f * n2;
        float fire = 1.10f * expf(-d * d / 0.055f) +
                     0.60f * smooth(0.25f, 0.56f, y) * expf(-fabsf(x - 0.8f) / 0.5f);
        fire += 0.45f * (sinf(fine + 2.2f) > 0.35f ? 1 : 0) * smooth(0.9f, 0.15f, d);
        fire += 0.30f * n;
        Color f = ramp(SKY_FIRE, 8, saw);
        c = mix(c, f, smooth(0.32f, 0.58f, fire));
        if (streak > 0.45f && fire < 0.75f)
            c = mix(c, rgb(0x9cc3dc), 0.75f);
        if (streak > 0.72f)
            c = mix(c, rgb(0xf6ecd0), 0.85f);
        if (streak2 > 1.02f)
            c = mix(c, fire > 0.45f ? rgb(0x8c1d18) : rgb(0xe39a35), 0.8f);
        if (d < 0.062f)
            c = mix(rgb(0xfff6cf), rgb(0xffd95a), smooth(0.0f, 0.062f, d));
        else if (d < 0.082f)
            c = mix(rgb(0xf9a11b), c, 0.15f);
        else if (d < 0.098f)
            c = mix(rgb(0xfff0b0), c, 0.2f);
        return c;
    }
    case SEA: {
        float depth = y - sea_line(x);
        Color c = ramp(SEA_DEEP, 8, saw);
        float foam = sinf(fine) - 0.9f * n - 0.22f, foam2 = sinf(finer) + 0.9f * n2;
        c = mix(c, rgb(0x2fa39a), 0.65f * smooth(0.1f, 0.0f, depth) * (0.5f + 0.5f * n));
        if (foam > 0.66f)
            c = mix(c, rgb(0xeff2e4), 0.88f);
        else if (foam > 0.38f)
            c = mix(c, rgb(0x6fbcc0), 0.7f);
        else if (foam2 > 0.85f)
            c = mix(c, rgb(0x3fb39b), 0.7f);
        else if (foam2 < -1.15f)
            c = mix(c, rgb(0xcf8a3a), 0.75f);
        /* the crest of the great wave */
        float crest = expf(-powf((x - 0.335f) / 0.085f, 2)) *
                      smooth(0.060f, 0.008f, depth + 0.03f * noise(40 * x, 9 * y, 71));
        crest += 0.6f * smooth(0.016f, 0.004f, depth) * (noise(15 * x, 2, 72) > 0 ? 1 : 0.2f);
        c = mix(c, rgb(0xf7f3e3), clampf(crest, 0, 0.95f));
        /* the sun's road on the water */
        float road =
            expf(-powf((x - SUN_X + 0.10f * (y - 0.55f)) / (0.035f + 0.16f * (y - 0.5f)), 2));
        float glint = sinf(fine + 9 * noise(6 * x, 30 * y, 77));
        if (road * (0.6f + 0.5f * glint) > 0.42f)
            c = mix(ramp(SKY_FIRE, 8, saw), rgb(0xffe08a), 0.35f * road);
        return c;
    }
    default: {
        Color c = ramp(LAND, 6, saw);
        float rim = smooth(0.035f, 0.0f, y - land_line(x));
        if (sinf(finer) > 0.45f)
            c = mix(c, rgb(0x7a4a1e), 0.75f);
        if (sinf(fine + 2) > 0.75f)
            c = mix(c, rgb(0x2b4f6e), 0.8f);
        return mix(c, rgb(0xd2691e), 0.6f * rim * (n > -0.1f));
    }
    }
}

/* -------------------------------------------------------------- layers -- */

/* A layer of strokes on a jittered grid, in random order. */
typedef struct {
    float width, length, cover, jitter, thick, load, skip;
} Layer;

static const Motif MOTIF = {part, flow};

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
        Color c = scene(u, v);
        /* broken colour: lighter or darker, warmer or cooler, now and then the complement */
        float val = 1 + l->jitter * rnd2(), warm = 0.5f * l->jitter * rnd2();
        c.r = c.r * val * (1 + warm);
        c.g = c.g * val;
        c.b = c.b * val * (1 - warm);
        float odd = rnd(), lum = 0.3f * c.r + 0.6f * c.g + 0.1f * c.b;
        float sd = hypotf(u - SUN_X, v - SUN_Y);
        if (odd < 0.035f && sd > 0.11f)
            c = c.b > c.r ? mix(rgb(0xd9822b), c, 0.25f + 0.4f * rnd())
                          : mix(rgb(0x24509b), c, 0.25f + 0.4f * rnd());
        else if (odd < 0.075f)
            c = mix(c, lum > 0.4f ? rgb(0xfff2cc) : rgb(0x6fb1cf), 0.65f);
        else if (odd < 0.11f && sd > 0.11f)
            c = mix(c, rgb(0x0c1030), 0.6f);
        float size = 0.7f + 0.6f * rnd();
        float shrink = sd < 0.12f ? 0.55f : 1;
        Brush brush = {l->length * SS * size * shrink, l->width * SS * (0.75f + 0.5f * rnd()),
                       l->load, l->thick, 0.12f};
        if (shrink < 1)
            brush.width *= 0.75f;
        stroke(&MOTIF, x, y, brush, c);
    }
    free(order);
}

/* A sailing boat in a few bold touches. */
static void boat(float x, float y, float s) {
    const float mast = x - s * 0.03f;
    for (int i = 0; i < 16; i++) { /* the sails in strips, from the masthead down */
        float t = ((float)i + 0.5f) / 16, up = 0.97f - 0.82f * t, belly = powf(t, 0.8f);
        float fade = 0.55f * t * t;
        line((Vec){mast + s * 0.015f, y - s * up},
             (Vec){mast + s * (0.04f + 0.50f * belly), y - s * (up - 0.02f - 0.03f * t)}, 11,
             mix(rgb(i % 4 == 1 ? 0xf2b544
                     : i % 2    ? 0xd9541e
                                : 0xe8692a),
                 rgb(0x8a1f12), fade),
             1.1f);
        line((Vec){mast - s * 0.015f, y - s * (up - 0.04f)},
             (Vec){mast - s * (0.03f + 0.40f * belly), y - s * (up - 0.06f + 0.03f * t)}, 11,
             mix(rgb(i % 3 == 1 ? 0xf0cf8f : 0xfbecc4), rgb(0xb87a3a), fade), 1.1f);
    }
    line((Vec){x - s * 0.045f, y - s * 1.02f}, (Vec){x - s * 0.02f, y}, 2.6f, rgb(0x1a0f1e), 1.0f);
    for (int i = 0; i < 5; i++)
        line((Vec){x - s * (0.50f - 0.05f * (float)i), y - s * 0.10f + s * 0.045f * (float)i},
             (Vec){x + s * (0.52f - 0.07f * (float)i), y - s * 0.08f + s * 0.045f * (float)i}, 8,
             rgb(i == 0   ? 0xb5651d
                 : i == 3 ? 0x31204a
                          : 0x1d0f18),
             1.1f);
    for (int i = 0; i < 5; i++)
        line((Vec){x - s * (0.60f - 0.2f * (float)i), y + s * (0.12f + 0.02f * (float)(i % 2))},
             (Vec){x - s * (0.30f - 0.22f * (float)i), y + s * 0.14f}, 3.2f,
             rgb(i % 2 ? 0xe9f0e4 : 0x7fc4c4), 1.2f);
}

int main(void) {
    prime(rgb(0x6a4a2a));
    /*                    width length cover jitter thick load skip */
    static const Layer layers[] = {{34, 190, 1.6f, 0.16f, 0.55f, 1.30f, 0.0f},
                                   {19, 120, 1.4f, 0.22f, 0.75f, 1.15f, 0.0f},
                                   {11, 78, 1.25f, 0.26f, 0.95f, 1.00f, 0.05f},
                                   {7, 50, 1.0f, 0.30f, 1.10f, 0.95f, 0.25f}};
    for (int i = 0; i < 4; i++) {
        paint_layer(&layers[i]);
        if (i == 2)
            boat(0.605f, 0.61f, 0.175f);
    }
    static const Layer accents = {4.5f, 30, 0.6f, 0.34f, 1.25f, 0.9f, 0.35f};
    paint_layer(&accents);
    boat(0.605f, 0.61f, 0.175f);

    print_picture();
    return 0;
}
