/* SPDX-License-Identifier: MIT */
#include "network/winograd.h"

#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"

#define OUT 4            /* outputs of a tile, a side */
#define IN 6             /* inputs of a tile, a side */
#define POINTS (IN * IN) /* products of a tile */

/* Tiles of a thread's own block, where its inputs fit in OWN_BYTES of second-level cache, and of a
 * shared one. Both are multiples of the 14 that the widest kernel holds in registers. */
#define OWN_TILES 28
#define OWN_BYTES ((size_t)640 << 10)
#define SHARED_TILES 112

/* ---- filters ---- */

/* The transform of filters, G g G^T. */
static const double G[IN][3] = {
    {1, 0, 0},
    {18 / 65.0, 12 / 65.0, 8 / 65.0},
    {18 / 65.0, -12 / 65.0, 8 / 65.0},
    {8 / 65.0, 12 / 65.0, 18 / 65.0},
    {8 / 65.0, -12 / 65.0, 18 / 65.0},
    {0, 0, 1},
};

static int panel_blocks(const winograd_filter *self, int block) {
    const int left = tensor_blocks(self->out_channels) - block;
    return left < self->kernels->panel_blocks ? left : self->kernels->panel_blocks;
}

/* Where a point of the panel that begins at output block `block` is packed. */
static float *packed_at(const winograd_filter *self, int block, int point) {
    const size_t in = (size_t)self->in_channels;
    return self->packed + (size_t)block * CHANNEL_BLOCK * POINTS * in +
           (size_t)point * in * (size_t)(panel_blocks(self, block) * CHANNEL_BLOCK);
}

/* Where the value of an output channel, input channel and place of the 3x3 stands in the weights.
 */
typedef struct weight_order {
    const float *weights;
    ptrdiff_t out, in; /* floats from a channel to the next */
    bool rotated;      /* by 180 degrees */
} weight_order;

/* Filters of one panel, all from one input channel, side by side in lanes. Transformed in double
 * and rounded once. */
static void pack_lanes(const winograd_filter *self, const weight_order *order, int block, int in) {
    enum { MOST = 2 * CHANNEL_BLOCK };
    const int first = block * CHANNEL_BLOCK, lanes = panel_blocks(self, block) * CHANNEL_BLOCK;
    double g[9][MOST] = {{0}}, rows[IN][3][MOST];
    for (int lane = 0; lane < lanes && first + lane < self->out_channels; lane++) {
        const float *from = order->weights + (first + lane) * order->out + in * order->in;
        for (int i = 0; i < 9; i++)
            g[i][lane] = (double)from[order->rotated ? 8 - i : i];
    }
    for (int i = 0; i < IN * 3; i++) {
        const double *c = G[i / 3];
        const int x = i % 3;
        for (int lane = 0; lane < MOST; lane++)
            rows[i / 3][x][lane] =
                c[0] * g[x][lane] + c[1] * g[3 + x][lane] + c[2] * g[6 + x][lane];
    }
    for (int i = 0; i < POINTS; i++) {
        const double *c = G[i % IN], *r0 = rows[i / IN][0], *r1 = rows[i / IN][1];
        const double *r2 = rows[i / IN][2];
        float *to = packed_at(self, block, i) + (ptrdiff_t)in * lanes;
        for (int lane = 0; lane < lanes; lane++)
            to[lane] = (float)(c[0] * r0[lane] + c[1] * r1[lane] + c[2] * r2[lane]);
    }
}

static void pack(const winograd_filter *self, weight_order order) {
    const int step = self->kernels->panel_blocks;
    const int panels = (tensor_blocks(self->out_channels) + step - 1) / step;
#pragma omp parallel for schedule(dynamic)
    for (int panel = 0; panel < panels; panel++) {
        for (int in = 0; in < self->in_channels; in++)
            pack_lanes(self, &order, panel * step, in);
    }
}

static bool allocate(winograd_filter *self, const kernel_set *kernels, int in_channels,
                     int out_channels, error *err) {
    const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
    *self = (winograd_filter){
        .kernels = kernels, .in_channels = in_channels, .out_channels = out_channels};
    self->packed = memory_alloc(lanes * POINTS, (size_t)in_channels * sizeof(float), err);
    return self->packed != NULL;
}

bool winograd_filter_init(winograd_filter *self, const kernel_set *kernels, int in_channels,
                          int out_channels, const float *weights, const float *bias, error *err) {
    if (!allocate(self, kernels, in_channels, out_channels, err))
        return false;
    if (bias) {
        const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
        self->bias = memory_alloc(lanes, sizeof *self->bias, err);
        if (!self->bias) {
            winograd_filter_clear(self);
            return false;
        }
        memcpy(self->bias, bias, (size_t)out_channels * sizeof *bias);
    }
    pack(self, (weight_order){weights, 9 * in_channels, 9, false});
    return true;
}

