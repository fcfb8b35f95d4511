/* SPDX-License-Identifier: MIT */
#include "cost/gram.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"

/* Pixels summed in fp32 before they go into a double. */
#define PIXELS_PER_SUM 512

/* Narrow tensors are dealt by rows to this many partial matrices; wide ones have enough rows of
 * blocks to share out. */
#define CHUNKS 16
#define WIDE_BLOCKS 16

/* Rows of blocks that a task computes: the pixels of a sum are fetched once for all of them. */
#define TASK_BLOCKS 4

/* Multiply-adds of one output block that make a copy in the backward pass worth its calls. */
#define WORK_PER_COPY 65536

static int least(int a, int b) {
    return a < b ? a : b;
}

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

static size_t padded(const gram *self) {
    return (size_t)tensor_blocks(self->channels) * CHANNEL_BLOCK;
}

void gram_prepare(gram *self, const kernel_set *kernels, int channels, int height, int width,
                  bool in_strips, const cost_mask *mask) {
    *self = (gram){
        .kernels = kernels,
        .channels = channels,
        .height = height,
        .width = width,
        .mask = mask,
        .group = PIXELS_PER_SUM / least(width, PIXELS_PER_SUM),
        .chunks = tensor_blocks(channels) >= WIDE_BLOCKS ? 1 : CHUNKS,
    };
    assert(!mask || (mask->height == height && mask->width == width));
    /* With a mask all rows are kept, times it: as many as there are partial sums to work on. */
    if (mask)
        self->kept.height = least(self->group * self->chunks, round_up(height, self->group));
    else if (in_strips && self->group > 1)
        self->kept.height = self->group;
    self->kept.channels = channels;
    self->kept.width = width;
    self->kept.value_bytes = kernels_activation_bytes(kernels);
    self->threads = cpu_set_threads(0);
}

/* Bytes of a channel block of the pixels of a sum, packed: with a pair to spare in every row. */
static size_t packed_block(const gram *self) {
    return 2 * PIXELS_PER_SUM * CHANNEL_BLOCK * kernels_operand_bytes(self->kernels);
}

/* Bytes of those of one thread. */
static size_t packed_bytes(const gram *self) {
    return (size_t)tensor_blocks(self->channels) * packed_block(self);
}

void gram_layout(gram *self, layout *to) {
    const size_t square = padded(self) * padded(self);
    self->partial = layout_take(to, (size_t)self->chunks * square, sizeof *self->partial);
    self->factor = layout_take(to, square, kernels_operand_bytes(self->kernels));
    if (self->kernels->precision == PRECISION_BF16)
        self->packed = layout_take(to, (size_t)self->threads * packed_bytes(self), 1);
    if (self->means) {
        self->sums = layout_take(to, (size_t)self->chunks * padded(self), sizeof *self->sums);
        self->constants = layout_take(to, padded(self), sizeof *self->constants);
    }
    if (self->kept.height)
        tensor_layout(&self->kept, to);
}

double gram_area(const gram *self) {
    if (!self->mask)
        return (double)self->height * self->width;
    return self->mask->squares > 0 ? self->mask->squares : 1;
}

/* ---- sums of products ---- */

/* The pixels of a sum, as the kernels multiply them. */
typedef struct gram_pixels {
    const unsigned char *data; /* block 0 */
    ptrdiff_t block, row;      /* floats, or pairs of pixels */
    int rows, width;           /* pixels, or pairs of them */
    size_t bytes;              /* of a float or pair */
} gram_pixels;

/* `rows` rows from y and `width` pixels from x of the blocks from `first` on: as they are, or
 * packed to the thread's own memory. */
static gram_pixels take_pixels(const gram *self, const tensor *a, int first, int y, int rows, int x,
                               int width) {
    const kernel_set *kernels = self->kernels;
    if (kernels->precision == PRECISION_FP32)
        return (gram_pixels){.data = tensor_at(a, y, 0, x),
                             .block = a->block_stride,
                             .row = a->row_stride,
                             .rows = rows,
                             .width = width,
                             .bytes = sizeof(float)};
    const int together = kernels->bf16_products ? 2 : 1, places = (width + together - 1) / together;
    unsigned char *packed =
        (unsigned char *)self->packed + (size_t)cpu_thread() * packed_bytes(self);
    const gram_pixels p = {
        .data = packed,
        .block = (ptrdiff_t)rows * places * CHANNEL_BLOCK,
        .rows = 1,
        .width = rows * places,
        .bytes = (size_t)together * kernels_operand_bytes(kernels),
    };
    assert((size_t)p.block * p.bytes <= packed_block(self));
    for (int b = first; b < a->blocks; b++) {
        for (int row = 0; row < rows; row++)
            kernels->gram_pack(
                tensor_at(a, y + row, b, x), width,
                packed + ((size_t)b * (size_t)p.block + (size_t)(row * places) * CHANNEL_BLOCK) *
                             p.bytes);
    }
    return p;
}

