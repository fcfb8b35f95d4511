/* SPDX-License-Identifier: MIT
 *
 * The hair of portrait.h: locks that fall from a parting over the skull and on to the shoulders in
 * waves, each of many hairs; brows and lashes.
 */
#include "portrait.h"

#include <stddef.h>

enum { LOCKS = 150, HAIRS = 130, JOINTS = 72 };

/* The skull's places: across from the top, 0, to the sides and below; ahead from the plane of the
 * ears, 0, towards the face. Radians. */
static const V3 skull = {0, 0.25f, -0.20f}, radii = {0.74f, 0.84f, 0.92f};

#define PARTING -0.10f
#define HAIRLINE 1.17f /* ahead, at the parting */
#define TEMPLE 0.60f   /* ahead, where the hair leaves the skull */
#define SIDE 1.62f     /* across, likewise */

/* The hair's edge towards the face at this place across. */
static float edge_ahead(float across) {
    const float t = clamp01(fabsf(across) / SIDE);
    return HAIRLINE + (TEMPLE - HAIRLINE) * (0.25f * t + 0.75f * t * t);
}

float hair_cover(V3 head) {
    const V3 q = sub(head, skull);
    const V3 u = unit(v3(q.x / radii.x, q.y / radii.y, q.z / radii.z));
    const float across = atan2f(fabsf(u.x), u.y), ahead = asinf(u.z);
    return step01(0.03f, -0.08f, ahead - edge_ahead(across)) * step01(-0.55f, -0.30f, head.y);
}

static V3 on_skull(float across, float ahead, float off) {
    const V3 u = v3(cosf(ahead) * sinf(across), cosf(ahead) * cosf(across), sinf(ahead));
    return add(skull, v3(u.x * (radii.x + off), u.y * (radii.y + off), u.z * (radii.z + off)));
}

typedef struct {
    float side, ahead; /* of the root */
    float phase, curl, wide, off, reach;
    V3 color;
} Lock;

static Lock make_lock(float side, float t) {
    static const V3 tones[] = {{0.30f, 0.105f, 0.032f},
                               {0.22f, 0.072f, 0.024f},
                               {0.40f, 0.155f, 0.045f},
                               {0.15f, 0.05f, 0.02f}};
    Lock lock;
    lock.side = side;
    lock.ahead = HAIRLINE - 2.2f * t + 0.03f * random11();
    lock.phase = 2.2f * noise3(v3(5 * t, side, 0), 11) + 1.1f * random11() + 5 * t;
    lock.curl = 0.075f + 0.045f * random01();
    lock.wide = 0.075f + 0.04f * random01();
    lock.off = 0.045f * random11();
    lock.reach = 2.05f + 0.30f * random11();
    const float pick = 3.0f * random01();
    const int i = (int)pick < 3 ? (int)pick : 2;
    lock.color = blend(tones[i], tones[i + 1], pick - (float)i);
    return lock;
}

/* A point of a lock's middle, t from 0 at the root to 1 at the tip; deep from 0 to 1. */
static V3 lock_point(const Lock *lock, float t, float deep) {
    const float over = 0.36f; /* the share of the way that lies on the skull */
    const float s = t < over ? t / over : 1;
    const float start = PARTING * lock->side;
    const float across = start + (SIDE - start) * s;
    const float last = edge_ahead(SIDE) + (lock->ahead - HAIRLINE) * 0.80f;
    const float bow = 0.25f * s + 0.75f * s * s;
    const float ahead = lock->ahead + (last - lock->ahead) * bow;
    const float off = (0.035f + 0.11f * step01(0.0f, 0.6f, s)) * (1 - 0.75f * deep) + lock->off * s;
    V3 p = on_skull(across, ahead, off);
    const float wave = step01(0.45f, 1.2f, t / over), turn = lock->phase + 19.0f * t;
    if (t > over) {
        const float down = (t - over) / (1 - over), fall = down * lock->reach;
        p.y -= fall;
        p.x *= 1 - 0.10f * sinf(3.14f * clamp01(down * 1.5f)) + 0.12f * down;
        p.z += 0.10f * down * (p.z + 0.7f);
    }
    p.x += wave * lock->curl * sinf(turn);
    p.z += wave * lock->curl * cosf(turn);
    p.x *= lock->side;
    return p;
}

