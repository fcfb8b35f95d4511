/* SPDX-License-Identifier: MIT */
#include "cost/gram.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"
#include "cost/gram_factor.h"

/* Pixels summed in fp32 before they go into a double. */
#define PIXELS_PER_SUM 512

/* Narrow tensors are dealt by rows to this many partial matrices; wide ones have enough rows of
 * blocks to share out. */
#define CHUNKS 16
#define WIDE_BLOCKS 16

/* Rows of blocks that a task computes: the pixels of a sum are fetched once for all of them. All
 * blocks of these, or some where there would be fewer tasks for each thread than this. */
#define TASK_BLOCKS 4
#define TASKS_PER_THREAD 2

enum { SOME = 32 }; /* pixels widened at once */

static int least(int a, int b) {
    return a < b ? a : b;
}

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

/* ---- tasks ---- */

/* Some blocks of a partial matrix: rows first .. end - 1, and of each those from `left` on, or from
 * the diagonal, up to `right` - 1. */
typedef struct gram_task {
    int chunk, first, end, left, right;
} gram_task;

/* Tasks that rows of blocks from `first` on are cut into. */
static int cuts(int blocks, int first, int columns) {
    return (blocks - first + columns - 1) / columns;
}

/* Tasks of one partial matrix. */
static int matrix_tasks(int blocks, int columns) {
    int count = 0;
    for (int first = 0; first < blocks; first += TASK_BLOCKS)
        count += cuts(blocks, first, columns);
    return count;
}

static gram_task task_at(const gram *self, int number) {
    const int blocks = tensor_blocks(self->channels);
    int first = 0, cut = number / self->chunks;
    for (; cut >= cuts(blocks, first, self->columns); first += TASK_BLOCKS)
        cut -= cuts(blocks, first, self->columns);
    const int left = first + cut * self->columns;
    return (gram_task){.chunk = number % self->chunks,
                       .first = first,
                       .end = least(first + TASK_BLOCKS, blocks),
                       .left = left,
                       .right = least(left + self->columns, blocks)};
}

/* Columns of blocks of a task, so that there are enough of them. */
static int choose_columns(const gram *self) {
    const int blocks = tensor_blocks(self->channels), least_columns = self->kernels->gram_blocks;
    int columns = blocks;
    while (columns > least_columns &&
           self->chunks * matrix_tasks(blocks, columns) < TASKS_PER_THREAD * self->threads)
        columns = (columns + 1) / 2;
    return columns;
}

/* ---- life ---- */

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
    self->columns = choose_columns(self);
}

/* Bytes of a channel block of the pixels of a sum, packed: with a pair to spare in every row. */
static size_t packed_block(const gram *self) {
    return (size_t)2 * PIXELS_PER_SUM * CHANNEL_BLOCK * kernels_operand_bytes(self->kernels);
}

/* Bytes of those of one thread. */
static size_t packed_bytes(const gram *self) {
    return (size_t)tensor_blocks(self->channels) * packed_block(self);
}

