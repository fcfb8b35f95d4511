/* SPDX-License-Identifier: MIT */
#include "network/winograd.h"

#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"

#define OUT WINOGRAD_OUT
#define IN WINOGRAD_IN
#define POINTS (IN * IN) /* products of a tile */
#define TAPS 9

/* Arrays of points have a cache line more than need be from point to point: at powers of two all
 * points would fall into the same few lines of the cache. */
#define PAD CHANNEL_BLOCK

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

/* ---- filters ---- */

/* Output blocks of the panel that begins at a block. */
static int panel_blocks(const winograd_filter *self, int block) {
    return tensor_panel(self->kernels, tensor_blocks(self->out_channels), block);
}

static size_t padded_in(const winograd_filter *self) {
    return (size_t)tensor_blocks(self->in_channels) * CHANNEL_BLOCK;
}

/* Floats packed for one input and one output channel. */
static size_t packed_each(const winograd_filter *self) {
    return self->transformed ? POINTS : TAPS;
}

/* Where the panel that begins at output block `block` is packed. */
static float *panel_at(const winograd_filter *self, int block) {
    return self->packed + (size_t)block * CHANNEL_BLOCK * packed_each(self) * padded_in(self);
}

/* Where the value of an output channel, input channel and place of the 3x3 stands in the weights.
 */
typedef struct weight_order {
    const float *weights;
    ptrdiff_t out, in; /* floats from a channel to the next */
    bool rotated;      /* by 180 degrees */
} weight_order;

/* The filters from input channel `in` to a panel, side by side in lanes: taps [9][lanes]. */
static void pack_taps(const winograd_filter *self, const weight_order *order, int block, int in,
                      float *taps) {
    const int first = block * CHANNEL_BLOCK, lanes = panel_blocks(self, block) * CHANNEL_BLOCK;
    for (int lane = 0; lane < lanes && first + lane < self->out_channels; lane++) {
        const float *from = order->weights + (first + lane) * order->out + in * order->in;
        for (int i = 0; i < TAPS; i++)
            taps[i * lanes + lane] = from[order->rotated ? TAPS - 1 - i : i];
    }
}

/* Transforms taps [9][lanes] of one input channel to points `step` floats apart. */
static void transform_taps(const kernel_set *kernels, const float *taps, int lanes, float *points,
                           ptrdiff_t step) {
    for (int lane = 0; lane < lanes; lane += CHANNEL_BLOCK)
        kernels->winograd_filter(taps + lane, lanes, points + lane, step);
}

static void pack_panel(const winograd_filter *self, const weight_order *order, int block) {
    const int lanes = panel_blocks(self, block) * CHANNEL_BLOCK;
    float *panel = panel_at(self, block);
    for (int in = 0; in < self->in_channels; in++) {
        if (!self->transformed) {
            pack_taps(self, order, block, in, panel + (ptrdiff_t)in * TAPS * lanes);
        } else {
            _Alignas(MEMORY_ALIGNMENT) float taps[TAPS * 2 * CHANNEL_BLOCK] = {0};
            pack_taps(self, order, block, in, taps);
            transform_taps(self->kernels, taps, lanes, panel + (ptrdiff_t)in * lanes,
                           (ptrdiff_t)padded_in(self) * lanes);
        }
    }
}

static bool pack(winograd_filter *self, weight_order order, error *err) {
    const int blocks = tensor_blocks(self->out_channels), step = self->kernels->panel;
    const size_t lanes = (size_t)blocks * CHANNEL_BLOCK;
    self->packed = memory_alloc(lanes * packed_each(self), padded_in(self) * sizeof(float), err);
    if (!self->packed)
        return false;
#pragma omp parallel for schedule(dynamic)
    for (int block = 0; block < blocks; block += step)
        pack_panel(self, &order, block);
    return true;
}

size_t winograd_filter_memory(bool transformed, int in_channels, int out_channels) {
    const winograd_filter self = {
        .transformed = transformed, .in_channels = in_channels, .out_channels = out_channels};
    const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
    return memory_block(lanes * packed_each(&self), padded_in(&self) * sizeof(float));
}