/* Keeps a point of the hair out of the figure, this far from it at least. */
static V3 push_out(V3 world, float gap) {
    for (int i = 0; i < 2; i++) {
        const float d = figure(world, NULL);
        if (d >= gap)
            break;
        world = add(world, mul(figure_normal(world), gap - d));
    }
    return world;
}

static void draw_strand(void (*draw)(const Hair *), const V3 *at, int n, Hair hair) {
    const float width = hair.width;
    for (int i = 0; i + 1 < n; i++) {
        const float t = (float)i / (float)(n - 1);
        hair.from = at[i];
        hair.to = at[i + 1];
        hair.width = width * (1 - 0.6f * t * t);
        draw(&hair);
    }
}

static void grow_lock(void (*draw)(const Hair *), const Lock *lock) {
    for (int h = 0; h < HAIRS; h++) {
        const float deep = random01(), a = 6.2832f * random01(), r = sqrtf(random01());
        const float u = r * cosf(a), v = r * sinf(a), stray = random01() < 0.05f ? 3.0f : 1.0f;
        const float length = 1 - 0.14f * random01() * random01(), seed = 97 * random01();
        const float tone = 0.75f + 0.5f * random01();
        Lock own = *lock;
        own.ahead += 0.07f * u;
        if (own.ahead > HAIRLINE + 0.02f)
            own.ahead = HAIRLINE + 0.02f;
        V3 at[JOINTS];
        for (int i = 0; i < JOINTS; i++) {
            const float t = length * (float)i / (JOINTS - 1);
            V3 p = lock_point(&own, t, deep);
            const float wide =
                lock->wide * step01(0.15f, 0.5f, t) * (1 - 0.65f * step01(0.6f, 1, t));
            p.x += wide * u * 0.8f;
            p.z += wide * v;
            const float fuzz = stray * 0.010f * step01(0.0f, 0.5f, t);
            p.x += fuzz * noise3(v3(6 * t, seed, 0), 31) * 1.5f;
            p.y += fuzz * noise3(v3(6 * t, seed, 0), 32);
            p.z += fuzz * noise3(v3(6 * t, seed, 0), 33) * 1.5f;
            p = from_head(p);
            at[i] = push_out(p, 0.02f + 0.05f * (1 - deep));
        }
        const Hair hair = {.color = mul(lock->color, tone), .width = 0.0052f, .depth = deep};
        draw_strand(draw, at, JOINTS, hair);
    }
}

/* On the face, this far from it. */
static V3 on_face(V3 head, float gap) {
    for (int i = 0; i < 6; i++)
        head.z += 0.8f * (gap - head_shape(head));
    return head;
}

static void grow_brow(void (*draw)(const Hair *), float side) {
    enum { COUNT = 420, N = 7 };
    for (int k = 0; k < COUNT; k++) {
        const float t = random01(), across = random11();
        const float thick = 0.031f * (1 - 0.7f * t * t) * step01(-0.15f, 0.12f, t);
        const float x = 0.115f + 0.375f * t;
        const float y = 0.180f + 0.062f * sinf(2.3f * t) - 0.062f * t * t;
        const float lean = 1.15f - 1.45f * step01(0.0f, 0.75f, t) - 0.35f * t - 0.3f * across;
        const float long_ = 0.052f * (0.7f + 0.5f * random01());
        V3 at[N];
        for (int i = 0; i < N; i++) {
            const float s = long_ * (float)i / (N - 1);
            const V3 p = v3(side * (x + s * cosf(lean)), y + thick * across + s * sinf(lean), 0.6f);
            at[i] = from_head(on_face(p, 0.006f + 0.1f * s));
        }
        const Hair hair = {.color = v3(0.15f, 0.062f, 0.028f), .width = 0.0050f, .kind = LASH};
        draw_strand(draw, at, N, hair);
    }
}

