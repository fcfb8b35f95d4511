/* SPDX-License-Identifier: MIT */
#include "network/vgg_plan.h"

#include <assert.h>
#include <math.h>

#include "core/memory.h"
#include "network/first_conv.h"
#include "network/tensor.h"
#include "network/winograd.h"

/* Rows of a strip: whole tiles, more than it shares with the next one (vgg_run.c), and few enough
 * to stay in the third-level cache. */
enum { FEWEST_STRIP_ROWS = 2 * WINOGRAD_OUT, MOST_STRIP_ROWS = 10 * WINOGRAD_OUT };
#define STRIP_BYTES ((size_t)4 << 20)

/* Activations between the two convolutions of a block that are so many times larger than the
 * third-level cache are better computed twice than kept; in the first block that costs little. So
 * are those that take this many bytes, whatever the cache: for the memory's sake. */
#define PAIR_L3 2
#define FIRST_PAIR_L3 1
#define MOST_BETWEEN ((double)(128 << 20))

enum { MAX_BUFFERS = 8 * VGG_MAX_CONVS };

/* A row's floats in a channel block stay within an int. */
#define MOST_SIDE (1 << 26)

typedef struct planner {
    vgg_plan *plan;
    const vgg *network;
    const bool *wanted;
    vgg_buffer *buffers[MAX_BUFFERS]; /* those placed in the arena */
    int buffer_count;
    error *err;
} planner;

/* ---- steps ---- */

int vgg_step_output(const vgg_step *step) {
    return step->pool_layer >= 0   ? step->pool_layer
           : step->relu_layer >= 0 ? step->relu_layer
                                   : step->conv_layer;
}

/* Bytes of an activation. */
static size_t value_bytes(const planner *p) {
    return kernels_activation_bytes(p->network->kernels);
}

static bool is_wanted(const planner *p, int layer) {
    return layer >= 0 && p->wanted[layer];
}

/* Whether two convolutions are a whole block whose inner layers are not requested except for the
 * activation between them, and that is not worth keeping. */
static bool is_pair(const planner *p, const vgg_step *first, const vgg_step *second) {
    const vgg_layer *layers = p->network->layers;
    const int before = first->conv_layer - 1;
    const double l3 = (double)p->network->machine.l3 * (before < 0 ? FIRST_PAIR_L3 : PAIR_L3);
    const double bytes =
        (double)value_bytes(p) * p->network->widths[first->conv] * first->height * first->width;
    const int rows = p->network->strip_rows;
    const bool in_strips =
        rows == VGG_STRIPS_FIT ? bytes >= fmin(l3, MOST_BETWEEN) : rows != VGG_STRIPS_NEVER;
    return in_strips && first->pool_layer < 0 && second->pool_layer >= 0 &&
           (before < 0 || (layers[before].kind == VGG_POOL && !p->wanted[before])) &&
           !is_wanted(p, first->conv_layer) && !is_wanted(p, second->conv_layer) &&
           !is_wanted(p, second->relu_layer);
}

/* The steps up to the deepest layer, pairs joined. */
static bool make_steps(planner *p) {
    vgg_plan *plan = p->plan;
    const vgg_layer *layers = p->network->layers;
    int height = plan->height, width = plan->width;
    for (int i = 0; i <= plan->depth; i++) {
        vgg_step *step = &plan->steps[plan->count - (layers[i].kind != VGG_CONV)];
        if (layers[i].kind == VGG_CONV) {
            plan->count++;
            *step = (vgg_step){.conv = layers[i].conv,
                               .conv_layer = i,
                               .relu_layer = -1,
                               .pool_layer = -1,
                               .height = height,
                               .width = width};
        } else if (layers[i].kind == VGG_RELU) {
            step->relu_layer = i;
        } else {
            step->pool_layer = i;
            height /= 2;
            width /= 2;
        }
        if (height < 1 || width < 1)
            return error_set(p->err, ERROR_FAILURE,
                             "a picture of %dx%d is too small for %s: use a larger --size",
                             plan->width, plan->height, layers[plan->depth].name);
    }
    for (int i = 1; i < plan->count; i++) {
        if (!is_pair(p, &plan->steps[i - 1], &plan->steps[i]))
            continue;
        plan->steps[i].pair = true;
        plan->steps[i].between = plan->steps[i - 1].relu_layer;
        for (int k = i; k < plan->count; k++)
            plan->steps[k - 1] = plan->steps[k];
        plan->count--;
    }
    return true;
}

/* ---- buffers ---- */

