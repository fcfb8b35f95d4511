/* SPDX-License-Identifier: MIT
 *
 * The way back through Gram matrices: the factor that an activation is multiplied with, packed for
 * the kernels, and the product.
 */
#include <string.h>

#include "cost/gram_factor.h"

/* Multiply-adds of one output block that make a copy in the backward pass worth its calls. */
#define WORK_PER_COPY 65536

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Input channels that are packed side by side. */
static int factors_together(const gram *self) {
    return self->kernels->bf16_products ? 2 : 1;
}

/* Where the factors of input channel `in`, the first of those side by side, and output channel
 * block `out` are packed: so many operands from the first. */
static size_t factors_at(const gram *self, int in, int out) {
    const int first = out - out % self->kernels->panel;
    const int panel = tensor_panel(self->kernels, tensor_blocks(self->channels), first);
    return (size_t)(first * CHANNEL_BLOCK) * gram_padded(self) +
           (size_t)(in * panel + (out - first) * factors_together(self)) * CHANNEL_BLOCK;
}

/* Packs for the gradient what input channels from `in` on are multiplied with, those side by side:
 * a row of a block for each. */
static void pack_factors(const gram *self, int in, int out, float rows[2][CHANNEL_BLOCK]) {
    const size_t at = factors_at(self, in, out);
    if (factors_together(self) == 1) {
        memcpy((float *)self->factor + at, rows[0], sizeof rows[0]);
        return;
    }
    uint16_t rounded[2][CHANNEL_BLOCK], *to = (uint16_t *)self->factor + at;
    self->kernels->operands(rows[0], rounded[0], CHANNEL_BLOCK);
    self->kernels->operands(rows[1], rounded[1], CHANNEL_BLOCK);
    for (size_t j = 0; j < CHANNEL_BLOCK; j++) {
        to[2 * j] = rounded[0][j];
        to[2 * j + 1] = rounded[1][j];
    }
}

void gram_pack_factor(const gram *self, int top, int left,
                      double slope[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    const int together = factors_together(self);
    for (int i = 0; i < CHANNEL_BLOCK; i += together) {
        float there[2][CHANNEL_BLOCK], mirrored[2][CHANNEL_BLOCK];
        for (int k = 0; k < together; k++) {
            for (int j = 0; j < CHANNEL_BLOCK; j++) {
                there[k][j] = (float)slope[i + k][j];
                mirrored[k][j] = (float)slope[j][i + k];
            }
        }
        pack_factors(self, top + i, left / CHANNEL_BLOCK, there);
        pack_factors(self, left + i, top / CHANNEL_BLOCK, mirrored);
    }
}

void gram_set_gradient(const gram *self, const double *matrix, const double *constants) {
    const int channels = self->channels;
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        const int rows = least(CHANNEL_BLOCK, channels - top);
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double slope[CHANNEL_BLOCK][CHANNEL_BLOCK] = {{0}};
            for (int i = 0; i < rows; i++)
                memcpy(slope[i], matrix + (ptrdiff_t)(top + i) * channels + left,
                       (size_t)least(CHANNEL_BLOCK, channels - left) * sizeof *matrix);
            gram_pack_factor(self, top, left, slope);
        }
        for (int i = 0; i < rows; i++)
            self->constants[top + i] = (float)constants[top + i];
    }
}

static int tile_pixels(const kernel_set *kernels, int channels) {
    return kernels->product_rows[tensor_panel(kernels, tensor_blocks(channels), 0) - 1];
}

int gram_gradient_pixels(const kernel_set *kernels, int channels) {
    const int tile = tile_pixels(kernels, channels), side = tensor_blocks(channels) * CHANNEL_BLOCK;
    const int tiles = WORK_PER_COPY / side / side / tile;
    return tile * (tiles > 1 ? tiles : 1);
}