bool winograd_filter_init(winograd_filter *self, const kernel_set *kernels, bool transformed,
                          int in_channels, int out_channels, const float *weights,
                          const float *bias, error *err) {
    *self = (winograd_filter){.kernels = kernels,
                              .in_channels = in_channels,
                              .out_channels = out_channels,
                              .transformed = transformed};
    if (bias) {
        const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
        self->bias = memory_alloc(lanes, sizeof *self->bias, err);
        if (!self->bias)
            return false;
        memcpy(self->bias, bias, (size_t)out_channels * sizeof *bias);
    }
    if (pack(self, (weight_order){weights, 9 * in_channels, 9, false}, err))
        return true;
    winograd_filter_clear(self);
    return false;
}

bool winograd_filter_init_adjoint(winograd_filter *self, const kernel_set *kernels,
                                  bool transformed, int in_channels, int out_channels,
                                  const float *weights, error *err) {
    *self = (winograd_filter){.kernels = kernels,
                              .in_channels = in_channels,
                              .out_channels = out_channels,
                              .transformed = transformed};
    return pack(self, (weight_order){weights, 9, 9 * out_channels, true}, err);
}

void winograd_filter_clear(winograd_filter *self) {
    memory_free(self->packed);
    memory_free(self->bias);
    *self = (winograd_filter){0};
}

/* ---- working memory ---- */

/* The inputs of a block of tiles, transformed:
 *     [chunk of channels][point][group of tiles][channel block of the chunk][tile of the group][16]
 * A group is what one register tile of the product takes, and a product reads one piece of memory
 * from one end to the other. */
typedef struct input_layout {
    int group;                                                          /* tiles */
    int groups;                                                         /* of a block */
    int chunk;                                                          /* channel blocks */
    int chunks;                                                         /* of all channels */
    ptrdiff_t channel_block, group_step, point_step, chunk_step, total; /* floats */
} input_layout;

static input_layout layout_inputs(const winograd_filter *filter, const winograd_blocks *blocks) {
    const int in_blocks = tensor_blocks(filter->in_channels);
    const int most = filter->kernels->product_rows[panel_blocks(filter, 0) - 1];
    input_layout l = {.chunk = tensor_blocks(blocks->channels)};
    l.groups = (blocks->tiles + most - 1) / most;
    l.group = (blocks->tiles + l.groups - 1) / l.groups;
    l.chunks = (in_blocks + l.chunk - 1) / l.chunk;
    l.channel_block = (ptrdiff_t)l.group * CHANNEL_BLOCK;
    l.group_step = l.chunk * l.channel_block;
    l.point_step = l.groups * l.group_step + PAD;
    l.chunk_step = POINTS * l.point_step;
    l.total = l.chunks * l.chunk_step;
    return l;
}

/* The products of a block of tiles with one panel: [group][point][channel block][tile of the
 * group][16], so that a group's lie close together when they are transformed back. This is from
 * point to point, */
static ptrdiff_t product_point(const winograd_filter *filter, const input_layout *l) {
    return (ptrdiff_t)filter->kernels->panel * l->group * CHANNEL_BLOCK + PAD;
}

/* and from group to group. */
static ptrdiff_t product_group(const winograd_filter *filter, const input_layout *l) {
    return POINTS * product_point(filter, l);
}

/* The points of a chunk of a panel's filter: [point][channel][lane]. */
static ptrdiff_t chunk_point_step(const winograd_filter *filter, int chunk_blocks) {
    return (ptrdiff_t)chunk_blocks * CHANNEL_BLOCK * filter->kernels->panel * CHANNEL_BLOCK + PAD;
}

/* Floats that each thread needs for itself beside a block's inputs. */
static size_t thread_floats(const winograd_filter *filter, const input_layout *l) {
    size_t floats = (size_t)(l->groups * product_group(filter, l));
    if (!filter->transformed)
        floats += POINTS * (size_t)chunk_point_step(filter, l->chunk);
    return floats;
}

