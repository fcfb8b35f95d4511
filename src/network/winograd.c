/* SPDX-License-Identifier: MIT */
#include "network/winograd.h"

#include <string.h>

#include "core/cpu.h"
#include "core/memory.h"

#define OUT WINOGRAD_OUT
#define IN WINOGRAD_IN
#define TAPS 9

enum { POINTS = IN * IN }; /* products of a tile */

/* Arrays of points have a cache line more than need be from point to point: at powers of two all
 * points would fall into the same few lines of the cache. */
#define PAD_BYTES MEMORY_ALIGNMENT
#define PAD_FLOATS (PAD_BYTES / (ptrdiff_t)sizeof(float))

static int round_up(int n, int unit) {
    return (n + unit - 1) / unit * unit;
}

/* ---- working memory ---- */

/* The inputs of a block of tiles, transformed:
 *     [chunk of channels][point][group of tiles][channel block of the chunk][tile of the group][16]
 * A group is what one register tile of the product takes, and a product reads one piece of memory
 * from one end to the other. */
typedef struct input_layout {
    int group;                                                   /* tiles */
    int groups;                                                  /* of a block */
    int chunk;                                                   /* channel blocks */
    int chunks;                                                  /* of all channels */
    ptrdiff_t channel_block, group_step, point_step, chunk_step; /* operands */
    size_t bytes;
} input_layout;

