/* SPDX-License-Identifier: MIT
 *
 * Renders content-portrait, "Girl in a blue dress": rays marched to the figure, hairs drawn one by
 * one, a garden out of focus behind.
 *
 *     cc -O2 -o portrait portrait.c portrait_shape.c portrait_hair.c portrait_noise.c -lm
 *     ./portrait PICTURE.ppm MASK.pgm MAP.ppm [HEIGHT]
 *
 * The mask is the figure in white; the map has a colour each for head, dress and background.
 */
#include "portrait.h"

#include <stdio.h>
#include <stdlib.h>

enum { SS = 2, SHADOW = 1400 };

/* ------------------------------------------------------------------ canvas */

typedef struct {
    V3 color;
    float z;       /* towards the viewer; FAR where nothing is */
    float part[3]; /* covered by skin and hair, by dress */
} Pixel;

#define FAR -50.0f

static int width, height; /* of the canvas, SS times the picture */
static Pixel *canvas;

/* The viewer is at this z and sees so much at z = 0. */
#define VIEWER 10.0f
#define MIDDLE_X 0.06f
#define MIDDLE_Y -0.52f
#define SEEN 4.05f

static V3 view_ray(float px, float py) {
    const float s = SEEN / (float)height;
    const float x = (px - 0.5f * (float)width) * s, y = (0.5f * (float)height - py) * s;
    return unit(v3(x, y, -VIEWER));
}

static V3 viewer(void) {
    return v3(MIDDLE_X, MIDDLE_Y, VIEWER);
}

static void project(V3 p, float *px, float *py) {
    const float s = (float)height / SEEN * VIEWER / (VIEWER - p.z);
    *px = 0.5f * (float)width + (p.x - MIDDLE_X) * s;
    *py = 0.5f * (float)height - (p.y - MIDDLE_Y) * s;
}

/* ------------------------------------------------------------------- light */

static const V3 key = {-0.56f, 0.55f, 0.62f}; /* unit, about */
static const V3 key_color = {2.30f, 1.98f, 1.55f};
static const V3 sky_color = {0.42f, 0.47f, 0.55f};
static const V3 ground_color = {0.26f, 0.20f, 0.13f};
static const V3 rim = {0.80f, 0.30f, -0.52f};
static const V3 rim_color = {1.5f, 1.22f, 0.78f};

/* What the key light sees of the hair: the nearest hair, and how many. */
static float *shadow_near;
static V3 key_u, key_v;
#define SHADOW_SIZE 5.2f

static void shadow_place(V3 p, float *u, float *v, float *w) {
    const V3 q = sub(p, v3(0, -0.6f, 0));
    *u = (dot(q, key_u) / SHADOW_SIZE + 0.5f) * SHADOW;
    *v = (dot(q, key_v) / SHADOW_SIZE + 0.5f) * SHADOW;
    *w = dot(q, key);
}

static void shadow_hair(const Hair *hair) {
    if (hair->kind == LASH)
        return;
    float u0, v0, w0, u1, v1, w1;
    shadow_place(hair->from, &u0, &v0, &w0);
    shadow_place(hair->to, &u1, &v1, &w1);
    const int n = (int)(fmaxf(fabsf(u1 - u0), fabsf(v1 - v0))) + 1;
    for (int i = 0; i <= n; i++) {
        const float t = (float)i / (float)n;
        const int u = (int)(u0 + (u1 - u0) * t), v = (int)(v0 + (v1 - v0) * t);
        const float w = w0 + (w1 - w0) * t;
        if (u < 0 || v < 0 || u >= SHADOW || v >= SHADOW)
            continue;
        float *near = &shadow_near[v * SHADOW + u];
        *near = fmaxf(*near, w);
    }
}

