/* SPDX-License-Identifier: MIT
 *
 * The figure of portrait.h: bodies of which the distance is known, joined smoothly.
 */
#include "portrait.h"

#include <stddef.h>

/* ------------------------------------------------------------------ bodies */

static float ball(V3 p, V3 middle, float radius) {
    return length(sub(p, middle)) - radius;
}

/* To first order; radii along the axes. */
static float egg(V3 p, V3 middle, V3 radii) {
    const V3 q = sub(p, middle);
    const V3 a = v3(q.x / radii.x, q.y / radii.y, q.z / radii.z);
    const V3 b = v3(a.x / radii.x, a.y / radii.y, a.z / radii.z);
    const float f = length(a);
    return f * (f - 1) / (length(b) + 1e-6f);
}

/* A rod whose radius goes from one value to another. */
static float rod(V3 p, V3 from, V3 to, float radius, float end) {
    const V3 axis = sub(to, from), q = sub(p, from);
    const float t = clamp01(dot(q, axis) / dot(axis, axis));
    return length(sub(q, mul(axis, t))) - (radius + (end - radius) * t);
}

static float join(float a, float b, float k) {
    const float h = fmaxf(k - fabsf(a - b), 0) / k;
    return fminf(a, b) - 0.25f * h * h * k;
}

static float carve(float a, float hole, float k) {
    return -join(-a, hole, k);
}

static float meet(float a, float b, float k) {
    return -join(-a, -b, k);
}

/* -------------------------------------------------------------------- pose */

#define YAW 0.42f
#define ROLL -0.075f
#define PITCH 0.04f

/* The neck is where the head turns. */
static const V3 pivot = {0, -0.9f, -0.25f};
static const V3 shift = {0.0f, 0.0f, 0.05f};

V3 turn_from_head(V3 d) {
    const float cp = cosf(PITCH), sp = sinf(PITCH);
    d = v3(d.x, cp * d.y - sp * d.z, sp * d.y + cp * d.z);
    const float cy = cosf(YAW), sy = sinf(YAW);
    d = v3(cy * d.x - sy * d.z, d.y, sy * d.x + cy * d.z);
    const float cr = cosf(ROLL), sr = sinf(ROLL);
    return v3(cr * d.x - sr * d.y, sr * d.x + cr * d.y, d.z);
}

static V3 turn_to_head(V3 d) {
    const float cr = cosf(ROLL), sr = sinf(ROLL);
    d = v3(cr * d.x + sr * d.y, -sr * d.x + cr * d.y, d.z);
    const float cy = cosf(YAW), sy = sinf(YAW);
    d = v3(cy * d.x + sy * d.z, d.y, -sy * d.x + cy * d.z);
    const float cp = cosf(PITCH), sp = sinf(PITCH);
    return v3(d.x, cp * d.y + sp * d.z, -sp * d.y + cp * d.z);
}

V3 from_head(V3 p) {
    return add(add(turn_from_head(sub(p, pivot)), pivot), shift);
}

V3 to_head(V3 p) {
    return add(turn_to_head(sub(sub(p, shift), pivot)), pivot);
}

/* -------------------------------------------------------------------- head */

#define EYE_R 0.138f
#define LID_R 0.157f
#define UPPER 0.37f /* the elevation of the lids' edges, radians */
#define LOWER -0.26f
#define CANTHUS 0.10f /* the outer corner is higher */

V3 eye_middle(float side) {
    return v3(0.305f * side, 0.0f, 0.535f);
}

V3 lid_edge(float side, float along, int upper) {
    const float e = upper ? UPPER : LOWER, a = along * 1.35f;
    const V3 q = v3(sinf(a), cosf(a) * sinf(e), cosf(a) * cosf(e));
    const float c = cosf(CANTHUS * side), s = sinf(CANTHUS * side);
    return add(eye_middle(side), mul(v3(c * q.x - s * q.y, s * q.x + c * q.y, q.z), LID_R));
}

static float lids(V3 p, float side) {
    const V3 q = sub(p, eye_middle(side));
    const float c = cosf(CANTHUS * side), s = sinf(CANTHUS * side);
    const float y = -s * q.x + c * q.y, shell = length(q) - LID_R;
    const float above = y * cosf(UPPER) - q.z * sinf(UPPER);
    const float below = -y * cosf(LOWER) + q.z * sinf(LOWER);
    return join(meet(shell, -above, 0.02f), meet(shell + 0.010f, -below, 0.02f), 0.004f);
}