size_t winograd_scratch_floats(const winograd_filter *filter, const winograd_blocks *blocks,
                               int threads) {
    const input_layout l = layout_inputs(filter, blocks);
    const size_t inputs = (size_t)l.total;
    const size_t each = thread_floats(filter, &l), count = (size_t)threads;
    return blocks->schedule == WINOGRAD_OWN ? count * (inputs + each)
                                            : (size_t)blocks->together * inputs + count * each;
}

/* ---- one convolution ---- */

typedef struct job {
    const winograd_filter *filter;
    const winograd_io *io;
    winograd_blocks blocks;
    input_layout layout;
    int columns, tiles; /* tiles in a row of tiles, and in all */
    float *scratch;
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

/* The same of the gradient before pooling, whose windows are read from (y / 2 - 1, x / 2 - 1) on.
 */
static void unpool(const job *j, int block, int y, int x, float patch[POINTS * CHANNEL_BLOCK]) {
    enum { WINDOWS = IN / 2 + 1 };
    const winograd_io *io = j->io;
    const tensor *g = io->in;
    const int row = y / 2 - 1, column = x / 2 - 1;
    const float *from = tensor_row(g, row, block) + column * CHANNEL_BLOCK;
    const uint16_t *choice = bitmap_row(io->choice, row, block) + column * io->choice->words;
    if (row + WINDOWS <= g->height + 1 && column + WINDOWS <= g->width + 1) {
        j->filter->kernels->unpool_patch(from, g->row_stride, choice, io->choice->row_stride,
                                         io->share, patch);
        return;
    }
    float values[WINDOWS][WINDOWS * CHANNEL_BLOCK] = {{0}};
    uint16_t words[WINDOWS][WINDOWS * 4] = {{0}};
    const int width = column + WINDOWS <= g->width + 1 ? WINDOWS : g->width + 1 - column;
    for (int i = 0; i < WINDOWS && row + i <= g->height; i++) {
        memcpy(values[i], from + i * g->row_stride,
               (size_t)(width * CHANNEL_BLOCK) * sizeof(float));
        memcpy(words[i], choice + i * io->choice->row_stride,
               (size_t)(width * 4) * sizeof(uint16_t));
    }
    j->filter->kernels->unpool_patch(values[0], WINDOWS * CHANNEL_BLOCK, words[0], WINDOWS * 4,
                                     io->share, patch);
}

/* Transforms one channel block of the tile at (y, x) to v. */
static void transform_input(const job *j, int block, int y, int x, float *v) {
    _Alignas(MEMORY_ALIGNMENT) float patch[POINTS * CHANNEL_BLOCK];
    const tensor *in = j->io->in;
    const float *from = patch;
    ptrdiff_t row = IN * CHANNEL_BLOCK;
    if (j->io->choice) {
        unpool(j, block, y, x, patch);
    } else if (y + OUT <= in->height && x + OUT <= in->width) {
        from = tensor_row(in, y - 1, block) + (x - 1) * CHANNEL_BLOCK;
        row = in->row_stride;
    } else {
        copy_patch(in, block, y, x, patch);
    }
    j->filter->kernels->winograd_input(from, row, v, j->layout.point_step);
}

/* Transforms one channel block of tiles first .. first + count - 1 to the block of tiles at v. */
static void transform_inputs(const job *j, int block, int first, int count, float *v) {
    const input_layout *l = &j->layout;
    float *group = v + block / l->chunk * l->chunk_step + block % l->chunk * l->channel_block;
    int y = first / j->columns * OUT, x = first % j->columns * OUT, place = 0;
    for (int i = 0; i < count; i++) {
        transform_input(j, block, y, x, group + place * CHANNEL_BLOCK);
        if (++place == l->group) {
            place = 0;
            group += l->group_step;
        }
        x += OUT;
        if (x >= j->columns * OUT) {
            x = 0;
            y += OUT;
        }
    }
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* What will be read next, asked for while products are computed. */
typedef struct fetch {
    const float *from;
    int lines; /* of CHANNEL_BLOCK floats */
} fetch;

static void fetch_some(fetch *ahead, int lines) {
    for (; lines > 0 && ahead->lines > 0; lines--, ahead->lines--, ahead->from += CHANNEL_BLOCK)
        __builtin_prefetch(ahead->from, 0, 2); /* into the second-level cache */
}

/* m (+)= v u for a chunk of channels and the panel at output block `block`: v the inputs of `count`
 * tiles, u the panel's points, u_step floats apart. */
static void multiply(const job *j, int chunk, const float *v, const float *u, ptrdiff_t u_step,
                     float *m, int count, int block, fetch ahead) {
    const input_layout *l = &j->layout;
    const ptrdiff_t m_point = product_point(j->filter, l), m_group = product_group(j->filter, l);
    const int products = POINTS * ((count + l->group - 1) / l->group);
    const int lines = (ahead.lines + products - 1) / products;
    product_tile tile = {
        .v_block = l->channel_block,
        .blocks = least(l->chunk, j->io->in->blocks - chunk * l->chunk),
        .m_block = (ptrdiff_t)l->group * CHANNEL_BLOCK,
        .panel = panel_blocks(j->filter, block),
        .accumulate = chunk > 0,
    };
    v += chunk * l->chunk_step;
    for (int point = 0; point < POINTS; point++) {
        tile.u = u + point * u_step;
        tile.v = v + point * l->point_step;
        tile.m = m + point * m_point;
        for (int first = 0; first < count; first += l->group) {
            tile.rows = least(l->group, count - first);
            j->filter->kernels->product(&tile);
            fetch_some(&ahead, lines);
            tile.v += l->group_step;
            tile.m += m_group;
        }
    }
}

/* Turns the products m of one output channel block of the tile at (y, x) into pixels. */
static void transform_output(const job *j, int block, int y, int x, const float *m) {
    const winograd_io *io = j->io;
    const ptrdiff_t step = product_point(j->filter, &j->layout);
    const float *bias = j->filter->bias ? j->filter->bias + block * CHANNEL_BLOCK : NULL;
    if (io->pooled) {
        const winograd_pooled to = {
            .out = tensor_row(io->out, y / 2, block) + x / 2 * CHANNEL_BLOCK,
            .row = io->out->row_stride,
            .choice = bitmap_row(io->pooled, y / 2, block) + x / 2 * io->pooled->words,
            .choice_row = io->pooled->row_stride,
            .height = least(OUT / 2, io->height / 2 - y / 2),
            .width = least(OUT / 2, io->width / 2 - x / 2),
            .bias = bias,
            .average = io->average,
        };
        j->filter->kernels->winograd_output_pooled(m, step, &to);
        return;
    }
    float *out = tensor_row(io->out, y, block) + x * CHANNEL_BLOCK;
    const bitmap *map = io->sign ? io->sign : io->keep;
    const winograd_out to = {
        .out = out,
        .add = io->add ? out : NULL,
        .row = io->out->row_stride,
        .sign = io->sign ? bitmap_row(io->sign, y, block) + x : NULL,
        .keep = io->keep ? bitmap_row(io->keep, y, block) + x : NULL,
        .sign_row = map ? map->row_stride : 0,
        .height = least(OUT, io->height - y),
        .width = least(OUT, io->width - x),
        .bias = bias,
        .relu = io->relu,
    };
    j->filter->kernels->winograd_output(m, step, &to);
}

/* One panel of output channels for the tiles first .. first + count - 1. */
static void transform_panel(const job *j, const float *m, int first, int count, int block) {
    const int size = j->layout.group;
    for (int start = 0; start < count; start += size, m += product_group(j->filter, &j->layout)) {
        const float *from = m;
        for (int b = 0; b < panel_blocks(j->filter, block); b++, from += size * CHANNEL_BLOCK) {
            for (int t = 0; t < least(size, count - start); t++) {
                const int tile = first + start + t;
                transform_output(j, block + b, tile / j->columns * OUT, tile % j->columns * OUT,
                                 from + t * CHANNEL_BLOCK);
            }
        }
    }
}

/* Few channels: a block of tiles is one thread's, from input to output. */
static void run_own_blocks(const job *j) {
    const winograd_filter *filter = j->filter;
    const ptrdiff_t total = j->layout.total;
    const size_t each = (size_t)total + thread_floats(filter, &j->layout);
    const int step = filter->kernels->panel;
    float *v = j->scratch + (size_t)cpu_thread() * each, *m = v + total;
#pragma omp for schedule(dynamic)
    for (int first = 0; first < j->tiles; first += j->blocks.tiles) {
        const int count = least(j->tiles - first, j->blocks.tiles);
        for (int block = 0; block < j->io->in->blocks; block++)
            transform_inputs(j, block, first, count, v);
        for (int block = 0; block < j->io->out->blocks; block += step) {
            const int lanes = panel_blocks(filter, block) * CHANNEL_BLOCK;
            multiply(j, 0, v, panel_at(filter, block), (ptrdiff_t)padded_in(filter) * lanes, m,
                     count, block, (fetch){NULL, 0});
            transform_panel(j, m, first, count, block);
        }
    }
}

/* One panel for one block of tiles, some input channels at a time. `own` is the thread's. */
static void run_panel(const job *j, const float *v, int first, int count, int block, float *own) {
    const winograd_filter *filter = j->filter;
    const int lanes = panel_blocks(filter, block) * CHANNEL_BLOCK;
    const int channels = j->layout.chunk * CHANNEL_BLOCK, in = (int)padded_in(filter);
    const float *panel = panel_at(filter, block);
    const ptrdiff_t step =
        filter->transformed ? (ptrdiff_t)in * lanes : chunk_point_step(filter, j->layout.chunk);
    float *m = own, *points = own + j->layout.groups * product_group(filter, &j->layout);
    for (int chunk = 0; chunk < j->layout.chunks; chunk++) {
        const int from = chunk * channels, to = least(from + channels, in);
        const float *u = panel + (ptrdiff_t)from * lanes;
        fetch next = {NULL, 0};
        if (!filter->transformed) {
            for (int i = from; i < to; i++)
                transform_taps(filter->kernels, panel + (ptrdiff_t)i * TAPS * lanes, lanes,
                               points + (ptrdiff_t)(i - from) * lanes, step);
            u = points;
            next.from = panel + (ptrdiff_t)to * TAPS * lanes;
            next.lines = (least(to + channels, in) - to) * TAPS * lanes / CHANNEL_BLOCK;
        }
        multiply(j, chunk, v, u, step, m, count, block, next);
    }
    transform_panel(j, m, first, count, block);
}

/* Many channels: all threads work on the same blocks of tiles, first their inputs, then panel by
 * panel. */
static void run_shared_blocks(const job *j) {
    const winograd_filter *filter = j->filter;
    const int step = filter->kernels->panel, tiles = j->blocks.tiles;
    const int panels = (j->io->out->blocks + step - 1) / step;
    const ptrdiff_t total = j->layout.total;
    const size_t each = thread_floats(filter, &j->layout);
    float *v = j->scratch;
    float *own = v + j->blocks.together * total + (ptrdiff_t)(each * (size_t)cpu_thread());
    for (int start = 0; start < j->tiles; start += tiles * j->blocks.together) {
        const int end = least(j->tiles, start + tiles * j->blocks.together);
        const int count = (end - start + tiles - 1) / tiles;
#pragma omp for schedule(dynamic)
        for (int task = 0; task < count * j->io->in->blocks; task++) {
            const int b = task / j->io->in->blocks, first = start + b * tiles;
            transform_inputs(j, task % j->io->in->blocks, first, least(end - first, tiles),
                             v + b * total);
        }
#pragma omp for schedule(dynamic)
        for (int task = 0; task < panels * count; task++) {
            const int b = task % count, first = start + b * tiles;
            run_panel(j, v + b * total, first, least(end - first, tiles), task / count * step, own);
        }
    }
}

void winograd_run(const winograd_filter *filter, const winograd_blocks *blocks,
                  const winograd_io *io, float *scratch) {
    const int rows = round_up(io->height, OUT) / OUT, columns = round_up(io->width, OUT) / OUT;
    const job j = {
        .filter = filter,
        .io = io,
        .blocks = *blocks,
        .layout = layout_inputs(filter, blocks),
        .columns = columns,
        .tiles = rows * columns,
        .scratch = scratch,
    };
    if (blocks->schedule == WINOGRAD_OWN)
        run_own_blocks(&j);
    else
        run_shared_blocks(&j);
}