bool winograd_filter_init_adjoint(winograd_filter *self, const kernel_set *kernels, int in_channels,
                                  int out_channels, const float *weights, error *err) {
    if (!allocate(self, kernels, in_channels, out_channels, err))
        return false;
    pack(self, (weight_order){weights, 9, 9 * out_channels, true});
    return true;
}

void winograd_filter_clear(winograd_filter *self) {
    memory_free(self->packed);
    memory_free(self->bias);
    *self = (winograd_filter){0};
}

/* ---- working memory ---- */

/* The points of a block of tiles lie [point][channel block][tile][16], one cache line further than
 * need be from point to point: powers of two would all fall into the same few lines of the cache.
 */
static size_t point_step(int blocks, int tiles) {
    return ((size_t)blocks * (size_t)tiles + 1) * CHANNEL_BLOCK;
}

static bool has_own_blocks(const winograd_filter *filter) {
    return POINTS * point_step(tensor_blocks(filter->in_channels), OWN_TILES) * sizeof(float) <=
           OWN_BYTES;
}

static size_t input_floats(const winograd_filter *filter, int tiles) {
    return POINTS * point_step(tensor_blocks(filter->in_channels), tiles);
}

static size_t product_floats(const winograd_filter *filter, int tiles) {
    return POINTS * point_step(filter->kernels->panel_blocks, tiles);
}

size_t winograd_scratch_floats(const winograd_filter *filter, int threads) {
    const size_t count = (size_t)threads;
    if (has_own_blocks(filter))
        return count * (input_floats(filter, OWN_TILES) + product_floats(filter, OWN_TILES));
    return input_floats(filter, SHARED_TILES) + count * product_floats(filter, SHARED_TILES);
}

bool winograd_scratch_init(winograd_scratch *self, size_t floats, int threads, error *err) {
    *self = (winograd_scratch){.threads = threads};
    self->memory = memory_alloc(floats, sizeof *self->memory, err);
    return self->memory != NULL;
}

void winograd_scratch_clear(winograd_scratch *self) {
    memory_free(self->memory);
    *self = (winograd_scratch){0};
}

/* ---- one convolution ---- */

typedef struct job {
    const winograd_filter *filter;
    const tensor *in, *out;
    conv_epilogue epilogue;
    int columns, tiles; /* tiles in a row of tiles, and in all */
    int block;          /* tiles of a block */
    float *memory;
    int threads;
} job;

/* Pixels of the 6x6 that a tile reads from (y - 1, x - 1) on, with zeros beyond the zero ring. */
static void copy_patch(const tensor *in, int block, int y, int x,
                       float patch[POINTS * CHANNEL_BLOCK]) {
    memset(patch, 0, POINTS * CHANNEL_BLOCK * sizeof *patch);
    const int width = x - 1 + IN <= in->width + 1 ? IN : in->width + 2 - x;
    for (int i = 0; i < IN && y - 1 + i <= in->height; i++)
        memcpy(patch + i * IN * CHANNEL_BLOCK,
               tensor_row(in, y - 1 + i, block) + (x - 1) * CHANNEL_BLOCK,
               (size_t)(width * CHANNEL_BLOCK) * sizeof *patch);
}

/* Transforms one channel block of tile `tile` to place `t` of the block of tiles at v. */
static void transform_input(const job *j, int tile, int block, float *v, int t) {
    const int y = tile / j->columns * OUT, x = tile % j->columns * OUT;
    const ptrdiff_t step = (ptrdiff_t)point_step(j->in->blocks, j->block);
    const kernel_set *kernels = j->filter->kernels;
    v += (ptrdiff_t)(block * j->block + t) * CHANNEL_BLOCK;
    if (y + OUT <= j->in->height && x + OUT <= j->in->width) {
        const float *from = tensor_row(j->in, y - 1, block) + (x - 1) * CHANNEL_BLOCK;
        kernels->winograd_input(from, j->in->row_stride, v, step);
    } else {
        _Alignas(MEMORY_ALIGNMENT) float patch[POINTS * CHANNEL_BLOCK];
        copy_patch(j->in, block, y, x, patch);
        kernels->winograd_input(patch, IN * CHANNEL_BLOCK, v, step);
    }
}

/* m = v * the filter's panel at output block `block`, for the first `count` tiles. At each point
 * this is a 1x1 convolution of a row of tiles. */
static void multiply(const job *j, const float *v, float *m, int count, int block) {
    const winograd_filter *filter = j->filter;
    const int blocks = panel_blocks(filter, block);
    const size_t v_step = point_step(j->in->blocks, j->block);
    const size_t m_step = point_step(filter->kernels->panel_blocks, j->block);
    for (int point = 0; point < POINTS; point++) {
        const conv_row row = {
            .in = v + (size_t)point * v_step,
            .in_block = (ptrdiff_t)j->block * CHANNEL_BLOCK,
            .in_channels = filter->in_channels,
            .taps = 1,
            .weights = packed_at(filter, block, point),
            .out = m + (size_t)point * m_step,
            .out_block = (ptrdiff_t)j->block * CHANNEL_BLOCK,
            .out_blocks = blocks,
            .width = count,
        };
        filter->kernels->conv_row(&row);
    }
}