/* The share of the key light that passes the hair; soft over a disc of this radius. */
static float through_hair(V3 p, float radius, float thick) {
    float sum = 0;
    enum { TAPS = 24 };
    float u0, v0, w;
    shadow_place(p, &u0, &v0, &w);
    for (int i = 0; i < TAPS; i++) {
        const float a = (float)i * 2.39996f;
        const float r = sqrtf(((float)i + 0.5f) / TAPS) * radius / SHADOW_SIZE * SHADOW;
        const int u = (int)(u0 + r * cosf(a)), v = (int)(v0 + r * sinf(a));
        float open = 1;
        if (u >= 0 && v >= 0 && u < SHADOW && v < SHADOW) {
            const float behind = shadow_near[v * SHADOW + u] - w;
            open = behind < 0.02f ? 1 : expf(-(behind - 0.02f) / thick);
        }
        sum += open;
    }
    return sum / TAPS;
}

static float soft_shadow(V3 p, V3 n, V3 to_light, float softness) {
    float open = 1, t = 0.03f;
    p = add(p, mul(n, 0.012f));
    for (int i = 0; i < 40 && t < 3.0f; i++) {
        const float d = figure(add(p, mul(to_light, t)), NULL);
        open = fminf(open, 0.5f + 0.5f * d / (softness * t));
        if (open <= 0)
            return 0;
        t += fmaxf(0.02f, 0.7f * d);
    }
    open = clamp01(open);
    return open * open * (3 - 2 * open);
}

static float openness(V3 p, V3 n) {
    float shut = 0, weight = 1;
    for (int i = 1; i <= 5; i++) {
        const float h = 0.05f * (float)(i * i) * 0.5f;
        shut += weight * fmaxf(0, h - figure(add(p, mul(n, h)), NULL)) / h;
        weight *= 0.75f;
    }
    return clamp01(1 - 0.30f * shut);
}

/* ----------------------------------------------------------------- matters */

static V3 skin_color(V3 world) {
    const V3 h = to_head(world), m = v3(fabsf(h.x), h.y, h.z);
    V3 c = v3(0.80f, 0.465f, 0.310f);
    c = mul(c, 1 + 0.05f * fbm3(mul(world, 5), 60));
    const float cheek =
        expf(-7 * ((m.x - 0.36f) * (m.x - 0.36f) + 1.6f * (h.y + 0.30f) * (h.y + 0.30f)));
    const float tip = expf(-60 * (h.x * h.x + (h.y + 0.37f) * (h.y + 0.37f)));
    const float front = step01(-0.1f, 0.3f, h.z);
    c = blend(c, v3(0.72f, 0.30f, 0.235f), front * (0.50f * cheek + 0.25f * tip));
    /* lids */
    const float lid =
        expf(-60 * ((m.x - 0.305f) * (m.x - 0.305f) + 2.2f * (h.y - 0.07f) * (h.y - 0.07f)));
    c = blend(c, v3(0.52f, 0.28f, 0.215f), 0.6f * lid * front);
    /* lips */
    const float bow = -0.606f - 0.022f * expf(-900 * h.x * h.x) - 0.062f * powf(m.x / 0.24f, 2.0f);
    const float low = -0.775f + 0.100f * powf(m.x / 0.24f, 2.4f);
    const float in = step01(0.012f, -0.012f, h.y - bow) * step01(-0.014f, 0.016f, h.y - low) *
                     step01(0.252f, 0.225f, m.x) * step01(0.3f, 0.5f, h.z);
    c = blend(c, v3(0.50f, 0.085f, 0.085f), 0.85f * in);
    c = blend(c, v3(0.16f, 0.03f, 0.03f),
              in * 0.85f * step01(0.014f, 0.004f, fabsf(h.y - mouth_line(h))));
    return blend(c, v3(0.06f, 0.022f, 0.010f), hair_cover(h));
}

static V3 eye_color(V3 world) {
    const V3 h = to_head(world);
    const float side = h.x < 0 ? -1.0f : 1.0f;
    const V3 q = unit(sub(h, eye_middle(side)));
    const V3 gaze = unit(v3(0.31f, 0.02f, 1.0f)); /* at the viewer, nearly */
    const float off = acosf(fminf(1, dot(q, gaze)));
    V3 c = v3(0.80f, 0.75f, 0.70f);
    const V3 iris =
        blend(v3(0.10f, 0.20f, 0.19f), v3(0.30f, 0.36f, 0.22f), step01(0.42f, 0.2f, off));
    const float rays = noise3(v3(18 * atan2f(q.y - gaze.y, q.x - gaze.x), 4 * off, side), 81);
    c = blend(c, mul(iris, 1 + 0.35f * rays), step01(0.56f, 0.52f, off));
    c = blend(c, v3(0.03f, 0.04f, 0.04f),
              0.8f * step01(0.44f, 0.53f, off) * step01(0.59f, 0.53f, off));
    return blend(c, v3(0.01f, 0.01f, 0.01f), step01(0.26f, 0.23f, off));
}

