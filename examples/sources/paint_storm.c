/* paint_storm.c - paints style-storm, "Sun over a rising sea", with oriented
 * brush strokes.  Part of the stylize examples.  MIT licence.
 *
 * The picture is a stream function: strokes follow its level lines, and its
 * value chooses the colour, so that bands of paint curl around each other.
 * Every stroke is drawn bristle by bristle, with a height; at the end the
 * relief of the paint is lit from the upper left.
 *
 *     cc -O2 -o paint_storm paint_storm.c -lm && ./paint_storm > storm.ppm
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { OUT_W = 1120, OUT_H = 880, SS = 2, W = OUT_W * SS, H = OUT_H * SS };

typedef struct { float r, g, b; } Color;
typedef struct { float x, y; } Vec;

static Color canvas[H][W];
static float height_map[H][W];

/* ---------------------------------------------------------- randomness -- */
static uint64_t rng_state = 20150826;

static float rnd(void) {
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return (float)((rng_state >> 40) * (1.0 / 16777216.0));
}
static float rnd2(void) { return rnd() + rnd() - 1.0f; } /* triangle on -1..1 */

static float lattice(int x, int y, int seed) {
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)seed * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    h ^= h >> 16;
    return (h & 0xffffff) * (2.0f / 16777215.0f) - 1.0f;
}
static float noise(float x, float y, int seed) {
    int xi = (int)floorf(x), yi = (int)floorf(y);
    float fx = x - xi, fy = y - yi;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    float a = lattice(xi, yi, seed), b = lattice(xi + 1, yi, seed);
    float c = lattice(xi, yi + 1, seed), d = lattice(xi + 1, yi + 1, seed);
    return a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy;
}
static float fbm(float x, float y, int seed) {
    return 0.57f * noise(x, y, seed) + 0.29f * noise(2.1f * x, 2.1f * y, seed + 1) +
           0.14f * noise(4.3f * x, 4.3f * y, seed + 2);
}