static float nose(V3 p, V3 m) {
    float d = rod(p, v3(0, 0.16f, 0.60f), v3(0, -0.30f, 0.765f), 0.070f, 0.088f);
    d = join(d, ball(p, v3(0, -0.345f, 0.812f), 0.076f), 0.08f);
    d = join(d, egg(m, v3(0.088f, -0.388f, 0.718f), v3(0.054f, 0.050f, 0.082f)), 0.06f);
    return join(d, rod(p, v3(0, -0.36f, 0.79f), v3(0, -0.42f, 0.70f), 0.04f, 0.05f), 0.04f);
}

float mouth_line(V3 p) {
    const float x = fabsf(p.x);
    return -0.676f + 0.008f * cosf(x * 26) * expf(-40 * x * x) - 0.008f * step01(0.05f, 0.16f, x) +
           0.058f * step01(0.12f, 0.27f, x);
}

static float lips(V3 p, V3 m) {
    const V3 q = v3(p.x, p.y, p.z + 0.95f * p.x * p.x);
    const V3 n = v3(m.x, m.y, q.z);
    float d = rod(n, v3(0.028f, -0.638f, 0.695f), v3(0.195f, -0.662f, 0.672f), 0.036f, 0.012f);
    const float low =
        rod(n, v3(0.02f, -0.722f, 0.682f), v3(0.18f, -0.682f, 0.665f), 0.047f, 0.012f);
    d = join(d, low, 0.012f);
    const float dy = p.y - mouth_line(p), dz = q.z - 0.742f;
    return carve(d, fmaxf(sqrtf(dy * dy + 0.15f * dz * dz) - 0.007f, m.x - 0.245f), 0.02f);
}

static float skull(V3 p, V3 m) {
    float d = egg(p, v3(0, 0.30f, -0.22f), v3(0.70f, 0.80f, 0.88f));
    d = join(d, egg(p, v3(0, 0.20f, 0.12f), v3(0.56f, 0.62f, 0.52f)), 0.25f);      /* forehead */
    d = join(d, egg(p, v3(0, -0.35f, 0.16f), v3(0.50f, 0.66f, 0.47f)), 0.25f);     /* face */
    d = join(d, egg(p, v3(0, -0.70f, 0.24f), v3(0.36f, 0.34f, 0.38f)), 0.20f);     /* jaw */
    d = join(d, egg(p, v3(0, -0.93f, 0.47f), v3(0.15f, 0.13f, 0.13f)), 0.22f);     /* chin */
    d = join(d, egg(m, v3(0.36f, -0.27f, 0.40f), v3(0.19f, 0.17f, 0.19f)), 0.22f); /* cheek */
    d = join(d, egg(m, v3(0.38f, -0.02f, 0.20f), v3(0.17f, 0.50f, 0.27f)), 0.22f); /* temple */
    d = join(d, egg(p, v3(0, -0.64f, 0.50f), v3(0.25f, 0.21f, 0.20f)), 0.16f); /* round the mouth */
    return join(d, rod(m, v3(0.10f, 0.20f, 0.565f), v3(0.46f, 0.20f, 0.40f), 0.08f, 0.08f), 0.12f);
}

float head_shape(V3 p) {
    const V3 m = v3(fabsf(p.x), p.y, p.z);
    const float side = p.x < 0 ? -1.0f : 1.0f;
    float d = skull(p, m);
    if (p.z < 0.1f || d > 0.6f)
        return d;
    d = carve(d, egg(m, v3(0.30f, 0.045f, 0.655f), v3(0.20f, 0.105f, 0.12f)), 0.16f);
    d = join(d, nose(p, m), 0.13f);
    d = carve(d, ball(p, eye_middle(side), EYE_R + 0.01f), 0.03f);
    d = join(d, lids(p, side), 0.085f);
    d = join(d, lips(p, m), 0.045f);
    d = carve(d, egg(m, v3(0.048f, -0.437f, 0.752f), v3(0.020f, 0.016f, 0.036f)), 0.025f);
    d = carve(d, rod(p, v3(0, -0.50f, 0.755f), v3(0, -0.585f, 0.765f), 0.010f, 0.022f), 0.05f);
    return carve(d, ball(m, v3(0.262f, -0.672f, 0.645f), 0.012f), 0.05f);
}

/* -------------------------------------------------------------------- body */