static V3 cloth_color(V3 p) {
    V3 c = v3(0.035f, 0.105f, 0.30f);
    c = mul(c, 1 + 0.25f * fbm3(mul(p, 3), 21));
    /* sprigs: a flower of five petals at each place of a staggered grid */
    const float cell = 0.34f, v = p.y / cell, row = floorf(v);
    const float u = p.x / cell + 0.5f * (float)((int)row & 1);
    const float x = u - floorf(u) - 0.5f, y = v - row - 0.5f;
    const float r = sqrtf(x * x + y * y), a = atan2f(y, x) + row;
    if (r < 0.27f * (0.62f + 0.38f * fabsf(cosf(2.5f * a))))
        c = r < 0.085f ? v3(0.75f, 0.48f, 0.06f) : v3(0.72f, 0.68f, 0.58f);
    else if (fabsf(y + 0.10f * sinf(6.28f * x + row)) < 0.05f && r > 0.3f)
        c = v3(0.10f, 0.30f, 0.20f);
    return c;
}

/* The highlight of a surface that is so rough. */
static float gloss(V3 n, V3 light, V3 view, float power) {
    return powf(clamp01(dot(n, unit(add(light, view)))), power);
}

static V3 shade(V3 p, V3 n, V3 view, Matter matter) {
    const V3 light = unit(key);
    const float hair = through_hair(p, 0.07f, 0.10f);
    const float open = soft_shadow(p, n, light, 0.16f) * hair;
    const float ao =
        openness(p, n) * (0.55f + 0.45f * through_hair(add(p, mul(n, 0.1f)), 0.3f, 0.3f));
    const float facing = dot(n, light), up = 0.5f + 0.5f * n.y;
    const float edge = powf(1 - clamp01(dot(n, view)), 4);
    const V3 ambient = mul(blend(ground_color, sky_color, up), ao);
    const float back = powf(clamp01(dot(n, unit(rim))), 1.0f) * ao;
    V3 base, glint = v3(0, 0, 0), direct;
    float lambert = clamp01(facing);
    direct = mul(key_color, lambert * open);
    switch (matter) {
    case SKIN: {
        base = skin_color(p);
        /* light that went through the skin: red reaches round the edge of the shadow */
        const V3 wrap = v3(clamp01((facing + 0.24f) / 1.24f), clamp01((facing + 0.12f) / 1.12f),
                           clamp01((facing + 0.07f) / 1.07f));
        const V3 soft = v3(powf(open, 0.80f), powf(open, 0.95f), open);
        direct = times(times(key_color, wrap), soft);
        glint = mul(key_color, open * (0.045f * gloss(n, light, view, 18) +
                                       0.035f * gloss(n, light, view, 70)));
        glint = add(glint, mul(sky_color, 0.25f * edge * ao));
        const V3 h = to_head(p);
        if (base.y < 0.24f && h.y < -0.5f) /* lips */
            glint = add(glint, mul(key_color, 0.06f * open * gloss(n, light, view, 40)));
        break;
    }
    case EYE:
        base = eye_color(p);
        direct = mul(direct, 0.8f);
        glint = mul(v3(1, 1, 1), 1.6f * step01(0.984f, 0.991f,
                                               gloss(n, unit(v3(-0.46f, 0.54f, 0.70f)), view, 1)));
        glint = add(glint, mul(sky_color, 0.25f * edge + 0.05f));
        break;
    case CLOTH:
        base = cloth_color(p);
        glint =
            mul(v3(0.5f, 0.7f, 1.0f), 0.16f * open * gloss(n, light, view, 9) + 0.10f * edge * ao);
        break;
    case LACE:
        base = v3(0.80f, 0.77f, 0.70f);
        break;
    default:
        base = v3(0.55f, 0.045f, 0.03f);
        glint = mul(key_color, open * 0.5f * gloss(n, light, view, 70));
        glint = add(glint, mul(sky_color, 0.4f * edge));
    }
    const V3 sum = add(add(direct, ambient), mul(rim_color, back * 0.8f));
    return add(times(base, mul(sum, 0.56f)), glint);
}