/* Adds the products of channel block i with itself and the blocks after it to `partial`. */
static void add_products(const gram *self, const gram_pixels *p, int blocks, int i,
                         double *partial) {
    const size_t side = padded(self), block = (size_t)p->block * p->bytes;
    for (int j = i; j < blocks;) {
        const int count = least(blocks - j, self->kernels->gram_blocks);
        self->kernels->gram_rows(p->data + (size_t)i * block, p->data + (size_t)j * block, p->block,
                                 count, p->row, p->rows, p->width,
                                 partial + ((size_t)i * side + (size_t)j) * CHANNEL_BLOCK,
                                 (ptrdiff_t)side);
        j += count;
    }
}

/* Adds the values of channel block i over the same pixels to `sums`: times the mask, which the rows
 * have in them only once. Row 0 of the activation is row `top` of the layer. */
static void add_values(const gram *self, const tensor *a, int i, int top, int y, int rows, int x,
                       int width, double *sums) {
    enum { SOME = 32 }; /* pixels widened at once */
    float part[CHANNEL_BLOCK] = {0}, values[SOME * CHANNEL_BLOCK];
    for (int row = y; row < y + rows; row++) {
        const float *weights =
            self->mask ? self->mask->weights + (ptrdiff_t)(top + row) * self->width + x : NULL;
        for (int p = 0; p < width; p++) {
            if (p % SOME == 0)
                self->kernels->widen(tensor_at(a, row, i, x + p), values,
                                     (size_t)(least(SOME, width - p) * CHANNEL_BLOCK));
            const float weight = weights ? weights[p] : 1;
            for (int k = 0; k < CHANNEL_BLOCK; k++)
                part[k] += weight * values[p % SOME * CHANNEL_BLOCK + k];
        }
    }
    for (int k = 0; k < CHANNEL_BLOCK; k++)
        sums[k] += (double)part[k];
}

/* The share of one partial sum in TASK_BLOCKS blocks from `first` on: every so many groups of rows
 * y, y + 1, ..., which begin with a whole one. */
static void add_chunk(const gram *self, int y, const tensor *a, int chunk, int first) {
    const int end = least(first + TASK_BLOCKS, a->blocks), rows = self->group;
    const size_t side = padded(self);
    double *partial = self->partial + (size_t)chunk * side * side;
    const int width = least(a->width, PIXELS_PER_SUM), before = y / rows % self->chunks;
    const int skipped = chunk >= before ? chunk - before : chunk - before + self->chunks;
    for (int row = skipped * rows; row < a->height; row += self->chunks * rows) {
        const int count = least(rows, a->height - row);
        for (int x = 0; x < a->width; x += width) {
            const int pixels = least(width, a->width - x);
            const gram_pixels p = take_pixels(self, a, first, row, count, x, pixels);
            for (int i = first; i < end; i++) {
                add_products(self, &p, a->blocks, i, partial);
                if (self->means)
                    add_values(self, a, i, y, row, count, x, pixels,
                               self->sums + (size_t)chunk * side + (size_t)i * CHANNEL_BLOCK);
            }
        }
    }
}

/* Whole groups of rows; the last one may be cut off by the layer's end. */
static void add_groups(const gram *self, int y, const tensor *rows) {
    const int tasks = (rows->blocks + TASK_BLOCKS - 1) / TASK_BLOCKS;
#pragma omp for schedule(dynamic)
    for (int task = 0; task < self->chunks * tasks; task++)
        add_chunk(self, y, rows, task % self->chunks, task / self->chunks * TASK_BLOCKS);
}

/* ---- rows that are kept ---- */