static float body(V3 p, V3 m) {
    float d = rod(p, v3(0, -0.6f, -0.30f), v3(0, -1.75f, -0.42f), 0.315f, 0.38f);
    d = join(d, rod(m, v3(0.05f, -1.45f, -0.50f), v3(1.15f, -1.98f, -0.50f), 0.24f, 0.33f), 0.30f);
    d = join(d, egg(p, v3(0, -2.75f, -0.42f), v3(1.15f, 1.05f, 0.66f)), 0.25f);
    d = join(d, rod(m, v3(1.20f, -2.05f, -0.50f), v3(1.42f, -3.6f, -0.40f), 0.34f, 0.34f), 0.20f);
    /* collar bones and the cords of the neck */
    d = join(d, rod(m, v3(0.10f, -1.78f, 0.03f), v3(0.85f, -1.66f, -0.28f), 0.05f, 0.05f), 0.10f);
    for (int side = -1; side <= 1; side += 2) {
        const float x = (float)side;
        const V3 ear = from_head(v3(0.50f * x, -0.35f, -0.20f));
        d = join(d, rod(p, v3(0.12f * x, -1.72f, 0.02f), ear, 0.05f, 0.09f), 0.16f);
    }
    return carve(d, ball(p, v3(0, -1.70f, 0.12f), 0.055f), 0.12f);
}

/* Where the dress ends: above 0 is bare; the unit is that of height. */
static float neckline(V3 p) {
    const float w = fabsf(p.x);
    return p.y + 2.30f - 0.62f * powf(w / 0.85f, 2.2f);
}

static float dress(V3 p, float bare) {
    const float edge = neckline(p);
    const float pull =
        0.07f * sinf(9 * p.x + 3 * p.y + 4 * noise3(mul(p, 1.3f), 3)) * step01(-0.1f, -0.7f, edge);
    const float folds = 0.10f * noise3(v3(3.2f * p.x, 1.1f * p.y, 2 * p.z), 5) + pull;
    return meet(bare - 0.06f - 0.5f * fmaxf(folds, -0.07f) * step01(0.0f, -0.5f, edge), edge,
                0.03f);
}

/* A gathered frill along the neckline. */
static float frill(V3 p, float bare) {
    const float edge = neckline(p) + 0.02f, a = atan2f(p.x, p.y + 1.2f);
    const float wave = 0.03f * sinf(70 * a) * step01(-0.02f, -0.16f, edge - 0.06f);
    const float band = fabsf(edge + 0.05f) - 0.11f - 0.02f * cosf(35 * a);
    return meet(fabsf(bare - 0.085f - wave) - 0.012f, band, 0.02f);
}

static float beads(V3 p, float bare) {
    const float a = atan2f(p.x, p.y + 1.05f);
    const float step = 0.092f, i = floorf(a / step) + 0.5f;
    const float turn = a - i * step, r = sqrtf(p.x * p.x + (p.y + 1.05f) * (p.y + 1.05f));
    const float along = r * sinf(turn), off = r * cosf(turn) - 0.74f + 0.05f * cosf(2 * a);
    if (p.z < -0.45f)
        return 1;
    return sqrtf(along * along + off * off + (bare - 0.03f) * (bare - 0.03f)) - 0.034f;
}

float figure(V3 p, Matter *matter) {
    const V3 h = to_head(p), m = v3(sqrtf(p.x * p.x + 0.005f), p.y, p.z);
    const float bare = body(p, m);
    float best = join(head_shape(h), bare, 0.12f);
    Matter what = SKIN;
    const float side = h.x < 0 ? -1.0f : 1.0f;
    const float parts[] = {
        ball(h, eye_middle(side), EYE_R), bare < 0.4f ? dress(p, bare) : bare - 0.1f,
        bare < 0.4f ? frill(p, bare) : bare - 0.15f, bare < 0.3f ? beads(p, bare) : bare - 0.1f};
    static const Matter names[] = {EYE, CLOTH, LACE, BEADS};
    for (int i = 0; i < 4; i++)
        if (parts[i] < best) {
            best = parts[i];
            what = names[i];
        }
    if (matter)
        *matter = what;
    return best;
}

V3 figure_normal(V3 p) {
    const float e = 0.003f;
    const float a = figure(v3(p.x + e, p.y - e, p.z - e), NULL);
    const float b = figure(v3(p.x - e, p.y - e, p.z + e), NULL);
    const float c = figure(v3(p.x - e, p.y + e, p.z - e), NULL);
    const float d = figure(v3(p.x + e, p.y + e, p.z + e), NULL);
    return unit(v3(a - b - c + d, -a - b + c + d, -a + b - c + d));
}