static void grow_lashes(void (*draw)(const Hair *), float side, int upper) {
    enum { N = 8 };
    const int count = upper ? 90 : 40;
    for (int k = 0; k < count; k++) {
        const float along =
            (upper ? 0.98f : 0.75f) * (2 * ((float)k + random01()) / (float)count - 1);
        const float outer = along * side;
        const float long_ = (upper ? 0.034f + 0.024f * outer : 0.016f + 0.009f * outer) *
                            (0.75f + 0.4f * random01()) * (1 - 0.5f * along * along);
        const V3 root = lid_edge(side, along, upper);
        const V3 out = unit(sub(root, eye_middle(side)));
        const V3 lift =
            v3(0.45f * side * (0.3f + outer), upper ? -0.1f : -0.75f, upper ? 0.8f : 0.5f);
        V3 at[N];
        for (int i = 0; i < N; i++) {
            const float s = (float)i / (N - 1);
            V3 dir = add(mul(out, 0.7f), lift);
            dir.y += (upper ? 0.6f : -0.2f) * s;
            at[i] = from_head(add(root, mul(dir, long_ * s)));
        }
        const Hair hair = {
            .color = v3(0.025f, 0.014f, 0.010f), .width = upper ? 0.0060f : 0.0030f, .kind = LASH};
        draw_strand(draw, at, N, hair);
    }
}

/* ------------------------------------------------------------------ wreath */

typedef struct {
    V3 at, out, right, up; /* in head space */
    float size;
} Bloom;

/* A point of the wreath, turn in radians from the front, this far off the skull. */
static Bloom on_wreath(float turn, float rise, float off) {
    const V3 ring = unit(v3(sinf(turn), 0.98f - 0.32f * cosf(turn) + rise, 0.95f * cosf(turn)));
    Bloom b;
    b.at = add(skull,
               v3(ring.x * (radii.x + off), ring.y * (radii.y + off), ring.z * (radii.z + off)));
    b.out = unit(add(ring, mul(v3(random11(), random11() - 0.1f, random11()), 0.30f)));
    b.right = unit(cross(v3(0, 1, 0.01f), b.out));
    b.up = cross(b.out, b.right);
    b.size = 0.1f;
    return b;
}

/* A petal or leaf: hairs side by side, from the middle outwards at this angle. */
static void grow_petal(void (*draw)(const Hair *), const Bloom *b, float angle, float wide, V3 root,
                       V3 tip) {
    enum { ACROSS = 15, N = 9 };
    const float bend = 0.35f + 0.25f * random11(), tilt = 0.25f * random11();
    for (int j = 0; j < ACROSS; j++) {
        const float q = 2 * ((float)j + 0.5f) / ACROSS - 1;
        const float reach = b->size * sqrtf(1 - 0.75f * q * q) * (1 + 0.03f * random11());
        const float tone = 1 + 0.10f * random11() - 0.22f * q * q + 0.10f * tilt * q;
        V3 at[N];
        for (int i = 0; i < N; i++) {
            const float t = (float)i / (N - 1), r = reach * t;
            const float side = b->size * wide * q * sinf(2.6f * powf(t, 0.7f));
            const float high = bend * r * (1 - 1.1f * t) + 0.25f * fabsf(q) * r + tilt * side;
            const float x = r * cosf(angle) - side * sinf(angle);
            const float y = r * sinf(angle) + side * cosf(angle);
            V3 p = add(b->at, add(mul(b->right, x), mul(b->up, y)));
            at[i] = from_head(add(p, mul(b->out, high)));
        }
        for (int i = 0; i + 1 < N; i++) {
            const Hair piece = {
                .from = at[i],
                .to = at[i + 1],
                .color = mul(blend(root, tip, step01(0, 0.8f, (float)i / (N - 2))), tone),
                .width = b->size * wide * 0.26f,
                .out = turn_from_head(unit(add(b->out, mul(b->up, 0.5f * tilt)))),
                .kind = PETAL};
            draw(&piece);
        }
    }
}