static bool add_tensor(planner *p, vgg_buffer *b, int channels, int height, int width, int first,
                       int last) {
    size_t values, bytes;
    if (!tensor_values(channels, height, width, &values) ||
        !memory_multiply(values, value_bytes(p), &bytes) || bytes > SIZE_MAX / 2 / MAX_BUFFERS)
        return error_set(p->err, ERROR_FAILURE, "the picture is too large: use a smaller --size");
    *b = (vgg_buffer){.bytes = bytes,
                      .channels = channels,
                      .height = height,
                      .width = width,
                      .first = first,
                      .last = last};
    p->buffers[p->buffer_count++] = b;
    return true;
}

/* A bitmap's ring must stay zero, so it shares its memory with no other buffer. */
static bool add_bitmap(planner *p, vgg_buffer *b, int words, int channels, int height, int width) {
    size_t bytes;
    if (!bitmap_bytes(tensor_blocks(channels), words, height, width, &bytes))
        return error_set(p->err, ERROR_FAILURE, "the picture is too large: use a smaller --size");
    *b = (vgg_buffer){.bytes = bytes,
                      .channels = channels,
                      .height = height,
                      .width = width,
                      .words = words,
                      .first = 0,
                      .last = 2 * p->plan->count};
    p->buffers[p->buffer_count++] = b;
    return true;
}

static int channels_of(const planner *p, int conv) {
    return p->network->widths[conv];
}

static bool add_strip(planner *p, vgg_step *step) {
    const int channels = channels_of(p, step->conv - 1), end = 2 * p->plan->count;
    const size_t row = (size_t)tensor_blocks(channels) * CHANNEL_BLOCK * value_bytes(p) *
                       ((size_t)step->width + 2);
    const size_t fitting = STRIP_BYTES / row, height_up = (size_t)step->height + WINOGRAD_OUT - 1;
    size_t rows = fitting < MOST_STRIP_ROWS ? fitting : MOST_STRIP_ROWS;
    rows = (rows < height_up ? rows : height_up) / WINOGRAD_OUT * WINOGRAD_OUT;
    step->strip_rows = rows > FEWEST_STRIP_ROWS ? (int)rows : FEWEST_STRIP_ROWS;
    if (p->network->strip_rows > 0)
        step->strip_rows = p->network->strip_rows;
    assert(step->strip_rows >= FEWEST_STRIP_ROWS && step->strip_rows % WINOGRAD_OUT == 0);
    const int height = step->strip_rows + VGG_STRIP_MARGIN;
    return add_tensor(p, &step->strip, channels, height, step->width, 0, end) &&
           (!p->plan->backward ||
            add_bitmap(p, &step->strip_sign, 1, channels, height, step->width));
}

/* The buffers of step i. Those that are wanted live until the backward pass is past them, because
 * their gradient takes their place. */
static bool add_buffers(planner *p, int i) {
    vgg_plan *plan = p->plan;
    vgg_step *step = &plan->steps[i];
    const int channels = channels_of(p, step->conv), height = step->height, width = step->width;
    const int back = plan->backward ? 2 * plan->count - 1 - i : i;
    const bool last = i + 1 == plan->count;
    const int next = last ? i : i + 1, next_back = last ? back : back - 1;
    /* A pair reads its input again in the backward pass, and leaves the gradient in its place. */
    const bool kept = is_wanted(p, vgg_step_output(step)) || (!last && plan->steps[i + 1].pair);
    const int until = kept && back > next ? back : next;
    if (step->pair && !add_strip(p, step))
        return false;
    if ((is_wanted(p, step->conv_layer) || step->relu_layer < 0) &&
        !add_tensor(p, &step->before_relu, channels, height, width, i, back))
        return false;
    if (step->relu_layer < 0)
        return true;
    const bool pooled_at_once = step->pool_layer >= 0 && step->conv > 0 &&
                                !is_wanted(p, step->conv_layer) && !is_wanted(p, step->relu_layer);
    if (!pooled_at_once) {
        const bool seen = is_wanted(p, step->relu_layer);
        if (!add_tensor(p, &step->activation, channels, height, width, i,
                        step->pool_layer < 0 ? until
                        : seen               ? back
                                             : i) ||
            ((plan->backward || step->before_relu.bytes) &&
             !add_bitmap(p, &step->sign, 1, channels, height, width)) ||
            (plan->backward && step->pool_layer >= 0 && !seen &&
             !add_tensor(p, &step->activation_gradient, channels, height, width, back, back)))
            return false;
    }
    if (step->pool_layer >= 0 &&
        (!add_tensor(p, &step->pooled, channels, height / 2, width / 2, i, until) ||
         !add_bitmap(p, &step->choice, 4, channels, height / 2, width / 2)))
        return false;
    if (!plan->backward || kept)
        return true;
    const int shift = step->pool_layer >= 0 ? 1 : 0;
    return add_tensor(p, &step->gradient, channels, height >> shift, width >> shift, next_back,
                      back);
}