/* Pixels of one channel block times their weights, or the squares of these; out may be in. */
static void weigh(const float *in, const float *weights, bool squared, int pixels, float *out) {
    for (int x = 0; x < pixels; x++, in += CHANNEL_BLOCK, out += CHANNEL_BLOCK) {
        const float weight = squared ? weights[x] * weights[x] : weights[x];
        for (int i = 0; i < CHANNEL_BLOCK; i++)
            out[i] = weight * in[i];
    }
}

/* A row of a channel block times the mask. */
static void keep_weighed(const kernel_set *kernels, const tensor *from, int row, int block,
                         const float *weights, const tensor *to, int at) {
    enum { SOME = 32 };
    float values[SOME * CHANNEL_BLOCK];
    for (int x = 0; x < from->width; x += SOME) {
        const int pixels = least(SOME, from->width - x);
        const size_t count = (size_t)pixels * CHANNEL_BLOCK;
        kernels->widen(tensor_at(from, row, block, x), values, count);
        weigh(values, weights + x, false, pixels, values);
        kernels->narrow(values, tensor_at(to, at, block, x), count);
    }
}

/* Copies rows y, y + 1, ..., times the mask, to row `at` of those kept. */
static void keep_rows(const gram *self, int y, const tensor *rows, int at) {
    const size_t row_bytes = (size_t)(rows->width * CHANNEL_BLOCK) * rows->value_bytes;
#pragma omp for schedule(static)
    for (int i = 0; i < rows->height; i++) {
        for (int b = 0; b < rows->blocks; b++) {
            if (self->mask)
                keep_weighed(self->kernels, rows, i, b,
                             self->mask->weights + (ptrdiff_t)(y + i) * self->width, &self->kept,
                             at + i);
            else
                memcpy(tensor_at(&self->kept, at + i, b, 0), tensor_at(rows, i, b, 0), row_bytes);
        }
    }
}

void gram_add(const gram *self, int y, const tensor *rows) {
    const int end = y + rows->height, group = self->group;
    assert(y >= 0 && end <= self->height && rows->width == self->width);
    assert(self->partial && (!self->mask || self->mask->weights));
    while (y < end) {
        const int left = end - y;
        const tensor here = tensor_rows(rows, rows->height - left, left);
        const bool straight = !self->mask && y % group == 0;
        const int whole = end == self->height ? left : left / group * group;
        if (straight && whole) {
            const tensor some = tensor_rows(&here, 0, whole);
            add_groups(self, y, &some);
            y += whole;
            continue;
        }
        const int most = self->kept.height;
        assert(most && self->kept.data);
        const int at = y % most, count = least(left, most - at);
        const tensor some = tensor_rows(&here, 0, count);
        keep_rows(self, y, &some, at);
        y += count;
        if (at + count == most || y == self->height) {
            const tensor all = tensor_rows(&self->kept, 0, at + count);
            add_groups(self, y - at - count, &all);
        }
    }
}

/* ---- the matrix ---- */

/* A block of the matrix, its sums added up in their order; they are zero afterwards. */
static void take_block(const gram *self, double area, int top, int left,
                       double block[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    const size_t side = padded(self);
    for (int i = 0; i < CHANNEL_BLOCK; i++) {
        double *sums = self->partial + (size_t)(top + i) * side + (size_t)left;
        memset(block[i], 0, sizeof block[i]);
        for (int chunk = 0; chunk < self->chunks; chunk++, sums += side * side) {
            for (int j = 0; j < CHANNEL_BLOCK; j++)
                block[i][j] += sums[j];
            memset(sums, 0, sizeof block[i]);
        }
        for (int j = 0; j < CHANNEL_BLOCK; j++)
            block[i][j] /= area;
    }
}

void gram_finish(const gram *self, double *matrix) {
    const int channels = self->channels;
    const double area = gram_area(self);
    /* Counted by int: for size_t clang's OpenMP would allocate. */
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double block[CHANNEL_BLOCK][CHANNEL_BLOCK];
            take_block(self, area, top, left, block);
            for (int i = top; i < least(top + CHANNEL_BLOCK, channels); i++) {
                for (int j = left; j < least(left + CHANNEL_BLOCK, channels); j++) {
                    matrix[(ptrdiff_t)i * channels + j] = block[i - top][j - left];
                    matrix[(ptrdiff_t)j * channels + i] = block[i - top][j - left];
                }
            }
        }
    }
}

