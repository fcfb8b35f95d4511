/* SPDX-License-Identifier: MIT */
#include "network/conv.h"

#include <string.h>

#include "core/memory.h"

/* Rows of one output panel that a thread takes at a time: few enough to balance, enough that the
 * panel's weights, which are read for each row, stay in its second-level cache. */
#define ROWS_PER_TASK 4

/* Output blocks of the panel that begins at a block. */
static int panel_blocks(const conv_filter *self, int block) {
    const int left = tensor_blocks(self->out_channels) - block;
    return left < self->kernels->panel_blocks ? left : self->kernels->panel_blocks;
}

/* Where the panel that begins at output block `block` is packed. */
static float *panel_at(const conv_filter *self, int block) {
    return self->packed +
           (size_t)block * CHANNEL_BLOCK * (size_t)(self->taps * self->taps * self->in_channels);
}

/* Where the weight of an input channel, tap and output channel is packed. */
static float *packed_at(const conv_filter *self, int in, int tap, int out) {
    const int taps = self->taps * self->taps;
    const int out_block = out / CHANNEL_BLOCK;
    const int panel_start = out_block - out_block % self->kernels->panel_blocks;
    const int panel_lanes = panel_blocks(self, panel_start) * CHANNEL_BLOCK;
    const int in_start = in - in % CHANNEL_BLOCK;
    const int in_left = self->in_channels - in_start;
    const int in_lanes = in_left < CHANNEL_BLOCK ? in_left : CHANNEL_BLOCK;
    const size_t row = (size_t)in_start * (size_t)taps + (size_t)(tap * in_lanes + in - in_start);
    return panel_at(self, panel_start) + row * (size_t)panel_lanes +
           (out - panel_start * CHANNEL_BLOCK);
}

bool conv_filter_init(conv_filter *self, const kernel_set *kernels, int in_channels,
                      int out_channels, int taps, bool with_bias, error *err) {
    const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
    *self = (conv_filter){
        .kernels = kernels, .in_channels = in_channels, .out_channels = out_channels, .taps = taps};
    self->packed =
        memory_alloc(lanes * (size_t)(taps * taps), (size_t)in_channels * sizeof(float), err);
    if (self->packed && with_bias)
        self->bias = memory_alloc(lanes, sizeof(float), err);
    if (!self->packed || (with_bias && !self->bias)) {
        conv_filter_clear(self);
        return false;
    }
    return true;
}

void conv_filter_clear(conv_filter *self) {
    memory_free(self->packed);
    memory_free(self->bias);
    *self = (conv_filter){0};
}

void conv_filter_pack(conv_filter *self, const float *weights, const float *bias) {
    const int taps = self->taps * self->taps;
    for (int out = 0; out < self->out_channels; out++) {
        for (int in = 0; in < self->in_channels; in++) {
            for (int tap = 0; tap < taps; tap++)
                *packed_at(self, in, tap, out) = *weights++;
        }
    }
    if (bias)
        memcpy(self->bias, bias, (size_t)self->out_channels * sizeof *bias);
}

void conv_filter_pack_adjoint(conv_filter *self, const float *weights) {
    const int taps = self->taps * self->taps;
    for (int in = 0; in < self->in_channels; in++) {
        for (int out = 0; out < self->out_channels; out++) {
            for (int tap = taps - 1; tap >= 0; tap--)
                *packed_at(self, in, tap, out) = *weights++;
        }
    }
}

/* One panel of one row. */
static void run_row(const conv_filter *filter, const tensor *in, const tensor *out,
                    const conv_epilogue *epilogue, int block, int y) {
    const conv_row row = {
        .in = tensor_row(in, y, 0),
        .in_row = in->row_stride,
        .in_block = in->block_stride,
        .in_channels = filter->in_channels,
        .taps = filter->taps,
        .weights = panel_at(filter, block),
        .bias = filter->bias ? filter->bias + block * CHANNEL_BLOCK : NULL,
        .out = tensor_row(out, y, block),
        .add = epilogue->add ? tensor_row(epilogue->add, y, block) : NULL,
        .mask = epilogue->mask ? tensor_row(epilogue->mask, y, block) : NULL,
        .out_block = out->block_stride,
        .out_blocks = panel_blocks(filter, block),
        .width = out->width,
        .relu = epilogue->relu,
    };
    filter->kernels->conv_row(&row);
}

void conv_run(const conv_filter *filter, const tensor *in, const tensor *out,
              conv_epilogue epilogue) {
    const int step = filter->kernels->panel_blocks;
    const int panels = (out->blocks + step - 1) / step;
    const int row_tasks = (out->height + ROWS_PER_TASK - 1) / ROWS_PER_TASK;
#pragma omp parallel for schedule(dynamic)
    for (int task = 0; task < panels * row_tasks; task++) {
        const int from = task % row_tasks * ROWS_PER_TASK;
        const int to = from + ROWS_PER_TASK < out->height ? from + ROWS_PER_TASK : out->height;
        for (int y = from; y < to; y++)
            run_row(filter, in, out, &epilogue, task / row_tasks * step, y);
    }
}
