/* SPDX-License-Identifier: MIT */
#include "cost/matrix_root.h"

#include <math.h>

#include "cost/sums.h"
#include "network/tensor.h"

/* Each step multiplies small eigenvalues of A by 2.25; at the end errors are squared. */
#define MOST_STEPS 40
#define CLOSE 1e-3 /* |I - Z Y| before a last step */

static int side_of(int channels) {
    return tensor_blocks(channels) * CHANNEL_BLOCK;
}

ptrdiff_t matrix_at(int channels, int i, int j) {
    return ((ptrdiff_t)(j / CHANNEL_BLOCK) * side_of(channels) + i) * CHANNEL_BLOCK +
           j % CHANNEL_BLOCK;
}

size_t matrix_values(int channels) {
    const size_t side = (size_t)side_of(channels);
    return side * side;
}

float *matrix_take(int channels, layout *to) {
    return layout_take(to, matrix_values(channels), sizeof(float));
}

/* ---- products, in tiles of some rows of a block of columns ---- */

static int tile_rows(const matrix_space *self) {
    return self->kernels->product_rows[0];
}

static int tiles_down(const matrix_space *self) {
    return (side_of(self->channels) + tile_rows(self) - 1) / tile_rows(self);
}

static int tile_count(const matrix_space *self) {
    return tiles_down(self) * tensor_blocks(self->channels);
}

typedef struct matrix_tile {
    int row, rows, block;
    ptrdiff_t at; /* of its first value */
} matrix_tile;

static matrix_tile tile_of(const matrix_space *self, int number) {
    const int side = side_of(self->channels), block = number / tiles_down(self);
    const int row = number % tiles_down(self) * tile_rows(self), left = side - row;
    return (matrix_tile){
        .row = row,
        .rows = left < tile_rows(self) ? left : tile_rows(self),
        .block = block,
        .at = matrix_at(self->channels, row, block * CHANNEL_BLOCK),
    };
}

static void multiply_tile(const matrix_space *self, const float *a, const float *b, float *out,
                          matrix_tile t) {
    const product_tile tile = {
        .v = a + (ptrdiff_t)t.row * CHANNEL_BLOCK,
        .v_block = (ptrdiff_t)side_of(self->channels) * CHANNEL_BLOCK,
        .blocks = tensor_blocks(self->channels),
        .u = b + matrix_at(self->channels, 0, t.block * CHANNEL_BLOCK),
        .m = out + t.at,
        .rows = t.rows,
        .panel = 1,
    };
    self->kernels->product(&tile);
}

void matrix_product(const matrix_space *self, const float *a, const float *b, float *out) {
#pragma omp for schedule(static)
    for (int i = 0; i < tile_count(self); i++)
        multiply_tile(self, a, b, out, tile_of(self, i));
}

/* ---- roots ---- */

void matrix_space_layout(matrix_space *self, const kernel_set *kernels, int channels, layout *to) {
    self->kernels = kernels->single;
    self->channels = channels;
    for (size_t i = 0; i < sizeof self->matrices / sizeof *self->matrices; i++)
        self->matrices[i] = matrix_take(channels, to);
    self->sums = layout_take(to, (size_t)tile_count(self), sizeof *self->sums);
}

/* Turns a tile of Z Y into one of T. Returns its share of |I - Z Y|^2. */
static double finish_tile(const matrix_space *self, float *t, matrix_tile tile) {
    const int left = tile.block * CHANNEL_BLOCK;
    double sum = 0;
    t += tile.at;
    for (int i = tile.row; i < tile.row + tile.rows; i++, t += CHANNEL_BLOCK) {
        for (int j = 0; j < CHANNEL_BLOCK; j++) {
            const float unit = i == left + j && i < self->channels ? 1 : 0;
            const double off = (double)(unit - t[j]);
            sum += off * off;
            t[j] = 1.5f * unit - 0.5f * t[j];
        }
    }
    return sum;
}

/* |A|, by the rows of each tile of it. */
static double norm(const matrix_space *self, const float *a) {
#pragma omp for schedule(static)
    for (int i = 0; i < tile_count(self); i++) {
        const matrix_tile tile = tile_of(self, i);
        self->sums[i] =
            self->kernels->dot(a + tile.at, a + tile.at, (size_t)tile.rows * CHANNEL_BLOCK);
    }
    return sqrt(cost_add_up(self->sums, tile_count(self)));
}

/* Y = A / scale, Z = I. */
static void begin(const matrix_space *self, const float *a, double scale, float *y, float *z) {
    const double factor = scale > 0 ? 1 / scale : 0;
#pragma omp for schedule(static)
    for (int k = 0; k < tile_count(self); k++) {
        const matrix_tile tile = tile_of(self, k);
        const int left = tile.block * CHANNEL_BLOCK;
        for (int i = 0; i < tile.rows * CHANNEL_BLOCK; i++) {
            const int row = tile.row + i / CHANNEL_BLOCK;
            y[tile.at + i] = (float)(factor * (double)a[tile.at + i]);
            z[tile.at + i] = row == left + i % CHANNEL_BLOCK && row < self->channels ? 1 : 0;
        }
    }
}

matrix_roots matrix_root(const matrix_space *self, const float *in, int steps) {
    float *y = self->matrices[0], *z = self->matrices[1], *t = self->matrices[2];
    float *next_y = self->matrices[3], *next_z = self->matrices[4];
    const int tiles = tile_count(self);
    const double scale = norm(self, in);
    double before = INFINITY;
    begin(self, in, scale, y, z);
    for (int step = 0; step < (steps > 0 ? steps : MOST_STEPS); step++) {
#pragma omp for schedule(static)
        for (int i = 0; i < tiles; i++) {
            const matrix_tile tile = tile_of(self, i);
            multiply_tile(self, z, y, t, tile);
            self->sums[i] = finish_tile(self, t, tile);
        }
        const double off = sqrt(cost_add_up(self->sums, tiles));
        if (!(off < before)) /* no more digits */
            break;
        before = off;
#pragma omp for schedule(static)
        for (int i = 0; i < 2 * tiles; i++) {
            if (i < tiles)
                multiply_tile(self, y, t, next_y, tile_of(self, i));
            else
                multiply_tile(self, t, z, next_z, tile_of(self, i - tiles));
        }
        float *const old_y = y, *const old_z = z;
        y = next_y;
        z = next_z;
        next_y = old_y;
        next_z = old_z;
        if (off < CLOSE)
            break;
    }
    return (matrix_roots){y, z, scale};
}