/* Lanes past the last channel have none. */
static void add_constants(const gram *self, const cost_piece *piece) {
    const float *mask =
        self->mask ? self->mask->weights + (ptrdiff_t)piece->y * self->width + piece->x : NULL;
    for (int b = 0; b < tensor_blocks(self->channels); b++) {
        const float *constants = self->constants + (ptrdiff_t)b * CHANNEL_BLOCK;
        float *to = piece->gradient + b * piece->gradient_block;
        for (int x = 0; x < piece->pixels; x++, to += CHANNEL_BLOCK) {
            const float weight = mask ? mask[x] * mask[x] : 1;
            for (int k = 0; k < CHANNEL_BLOCK; k++)
                to[k] += weight * constants[k];
        }
    }
}

/* The piece's operands times the squares of the mask, in its scratch. */
static const void *weighed(const gram *self, const cost_piece *piece, product_tile *tile) {
    const kernel_set *kernels = self->kernels;
    const ptrdiff_t block = (ptrdiff_t)piece->pixels * CHANNEL_BLOCK;
    for (int b = 0; b < tile->blocks; b++) {
        float *to = piece->scratch + b * block;
        cost_mask_weigh(piece->a + b * piece->a_block,
                        self->mask->weights + (ptrdiff_t)piece->y * self->width + piece->x, true,
                        piece->pixels, to);
        kernels->operands(to, to, (size_t)block);
    }
    tile->v_block = block * (ptrdiff_t)(sizeof(float) / kernels_operand_bytes(kernels));
    return piece->scratch;
}

/* The part of a piece that has any of the mask; outside of it the gradient, unless it is added to,
 * becomes zero. */
static cost_piece part_in_mask(const gram *self, const cost_piece *piece) {
    const float *mask = self->mask->weights + (ptrdiff_t)piece->y * self->width + piece->x;
    int first = 0, end = piece->pixels;
    while (first < end && !(mask[first] > 0))
        first++;
    while (end > first && !(mask[end - 1] > 0))
        end--;
    for (int b = 0; !piece->add && b < tensor_blocks(self->channels); b++) {
        float *gradient = piece->gradient + b * piece->gradient_block;
        memset(gradient, 0, (size_t)(first * CHANNEL_BLOCK) * sizeof *gradient);
        memset(gradient + (ptrdiff_t)end * CHANNEL_BLOCK, 0,
               (size_t)((piece->pixels - end) * CHANNEL_BLOCK) * sizeof *gradient);
    }
    cost_piece part = *piece;
    part.x += first;
    part.pixels = end - first;
    part.a += (ptrdiff_t)first * CHANNEL_BLOCK;
    part.gradient += (ptrdiff_t)first * CHANNEL_BLOCK;
    return part;
}

static void multiply(const gram *self, const cost_piece *piece) {
    const kernel_set *kernels = self->kernels;
    const int most = tile_pixels(kernels, self->channels), blocks = tensor_blocks(self->channels);
    const size_t bytes = kernels_operand_bytes(kernels);
    product_tile tile = {
        .v_block = piece->operands_block,
        .blocks = blocks,
        .m_block = piece->gradient_block,
        .accumulate = piece->add,
    };
    const unsigned char *a = self->mask ? weighed(self, piece, &tile) : piece->operands;
    for (int block = 0; block < blocks; block += tile.panel) {
        tile.panel = tensor_panel(kernels, blocks, block);
        tile.u = (const unsigned char *)self->factor +
                 (size_t)(block * CHANNEL_BLOCK) * gram_padded(self) * bytes;
        for (int i = 0; i < piece->pixels; i += tile.rows) {
            tile.rows = cost_next_part(piece->pixels - i, most);
            tile.v = a + (size_t)(i * CHANNEL_BLOCK) * bytes;
            tile.m = piece->gradient + block * tile.m_block + (ptrdiff_t)i * CHANNEL_BLOCK;
            kernels->product(&tile);
        }
    }
    if (self->means)
        add_constants(self, piece);
}

void gram_gradient(const gram *self, const cost_piece *piece) {
    if (!self->mask) {
        multiply(self, piece);
        return;
    }
    const cost_piece part = part_in_mask(self, piece);
    if (part.pixels > 0)
        multiply(self, &part);
}