/* Transforms one output channel block of a tile back. */
static void transform_output(const job *j, int tile, int block, const float *m) {
    const int y = tile / j->columns * OUT, x = tile % j->columns * OUT;
    const tensor *out = j->out;
    const ptrdiff_t at = (tensor_row(out, y, block) - out->data) + x * CHANNEL_BLOCK;
    const winograd_out to = {
        .out = out->data + at,
        .add = j->epilogue.add ? j->epilogue.add->data + at : NULL,
        .mask = j->epilogue.mask ? j->epilogue.mask->data + at : NULL,
        .row = out->row_stride,
        .height = out->height - y < OUT ? out->height - y : OUT,
        .width = out->width - x < OUT ? out->width - x : OUT,
        .bias = j->filter->bias ? j->filter->bias + block * CHANNEL_BLOCK : NULL,
        .relu = j->epilogue.relu,
    };
    const size_t step = point_step(j->filter->kernels->panel_blocks, j->block);
    j->filter->kernels->winograd_output(m, (ptrdiff_t)step, &to);
}

/* One panel of output channels for tiles first .. first + count - 1, whose inputs are at v. */
static void run_panel(const job *j, const float *v, float *m, int first, int count, int block) {
    multiply(j, v, m, count, block);
    for (int b = 0; b < panel_blocks(j->filter, block); b++) {
        for (int t = 0; t < count; t++)
            transform_output(j, first + t, block + b,
                             m + (ptrdiff_t)(b * j->block + t) * CHANNEL_BLOCK);
    }
}

static int tiles_from(const job *j, int first) {
    return j->tiles - first < j->block ? j->tiles - first : j->block;
}

/* Few channels: a block of tiles is one thread's, from input to output. */
static void run_own_blocks(const job *j) {
    const size_t v_floats = input_floats(j->filter, j->block);
    const size_t each = input_floats(j->filter, OWN_TILES) + product_floats(j->filter, OWN_TILES);
#pragma omp parallel num_threads(j->threads)
    {
        float *v = j->memory + (size_t)cpu_thread() * each, *m = v + v_floats;
#pragma omp for schedule(dynamic)
        for (int first = 0; first < j->tiles; first += j->block) {
            const int count = tiles_from(j, first);
            for (int t = 0; t < count; t++) {
                for (int block = 0; block < j->in->blocks; block++)
                    transform_input(j, first + t, block, v, t);
            }
            for (int block = 0; block < j->out->blocks; block += j->filter->kernels->panel_blocks)
                run_panel(j, v, m, first, count, block);
        }
    }
}

/* Many channels: all threads work on one block of tiles, first its inputs, then panel by panel. */
static void run_shared_blocks(const job *j) {
    const int in_blocks = j->in->blocks, step = j->filter->kernels->panel_blocks;
    float *v = j->memory;
#pragma omp parallel num_threads(j->threads)
    {
        float *m = v + input_floats(j->filter, SHARED_TILES) +
                   (size_t)cpu_thread() * product_floats(j->filter, SHARED_TILES);
        for (int first = 0; first < j->tiles; first += j->block) {
            const int count = tiles_from(j, first);
#pragma omp for schedule(static)
            for (int i = 0; i < count * in_blocks; i++)
                transform_input(j, first + i / in_blocks, i % in_blocks, v, i / in_blocks);
#pragma omp for schedule(dynamic)
            for (int block = 0; block < j->out->blocks; block += step)
                run_panel(j, v, m, first, count, block);
        }
    }
}

void winograd_run(const winograd_filter *filter, const tensor *in, const tensor *out,
                  conv_epilogue epilogue, const winograd_scratch *scratch) {
    const int rows = (in->height + OUT - 1) / OUT, columns = (in->width + OUT - 1) / OUT;
    const int most = has_own_blocks(filter) ? OWN_TILES : SHARED_TILES;
    const int wanted = cpu_set_threads(0);
    job j = {
        .filter = filter,
        .in = in,
        .out = out,
        .epilogue = epilogue,
        .columns = columns,
        .tiles = rows * columns,
        .memory = scratch->memory,
        .threads = wanted < scratch->threads ? wanted : scratch->threads,
    };
    /* Even blocks; their size changes no result. */
    const int blocks = (j.tiles + most - 1) / most;
    j.block = (j.tiles + blocks - 1) / blocks;
    if (has_own_blocks(filter))
        run_own_blocks(&j);
    else
        run_shared_blocks(&j);
}