static void grow_heart(void (*draw)(const Hair *), const Bloom *b, float size, V3 color) {
    for (int k = 0; k < 70; k++) {
        const float a = 2.39996f * (float)k, r = size * sqrtf((float)k / 70);
        V3 p = add(b->at, add(mul(b->right, r * cosf(a)), mul(b->up, r * sinf(a))));
        p = add(p, mul(b->out, 0.02f + 0.5f * sqrtf(size * size - r * r)));
        const Hair dot_ = {.from = from_head(p),
                           .to = from_head(add(p, mul(b->out, 0.012f))),
                           .color = mul(color, 0.7f + 0.6f * random01()),
                           .width = size * 0.30f,
                           .out = turn_from_head(b->out),
                           .kind = PETAL};
        draw(&dot_);
    }
}

static void grow_flower(void (*draw)(const Hair *), Bloom b, int sort) {
    static const V3 roots[] = {
        {0.12f, 0.01f, 0.02f}, {0.60f, 0.58f, 0.42f}, {0.08f, 0.07f, 0.30f}, {0.70f, 0.30f, 0.04f}};
    static const V3 tips[] = {{0.72f, 0.045f, 0.03f},
                              {0.84f, 0.82f, 0.76f},
                              {0.16f, 0.20f, 0.62f},
                              {0.88f, 0.52f, 0.07f}};
    static const V3 hearts[] = {
        {0.05f, 0.04f, 0.03f}, {0.80f, 0.48f, 0.04f}, {0.75f, 0.65f, 0.20f}, {0.35f, 0.12f, 0.02f}};
    static const int petals[] = {6, 13, 8, 11};
    static const float wide[] = {0.55f, 0.20f, 0.34f, 0.26f},
                       heart[] = {0.16f, 0.25f, 0.14f, 0.25f};
    const float first = 6.28f * random01();
    for (int k = 0; k < petals[sort]; k++)
        grow_petal(draw, &b, first + 6.2832f * (float)k / (float)petals[sort] + 0.12f * random11(),
                   wide[sort], roots[sort], tips[sort]);
    grow_heart(draw, &b, heart[sort] * b.size, hearts[sort]);
}

static void grow_wreath(void (*draw)(const Hair *)) {
    for (int k = 0; k < 150; k++) {
        Bloom b = on_wreath(6.2832f * (float)k / 150, 0.10f * random11(), 0.13f);
        b.size = 0.15f + 0.07f * random01();
        const float g = 0.7f + 0.6f * random01();
        grow_petal(draw, &b, 6.28f * random01(), 0.26f, v3(0.03f * g, 0.09f * g, 0.025f),
                   v3(0.09f * g, 0.20f * g, 0.05f));
    }
    static const int sorts[] = {0, 1, 2, 1, 3, 2, 0, 2, 1, 3, 1};
    for (int k = 0; k < 34; k++) {
        Bloom b =
            on_wreath(6.2832f * ((float)k + 0.3f * random11()) / 34,
                      0.075f * random11() + (k % 2 ? 0.05f : -0.05f), 0.17f + 0.03f * random01());
        static const float sizes[] = {0.155f, 0.12f, 0.095f, 0.115f};
        const int sort = sorts[k % 11];
        b.size = sizes[sort] * (0.9f + 0.3f * random01());
        grow_flower(draw, b, sort);
    }
}

void grow_hair(void (*draw)(const Hair *hair)) {
    random_start(17);
    for (int side = -1; side <= 1; side += 2)
        for (int k = LOCKS - 1; k >= 0; k--) {
            const Lock lock = make_lock((float)side, ((float)k + 0.5f) / LOCKS);
            grow_lock(draw, &lock);
        }
    for (int side = -1; side <= 1; side += 2) {
        grow_brow(draw, (float)side);
        grow_lashes(draw, (float)side, 1);
        grow_lashes(draw, (float)side, 0);
    }
    grow_wreath(draw);
}
