/* SPDX-License-Identifier: MIT
 *
 * The transforms of Winograd's F(4x4, 3x3), one tile of one channel block: part of body.h.
 *
 * The points of interpolation are 0, +-2/3, +-3/2 and infinity. A transform in two dimensions is
 * the one in one dimension along columns and then along rows; the pairs of points of one size share
 * their even and odd parts.
 */

/* B^T on six values. */
ALWAYS_INLINE void winograd_input_line(const vf d[6], vf t[6]) {
    const vf a = vf_set1(2 / 3.0f), b = vf_set1(3 / 2.0f);
    const vf even_a = vf_fma(vf_set1(-9 / 4.0f), d[2], d[4]);
    const vf odd_a = vf_fma(vf_set1(-9 / 4.0f), d[1], d[3]);
    const vf even_b = vf_fma(vf_set1(-4 / 9.0f), d[2], d[4]);
    const vf odd_b = vf_fma(vf_set1(-4 / 9.0f), d[1], d[3]);
    t[0] = vf_fma(vf_set1(-97 / 36.0f), d[2], vf_add(d[0], d[4]));
    t[1] = vf_fma(a, odd_a, even_a);
    t[2] = vf_fma(vf_set1(-2 / 3.0f), odd_a, even_a);
    t[3] = vf_fma(b, odd_b, even_b);
    t[4] = vf_fma(vf_set1(-3 / 2.0f), odd_b, even_b);
    t[5] = vf_fma(vf_set1(-97 / 36.0f), d[3], vf_add(d[1], d[5]));
}

/* A^T on six values. */
ALWAYS_INLINE void winograd_output_line(const vf m[6], vf y[4]) {
    const vf sum_a = vf_add(m[1], m[2]), difference_a = vf_sub(m[1], m[2]);
    const vf sum_b = vf_add(m[3], m[4]), difference_b = vf_sub(m[3], m[4]);
    y[0] = vf_fma(vf_set1(-9 / 4.0f), sum_a, vf_add(m[0], sum_b));
    y[1] = vf_mul(vf_set1(3 / 2.0f), vf_sub(difference_b, difference_a));
    y[2] = vf_fma(vf_set1(9 / 4.0f), sum_b, vf_sub(vf_set1(0), sum_a));
    y[3] = vf_fma(vf_set1(27 / 8.0f), difference_b, vf_fma(vf_set1(-2 / 3.0f), difference_a, m[5]));
}

/* G on three values; the factor 12/65 makes the points +-2/3 and +-3/2 the mirror image of each
 * other. */
ALWAYS_INLINE void winograd_filter_line(const vf g[3], vf t[6]) {
    const vf wide = vf_set1(18 / 65.0f), narrow = vf_set1(8 / 65.0f);
    const vf odd = vf_mul(vf_set1(12 / 65.0f), g[1]);
    const vf even_a = vf_fma(wide, g[0], vf_mul(narrow, g[2]));
    const vf even_b = vf_fma(narrow, g[0], vf_mul(wide, g[2]));
    t[0] = g[0];
    t[1] = vf_add(even_a, odd);
    t[2] = vf_sub(even_a, odd);
    t[3] = vf_add(even_b, odd);
    t[4] = vf_sub(even_b, odd);
    t[5] = g[2];
}

/* G down the three columns of the taps. */
ALWAYS_INLINE void winograd_filter_columns(const float *taps, ptrdiff_t tap_step,
                                           vf columns[6][3]) {
    vf line[6];
    UNROLL
    for (int x = 0; x < 3; x++) {
        vf g[3];
        UNROLL
        for (int y = 0; y < 3; y++)
            g[y] = vf_load(taps + (3 * y + x) * tap_step);
        winograd_filter_line(g, line);
        UNROLL
        for (int y = 0; y < 6; y++)
            columns[y][x] = line[y];
    }
}

static void winograd_filter(const float *taps, ptrdiff_t tap_step, ptrdiff_t channel_step,
                            void *out, ptrdiff_t step) {
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[OPERAND_PAIR][6][3], lines[OPERAND_PAIR][6];
        UNROLL
        for (int i = 0; i < OPERAND_PAIR; i++)
            winograd_filter_columns(taps + i * channel_step + lane, tap_step, columns[i]);
        UNROLL
        for (int y = 0; y < 6; y++) {
            UNROLL
            for (int i = 0; i < OPERAND_PAIR; i++)
                winograd_filter_line(columns[i][y], lines[i]);
            UNROLL
            for (int x = 0; x < 6; x++)
                operand_store_pair((operand *)out + (6 * y + x) * step + lane * OPERAND_PAIR,
                                   lines[0][x], lines[OPERAND_PAIR - 1][x]);
        }
    }
}

