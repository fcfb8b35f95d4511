/* SPDX-License-Identifier: MIT
 *
 * The loops over plain vectors: rows of a picture and the pairs of L-BFGS. Part of body.h, which
 * includes it; VECTOR_KERNELS names what it adds to the kernel set.
 *
 * Besides the words of body.h it takes `vf` for a vector type of gcc and clang, whose operators
 * work lane by lane on integers of the same size.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef int32_t vi __attribute__((vector_size(4 * VF_LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * VF_LANES)));

#define BYTE_WORDS (VECTOR_GROUP / 4) /* words of a group of values in 8 bits */
#define BYTE_LARGEST 127
#define BYTE_LEAST 0x1p-100f /* where the largest value of a piece is smaller, or larger than the
                              * inverse, all become zero */
#define BYTE_ROUND 0x1.8p23f /* added to a small number rounds it: its integer is in the low bits */
#define WEIGHTED_VECTORS 4                   /* vectors that weighted_sum works on at once */

/* ---- sums in double ---- */

#define DOT_LANES 16 /* independent sums, so that the compiler can vectorise without reordering */

static double vector_dot_run(const float *a, const float *b, size_t count) {
    double lanes[DOT_LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + DOT_LANES <= count; i += DOT_LANES) {
        for (size_t j = 0; j < DOT_LANES; j++)
            lanes[j] += (double)a[i + j] * (double)b[i + j];
    }
    for (; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    for (int j = 0; j < DOT_LANES; j++)
        sum += lanes[j];
    return sum;
}

/* ---- rows of a picture ---- */

static void weighted_sum(const float *const *rows, const float *weights, int count, float *out,
                         size_t width) {
    size_t x = 0;
    for (; x + WEIGHTED_VECTORS * VF_LANES <= width; x += WEIGHTED_VECTORS * VF_LANES) {
        vf sum[WEIGHTED_VECTORS];
        UNROLL
        for (int j = 0; j < WEIGHTED_VECTORS; j++)
            sum[j] = vf_mul(vf_set1(weights[0]), vf_load(rows[0] + x + j * VF_LANES));
        for (int r = 1; r < count; r++) {
            const vf weight = vf_set1(weights[r]);
            UNROLL
            for (int j = 0; j < WEIGHTED_VECTORS; j++)
                sum[j] = vf_fma(weight, vf_load(rows[r] + x + j * VF_LANES), sum[j]);
        }
        UNROLL
        for (int j = 0; j < WEIGHTED_VECTORS; j++)
            vf_store(out + x + j * VF_LANES, sum[j]);
    }
    for (; x < width; x++) {
        float sum = weights[0] * rows[0][x];
        for (int r = 1; r < count; r++)
            sum += weights[r] * rows[r][x];
        out[x] = sum;
    }
}

/* ---- values in 8 bits ---- */

/* Of each word the integer in byte number `place`. */
ALWAYS_INLINE vf byte_load(const uint32_t *words, int place) {
    vu v;
    memcpy(&v, words, sizeof v);
    return __builtin_convertvector((vi)(v << (24 - 8 * place)) >> 24, vf);
}

static float largest_magnitude(const float *v, size_t count) {
    vf most = vf_set1(0);
    float lanes[VF_LANES], largest = 0;
    for (size_t i = 0; i < count; i += VF_LANES)
        most = vf_max((vf)((vu)vf_load(v + i) & 0x7fffffffu), most);
    vf_store(lanes, most);
    for (int i = 0; i < VF_LANES; i++)
        largest = lanes[i] > largest ? lanes[i] : largest;
    return largest;
}

/* Rounds v to integers, as floats and in bytes; returns their scale. */
static float bytes_pack(float *v, uint32_t *words, size_t count) {
    const float largest = largest_magnitude(v, count);
    const bool some = largest >= BYTE_LEAST && largest <= 1 / BYTE_LEAST;
    const vf inverse = vf_set1(some ? BYTE_LARGEST / largest : 0), round = vf_set1(BYTE_ROUND);
    if (!some)
        memset(v, 0, count * sizeof *v); /* no infinity comes through */
    for (size_t i = 0; i < count; i += VECTOR_GROUP, words += BYTE_WORDS) {
        UNROLL
        for (int j = 0; j < BYTE_WORDS; j += VF_LANES) {
            vu packed = {0};
            UNROLL
            for (int place = 0; place < 4; place++) {
                float *at = v + (ptrdiff_t)i + place * BYTE_WORDS + j;
                const vf rounded = vf_fma(vf_load(at), inverse, round);
                vf_store(at, vf_sub(rounded, round));
                packed |= ((vu)rounded & 0xffu) << 8 * place;
            }
            memcpy(words + j, &packed, sizeof packed);
        }
    }
    return some ? largest / BYTE_LARGEST : 0;
}

/* Of integers that bytes_pack has made. Nothing is lost: sums over a piece stay below 2^24. */
static double integer_dot(const float *a, const float *b, size_t count) {
    vf acc[2] = {vf_set1(0), vf_set1(0)};
    for (size_t i = 0; i < count; i += 2 * VF_LANES) {
        acc[0] = vf_fma(vf_load(a + i), vf_load(b + i), acc[0]);
        acc[1] = vf_fma(vf_load(a + i + VF_LANES), vf_load(b + i + VF_LANES), acc[1]);
    }
    return (double)vf_sum(vf_add(acc[0], acc[1]));
}

/* v where going against the gradient moves x inside [0,1], 0 where it would only push against a
 * bound. */
ALWAYS_INLINE vf free_part(vf x, vf gradient, vf v) {
    const vf zero = vf_set1(0), one = vf_set1(1);
    const vi held =
        ((vi)(x <= zero) & (vi)(gradient > zero)) | ((vi)(x >= one) & (vi)(gradient < zero));
    return (vf)((vi)v & ~held);
}

static void pair_learn(float *x, float *gradient, const float *new_x, const float *new_gradient,
                       const vector_rows *s, const vector_rows *y, size_t count, double dots[3]) {
    float step[VECTOR_PIECE];
    for (size_t i = 0; i < count; i += VF_LANES) {
        const vf to = vf_load(new_x + i), g = vf_load(new_gradient + i);
        vf_store(step + i, vf_sub(to, vf_load(x + i)));
        vf_store(gradient + i, vf_sub(g, vf_load(gradient + i)));
        vf_store(x + i, free_part(to, g, g));
    }
    const float s_scale = bytes_pack(step, s->words, count);
    const float y_scale = bytes_pack(gradient, y->words, count);
    s->scales[0] = s_scale;
    y->scales[0] = y_scale;
    dots[0] = integer_dot(step, gradient, count);
    dots[1] = integer_dot(step, step, count);
    dots[2] = integer_dot(gradient, gradient, count);
    for (size_t i = 0; i < count; i += VF_LANES)
        vf_store(gradient + i, vf_mul(vf_set1(y_scale), vf_load(gradient + i)));
}

static void pair_sums(const double *dots, size_t dots_step, const float *s_scales,
                      const float *y_scales, size_t scales_step, size_t pieces, double sums[3]) {
    for (size_t i = 0; i < pieces; i++, dots += dots_step) {
        const double s = (double)s_scales[i * scales_step], y = (double)y_scales[i * scales_step];
        sums[0] += s * y * dots[0];
        sums[1] += s * s * dots[1];
        sums[2] += y * y * dots[2];
    }
}

/* Adds the products of one row with v and, if `two`, with w. */
ALWAYS_INLINE void row_dot(const uint32_t *row, ptrdiff_t ahead, double scale, const float *v,
                           const float *w, size_t count, const int two, double *v_sum,
                           double *w_sum) {
    vf acc[2][4];
    UNROLL
    for (int place = 0; place < 4; place++)
        acc[0][place] = acc[1][place] = vf_set1(0);
    for (size_t i = 0; i < count; i += VECTOR_GROUP, row += BYTE_WORDS) {
        __builtin_prefetch(row + ahead);
        UNROLL
        for (int j = 0; j < BYTE_WORDS; j += VF_LANES) {
            UNROLL
            for (int place = 0; place < 4; place++) {
                const ptrdiff_t at = (ptrdiff_t)i + place * BYTE_WORDS + j;
                const vf values = byte_load(row + j, place);
                acc[0][place] = vf_fma(values, vf_load(v + at), acc[0][place]);
                if (two)
                    acc[1][place] = vf_fma(values, vf_load(w + at), acc[1][place]);
            }
        }
    }
    UNROLL
    for (int place = 1; place < 4; place++) {
        acc[0][0] = vf_add(acc[0][0], acc[0][place]);
        acc[1][0] = vf_add(acc[1][0], acc[1][place]);
    }
    *v_sum += scale * (double)vf_sum(acc[0][0]);
    if (two)
        *w_sum += scale * (double)vf_sum(acc[1][0]);
}

static void rows_dot(const vector_rows *rows, int row_count, const float *v, const float *w,
                     size_t count, double *v_sums, double *w_sums) {
    const uint32_t *row = rows->words;
    for (int r = 0; r < row_count; r++, row += VECTOR_PIECE / 4) {
        const double scale = (double)rows->scales[r];
        if (w)
            row_dot(row, rows->ahead, scale, v, w, count, 1, v_sums + r, w_sums + r);
        else
            row_dot(row, rows->ahead, scale, v, NULL, count, 0, v_sums + r, NULL);
    }
}

static void rows_combine(const vector_rows *rows, int row_count, const float *factors, float scale,
                         const float *in, float *out, size_t count) {
    for (size_t i = 0; i < count; i += VECTOR_GROUP) {
        UNROLL
        for (int j = 0; j < BYTE_WORDS; j += VF_LANES) {
            const ptrdiff_t at = (ptrdiff_t)i + j;
            const uint32_t *row = rows->words + i / 4 + j;
            vf sum[4];
            UNROLL
            for (int place = 0; place < 4; place++)
                sum[place] = vf_mul(vf_set1(scale), vf_load(in + at + place * BYTE_WORDS));
            for (int r = 0; r < row_count; r++, row += VECTOR_PIECE / 4) {
                const vf factor = vf_set1(factors[r] * rows->scales[r]);
                if (j == 0)
                    __builtin_prefetch(row + rows->ahead);
                UNROLL
                for (int place = 0; place < 4; place++)
                    sum[place] = vf_fma(factor, byte_load(row, place), sum[place]);
            }
            UNROLL
            for (int place = 0; place < 4; place++)
                vf_store(out + at + place * BYTE_WORDS, sum[place]);
        }
    }
}

static void box_step(const float *x, const float *gradient, const float *descent, float step,
                     float *out, size_t count, double sums[2]) {
    float direction[VECTOR_PIECE], move[VECTOR_PIECE];
    const vf one = vf_set1(1);
    for (size_t i = 0; i < count; i += VF_LANES) {
        const vf from = vf_load(x + i), g = vf_load(gradient + i);
        const vf d = free_part(from, g, vf_sub(vf_set1(0), vf_load(descent + i)));
        const vf above = vf_max(vf_fma(vf_set1(step), d, from), vf_set1(0));
        const vi over = (vi)(above > one);
        const vf to = (vf)(((vi)above & ~over) | ((vi)one & over));
        vf_store(direction + i, d);
        vf_store(move + i, vf_sub(to, from));
        vf_store(out + i, to);
    }
    sums[0] += vector_dot_run(gradient, direction, count);
    sums[1] += vector_dot_run(gradient, move, count);
}

#define VECTOR_KERNELS                                                                             \
    .dot = vector_dot_run, .weighted_sum = weighted_sum, .pair_learn = pair_learn,                 \
    .pair_sums = pair_sums, .rows_dot = rows_dot, .rows_combine = rows_combine,                    \
    .box_step = box_step,
