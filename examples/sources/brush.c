/* SPDX-License-Identifier: MIT
 *
 * The paint of brush.h.
 */
#include "brush.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { MAX_PATH = 1600, MAX_BRISTLES = 192 };

static Color canvas[H][W];
static float height_map[H][W];

/* ---------------------------------------------------------- randomness -- */

float rnd(void) {
    static uint64_t state = 20150826;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)((double)(state >> 40) * (1.0 / 16777216.0));
}

float rnd2(void) {
    const float a = rnd();
    return a + rnd() - 1.0f;
}

void shuffle(int *order, int n) {
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(rnd() * (float)(i + 1));
        int t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

static float lattice(int x, int y, int seed) {
    uint32_t h = (uint32_t)x * 374761393u + (uint32_t)y * 668265263u + (uint32_t)seed * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    h ^= h >> 16;
    return (float)(h & 0xffffff) * (2.0f / 16777215.0f) - 1.0f;
}

float noise(float x, float y, int seed) {
    int xi = (int)floorf(x), yi = (int)floorf(y);
    float fx = x - (float)xi, fy = y - (float)yi;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    float a = lattice(xi, yi, seed), b = lattice(xi + 1, yi, seed);
    float c = lattice(xi, yi + 1, seed), d = lattice(xi + 1, yi + 1, seed);
    return a + (b - a) * fx + (c - a) * fy + (a - b - c + d) * fx * fy;
}

float fbm(float x, float y, int seed) {
    return 0.57f * noise(x, y, seed) + 0.29f * noise(2.1f * x, 2.1f * y, seed + 1) +
           0.14f * noise(4.3f * x, 4.3f * y, seed + 2);
}

/* -------------------------------------------------------------- colour -- */

float clampf(float v, float lo, float hi) {
    return v < lo ? lo : v > hi ? hi : v;
}

float smooth(float a, float b, float x) {
    float t = clampf((x - a) / (b - a), 0, 1);
    return t * t * (3 - 2 * t);
}

Color rgb(int hex) {
    Color c = {(float)(hex >> 16 & 255) / 255, (float)(hex >> 8 & 255) / 255,
               (float)(hex & 255) / 255};
    return c;
}

Color mix(Color a, Color b, float t) {
    Color c = {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
    return c;
}

Color ramp(const int *hex, int n, float t) {
    float p = clampf(t, 0, 1) * (float)(n - 1);
    int i = p >= (float)(n - 1) ? n - 2 : (int)p;
    return mix(rgb(hex[i]), rgb(hex[i + 1]), p - (float)i);
}

/* ------------------------------------------------------------- strokes -- */

typedef struct {
    Vec at[MAX_PATH];
    int n;
} Path;

typedef struct {
    float tone, ridge, dry, start;
} Bristle;

void prime(Color ground) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            canvas[y][x] = ground;
}

/* Paint at one point of the canvas, shared out among the four pixels around it. */
static void touch(float x, float y, Color color, float alpha, float bank) {
    int X = (int)floorf(x), Y = (int)floorf(y);
    for (int yy = Y; yy <= Y + 1; yy++)
        for (int xx = X; xx <= X + 1; xx++) {
            if (xx < 0 || yy < 0 || xx >= W || yy >= H)
                continue;
            float cover = (1 - fabsf(x - (float)xx)) * (1 - fabsf(y - (float)yy));
            float a = clampf(alpha * cover * 1.6f, 0, 1);
            canvas[yy][xx] = mix(canvas[yy][xx], color, a);
            float target = 0.35f * height_map[yy][xx] + bank;
            height_map[yy][xx] += (target - height_map[yy][xx]) * a;
        }
}

/* The bristles of a brush, each with its own paint. */
static int take_brush(Bristle bristles[MAX_BRISTLES], const Brush *brush) {
    int n = (int)(brush->width * 1.5f);
    if (n < 4)
        n = 4;
    if (n > MAX_BRISTLES)
        n = MAX_BRISTLES;
    float slow = rnd2();
    for (int b = 0; b < n; b++) {
        slow = 0.72f * slow + 0.5f * rnd2();
        bristles[b].tone = slow;
        bristles[b].ridge = 0.5f + 0.5f * slow + 0.35f * rnd2();
        bristles[b].dry = brush->load * (0.75f + 0.6f * rnd());
        bristles[b].start = 0.03f * rnd();
    }
    return n;
}

static void lay(const Path *path, const Brush *brush, Color color) {
    if (path->n < 5)
        return;
    Bristle bristles[MAX_BRISTLES];
    const int n = take_brush(bristles, brush);
    const Color dirty = {color.r * 0.62f, color.g * 0.64f, color.b * 0.70f};
    for (int i = 0; i < path->n; i++) {
        float t = (float)i / (float)(path->n - 1);
        int j = i < path->n - 1 ? i : path->n - 2;
        float tx = path->at[j + 1].x - path->at[j].x, ty = path->at[j + 1].y - path->at[j].y;
        float l = sqrtf(tx * tx + ty * ty) + 1e-6f, nx = -ty / l, ny = tx / l;
        float half =
            0.5f * brush->width * smooth(-0.02f, 0.09f, t) * (1 - 0.45f * smooth(0.70f, 1.0f, t));
        for (int b = 0; b < n; b++) {
            const Bristle *hair = &bristles[b];
            float q = ((float)b + 0.5f) / (float)n * 2 - 1;
            float a = clampf((hair->dry - t) * 5, 0, 1);
            if (t < hair->start || a <= 0)
                continue;
            float edge = 1 - powf(fabsf(q), 6);
            a *= 0.93f * clampf(edge * 2.4f, 0, 1);
            float v = 1 + 0.17f * hair->tone;
            Color k = hair->tone < -0.75f ? mix(color, dirty, 0.6f) : color;
            k.r *= v;
            k.g *= v;
            k.b *= v;
            float bank = brush->thick *
                         (0.45f + 0.35f * hair->ridge + 0.45f * smooth(0.72f, 0.93f, fabsf(q)) +
                          0.5f * smooth(0.90f, 1.0f, t));
            touch(path->at[i].x + nx * q * half, path->at[i].y + ny * q * half, k, a, bank);
        }
    }
}

static int points(float length) {
    return (int)clampf(length * 1.4f, 6, MAX_PATH);
}

void stroke(const Motif *motif, float x, float y, Brush brush, Color color) {
    Path path = {.n = 0};
    const int n = points(brush.length);
    const float step = brush.length / (float)n, turn = brush.wild * rnd2();
    const float ca = cosf(turn), sa = sinf(turn), sign = rnd() < 0.5f ? -1.0f : 1.0f;
    const float back = brush.length * (0.35f + 0.3f * rnd());
    const int own = motif->part(x / H, y / H);
    /* walk back half the way, then forward along the flow */
    for (float s = 0; s < back; s += 2 * step) {
        Vec v = motif->flow(x / H, y / H);
        float qx = x - sign * v.x * 2 * step, qy = y - sign * v.y * 2 * step;
        if (motif->part(qx / H, qy / H) != own)
            break;
        x = qx;
        y = qy;
    }
    Vec dir = {0, 0};
    for (; path.n < n; path.n++) {
        path.at[path.n].x = x;
        path.at[path.n].y = y;
        Vec v = motif->flow(x / H, y / H);
        v.x *= sign;
        v.y *= sign;
        if (path.n && v.x * dir.x + v.y * dir.y < -0.2f)
            break;
        dir = v;
        x += (v.x * ca - v.y * sa) * step;
        y += (v.x * sa + v.y * ca) * step;
        if (path.n > 5 && motif->part(x / H, y / H) != own)
            break;
    }
    lay(&path, &brush, color);
}

void dab(float x, float y, float angle, float bend, Brush brush, Color color) {
    Path path = {.n = points(brush.length)};
    const float step = brush.length / (float)path.n;
    for (int i = 0; i < path.n; i++) {
        float a = angle + bend * (float)i / (float)path.n;
        path.at[i].x = x;
        path.at[i].y = y;
        x += cosf(a) * step;
        y += sinf(a) * step;
    }
    lay(&path, &brush, color);
}

void line(Vec from, Vec to, float width, Color color, float thick) {
    const float dx = to.x - from.x, dy = to.y - from.y, l = hypotf(dx, dy) * H;
    const int n = (int)(l * 1.2f) + 2, hairs = (int)(width * SS * 1.6f) + 2;
    for (int b = 0; b < hairs; b++) {
        float q = ((float)b + 0.5f) / (float)hairs - 0.5f;
        float tone = 1 + 0.16f * rnd2(), high = rnd(), dry = 0.8f + 0.35f * rnd();
        Color k = {color.r * tone, color.g * tone, color.b * tone};
        for (int i = 0; i < n; i++) {
            float t = (float)i / (float)n;
            if (t > dry)
                break;
            float off = H / l * q * width * SS * (1 - 0.5f * t);
            int x = (int)((from.x + dx * t) * H - dy * off);
            int y = (int)((from.y + dy * t) * H + dx * off);
            if (x < 0 || y < 0 || x >= W - 1 || y >= H - 1)
                continue;
            for (int d = 0; d < 2; d++) {
                canvas[y][x + d] = k;
                canvas[y + d][x] = k;
                height_map[y][x + d] = thick * (0.6f + 0.5f * high);
            }
        }
    }
}

void put(int x, int y, Color color, float thick) {
    canvas[y][x] = color;
    height_map[y][x] = thick;
}

void spot(float x, float y, float radius, Color color, float thick) {
    const float px = x * H, py = y * H, r = radius * H;
    for (int j = (int)(py - r); j <= (int)(py + r) + 1; j++)
        for (int i = (int)(px - r); i <= (int)(px + r) + 1; i++) {
            if (i < 0 || j < 0 || i >= W || j >= H)
                continue;
            const float a = clampf(r + 0.5f - hypotf((float)i - px, (float)j - py), 0, 1);
            canvas[j][i] = mix(canvas[j][i], color, a);
            height_map[j][i] += (thick - height_map[j][i]) * a;
        }
}

/* --------------------------------------------------------------- light -- */

static Color lit(int x, int y) {
    int xa = x > 1 ? x - 2 : 0, xb = x < W - 2 ? x + 2 : W - 1;
    int ya = y > 1 ? y - 2 : 0, yb = y < H - 2 ? y + 2 : H - 1;
    float weave = 0.0135f * sinf((float)x * 0.9f) * sinf((float)y * 0.9f);
    float gx = (height_map[y][xb] - height_map[y][xa]) * 0.55f + weave;
    float gy = (height_map[yb][x] - height_map[ya][x]) * 0.55f + weave;
    float nz = 1 / sqrtf(1 + gx * gx + gy * gy);
    float shade = clampf(0.28f + 1.09f * (gx * 0.50f + gy * 0.55f + 0.67f) * nz, 0.35f, 1.5f);
    float half = clampf((gx * 0.27f + gy * 0.30f + 0.92f) * nz, 0, 1);
    float gloss = fabsf(gx) + fabsf(gy) > 0.12f ? 0.20f * powf(half, 60) : 0;
    Color c = canvas[y][x];
    c.r = clampf(c.r * shade + gloss, 0, 1);
    c.g = clampf(c.g * shade + gloss, 0, 1);
    c.b = clampf(c.b * shade + gloss * 0.9f, 0, 1);
    return c;
}

void print_picture(void) {
    const float k = 255.0f / (SS * SS);
    printf("P6\n%d %d\n255\n", OUT_W, OUT_H);
    for (int y = 0; y < OUT_H; y++)
        for (int x = 0; x < OUT_W; x++) {
            Color sum = {0, 0, 0};
            for (int j = 0; j < SS; j++)
                for (int i = 0; i < SS; i++) {
                    Color c = lit(x * SS + i, y * SS + j);
                    sum.r += c.r;
                    sum.g += c.g;
                    sum.b += c.b;
                }
            putchar((int)(sum.r * k + 0.5f));
            putchar((int)(sum.g * k + 0.5f));
            putchar((int)(sum.b * k + 0.5f));
        }
}