/* -------------------------------------------------------------- background */

/* A garden at evening, out of focus: masses of leaves, and lights as discs. */
static V3 background(float u, float v) {
    const V3 q = v3(2.0f * u, 2.0f * v, 0);
    const float n = fbm3(mul(q, 1.1f), 91), m = fbm3(add(mul(q, 1.9f), v3(5, 0, 0)), 95);
    V3 c = blend(v3(0.004f, 0.016f, 0.022f), v3(0.020f, 0.055f, 0.040f), step01(-0.4f, 0.5f, n));
    c = blend(c, v3(0.075f, 0.085f, 0.018f), 0.8f * step01(0.0f, 0.6f, m) * step01(0.75f, 0.2f, v));
    const float x = u - 0.04f, y = v - 0.30f, glow = expf(-5.0f * (x * x + 0.7f * y * y));
    c = blend(c, v3(0.62f, 0.36f, 0.09f), 0.72f * glow * (0.75f + 0.6f * m));
    return blend(c, v3(0.012f, 0.012f, 0.022f), 0.8f * step01(0.55f, 0.95f, v + 0.1f * n));
}

typedef struct {
    float x, y, r;
    V3 color;
} Disc;

static void paint_background(void) {
    random_start(5);
    enum { DISCS = 90 };
    Disc discs[DISCS];
    for (int i = 0; i < DISCS; i++) {
        const float x = random01() * (float)width / (float)height, y = random01() * 0.95f;
        const float near = expf(-2.5f * ((x - 0.10f) * (x - 0.10f) + (y - 0.25f) * (y - 0.25f)));
        const float k = (0.015f + 0.26f * near) * (0.3f + 1.2f * random01());
        const float hue = random01();
        V3 c = hue < 0.55f   ? v3(1.0f, 0.66f, 0.20f)
               : hue < 0.82f ? v3(0.40f, 0.62f, 0.20f)
                             : v3(0.95f, 0.34f, 0.22f);
        discs[i] =
            (Disc){x, y, 0.014f + 0.042f * random01() * random01() + 0.010f * near, mul(c, k)};
    }
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const float u = (float)x / (float)height, v = (float)y / (float)height;
            V3 c = background(u, v);
            for (int i = 0; i < DISCS; i++) {
                const float d = hypotf(u - discs[i].x, v - discs[i].y) / discs[i].r;
                if (d < 1.15f)
                    c = add(c,
                            mul(discs[i].color, step01(1.10f, 0.92f, d) * (0.62f + 0.38f * d * d)));
            }
            canvas[y * width + x] = (Pixel){.color = c, .z = FAR};
        }
}

/* ------------------------------------------------------------------ figure */

static void render_figure(void) {
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const V3 ray = view_ray((float)x + 0.5f, (float)y + 0.5f), from = viewer();
            float t = VIEWER - 1.6f;
            Matter matter = NOTHING;
            float d = 1;
            for (int i = 0; i < 130 && d > 0.0012f && t < VIEWER + 2.2f; i++) {
                d = figure(add(from, mul(ray, t)), &matter);
                t += 0.8f * d;
            }
            if (d > 0.01f)
                continue;
            const V3 p = add(from, mul(ray, t));
            Pixel *pixel = &canvas[y * width + x];
            pixel->color = shade(p, figure_normal(p), mul(ray, -1), matter);
            pixel->z = p.z;
            const int dressed = matter == CLOTH || matter == LACE;
            pixel->part[0] = dressed ? 0 : 1;
            pixel->part[1] = dressed ? 1 : 0;
        }
}