/* ------------------------------------------------------------- palette -- */
static Color rgb(int hex) {
    Color c = {(float)(hex >> 16 & 255) / 255, (float)(hex >> 8 & 255) / 255, (float)(hex & 255) / 255};
    return c;
}
static Color mix(Color a, Color b, float t) {
    Color c = {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
    return c;
}
static float clampf(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }
static float smooth(float a, float b, float x) {
    float t = clampf((x - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}

/* Colours along a ramp, t on 0..1. */
static Color ramp(const int *hex, int n, float t) {
    float p = clampf(t, 0, 1) * (float)(n - 1);
    int i = p >= (float)(n - 1) ? n - 2 : (int)p;
    return mix(rgb(hex[i]), rgb(hex[i + 1]), p - (float)i);
}
static const int SKY_DARK[] = {0x0b1440, 0x152a72, 0x1b3f9a, 0x2a63b4, 0x1a3383, 0x10205c, 0x3f86c2, 0x1d4aa0};
static const int SKY_FIRE[] = {0xd9591a, 0xf08a1d, 0xf7b733, 0xe36f17, 0xc2410f, 0xf5a623, 0xfbd96b, 0xe88a2c};
static const int SEA_DEEP[] = {0x061a2c, 0x0a2f45, 0x0f4a5e, 0x0b2544, 0x12657a, 0x0a1b3a, 0x1b8490, 0x0d3a5a};
static const int LAND[] = {0x1a0f1e, 0x2c1526, 0x40202a, 0x1d1a33, 0x5a2d1e, 0x141026};

/* --------------------------------------------------------- composition -- */
/* Picture coordinates: x 0 .. 1.27, y 0 .. 1 downwards. */
#define SUN_X 0.87f
#define SUN_Y 0.315f

/* A whirl lifts the stream function; turns is the number of spiral arms. */
typedef struct { float x, y, amount, size, turns; } Whirl;
enum { N_SKY = 9, N_SEA = 7 };
static const Whirl SKY_WHIRL[N_SKY] = {
    {SUN_X, SUN_Y, -0.60f, 0.150f, -1}, {0.17f, 0.20f, 0.40f, 0.110f, 1},  {0.520f, 0.130f, -0.26f, 0.075f, -1},
    {0.04f, 0.43f, -0.16f, 0.060f, -1}, {1.16f, 0.13f, 0.26f, 0.085f, 1},  {0.455f, 0.435f, 0.22f, 0.060f, 1},
    {1.19f, 0.36f, 0.06f, 0.050f, 0},   {0.36f, 0.045f, 0.12f, 0.050f, 1}, {0.655f, 0.46f, -0.08f, 0.050f, 0},
};
static const Whirl SEA_WHIRL[N_SEA] = {
    {0.335f, 0.60f, 0.34f, 0.085f, 1},  {0.78f, 0.79f, 0.15f, 0.065f, 1}, {1.10f, 0.69f, -0.13f, 0.060f, -1},
    {0.55f, 0.88f, -0.20f, 0.065f, -1}, {0.08f, 0.86f, 0.20f, 0.075f, 1}, {1.12f, 0.92f, 0.22f, 0.075f, 1},
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
        if (w[i].turns != 0) s += w[i].turns * atan2f(y - w[i].y, x - w[i].x) / 6.2831853f;
    return s;
}
static void arms_gradient(const Whirl *w, int n, float x, float y, float *gx, float *gy) {
    for (int i = 0; i < n; i++) {
        float dx = x - w[i].x, dy = y - w[i].y, k = w[i].turns / (6.2831853f * BANDS * (dx * dx + dy * dy + 0.0004f));
        *gx -= k * dy;
        *gy += k * dx;
    }
}
/* The sea's upper edge: a great wave at the left, steep to the right; swell beyond. */
static float sea_line(float x) {
    float d = x - 0.345f;
    float great = expf(-powf(fabsf(d) / (d < 0 ? 0.22f : 0.055f), 1.6f));
    return 0.565f - 0.215f * great + 0.022f * sinf(11 * x + 0.6f) * smooth(0.40f, 0.7f, x) + 0.008f * sinf(37 * x) +
           0.006f * noise(60 * x, 4, 33);
}
/* A headland at the right. */
static float land_line(float x) {
    float t = smooth(0.93f, 1.27f, x);
    return 0.60f - 0.22f * t - 0.025f * noise(16 * x, 3.3f, 9) - 0.012f * noise(41 * x, 1.3f, 10);
}
enum { SKY, SEA, LANDMASS };
static int part(float x, float y) {
    float wob = 0.006f * noise(24 * x, 24 * y, 5);
    if (x > 0.94f && y + wob > land_line(x) && y + wob < 0.600f + 0.02f * sinf(14 * x)) return LANDMASS;
    return y + wob > sea_line(x) ? SEA : SKY;
}
static float stream(float x, float y) {
    float n = 0.035f * fbm(3.1f * x + 7, 3.1f * y, 21);
    switch (part(x, y)) {
    case SKY: return 0.85f * y - 0.16f * x * (y - 0.2f) + whirls(SKY_WHIRL, N_SKY, x, y) + n;
    case SEA: {
        float depth = (y - sea_line(x));
        float swell = 0.028f * sinf(15 * x - 9 * y) + 0.016f * sinf(27 * x + 6 * y + 1);
        return 0.8f * (0.45f * y + 0.55f * depth) + swell + whirls(SEA_WHIRL, N_SEA, x, y) + n;
    }
    default: return 0.9f * x + 0.55f * (y - land_line(x)) + n;
    }
}
static Vec flow(float x, float y) {
    const float e = 0.0022f;
    float gx = stream(x + e, y) - stream(x - e, y), gy = stream(x, y + e) - stream(x, y - e);
    gx /= 2 * e;
    gy /= 2 * e;
    switch (part(x, y)) {
    case SKY: arms_gradient(SKY_WHIRL, N_SKY, x, y, &gx, &gy); break;
    case SEA: arms_gradient(SEA_WHIRL, N_SEA, x, y, &gx, &gy); break;
    default: break;
    }
    float l = sqrtf(gx * gx + gy * gy) + 1e-9f;
    Vec v = {gy / l, -gx / l};
    return v;
}

static Color scene(float x, float y) {
    const float turn = 6.2831853f;
    int where = part(x, y);
    float n = fbm(5 * x, 5 * y, 40), n2 = fbm(8 * x + 3, 8 * y, 44);
    float arm = where == SKY ? arms(SKY_WHIRL, N_SKY, x, y) : where == SEA ? arms(SEA_WHIRL, N_SEA, x, y) : 0;
    float phase = BANDS * stream(x, y) + arm;
    float band = phase + 0.45f * n;
    float saw = band - floorf(band);
    float fine = turn * (phase + 0.5f * n2);           /* one streak in a band */
    float finer = turn * (2 * phase + 0.9f * n2 + 0.3f); /* two */
    float dx = x - SUN_X, dy = y - SUN_Y, d = sqrtf(dx * dx + dy * dy);
    switch (where) {
    case SKY: {
        Color c = ramp(SKY_DARK, 8, saw);
        /* fire spreads from the sun along the streams, and lies on the horizon */
        float streak = sinf(fine) - 0.55f * n - 0.25f, streak2 = sinf(finer) + 0.8f * n2;
        float fire = 1.10f * expf(-d * d / 0.055f) + 0.60f * smooth(0.25f, 0.56f, y) * expf(-fabsf(x - 0.8f) / 0.5f);
        fire += 0.45f * (sinf(fine + 2.2f) > 0.35f ? 1 : 0) * smooth(0.9f, 0.15f, d);
        fire += 0.30f * n;
        Color f = ramp(SKY_FIRE, 8, saw);
        c = mix(c, f, smooth(0.32f, 0.58f, fire));
        if (streak > 0.45f && fire < 0.75f) c = mix(c, rgb(0x9cc3dc), 0.75f);
        if (streak > 0.72f) c = mix(c, rgb(0xf6ecd0), 0.85f);
        if (streak2 > 1.02f) c = mix(c, fire > 0.45f ? rgb(0x8c1d18) : rgb(0xe39a35), 0.8f);
        if (d < 0.062f) c = mix(rgb(0xfff6cf), rgb(0xffd95a), smooth(0.0f, 0.062f, d));
        else if (d < 0.082f) c = mix(rgb(0xf9a11b), c, 0.15f);
        else if (d < 0.098f) c = mix(rgb(0xfff0b0), c, 0.2f);
        return c;
    }
    case SEA: {
        float depth = y - sea_line(x);
        Color c = ramp(SEA_DEEP, 8, saw);
        float foam = sinf(fine) - 0.9f * n - 0.22f, foam2 = sinf(finer) + 0.9f * n2;
        c = mix(c, rgb(0x2fa39a), 0.65f * smooth(0.1f, 0.0f, depth) * (0.5f + 0.5f * n));
        if (foam > 0.66f) c = mix(c, rgb(0xeff2e4), 0.88f);
        else if (foam > 0.38f) c = mix(c, rgb(0x6fbcc0), 0.7f);
        else if (foam2 > 0.85f) c = mix(c, rgb(0x3fb39b), 0.7f);
        else if (foam2 < -1.15f) c = mix(c, rgb(0xcf8a3a), 0.75f);
        /* the crest of the great wave */
        float crest = expf(-powf((x - 0.335f) / 0.085f, 2)) * smooth(0.060f, 0.008f, depth + 0.03f * noise(40 * x, 9 * y, 71));
        crest += 0.6f * smooth(0.016f, 0.004f, depth) * (noise(15 * x, 2, 72) > 0 ? 1 : 0.2f);
        c = mix(c, rgb(0xf7f3e3), clampf(crest, 0, 0.95f));
        /* the sun's road on the water */
        float road = expf(-powf((x - SUN_X + 0.10f * (y - 0.55f)) / (0.035f + 0.16f * (y - 0.5f)), 2));
        float glint = sinf(fine + 9 * noise(6 * x, 30 * y, 77));
        if (road * (0.6f + 0.5f * glint) > 0.42f) c = mix(ramp(SKY_FIRE, 8, saw), rgb(0xffe08a), 0.35f * road);
        return c;
    }
    default: {
        Color c = ramp(LAND, 6, saw);
        float rim = smooth(0.035f, 0.0f, y - land_line(x));
        if (sinf(finer) > 0.45f) c = mix(c, rgb(0x7a4a1e), 0.75f);
        if (sinf(fine + 2) > 0.75f) c = mix(c, rgb(0x2b4f6e), 0.8f);
        return mix(c, rgb(0xd2691e), 0.6f * rim * (n > -0.1f));
    }
    }
}

/* -------------------------------------------------------------- strokes -- */
#define MAX_PATH 1600
#define MAX_BRISTLE 192

/* One stroke through (x, y) in pixels: length and width in pixels, load 0..1
 * is how long the paint lasts, thick how high it stands. */
static void stroke(float x, float y, float length, float width, Color c, float load, float thick, float wild) {
    static Vec path[MAX_PATH];
    int n = (int)(length * 1.4f);
    if (n > MAX_PATH) n = MAX_PATH;
    if (n < 6) n = 6;
    float step = length / (float)n, turn = wild * rnd2();
    /* walk back half the way, then forward along the stream */
    int own = part(x / H, y / H);
    float px = x, py = y, sign = rnd() < 0.5f ? -1.0f : 1.0f;
    float back = length * (0.35f + 0.3f * rnd());
    for (float s = 0; s < back; s += 2 * step) {
        Vec v = flow(px / H, py / H);
        float qx = px - sign * v.x * 2 * step, qy = py - sign * v.y * 2 * step;
        if (part(qx / H, qy / H) != own) break;
        px = qx;
        py = qy;
    }
    Vec dir = {0, 0};
    int m = 0;
    for (; m < n; m++) {
        path[m].x = px;
        path[m].y = py;
        Vec v = flow(px / H, py / H);
        v.x *= sign;
        v.y *= sign;
        if (m && v.x * dir.x + v.y * dir.y < -0.2f) break;
        dir = v;
        float ca = cosf(turn), sa = sinf(turn);
        px += (v.x * ca - v.y * sa) * step;
        py += (v.x * sa + v.y * ca) * step;
        if (part(px / H, py / H) != own && m > 5) break;
    }
    if (m < 5) return;
    int nb = (int)(width * 1.5f);
    if (nb < 4) nb = 4;
    if (nb > MAX_BRISTLE) nb = MAX_BRISTLE;
    float tone[MAX_BRISTLE], ridge[MAX_BRISTLE], dry[MAX_BRISTLE], start[MAX_BRISTLE];
    float slow = rnd2();
    for (int b = 0; b < nb; b++) {
        slow = 0.72f * slow + 0.5f * rnd2();
        tone[b] = slow;
        ridge[b] = 0.5f + 0.5f * slow + 0.35f * rnd2();
        dry[b] = load * (0.75f + 0.6f * rnd());
        start[b] = 0.03f * rnd();
    }
    Color dirty = {c.r * 0.62f, c.g * 0.64f, c.b * 0.70f};
    for (int i = 0; i < m; i++) {
        float t = (float)i / (float)(m - 1);
        int j = i < m - 1 ? i : m - 2;
        float tx = path[j + 1].x - path[j].x, ty = path[j + 1].y - path[j].y;
        float l = sqrtf(tx * tx + ty * ty) + 1e-6f, nx = -ty / l, ny = tx / l;
        float half = 0.5f * width * smooth(-0.02f, 0.09f, t) * (1 - 0.45f * smooth(0.70f, 1.0f, t));
        for (int b = 0; b < nb; b++) {
            float q = ((float)b + 0.5f) / (float)nb * 2 - 1;
            if (t < start[b]) continue;
            float left = (dry[b] - t) * 5;
            float a = left > 1 ? 1 : left < 0 ? 0 : left;
            if (a <= 0) continue;
            float edge = 1 - powf(fabsf(q), 6);
            a *= 0.93f * clampf(edge * 2.4f, 0, 1);
            float ox = path[i].x + nx * q * half, oy = path[i].y + ny * q * half;
            int X = (int)floorf(ox), Y = (int)floorf(oy);
            float v = 1 + 0.17f * tone[b];
            Color k = tone[b] < -0.75f ? mix(c, dirty, 0.6f) : c;
            k.r *= v;
            k.g *= v;
            k.b *= v;
            float bank = thick * (0.45f + 0.35f * ridge[b] + 0.45f * smooth(0.72f, 0.93f, fabsf(q)) + 0.5f * smooth(0.90f, 1.0f, t));
            for (int yy = Y; yy <= Y + 1; yy++)
                for (int xx = X; xx <= X + 1; xx++) {
                    if (xx < 0 || yy < 0 || xx >= W || yy >= H) continue;
                    float cover = (1 - fabsf(ox - (float)xx)) * (1 - fabsf(oy - (float)yy));
                    float aa = clampf(a * cover * 1.6f, 0, 1);
                    canvas[yy][xx] = mix(canvas[yy][xx], k, aa);
                    float target = 0.35f * height_map[yy][xx] + bank;
                    height_map[yy][xx] += (target - height_map[yy][xx]) * aa;
                }
        }
    }
}

/* A layer of strokes on a jittered grid, in random order. */
typedef struct { float width, length, cover, jitter, thick, load, skip; } Layer;

static void paint_layer(const Layer *l) {
    float sx = l->length * 0.42f * SS / l->cover, sy = l->width * 0.85f * SS / l->cover;
    float pitch = sqrtf(sx * sy);
    int nx = (int)(W / pitch) + 3, ny = (int)(H / pitch) + 3, n = nx * ny;
    int *order = malloc((size_t)n * sizeof *order);
    for (int i = 0; i < n; i++) order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(rnd() * (float)(i + 1));
        int t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (int i = 0; i < n; i++) {
        if (rnd() < l->skip) continue;
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
            c = c.b > c.r ? mix(rgb(0xd9822b), c, 0.25f + 0.4f * rnd()) : mix(rgb(0x24509b), c, 0.25f + 0.4f * rnd());
        else if (odd < 0.075f)
            c = mix(c, lum > 0.4f ? rgb(0xfff2cc) : rgb(0x6fb1cf), 0.65f);
        else if (odd < 0.11f && sd > 0.11f)
            c = mix(c, rgb(0x0c1030), 0.6f);
        float size = 0.7f + 0.6f * rnd();
        float shrink = sd < 0.12f ? 0.55f : 1;
        stroke(x, y, l->length * SS * size * shrink, l->width * SS * (0.75f + 0.5f * rnd()) * (shrink < 1 ? 0.75f : 1), c,
               l->load, l->thick, 0.12f);
    }
    free(order);
}

/* A sailing boat in a few bold touches. */
static void line(float x0, float y0, float x1, float y1, float width, Color c, float thick) {
    /* straight stroke: bristles laid by hand */
    float l = hypotf(x1 - x0, y1 - y0) * H;
    int n = (int)(l * 1.2f) + 2;
    for (int b = 0; b < (int)(width * SS * 1.6f) + 2; b++) {
        float q = ((float)b + 0.5f) / ((float)(int)(width * SS * 1.6f) + 2) - 0.5f, tone = 1 + 0.16f * rnd2(), hi = rnd();
        float dry = 0.8f + 0.35f * rnd();
        for (int i = 0; i < n; i++) {
            float t = (float)i / (float)n;
            if (t > dry) break;
            float taper = 1 - 0.5f * t;
            float X = (x0 + (x1 - x0) * t) * H - (y1 - y0) * H / l * q * width * SS * taper;
            float Y = (y0 + (y1 - y0) * t) * H + (x1 - x0) * H / l * q * width * SS * taper;
            int xi = (int)X, yi = (int)Y;
            if (xi < 0 || yi < 0 || xi >= W - 1 || yi >= H - 1) continue;
            Color k = {c.r * tone, c.g * tone, c.b * tone};
            for (int d = 0; d < 2; d++) {
                canvas[yi][xi + d] = k;
                canvas[yi + d][xi] = k;
                height_map[yi][xi + d] = thick * (0.6f + 0.5f * hi);
            }
        }
    }
}
static void boat(float x, float y, float s) {
    for (int i = 0; i < 9; i++) {
        float t = (float)i / 9;
        line(x - s * 0.02f + 0.12f * s * t, y - s * (0.95f - 0.80f * t), x + s * (0.08f + 0.42f * t), y - s * 0.13f + 0.02f * s * t, 13,
             mix(rgb(i % 3 == 1 ? 0xf2c14e : 0xd9541e), rgb(0x8a1f12), t * 0.5f), 1.1f);
    }
    for (int i = 0; i < 6; i++) {
        float t = (float)i / 6;
        line(x - s * 0.06f, y - s * (0.85f - 0.72f * t), x - s * (0.10f + 0.30f * t), y - s * (0.14f + 0.03f * t), 12, mix(rgb(0xfbe7b2), rgb(0xc98a3a), t), 1.1f);
    }
    line(x - s * 0.045f, y - s * 1.02f, x - s * 0.02f, y, 2.6f, rgb(0x1a0f1e), 1.0f);
    for (int i = 0; i < 5; i++)
        line(x - s * (0.50f - 0.05f * (float)i), y - s * 0.10f + s * 0.045f * (float)i, x + s * (0.52f - 0.07f * (float)i), y - s * 0.08f + s * 0.045f * (float)i, 8,
             rgb(i == 0 ? 0xb5651d : i == 3 ? 0x31204a : 0x1d0f18), 1.1f);
    for (int i = 0; i < 5; i++)
        line(x - s * (0.60f - 0.2f * (float)i), y + s * (0.12f + 0.02f * (float)(i % 2)), x - s * (0.30f - 0.22f * (float)i), y + s * 0.14f, 3.2f,
             rgb(i % 2 ? 0xe9f0e4 : 0x7fc4c4), 1.2f);
}

int main(void) {
    Color ground = rgb(0x6a4a2a);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) canvas[y][x] = ground;
    /*                    width length cover jitter thick load skip */
    static const Layer layers[] = {{34, 190, 1.6f, 0.16f, 0.55f, 1.30f, 0.0f},
                                   {19, 120, 1.4f, 0.22f, 0.75f, 1.15f, 0.0f},
                                   {11, 78, 1.25f, 0.26f, 0.95f, 1.00f, 0.05f},
                                   {7, 50, 1.0f, 0.30f, 1.10f, 0.95f, 0.25f}};
    for (int i = 0; i < 4; i++) {
        paint_layer(&layers[i]);
        if (i == 2) boat(0.605f, 0.61f, 0.175f);
    }
    static const Layer accents = {4.5f, 30, 0.6f, 0.34f, 1.25f, 0.9f, 0.35f};
    paint_layer(&accents);
    boat(0.605f, 0.61f, 0.175f);

    /* light the relief and scale down */
    printf("P6\n%d %d\n255\n", OUT_W, OUT_H);
    for (int y = 0; y < OUT_H; y++)
        for (int x = 0; x < OUT_W; x++) {
            float r = 0, g = 0, b = 0;
            for (int j = 0; j < SS; j++)
                for (int i = 0; i < SS; i++) {
                    int X = x * SS + i, Y = y * SS + j;
                    int xa = X > 1 ? X - 2 : 0, xb = X < W - 2 ? X + 2 : W - 1;
                    int ya = Y > 1 ? Y - 2 : 0, yb = Y < H - 2 ? Y + 2 : H - 1;
                    float weave = 0.045f * (sinf((float)X * 0.9f) * sinf((float)Y * 0.9f));
                    float gx = (height_map[Y][xb] - height_map[Y][xa]) * 0.55f + 0.3f * weave;
                    float gy = (height_map[yb][X] - height_map[ya][X]) * 0.55f + 0.3f * weave;
                    float nz = 1 / sqrtf(1 + gx * gx + gy * gy);
                    float lit = (gx * 0.50f + gy * 0.55f + 0.67f) * nz; /* light from the upper left */
                    float half = (gx * 0.27f + gy * 0.30f + 0.92f) * nz;
                    float shade = clampf(0.28f + 1.09f * lit, 0.35f, 1.5f);
                    float gloss = 0.20f * powf(clampf(half, 0, 1), 60) * (fabsf(gx) + fabsf(gy) > 0.12f);
                    Color c = canvas[Y][X];
                    r += clampf(c.r * shade + gloss, 0, 1);
                    g += clampf(c.g * shade + gloss, 0, 1);
                    b += clampf(c.b * shade + gloss * 0.9f, 0, 1);
                }
            const float k = 255.0f / (SS * SS);
            putchar((int)(r * k + 0.5f));
            putchar((int)(g * k + 0.5f));
            putchar((int)(b * k + 0.5f));
        }
    return 0;
}
