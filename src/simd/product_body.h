/* SPDX-License-Identifier: MIT
 *
 * The product of matrices, m (+)= v u, one register tile at a time: part of body.h.
 *
 * Rows of v times columns of u stay in registers. For each channel the panel's columns are loaded
 * once and multiplied with one broadcast value per row: a broadcast can start at any value, so none
 * is ever shuffled. Operands in bf16 go by pairs of channels, which fill the place of a float. Both
 * are asked for ahead, in lines of the cache: u while it comes from the second-level cache, v from
 * the third.
 */

#define U_AHEAD 32
#define V_AHEAD 84 /* of all rows of the tile together */

/* A float, or a pair of bf16, in memory. */
typedef float __attribute__((may_alias)) product_word;
#define BLOCK_WORDS (CHANNEL_BLOCK / OPERAND_PAIR)

/* One channel's share: its column u of the panel against one value of every row. */
ALWAYS_INLINE void product_channel(const product_word *v, const product_word *u,
                                   vf acc[28][2 * VF_BLOCK], const int rows, const int panel) {
    vf w[2 * VF_BLOCK];
    UNROLL
    for (int j = 0; j < panel * VF_BLOCK; j++)
        w[j] = vf_load((const float *)u + j * VF_LANES);
    UNROLL
    for (int j = 0; j < panel; j++)
        __builtin_prefetch(u + (U_AHEAD + j) * CHANNEL_BLOCK);
    UNROLL
    for (int i = 0; i < rows; i++) {
        const vf value = vf_set1(v[i * BLOCK_WORDS]);
        UNROLL
        for (int j = 0; j < panel * VF_BLOCK; j++)
            acc[i][j] = OPERAND_FMA(value, w[j], acc[i][j]);
    }
}

ALWAYS_INLINE void product_run(const product_tile *t, const int rows, const int panel,
                               const bool accumulate) {
    const int vectors = panel * VF_BLOCK;
    float *const m = t->m;
    vf acc[28][2 * VF_BLOCK];
    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int j = 0; j < vectors; j++)
            acc[i][j] = vf_set1(0);
    }

    const product_word *u = t->u, *v = t->v;
    const ptrdiff_t v_block = t->v_block / OPERAND_PAIR;
    for (int blocks = t->blocks; blocks > 0; blocks--, v += v_block) {
        const product_word *ahead = v + V_AHEAD / rows * v_block;
        for (int quarter = 0; quarter < 4; quarter++) {
            /* In the last few quarters: the places of sums to be added to, a row each. */
            const int row = 4 * (blocks - 1) + quarter;
            if (accumulate && row < rows) {
                UNROLL
                for (int j = 0; j < panel; j++)
                    __builtin_prefetch(m + j * t->m_block + row * CHANNEL_BLOCK, 1);
            }
            UNROLL
            for (int i = 0; i < BLOCK_WORDS / 4; i++, u += panel * CHANNEL_BLOCK)
                product_channel(v + BLOCK_WORDS / 4 * quarter + i, u, acc, rows, panel);
            UNROLL
            for (int i = 0; i < (rows + 4 * OPERAND_PAIR - 1) / (4 * OPERAND_PAIR);
                 i++, ahead += CHANNEL_BLOCK)
                __builtin_prefetch(ahead);
        }
    }

    UNROLL
    for (int i = 0; i < rows; i++) {
        UNROLL
        for (int j = 0; j < vectors; j++) {
            float *to = m + j / VF_BLOCK * t->m_block + i * CHANNEL_BLOCK + j % VF_BLOCK * VF_LANES;
            vf_store(to, accumulate ? vf_add(vf_load(to), acc[i][j]) : acc[i][j]);
        }
    }
}

/* A function per number of rows: constants reach product_run, and one tile is one readable symbol.
 */
#define PRODUCT_TILE(rows, panel)                                                                  \
    static void product_##rows##x##panel(const product_tile *tile) {                               \
        if ((rows) > PRODUCT_ROWS_##panel)                                                         \
            return;                                                                                \
        if (tile->accumulate)                                                                      \
            product_run(tile, rows, panel, true);                                                  \
        else                                                                                       \
            product_run(tile, rows, panel, false);                                                 \
    }
#define ROWS_14(X, panel)                                                                          \
    X(1, panel)                                                                                    \
    X(2, panel)                                                                                    \
    X(3, panel)                                                                                    \
    X(4, panel)                                                                                    \
    X(5, panel)                                                                                    \
    X(6, panel) X(7, panel) X(8, panel) X(9, panel) X(10, panel) X(11, panel) X(12, panel)         \
        X(13, panel) X(14, panel)
#define ROWS_28(X, panel)                                                                          \
    ROWS_14(X, panel)                                                                              \
    X(15, panel)                                                                                   \
    X(16, panel)                                                                                   \
    X(17, panel)                                                                                   \
    X(18, panel)                                                                                   \
    X(19, panel)                                                                                   \
    X(20, panel) X(21, panel) X(22, panel) X(23, panel) X(24, panel) X(25, panel) X(26, panel)     \
        X(27, panel) X(28, panel)
ROWS_28(PRODUCT_TILE, 1)
ROWS_14(PRODUCT_TILE, 2)

typedef void product_function(const product_tile *tile);
#define PRODUCT_NAME(rows, panel) product_##rows##x##panel,
static product_function *const products_1[] = {ROWS_28(PRODUCT_NAME, 1)};
static product_function *const products_2[] = {ROWS_14(PRODUCT_NAME, 2)};

static void product(const product_tile *tile) {
    if (tile->panel == 2)
        products_2[tile->rows - 1](tile);
    else
        products_1[tile->rows - 1](tile);
}
