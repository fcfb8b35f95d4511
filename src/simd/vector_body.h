/* SPDX-License-Identifier: MIT
 *
 * The loops over plain vectors: rows of a picture and the pairs of L-BFGS. Part of body.h, which
 * includes it; VECTOR_KERNELS names what it adds to the kernel set.
 *
 * Besides the words of body.h it takes `vf` for a vector type of gcc and clang, whose operators
 * work lane by lane on integers of the same size.
 */
#include <stdint.h>
#include <string.h>

typedef int32_t vi __attribute__((vector_size(4 * VF_LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * VF_LANES)));

#define HALF_WORDS (VECTOR_GROUP / 2)        /* words of a group of values in 16 bits */
#define HALF_VECTORS (HALF_WORDS / VF_LANES) /* vectors that these words fill */
#define HALF_LARGEST 0x7f7f0000              /* the largest finite value */
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

/* ---- values in 16 bits ---- */

ALWAYS_INLINE vu half_load(const uint32_t *words) {
    vu v;
    memcpy(&v, words, sizeof v);
    return v;
}

/* The values in the lower and in the upper halves of words. */
ALWAYS_INLINE vf half_low(vu words) {
    return (vf)(words << 16);
}
ALWAYS_INLINE vf half_high(vu words) {
    return (vf)(words & 0xffff0000u);
}

/* The nearest values that 16 bits hold, of two the even one; never infinity. */
ALWAYS_INLINE vf half_round(vf v) {
    const vu bits = (vu)v, size = bits & 0x7fffffffu;
    const vi rounded = (vi)((size + 0x7fffu + (size >> 16 & 1u)) & 0xffff0000u);
    const vi over = rounded > HALF_LARGEST;
    return (vf)((vu)((rounded & ~over) | (over & HALF_LARGEST)) | (bits & 0x80000000u));
}

/* Words of `count` values that half_round has made. */
ALWAYS_INLINE void half_pack(const float *values, uint32_t *words, size_t count) {
    for (size_t i = 0; i < count; i += VECTOR_GROUP, words += HALF_WORDS) {
        UNROLL
        for (int j = 0; j < HALF_WORDS; j += VF_LANES) {
            const vu low = (vu)vf_load(values + (ptrdiff_t)i + j);
            const vu high = (vu)vf_load(values + (ptrdiff_t)i + j + HALF_WORDS);
            const vu both = low >> 16 | high;
            memcpy(words + j, &both, sizeof both);
        }
    }
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
                       uint32_t *s, uint32_t *y, size_t count, double sums[3]) {
    float step[VECTOR_PIECE];
    for (size_t i = 0; i < count; i += VF_LANES) {
        const vf to = vf_load(new_x + i), g = vf_load(new_gradient + i);
        vf_store(step + i, half_round(vf_sub(to, vf_load(x + i))));
        vf_store(gradient + i, half_round(vf_sub(g, vf_load(gradient + i))));
        vf_store(x + i, free_part(to, g, g));
    }
    half_pack(step, s, count);
    half_pack(gradient, y, count);
    sums[0] += vector_dot_run(step, gradient, count);
    sums[1] += vector_dot_run(step, step, count);
    sums[2] += vector_dot_run(gradient, gradient, count);
}

/* Adds the products of one row with v and, if `two`, with w. */
ALWAYS_INLINE void half_dot(const uint32_t *row, const float *v, const float *w, size_t count,
                            const int two, double *v_sum, double *w_sum) {
    vf acc[2][2 * HALF_VECTORS];
    UNROLL
    for (int j = 0; j < 2 * HALF_VECTORS; j++)
        acc[0][j] = acc[1][j] = vf_set1(0);
    for (size_t i = 0; i < count; i += VECTOR_GROUP, row += HALF_WORDS) {
        UNROLL
        for (int j = 0; j < HALF_VECTORS; j++) {
            const ptrdiff_t at = (ptrdiff_t)i + j * VF_LANES;
            const vu words = half_load(row + j * VF_LANES);
            const vf low = half_low(words), high = half_high(words);
            acc[0][2 * j] = vf_fma(low, vf_load(v + at), acc[0][2 * j]);
            acc[0][2 * j + 1] = vf_fma(high, vf_load(v + at + HALF_WORDS), acc[0][2 * j + 1]);
            if (two) {
                acc[1][2 * j] = vf_fma(low, vf_load(w + at), acc[1][2 * j]);
                acc[1][2 * j + 1] = vf_fma(high, vf_load(w + at + HALF_WORDS), acc[1][2 * j + 1]);
            }
        }
    }
    UNROLL
    for (int j = 1; j < 2 * HALF_VECTORS; j++) {
        acc[0][0] = vf_add(acc[0][0], acc[0][j]);
        acc[1][0] = vf_add(acc[1][0], acc[1][j]);
    }
    *v_sum += vf_sum(acc[0][0]);
    if (two)
        *w_sum += vf_sum(acc[1][0]);
}

static void half_dots(const uint32_t *rows, int row_count, const float *v, const float *w,
                      size_t count, double *v_sums, double *w_sums) {
    for (int r = 0; r < row_count; r++, rows += VECTOR_PIECE / 2) {
        if (w)
            half_dot(rows, v, w, count, 1, v_sums + r, w_sums + r);
        else
            half_dot(rows, v, NULL, count, 0, v_sums + r, NULL);
    }
}

static void half_combine(const uint32_t *rows, int row_count, const float *factors, float scale,
                         const float *in, float *out, size_t count) {
    for (size_t i = 0; i < count; i += VECTOR_GROUP, rows += HALF_WORDS) {
        vf sum[2 * HALF_VECTORS];
        UNROLL
        for (int j = 0; j < 2 * HALF_VECTORS; j++)
            sum[j] = vf_mul(vf_set1(scale), vf_load(in + (ptrdiff_t)i + j * VF_LANES));
        const uint32_t *row = rows;
        for (int r = 0; r < row_count; r++, row += VECTOR_PIECE / 2) {
            const vf factor = vf_set1(factors[r]);
            UNROLL
            for (int j = 0; j < HALF_VECTORS; j++) {
                const vu words = half_load(row + j * VF_LANES);
                sum[j] = vf_fma(factor, half_low(words), sum[j]);
                sum[j + HALF_VECTORS] = vf_fma(factor, half_high(words), sum[j + HALF_VECTORS]);
            }
        }
        UNROLL
        for (int j = 0; j < 2 * HALF_VECTORS; j++)
            vf_store(out + (ptrdiff_t)i + j * VF_LANES, sum[j]);
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
    .half_dots = half_dots, .half_combine = half_combine, .box_step = box_step,