static size_t whole_lines(size_t bytes) {
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

static ptrdiff_t pad_operands(const winograd_filter *filter) {
    return PAD_BYTES / (ptrdiff_t)kernels_operand_bytes(filter->kernels);
}

static input_layout layout_inputs(const winograd_filter *filter, const winograd_blocks *blocks) {
    const int in_blocks = tensor_blocks(filter->in_channels);
    const int most = filter->kernels->product_rows[winograd_filter_panel(filter, 0) - 1];
    input_layout l = {.chunk = tensor_blocks(blocks->channels)};
    l.groups = (blocks->tiles + most - 1) / most;
    l.group = (blocks->tiles + l.groups - 1) / l.groups;
    l.chunks = (in_blocks + l.chunk - 1) / l.chunk;
    l.channel_block = (ptrdiff_t)l.group * CHANNEL_BLOCK;
    l.group_step = l.chunk * l.channel_block;
    l.point_step = l.groups * l.group_step + pad_operands(filter);
    l.chunk_step = POINTS * l.point_step;
    l.bytes =
        whole_lines((size_t)(l.chunks * l.chunk_step) * kernels_operand_bytes(filter->kernels));
    return l;
}

/* The products of a block of tiles with one panel: [group][point][channel block][tile of the
 * group][16], so that a group's lie close together when they are transformed back. This is from
 * point to point, */
static ptrdiff_t product_point(const winograd_filter *filter, const input_layout *l) {
    return (ptrdiff_t)filter->kernels->panel * l->group * CHANNEL_BLOCK + PAD_FLOATS;
}

/* and from group to group. */
static ptrdiff_t product_group(const winograd_filter *filter, const input_layout *l) {
    return POINTS * product_point(filter, l);
}

/* Bytes of the products. */
static size_t product_bytes(const winograd_filter *filter, const input_layout *l) {
    return (size_t)(l->groups * product_group(filter, l)) * sizeof(float);
}

/* The points of a chunk of a panel's filter: [point][channel][lane], in operands. */
static ptrdiff_t chunk_point_step(const winograd_filter *filter, int chunk_blocks) {
    return (ptrdiff_t)chunk_blocks * CHANNEL_BLOCK * filter->kernels->panel * CHANNEL_BLOCK +
           pad_operands(filter);
}

/* Bytes that each thread needs for itself beside a block's inputs. */
static size_t thread_bytes(const winograd_filter *filter, const input_layout *l) {
    size_t bytes = product_bytes(filter, l);
    if (!filter->transformed)
        bytes += whole_lines(POINTS * (size_t)chunk_point_step(filter, l->chunk) *
                             kernels_operand_bytes(filter->kernels));
    return bytes;
}

size_t winograd_scratch_bytes(const winograd_filter *filter, const winograd_blocks *blocks,
                              int threads) {
    const input_layout l = layout_inputs(filter, blocks);
    const size_t each = thread_bytes(filter, &l), count = (size_t)threads;
    return blocks->schedule == WINOGRAD_OWN ? count * (l.bytes + each)
                                            : (size_t)blocks->together * l.bytes + count * each;
}

/* ---- one convolution ---- */

typedef struct job {
    const winograd_filter *filter;
    const winograd_io *io;
    winograd_blocks blocks;
    input_layout layout;
    int columns, tiles; /* tiles in a row of tiles, and in all */
    unsigned char *scratch;
} job;

/* Pixels of one channel block, as floats or in bf16. */
#define PATCH_BYTES (POINTS * sizeof(float[CHANNEL_BLOCK]))

/* Pixels of the 6x6 that a tile reads from (y - 1, x - 1) on, with zeros beyond the zero ring. */
static void copy_patch(const tensor *in, int block, int y, int x, unsigned char *patch) {
    const size_t pixel = CHANNEL_BLOCK * in->value_bytes;
    memset(patch, 0, POINTS * pixel);
    const int width = x - 1 + IN <= in->width + 1 ? IN : in->width + 2 - x;
    for (int i = 0; i < IN && y - 1 + i <= in->height; i++)
        memcpy(patch + (size_t)(i * IN) * pixel, tensor_at(in, y - 1 + i, block, x - 1),
               (size_t)width * pixel);
}

/* The same of the gradient before pooling, whose windows are read from (y / 2 - 1, x / 2 - 1) on.
 */
static void unpool(const job *j, int block, int y, int x, unsigned char *patch) {
    enum { WINDOWS = IN / 2 + 1, ROW = WINDOWS * CHANNEL_BLOCK, WORDS = WINDOWS * 4 };
    const winograd_io *io = j->io;
    const tensor *g = io->in;
    const int row = y / 2 - 1, column = x / 2 - 1;
    const size_t pixel = CHANNEL_BLOCK * g->value_bytes;
    const uint16_t *choice = bitmap_row(io->choice, row, block) +
                             (ptrdiff_t)column * io->choice->words;
    if (row + WINDOWS <= g->height + 1 && column + WINDOWS <= g->width + 1) {
        j->filter->kernels->unpool_patch(tensor_at(g, row, block, column), g->row_stride, choice,
                                         io->choice->row_stride, io->share, patch);
        return;
    }
    unsigned char values[WINDOWS * sizeof(float[ROW])] = {0};
    uint16_t words[WINDOWS][WORDS] = {{0}};
    const int width = column + WINDOWS <= g->width + 1 ? WINDOWS : g->width + 1 - column;
    for (int i = 0; i < WINDOWS && row + i <= g->height; i++) {
        memcpy(values + (size_t)(i * WINDOWS) * pixel, tensor_at(g, row + i, block, column),
               (size_t)width * pixel);
        memcpy(words[i], choice + i * io->choice->row_stride,
               (size_t)width * 4 * sizeof(uint16_t));
    }
    j->filter->kernels->unpool_patch(values, ROW, words[0], WORDS, io->share, patch);
}

/* Transforms one channel block of the tile at (y, x) to v. */
static void transform_input(const job *j, int block, int y, int x, void *v) {
    _Alignas(MEMORY_ALIGNMENT) unsigned char patch[PATCH_BYTES];
    const tensor *in = j->io->in;
    const void *from = patch;
    ptrdiff_t row = (ptrdiff_t)IN * CHANNEL_BLOCK;
    if (j->io->choice) {
        unpool(j, block, y, x, patch);
    } else if (y + OUT <= in->height && x + OUT <= in->width) {
        from = tensor_at(in, y - 1, block, x - 1);
        row = in->row_stride;
    } else {
        copy_patch(in, block, y, x, patch);
    }
    j->filter->kernels->winograd_input(from, row, v, j->layout.point_step);
}

/* Transforms one channel block of tiles first .. first + count - 1 to the block of tiles at v. */
static void transform_inputs(const job *j, int block, int first, int count, unsigned char *v) {
    const kernel_set *kernels = j->filter->kernels;
    const input_layout *l = &j->layout;
    ptrdiff_t group = block / l->chunk * l->chunk_step + block % l->chunk * l->channel_block;
    int y = first / j->columns * OUT, x = first % j->columns * OUT, place = 0;
    for (int i = 0; i < count; i++) {
        transform_input(j, block, y, x,
                        v + kernels_operands(kernels, group + (ptrdiff_t)place * CHANNEL_BLOCK));
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
static void multiply(const job *j, int chunk, const unsigned char *v, const unsigned char *u,
                     ptrdiff_t u_step, float *m, int count, int block, fetch ahead) {
    const kernel_set *kernels = j->filter->kernels;
    const input_layout *l = &j->layout;
    const ptrdiff_t m_point = product_point(j->filter, l), m_group = product_group(j->filter, l);
    const int products = POINTS * ((count + l->group - 1) / l->group);
    const int lines = (ahead.lines + products - 1) / products;
    product_tile tile = {
        .v_block = l->channel_block,
        .blocks = least(l->chunk, j->io->in->blocks - chunk * l->chunk),
        .m_block = (ptrdiff_t)l->group * CHANNEL_BLOCK,
        .panel = winograd_filter_panel(j->filter, block),
        .accumulate = chunk > 0,
    };
    for (int point = 0; point < POINTS; point++) {
        ptrdiff_t group = chunk * l->chunk_step + point * l->point_step;
        tile.u = u + kernels_operands(kernels, point * u_step);
        tile.m = m + point * m_point;
        for (int first = 0; first < count; first += l->group) {
            tile.v = v + kernels_operands(kernels, group);
            tile.rows = least(l->group, count - first);
            kernels->product(&tile);
            fetch_some(&ahead, lines);
            group += l->group_step;
            tile.m += m_group;
        }
    }
}

/* Turns the products m of one output channel block of the tile at (y, x) into pixels. */
static void transform_output(const job *j, int block, int y, int x, const float *m) {
    const winograd_io *io = j->io;
    const ptrdiff_t step = product_point(j->filter, &j->layout);
    const float *bias = j->filter->bias ? j->filter->bias + (ptrdiff_t)block * CHANNEL_BLOCK : NULL;
    if (io->pooled) {
        const winograd_pooled to = {
            .out = tensor_at(io->out, y / 2, block, x / 2),
            .row = io->out->row_stride,
            .choice = bitmap_row(io->pooled, y / 2, block) + (ptrdiff_t)(x / 2) * io->pooled->words,
            .choice_row = io->pooled->row_stride,
            .height = least(OUT / 2, io->height / 2 - y / 2),
            .width = least(OUT / 2, io->width / 2 - x / 2),
            .bias = bias,
            .average = io->average,
        };
        j->filter->kernels->winograd_output_pooled(m, step, &to);
        return;
    }
    void *out = tensor_at(io->out, y, block, x);
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
        for (int b = 0; b < winograd_filter_panel(j->filter, block);
             b++, from += (ptrdiff_t)size * CHANNEL_BLOCK) {
            for (int t = 0; t < least(size, count - start); t++) {
                const int tile = first + start + t;
                transform_output(j, block + b, tile / j->columns * OUT, tile % j->columns * OUT,
                                 from + (ptrdiff_t)t * CHANNEL_BLOCK);
            }
        }
    }
}

/* Few channels: a block of tiles is one thread's, from input to output. */
static void run_own_blocks(const job *j) {
    const winograd_filter *filter = j->filter;
    const size_t inputs = j->layout.bytes, each = inputs + thread_bytes(filter, &j->layout);
    const int step = filter->kernels->panel;
    unsigned char *v = j->scratch + (size_t)cpu_thread() * each;
    float *m = (float *)(void *)(v + inputs);
#pragma omp for schedule(dynamic)
    for (int first = 0; first < j->tiles; first += j->blocks.tiles) {
        const int count = least(j->tiles - first, j->blocks.tiles);
        for (int block = 0; block < j->io->in->blocks; block++)
            transform_inputs(j, block, first, count, v);
        for (int block = 0; block < j->io->out->blocks; block += step) {
            const int lanes = winograd_filter_panel(filter, block) * CHANNEL_BLOCK;
            multiply(j, 0, v, winograd_filter_packed(filter, block),
                     (ptrdiff_t)winograd_filter_inputs(filter) * lanes, m, count, block,
                     (fetch){NULL, 0});
            transform_panel(j, m, first, count, block);
        }
    }
}

/* One panel for one block of tiles, some input channels at a time. `own` is the thread's. */
static void run_panel(const job *j, const unsigned char *v, int first, int count, int block,
                      unsigned char *own) {
    const winograd_filter *filter = j->filter;
    const kernel_set *kernels = filter->kernels;
    const int lanes = winograd_filter_panel(filter, block) * CHANNEL_BLOCK;
    const int channels = j->layout.chunk * CHANNEL_BLOCK, in = winograd_filter_inputs(filter);
    const ptrdiff_t step =
        filter->transformed ? (ptrdiff_t)in * lanes : chunk_point_step(filter, j->layout.chunk);
    float *m = (float *)(void *)own;
    unsigned char *points = own + product_bytes(filter, &j->layout);
    for (int chunk = 0; chunk < j->layout.chunks; chunk++) {
        const int from = chunk * channels, to = least(from + channels, in);
        const unsigned char *u = points;
        fetch next = {NULL, 0};
        if (filter->transformed) {
            u = winograd_filter_packed(filter, block) +
                kernels_operands(kernels, (ptrdiff_t)from * lanes);
        } else {
            winograd_filter_transform(filter, block, from, to, points, step);
            next.from = winograd_filter_taps(filter, block, to);
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
    const size_t total = j->layout.bytes, each = thread_bytes(filter, &j->layout);
    unsigned char *v = j->scratch;
    unsigned char *own = v + (size_t)j->blocks.together * total + each * (size_t)cpu_thread();
    for (int start = 0; start < j->tiles; start += tiles * j->blocks.together) {
        const int end = least(j->tiles, start + tiles * j->blocks.together);
        const int count = (end - start + tiles - 1) / tiles;
#pragma omp for schedule(dynamic)
        for (int task = 0; task < count * j->io->in->blocks; task++) {
            const int b = task / j->io->in->blocks, first = start + b * tiles;
            transform_inputs(j, task % j->io->in->blocks, first, least(end - first, tiles),
                             v + (size_t)b * total);
        }
#pragma omp for schedule(dynamic)
        for (int task = 0; task < panels * count; task++) {
            const int b = task % count, first = start + b * tiles;
            run_panel(j, v + (size_t)b * total, first, least(end - first, tiles),
                      task / count * step, own);
        }
    }
}

void winograd_run(const winograd_filter *filter, const winograd_blocks *blocks,
                  const winograd_io *io, void *scratch) {
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