static V3 hair_light(const Hair *hair, V3 p, V3 view) {
    const V3 along = unit(sub(hair->to, hair->from)), light = unit(key);
    if (hair->kind == PETAL) {
        const float pass = through_hair(add(p, mul(hair->out, 0.02f)), 0.03f, 0.05f);
        const float facing = dot(hair->out, light);
        V3 sum = mul(key_color,
                     (0.18f + 0.62f * clamp01(0.2f + 0.8f * facing)) * (0.15f + 0.85f * pass));
        sum = add(sum, mul(blend(ground_color, sky_color, 0.5f + 0.5f * hair->out.y), 0.8f));
        sum = add(sum, mul(rim_color, 0.6f * clamp01(dot(hair->out, unit(rim)))));
        return mul(times(hair->color, sum), 0.75f);
    }
    const float inside = 1 - 0.72f * hair->depth;
    const float open = hair->kind == LASH ? 1 : through_hair(p, 0.035f, 0.16f);
    const float tl = dot(along, light), tv = dot(along, view), tr = dot(along, unit(rim));
    const float sl = sqrtf(fmaxf(0, 1 - tl * tl)), sv = sqrtf(fmaxf(0, 1 - tv * tv));
    const float sr = sqrtf(fmaxf(0, 1 - tr * tr));
    const V3 n = unit(add(sub(p, v3(0, 0.1f, -0.25f)), v3(0, 0, 0)));
    const float turned = clamp01(0.35f + 0.75f * dot(n, light));
    V3 c = mul(times(hair->color, key_color), 0.55f * sl * open * turned * inside);
    c = add(c, mul(times(hair->color, blend(ground_color, sky_color, 0.5f + 0.5f * n.y)),
                   0.75f * inside));
    if (hair->kind == LASH)
        return c;
    const float shine = powf(clamp01(sl * sv - tl * tv), 28);
    const V3 pale = blend(hair->color, v3(0.9f, 0.7f, 0.45f), 0.35f);
    c = add(c, mul(times(pale, key_color), 0.50f * shine * open * turned * inside));
    const float lit = clamp01(dot(n, unit(rim)));
    return add(c, mul(times(pale, rim_color), 1.1f * sr * lit * lit * inside));
}

static void draw_hair(const Hair *hair) {
    float x0, y0, x1, y1;
    project(hair->from, &x0, &y0);
    project(hair->to, &x1, &y1);
    const float thick = hair->width * (float)height / SEEN, half = 0.5f * fmaxf(thick, 1.0f);
    const float alpha = fminf(1, thick);
    const V3 p = mul(add(hair->from, hair->to), 0.5f);
    const V3 c = hair_light(hair, p, unit(sub(viewer(), p)));
    const float dx = x1 - x0, dy = y1 - y0, l2 = dx * dx + dy * dy + 1e-6f;
    for (int y = (int)(fminf(y0, y1) - half); y <= (int)(fmaxf(y0, y1) + half + 1); y++)
        for (int x = (int)(fminf(x0, x1) - half); x <= (int)(fmaxf(x0, x1) + half + 1); x++) {
            if (x < 0 || y < 0 || x >= width || y >= height)
                continue;
            const float qx = (float)x + 0.5f - x0, qy = (float)y + 0.5f - y0;
            const float t = clamp01((qx * dx + qy * dy) / l2);
            const float d = hypotf(qx - t * dx, qy - t * dy);
            const float a = alpha * clamp01(half + 0.5f - d);
            const float z = hair->from.z + (hair->to.z - hair->from.z) * t;
            Pixel *pixel = &canvas[y * width + x];
            if (a <= 0 || z < pixel->z - 0.004f)
                continue;
            pixel->color = blend(pixel->color, c, a);
            if (a > 0.5f)
                pixel->z = z;
            pixel->part[0] += (1 - pixel->part[0]) * a;
            pixel->part[1] *= 1 - a;
        }
}

/* ------------------------------------------------------------------ output */

static int printed(float v) {
    v = 1 - expf(-1.25f * fmaxf(v, 0)); /* highlights roll off */
    v = v / (1 - expf(-1.25f * 1.9f));
    return (int)(255 * powf(clamp01(v), 1 / 2.2f) + 0.5f);
}