void gram_finish_means(const gram *self, double *means) {
    const double area = gram_area(self);
#pragma omp for schedule(static)
    for (int i = 0; i < self->channels; i++) {
        double *sums = self->sums + i, sum = 0;
        for (int chunk = 0; chunk < self->chunks; chunk++, sums += padded(self)) {
            sum += *sums;
            *sums = 0;
        }
        means[i] = sum / area;
    }
}

/* Adds a block of the matrix's difference to the goal, scaled, to `slope`. Returns its sum of
 * squares. */
static double add_difference(const gram *self, const gram_goal *goal, int top, int left,
                             double block[CHANNEL_BLOCK][CHANNEL_BLOCK],
                             double slope[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    const int channels = self->channels;
    double sum = 0;
    for (int i = 0; i < least(CHANNEL_BLOCK, channels - top); i++) {
        const double *row = goal->target + (ptrdiff_t)(top + i) * channels + left;
        for (int j = 0; j < least(CHANNEL_BLOCK, channels - left); j++) {
            const double difference = block[i][j] - row[j];
            slope[i][j] += goal->scale * difference;
            sum += difference * difference;
        }
    }
    return sum;
}

/* Where the factor of input channel `in` and output channel `out` is packed: so many operands from
 * the first. In bf16 input channels go by pairs. */
static size_t factor_at(const gram *self, int in, int out) {
    const int together = self->kernels->bf16_products ? 2 : 1;
    const int step = self->kernels->panel * CHANNEL_BLOCK, first = out - out % step;
    const int panel =
        tensor_panel(self->kernels, tensor_blocks(self->channels), first / CHANNEL_BLOCK);
    return (size_t)first * padded(self) + (size_t)((in - in % together) * panel * CHANNEL_BLOCK +
                                                   (out - first) * together + in % together);
}

/* Packs a row of a block for the gradient: what input channel `in` is multiplied with. */
static void pack_factors(const gram *self, int in, int out, const float values[CHANNEL_BLOCK]) {
    if (!self->kernels->bf16_products) {
        memcpy((float *)self->factor + factor_at(self, in, out), values,
               CHANNEL_BLOCK * sizeof *values);
        return;
    }
    uint16_t rounded[CHANNEL_BLOCK];
    self->kernels->operands(values, rounded, CHANNEL_BLOCK);
    for (int j = 0; j < CHANNEL_BLOCK; j++)
        ((uint16_t *)self->factor)[factor_at(self, in, out + j)] = rounded[j];
}

/* Packs a block for the gradient, and its mirror image. */
static void pack_factor(const gram *self, int top, int left,
                        double slope[CHANNEL_BLOCK][CHANNEL_BLOCK]) {
    for (int i = 0; i < CHANNEL_BLOCK; i++) {
        float there[CHANNEL_BLOCK], mirrored[CHANNEL_BLOCK];
        for (int j = 0; j < CHANNEL_BLOCK; j++) {
            there[j] = (float)slope[i][j];
            mirrored[j] = (float)slope[j][i];
        }
        pack_factors(self, top + i, left, there);
        pack_factors(self, left + i, top, mirrored);
    }
}

void gram_compare(const gram *self, const gram_goal *goals, int count) {
    const int channels = self->channels;
    const double area = gram_area(self);
    for (int k = 0; k < count; k++)
        assert(goals[k].target && goals[k].distances);
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        for (int k = 0; k < count; k++)
            goals[k].distances[top / CHANNEL_BLOCK] = 0;
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double block[CHANNEL_BLOCK][CHANNEL_BLOCK], slope[CHANNEL_BLOCK][CHANNEL_BLOCK];
            take_block(self, area, top, left, block);
            memset(slope, 0, sizeof slope);
            for (int k = 0; k < count; k++)
                goals[k].distances[top / CHANNEL_BLOCK] +=
                    (left > top ? 2 : 1) * add_difference(self, &goals[k], top, left, block, slope);
            pack_factor(self, top, left, slope);
        }
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
            pack_factor(self, top, left, slope);
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
        weigh(piece->a + b * piece->a_block,
              self->mask->weights + (ptrdiff_t)piece->y * self->width + piece->x, true,
              piece->pixels, to);
        kernels->operands(to, to, (size_t)block);
    }
    tile->v_block = block * (ptrdiff_t)(sizeof(float) / kernels_operand_bytes(kernels));
    return piece->scratch;
}

void gram_gradient(const gram *self, const cost_piece *piece) {
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
                 (size_t)(block * CHANNEL_BLOCK) * padded(self) * bytes;
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