void gram_layout(gram *self, layout *to) {
    const size_t square = gram_padded(self) * gram_padded(self);
    self->partial = layout_take(to, (size_t)self->chunks * square, sizeof *self->partial);
    self->factor = layout_take(to, square, kernels_operand_bytes(self->kernels));
    if (self->kernels->precision == PRECISION_BF16)
        self->packed = layout_take(to, (size_t)self->threads * packed_bytes(self), 1);
    if (self->means) {
        self->sums = layout_take(to, (size_t)self->chunks * gram_padded(self), sizeof *self->sums);
        self->constants = layout_take(to, gram_padded(self), sizeof *self->constants);
    }
    if (self->kept.height)
        tensor_layout(&self->kept, to);
    if (self->mask)
        self->counts = layout_take(to, (size_t)(round_up(self->height, self->group) / self->group),
                                   sizeof *self->counts);
    if (self->mask && self->means)
        self->kept_mask = layout_take(to, (size_t)self->kept.height * (size_t)self->width,
                                      sizeof *self->kept_mask);
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

/* `rows` rows from y and `width` pixels from x of the blocks of a task: as they are, or packed to
 * the thread's own memory. */
static gram_pixels take_pixels(const gram *self, const tensor *a, const gram_task *task, int y,
                               int rows, int x, int width) {
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
    for (int b = task->first; b < task->right; b++) {
        if (b == task->end && b < task->left)
            b = task->left;
        for (int row = 0; row < rows; row++)
            kernels->gram_pack(
                tensor_at(a, y + row, b, x), width,
                packed + ((size_t)b * (size_t)p.block + (size_t)(row * places) * CHANNEL_BLOCK) *
                             p.bytes);
    }
    return p;
}

/* Adds the products of channel block i with the blocks from j to `right` - 1 to `partial`. */
static void add_products(const gram *self, const gram_pixels *p, int i, int j, int right,
                         double *partial) {
    const size_t side = gram_padded(self), block = (size_t)p->block * p->bytes;
    while (j < right) {
        const int count = least(right - j, self->kernels->gram_blocks);
        self->kernels->gram_rows(p->data + (size_t)i * block, p->data + (size_t)j * block, p->block,
                                 count, p->row, p->rows, p->width,
                                 partial + ((size_t)i * side + (size_t)j) * CHANNEL_BLOCK,
                                 (ptrdiff_t)side);
        j += count;
    }
}

/* Adds the values of channel block i over the same pixels to `sums`: times the mask, which the rows
 * kept have in them only once. */
static void add_values(const gram *self, const tensor *a, int i, int y, int rows, int x, int width,
                       double *sums) {
    float part[CHANNEL_BLOCK] = {0}, values[SOME * CHANNEL_BLOCK];
    for (int row = y; row < y + rows; row++) {
        const float *weights =
            self->mask ? self->kept_mask + (ptrdiff_t)row * self->width + x : NULL;
        for (int p = 0; p < width; p++) {
            if (p % SOME == 0)
                self->kernels->widen(tensor_at(a, row, i, x + p), values,
                                     (size_t)least(SOME, width - p) * CHANNEL_BLOCK);
            const float weight = weights ? weights[p] : 1;
            for (int k = 0; k < CHANNEL_BLOCK; k++)
                part[k] += weight * values[p % SOME * CHANNEL_BLOCK + k];
        }
    }
    for (int k = 0; k < CHANNEL_BLOCK; k++)
        sums[k] += (double)part[k];
}

/* A task's share in the rows y, y + 1, ..., which begin with a whole group: every so many groups of
 * them. */
static void add_share(const gram *self, int y, const tensor *a, const gram_task *task) {
    const int rows = self->group;
    const size_t side = gram_padded(self);
    double *partial = self->partial + (size_t)task->chunk * side * side;
    const int before = task->chunk - y / rows % self->chunks;
    const int skipped = before >= 0 ? before : before + self->chunks;
    for (int row = skipped * rows; row < a->height; row += self->chunks * rows) {
        const int count = least(rows, a->height - row);
        const int width = self->mask ? self->counts[(y + row) / rows] : a->width;
        for (int x = 0; x < width; x += PIXELS_PER_SUM) {
            const int pixels = least(PIXELS_PER_SUM, width - x);
            const gram_pixels p = take_pixels(self, a, task, row, count, x, pixels);
            for (int i = task->first; i < task->end; i++) {
                const int left = i > task->left ? i : task->left;
                add_products(self, &p, i, left, task->right, partial);
                if (self->means && task->left == task->first)
                    add_values(self, a, i, row, count, x, pixels,
                               self->sums + (size_t)task->chunk * side + (size_t)i * CHANNEL_BLOCK);
            }
        }
    }
}

/* Whole groups of rows; the last one may be cut off by the layer's end. */
static void add_groups(const gram *self, int y, const tensor *rows) {
    const int tasks = self->chunks * matrix_tasks(rows->blocks, self->columns);
#pragma omp for schedule(dynamic)
    for (int i = 0; i < tasks; i++) {
        const gram_task task = task_at(self, i);
        add_share(self, y, rows, &task);
    }
}

/* ---- rows that are kept ---- */

/* Of each group the most pixels in the mask that a row has. */
static void count_pixels(const gram *self) {
    const cost_mask *mask = self->mask;
#pragma omp for schedule(static)
    for (int group = 0; group < (self->height + self->group - 1) / self->group; group++) {
        self->counts[group] = 0;
        for (int i = 0; i < self->group && group * self->group + i < self->height; i++) {
            const float *weights =
                mask->weights + (ptrdiff_t)(group * self->group + i) * mask->width;
            int count = 0;
            for (int x = 0; x < mask->width; x++)
                count += weights[x] > 0;
            if (count > self->counts[group])
                self->counts[group] = count;
        }
    }
}

/* The next pixels in the mask from x on, SOME at most: their first is *x, their number returned. */
static int next_run(const float *weights, int width, int *x) {
    int count = 0;
    while (*x < width && !(weights[*x] > 0))
        (*x)++;
    while (count < SOME && *x + count < width && weights[*x + count] > 0)
        count++;
    return count;
}

/* Those pixels of a row of a channel block that are in the mask, times it, side by side, and zeros
 * up to `places`. */
static void keep_weighed(const kernel_set *kernels, const tensor *from, int row, int block,
                         const float *weights, const tensor *to, int at, int places) {
    float values[SOME * CHANNEL_BLOCK];
    int kept = 0;
    for (int x = 0, pixels; (pixels = next_run(weights, from->width, &x)) > 0; x += pixels) {
        const size_t count = (size_t)pixels * CHANNEL_BLOCK;
        kernels->widen(tensor_at(from, row, block, x), values, count);
        cost_mask_weigh(values, weights + x, false, pixels, values);
        kernels->narrow(values, tensor_at(to, at, block, kept), count);
        kept += pixels;
    }
    if (kept < places)
        memset(tensor_at(to, at, block, kept), 0,
               (size_t)((places - kept) * CHANNEL_BLOCK) * to->value_bytes);
}

/* What those pixels have of the mask, and zeros up to `places`. */
static void keep_mask(const float *weights, int width, float *to, int places) {
    int kept = 0;
    for (int x = 0; x < width; x++) {
        if (weights[x] > 0)
            to[kept++] = weights[x];
    }
    while (kept < places)
        to[kept++] = 0;
}

/* A row times the mask, to row `at` of those kept. */
static void keep_masked(const gram *self, const tensor *rows, int i, int y, int at) {
    const float *weights = self->mask->weights + (ptrdiff_t)y * self->width;
    const int places = self->counts[y / self->group];
    for (int b = 0; b < rows->blocks; b++)
        keep_weighed(self->kernels, rows, i, b, weights, &self->kept, at, places);
    if (self->means)
        keep_mask(weights, self->width, self->kept_mask + (ptrdiff_t)at * self->width, places);
}

/* Copies rows y, y + 1, ..., times the mask, to row `at` of those kept. */
static void keep_rows(const gram *self, int y, const tensor *rows, int at) {
    const size_t row_bytes = (size_t)(rows->width * CHANNEL_BLOCK) * rows->value_bytes;
#pragma omp for schedule(static)
    for (int i = 0; i < rows->height; i++) {
        if (self->mask)
            keep_masked(self, rows, i, y + i, at + i);
        for (int b = 0; !self->mask && b < rows->blocks; b++)
            memcpy(tensor_at(&self->kept, at + i, b, 0), tensor_at(rows, i, b, 0), row_bytes);
    }
}

void gram_add(const gram *self, int y, const tensor *rows) {
    const int end = y + rows->height, group = self->group;
    assert(y >= 0 && end <= self->height && rows->width == self->width);
    assert(self->partial && (!self->mask || self->mask->weights));
    if (self->mask && y == 0)
        count_pixels(self);
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
    const size_t side = gram_padded(self);
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

/* So much of a value added to what is there, or the value in its place. */
static inline double blended(double before, double share, double value) {
    return share > 0 ? before + share * value : value;
}

void gram_finish(const gram *self, double share, double *matrix) {
    const int channels = self->channels;
    const double area = gram_area(self);
    /* Counted by int: for size_t clang's OpenMP would allocate. */
#pragma omp for schedule(dynamic)
    for (int top = 0; top < channels; top += CHANNEL_BLOCK) {
        for (int left = top; left < channels; left += CHANNEL_BLOCK) {
            double block[CHANNEL_BLOCK][CHANNEL_BLOCK];
            take_block(self, area, top, left, block);
            for (int i = top; i < least(top + CHANNEL_BLOCK, channels); i++) {
                for (int j = i > left ? i : left; j < least(left + CHANNEL_BLOCK, channels); j++) {
                    double *value = &matrix[(ptrdiff_t)i * channels + j];
                    *value = blended(*value, share, block[i - top][j - left]);
                    matrix[(ptrdiff_t)j * channels + i] = *value;
                }
            }
        }
    }
}

void gram_finish_means(const gram *self, double share, double *means) {
    const double area = gram_area(self);
#pragma omp for schedule(static)
    for (int i = 0; i < self->channels; i++) {
        double *sums = self->sums + i, sum = 0;
        for (int chunk = 0; chunk < self->chunks; chunk++, sums += gram_padded(self)) {
            sum += *sums;
            *sums = 0;
        }
        means[i] = blended(means[i], share, sum / area);
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
            gram_pack_factor(self, top, left, slope);
        }
    }
}