/* ---- the arena ---- */

static bool overlap(const vgg_buffer *a, const vgg_buffer *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset at which `b` overlaps none of the buffers placed before it that live at the
 * same time. */
static size_t find_offset(const planner *p, int placed, const vgg_buffer *b) {
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < placed; i++) {
            const vgg_buffer *other = p->buffers[i];
            if (overlap(other, b) && offset < other->offset + other->bytes &&
                other->offset < offset + b->bytes) {
                offset = other->offset + other->bytes;
                moved = true;
            }
        }
    }
    return offset;
}

/* Places the largest buffers first, each as low as it can be. */
static void place(planner *p) {
    for (int i = 0; i < p->buffer_count; i++) {
        /* A spare line keeps rows of different tensors off the same lines of the cache. */
        p->buffers[i]->bytes = (p->buffers[i]->bytes / MEMORY_ALIGNMENT + 2) * MEMORY_ALIGNMENT;
    }
    for (int i = 0; i < p->buffer_count; i++) {
        int largest = i;
        for (int k = i + 1; k < p->buffer_count; k++) {
            if (p->buffers[k]->bytes > p->buffers[largest]->bytes)
                largest = k;
        }
        vgg_buffer *b = p->buffers[largest];
        p->buffers[largest] = p->buffers[i];
        p->buffers[i] = b;
        b->offset = find_offset(p, i, b);
        if (b->offset + b->bytes > p->plan->arena_bytes)
            p->plan->arena_bytes = b->offset + b->bytes;
    }
}

/* ---- blocks of convolutions and their working memory ---- */

static void need_scratch(vgg_plan *plan, size_t bytes) {
    if (bytes > plan->scratch_bytes)
        plan->scratch_bytes = bytes;
}

static winograd_blocks choose_blocks(planner *p, const winograd_filter *filter, int rows,
                                     int width) {
    vgg_plan *plan = p->plan;
    const int up = WINOGRAD_OUT - 1;
    const int tiles = ((rows + up) / WINOGRAD_OUT) * ((width + up) / WINOGRAD_OUT);
    const winograd_blocks blocks =
        winograd_choose_blocks(filter->in_channels, filter->out_channels, filter->transformed,
                               tiles, plan->threads, &p->network->machine);
    need_scratch(plan, winograd_scratch_bytes(filter, &blocks, plan->threads));
    return blocks;
}

static void choose_all_blocks(planner *p, vgg_step *step) {
    const vgg *network = p->network;
    const int rows = step->pair ? step->strip_rows : step->height;
    if (step->conv == 0 || (step->pair && step->conv == 1))
        need_scratch(p->plan, sizeof(float) *
                                  first_conv_scratch_floats(rows + VGG_STRIP_MARGIN, step->width));
    if (step->conv > 0) {
        step->forward = choose_blocks(p, &network->forward[step->conv], rows, step->width);
        step->adjoint = choose_blocks(p, &network->adjoint[step->conv], rows, step->width);
    }
    if (step->pair && step->conv > 1) {
        step->first_forward = choose_blocks(p, &network->forward[step->conv - 1],
                                            rows + VGG_STRIP_MARGIN, step->width);
        step->first_adjoint = choose_blocks(p, &network->adjoint[step->conv - 1],
                                            rows + VGG_STRIP_MARGIN, step->width);
    }
}

bool vgg_plan_make(vgg_plan *self, const vgg *network, int height, int width,
                   const bool wanted[VGG_MAX_LAYERS], bool backward, int threads, error *err) {
    planner p = {.plan = self, .network = network, .wanted = wanted, .err = err};
    *self = (vgg_plan){.height = height, .width = width, .backward = backward, .threads = threads};
    for (int i = 0; i < network->layer_count; i++) {
        if (wanted[i])
            self->depth = i;
    }
    if (height > MOST_SIDE || width > MOST_SIDE || (size_t)height * (size_t)width > VGG_MOST_PIXELS)
        return error_set(err, ERROR_FAILURE, "the picture is too large: use a smaller --size");
    if (!make_steps(&p))
        return false;
    for (int i = 0; i < self->count; i++) {
        if (!add_buffers(&p, i))
            return false;
        choose_all_blocks(&p, &self->steps[i]);
    }
    place(&p);
    return true;
}

bool vgg_plan_in_strips(const vgg_plan *self, int layer) {
    for (int i = 0; i < self->count; i++) {
        if (self->steps[i].pair && self->steps[i].between == layer)
            return true;
    }
    return false;
}