static void print_picture(FILE *out) {
    fprintf(out, "P6\n%d %d\n255\n", width / SS, height / SS);
    for (int y = 0; y < height; y += SS)
        for (int x = 0; x < width; x += SS) {
            V3 sum = v3(0, 0, 0);
            for (int k = 0; k < SS * SS; k++) {
                const V3 c = canvas[(y + k / SS) * width + x + k % SS].color;
                sum = add(sum, v3(fminf(c.x, 2), fminf(c.y, 2), fminf(c.z, 2)));
            }
            sum = mul(sum, 1.0f / (SS * SS));
            fputc(printed(sum.x), out);
            fputc(printed(sum.y), out);
            fputc(printed(sum.z), out);
        }
}

/* The parts' shares of a printed pixel: background, head, dress. */
static void shares_at(int x, int y, float shares[3]) {
    shares[0] = 1;
    for (int i = 0; i < 2; i++) {
        shares[i + 1] = 0;
        for (int k = 0; k < SS * SS; k++)
            shares[i + 1] += canvas[(y + k / SS) * width + x + k % SS].part[i] / (SS * SS);
        shares[0] -= shares[i + 1];
    }
}

/* The figure's share of a printed pixel and of those around it. */
static float covered(int x, int y) {
    enum { REACH = 3 * SS };
    float sum = 0;
    int count = 0;
    for (int j = -REACH; j <= REACH; j++)
        for (int i = -REACH; i <= REACH; i++) {
            const int u = x + i, v = y + j;
            if (u < 0 || v < 0 || u >= width || v >= height || i * i + j * j > REACH * REACH)
                continue;
            sum += canvas[v * width + u].part[0] + canvas[v * width + u].part[1];
            count++;
        }
    return sum / (float)count;
}

/* In 16 levels. */
static void print_mask(FILE *out) {
    fprintf(out, "P5\n%d %d\n255\n", width / SS, height / SS);
    for (int y = 0; y < height; y += SS)
        for (int x = 0; x < width; x += SS)
            fputc((int)(15 * clamp01(covered(x, y)) + 0.5f) * 17, out);
}

static void print_map(FILE *out) {
    static const unsigned char colors[][3] = {{30, 60, 200}, {230, 60, 40}, {250, 200, 40}};
    fprintf(out, "P6\n%d %d\n255\n", width / SS, height / SS);
    for (int y = 0; y < height; y += SS)
        for (int x = 0; x < width; x += SS) {
            float shares[3];
            shares_at(x, y, shares);
            const int head = shares[1] >= shares[0] && shares[1] >= shares[2];
            fwrite(colors[head ? 1 : shares[2] > shares[0] ? 2 : 0], 1, 3, out);
        }
}

static void write_file(const char *file, void (*print)(FILE *out)) {
    FILE *out = fopen(file, "wb");
    if (out)
        print(out);
    if (!out || fclose(out) != 0) {
        fprintf(stderr, "portrait: cannot write %s\n", file);
        exit(1);
    }
}

int main(int argc, char **argv) {
    const int tall = argc > 4 ? atoi(argv[4]) : 1024;
    if (argc < 4 || tall < 64 || tall > 4096) {
        fprintf(stderr, "Usage: portrait PICTURE.ppm MASK.pgm MAP.ppm [HEIGHT]\n");
        return 2;
    }
    height = tall * SS;
    width = tall * 13 / 16 * SS;
    canvas = calloc((size_t)width * (size_t)height, sizeof *canvas);
    shadow_near = malloc(SHADOW * SHADOW * sizeof *shadow_near);
    if (!canvas || !shadow_near)
        return 1;
    for (int i = 0; i < SHADOW * SHADOW; i++)
        shadow_near[i] = FAR;
    key_u = unit(cross(v3(0, 1, 0), key));
    key_v = unit(cross(key, key_u));
    paint_background();
    grow_hair(shadow_hair);
    render_figure();
    grow_hair(draw_hair);
    write_file(argv[1], print_picture);
    write_file(argv[2], print_mask);
    write_file(argv[3], print_map);
    return 0;
}