static void winograd_input(const void *from, ptrdiff_t row, void *to, ptrdiff_t step) {
    const activation *in = from;
    operand *out = to;
    /* The pixels that the tile after the next adds: tiles come along the row. */
    UNROLL
    for (int y = 0; y < 6; y++) {
        UNROLL
        for (int x = 10; x < 14; x++)
            __builtin_prefetch(in + y * row + x * CHANNEL_BLOCK);
    }
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[6][6], line[6];
        UNROLL
        for (int x = 0; x < 6; x++) {
            vf d[6];
            UNROLL
            for (int y = 0; y < 6; y++)
                d[y] = activation_load(in + y * row + x * CHANNEL_BLOCK + lane);
            winograd_input_line(d, line);
            UNROLL
            for (int y = 0; y < 6; y++)
                columns[y][x] = line[y];
        }
        UNROLL
        for (int y = 0; y < 6; y++) {
            winograd_input_line(columns[y], line);
            UNROLL
            for (int x = 0; x < 6; x++) {
                operand *point = out + (6 * y + x) * step + lane;
                __builtin_prefetch(point + CHANNEL_BLOCK, 1); /* the next tile's, to be written */
                operand_store(point, line[x]);
            }
        }
    }
}

/* A^T down the six columns of the products. */
ALWAYS_INLINE void winograd_output_columns(const float *in, ptrdiff_t step, vf columns[4][6]) {
    UNROLL
    for (int x = 0; x < 6; x++) {
        vf m[6], y4[4];
        UNROLL
        for (int y = 0; y < 6; y++)
            m[y] = vf_load(in + (6 * y + x) * step);
        winograd_output_line(m, y4);
        UNROLL
        for (int y = 0; y < 4; y++)
            columns[y][x] = y4[y];
    }
}

/* One pixel of winograd_output: see winograd_out. */
ALWAYS_INLINE void winograd_put(const winograd_out *o, int y, int x, int lane, vf v) {
    const ptrdiff_t at = y * o->row + x * CHANNEL_BLOCK + lane, word = y * o->sign_row + x;
    if (o->add)
        v = vf_add(v, activation_load((const activation *)o->add + at));
    if (o->relu) {
        if (o->sign)
            word_put(o->sign + word, lane, vf_positive(v));
        v = vf_max(vf_set1(0), v);
    }
    if (o->keep)
        v = vf_keep(word_bits(o->keep[word], lane), v);
    activation_store((activation *)o->out + at, v);
}

static void winograd_output(const float *in, ptrdiff_t step, const winograd_out *out) {
    const winograd_out o = *out; /* the compiler must not expect the stores to change it */
    /* Where the next tile's pixels go: tiles come along the row. */
    UNROLL
    for (int y = 0; y < 4; y++) {
        UNROLL
        for (int x = 4; x < 8; x += 64 / CHANNEL_BLOCK / (int)sizeof(activation))
            __builtin_prefetch((activation *)o.out + y * o.row + x * CHANNEL_BLOCK, 1);
    }
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[4][6], line[4];
        winograd_output_columns(in + lane, step, columns);
        const vf bias = o.bias ? vf_load(o.bias + lane) : vf_set1(0);
        if (o.height == 4 && o.width == 4) {
            UNROLL
            for (int y = 0; y < 4; y++) {
                winograd_output_line(columns[y], line);
                UNROLL
                for (int x = 0; x < 4; x++)
                    winograd_put(&o, y, x, lane, vf_add(line[x], bias));
            }
        } else {
            for (int y = 0; y < o.height; y++) {
                winograd_output_line(columns[y], line);
                for (int x = 0; x < o.width; x++)
                    winograd_put(&o, y, x, lane, vf_add(line[x], bias));
            }
        }
    }
}

static void winograd_output_pooled(const float *in, ptrdiff_t step, const winograd_pooled *out) {
    const winograd_pooled o = *out;
    for (int lane = 0; lane < CHANNEL_BLOCK; lane += VF_LANES) {
        vf columns[4][6], lines[2][4];
        winograd_output_columns(in + lane, step, columns);
        const vf bias = vf_load(o.bias + lane);
        for (int y = 0; y < o.height; y++) {
            UNROLL
            for (int i = 0; i < 2; i++) {
                winograd_output_line(columns[2 * y + i], lines[i]);
                UNROLL
                for (int x = 0; x < 4; x++)
                    lines[i][x] = vf_max(vf_set1(0), vf_add(lines[i][x], bias));
            }
            for (int x = 0; x < o.width; x++) {
                const vf window[4] = {lines[0][2 * x], lines[0][2 * x + 1], lines[1][2 * x],
                                      lines[1][2 * x + 1]};
                activation_store(
                    (activation *)o.out + y * o.row + x * CHANNEL_BLOCK + lane,
                    pool_window(window, o.average, o.choice + y * o.choice_row + 4 * x, lane));
            }
        }
    }
}
