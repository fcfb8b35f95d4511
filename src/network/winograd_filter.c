/* SPDX-License-Identifier: MIT */
#include "network/winograd_filter.h"

#include <assert.h>
#include <string.h>

#include "core/memory.h"
#include "network/tensor.h"

#define TAPS 9

enum { POINTS = WINOGRAD_IN * WINOGRAD_IN };

int winograd_filter_panel(const winograd_filter *self, int block) {
    return tensor_panel(self->kernels, tensor_blocks(self->out_channels), block);
}

int winograd_filter_inputs(const winograd_filter *self) {
    return tensor_blocks(self->in_channels) * CHANNEL_BLOCK;
}

/* Bytes packed for one input and one output channel. */
static size_t packed_each(const winograd_filter *self) {
    return self->transformed ? POINTS * kernels_operand_bytes(self->kernels) : TAPS * sizeof(float);
}

/* Where the panel that begins at output block `block` is packed. */
static unsigned char *panel_at(const winograd_filter *self, int block) {
    return (unsigned char *)self->packed +
           (size_t)block * CHANNEL_BLOCK * packed_each(self) * (size_t)winograd_filter_inputs(self);
}

/* Input channels that go side by side in a filter. */
static int channels_together(const kernel_set *kernels) {
    return kernels->bf16_products ? 2 : 1;
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
    const int first = block * CHANNEL_BLOCK,
              lanes = winograd_filter_panel(self, block) * CHANNEL_BLOCK;
    for (int lane = 0; lane < lanes && first + lane < self->out_channels; lane++) {
        const float *from = order->weights + (first + lane) * order->out + in * order->in;
        for (int i = 0; i < TAPS; i++)
            taps[i * lanes + lane] = from[order->rotated ? TAPS - 1 - i : i];
    }
}

/* Transforms taps [channels_together][9][lanes] to points `step` operands apart. */
static void transform_taps(const kernel_set *kernels, const float *taps, int lanes,
                           unsigned char *points, ptrdiff_t step) {
    for (int lane = 0; lane < lanes; lane += CHANNEL_BLOCK)
        kernels->winograd_filter(
            taps + lane, lanes, (ptrdiff_t)TAPS * lanes,
            points + kernels_operands(kernels, (ptrdiff_t)lane * channels_together(kernels)), step);
}

static void pack_panel(const winograd_filter *self, const weight_order *order, int block) {
    const int lanes = winograd_filter_panel(self, block) * CHANNEL_BLOCK;
    const int together = self->transformed ? channels_together(self->kernels) : 1;
    unsigned char *panel = panel_at(self, block);
    for (int in = 0; in < self->in_channels; in += together) {
        if (!self->transformed) {
            pack_taps(self, order, block, in,
                      (float *)(void *)panel + (ptrdiff_t)in * TAPS * lanes);
            continue;
        }
        _Alignas(MEMORY_ALIGNMENT) float taps[2 * TAPS * 2 * CHANNEL_BLOCK] = {0};
        for (int i = 0; i < together && in + i < self->in_channels; i++)
            pack_taps(self, order, block, in + i, taps + (ptrdiff_t)i * TAPS * lanes);
        transform_taps(self->kernels, taps, lanes,
                       panel + kernels_operands(self->kernels, (ptrdiff_t)in * lanes),
                       (ptrdiff_t)winograd_filter_inputs(self) * lanes);
    }
}

static bool pack(winograd_filter *self, weight_order order, error *err) {
    const int blocks = tensor_blocks(self->out_channels), step = self->kernels->panel;
    const size_t lanes = (size_t)blocks * CHANNEL_BLOCK;
    self->packed =
        memory_alloc(lanes * packed_each(self), (size_t)winograd_filter_inputs(self), err);
    if (!self->packed)
        return false;
#pragma omp parallel for schedule(dynamic)
    for (int block = 0; block < blocks; block += step)
        pack_panel(self, &order, block);
    return true;
}

size_t winograd_filter_memory(const kernel_set *kernels, bool transformed, int in_channels,
                              int out_channels) {
    const winograd_filter self = {.kernels = kernels,
                                  .transformed = transformed,
                                  .in_channels = in_channels,
                                  .out_channels = out_channels};
    const size_t lanes = (size_t)tensor_blocks(out_channels) * CHANNEL_BLOCK;
    return memory_block(lanes * packed_each(&self), (size_t)winograd_filter_inputs(&self));
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
    if (pack(self, (weight_order){weights, (ptrdiff_t)9 * in_channels, 9, false}, err))
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
    return pack(self, (weight_order){weights, 9, (ptrdiff_t)9 * out_channels, true}, err);
}

const unsigned char *winograd_filter_packed(const winograd_filter *self, int block) {
    return panel_at(self, block);
}

const float *winograd_filter_taps(const winograd_filter *self, int block, int in) {
    assert(!self->transformed);
    return (const float *)(const void *)panel_at(self, block) +
           (ptrdiff_t)in * TAPS * winograd_filter_panel(self, block) * CHANNEL_BLOCK;
}

void winograd_filter_transform(const winograd_filter *self, int block, int from, int to,
                               unsigned char *points, ptrdiff_t step) {
    const kernel_set *kernels = self->kernels;
    const int lanes = winograd_filter_panel(self, block) * CHANNEL_BLOCK;
    for (int in = from; in < to; in += channels_together(kernels))
        transform_taps(kernels, winograd_filter_taps(self, block, in), lanes,
                       points + kernels_operands(kernels, (ptrdiff_t)(in - from) * lanes), step);
}

void winograd_filter_clear(winograd_filter *self) {
    memory_free(self->packed);
    memory_free(self->bias);
    *self = (winograd_filter){0};
}
