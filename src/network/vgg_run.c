/* SPDX-License-Identifier: MIT
 *
 * One parallel region goes through all steps: the functions inside it are collective calls, and
 * those that they call share the work among the threads.
 */
#include "network/vgg_run.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"

/* Rows of a pair's strip beside its own. Forward it begins ABOVE rows early, of which the second
 * convolution needs one, and the first is computed a row of tiles ahead. In the backward pass
 * the first one lags a row of tiles behind, and needs one row more. */
#define AHEAD WINOGRAD_OUT
#define ABOVE 2
#define BEHIND (AHEAD + ABOVE)
_Static_assert(BEHIND <= VGG_STRIP_MARGIN, "the plan makes room for them");

/* ---- life ---- */

bool vgg_run_prepare(vgg_run *self, const vgg *network, pooling mode, int height, int width,
                     const bool wanted[VGG_MAX_LAYERS], bool backward, error *err) {
    *self = (vgg_run){.network = network, .pooling = mode};
    memcpy(self->wanted, wanted, sizeof self->wanted);
    return vgg_plan_make(&self->plan, network, height, width, wanted, backward, cpu_set_threads(0),
                         err);
}

void vgg_run_layout(vgg_run *self, layout *to) {
    self->arena = layout_take(to, self->plan.arena_bytes, 1);
    self->scratch = layout_take(to, self->plan.scratch_bytes, 1);
}

/* ---- what a step reads and writes ---- */

static tensor tensor_of(const vgg_run *self, const vgg_buffer *b) {
    return tensor_view(self->arena + b->offset, kernels_activation_bytes(self->network->kernels),
                       b->channels, b->height, b->width);
}

static bitmap bitmap_of(const vgg_run *self, const vgg_buffer *b) {
    return bitmap_view(self->arena + b->offset, tensor_blocks(b->channels), b->words, b->height,
                       b->width);
}

/* The tensor that a step ends with. */
static tensor output_of(const vgg_run *self, const vgg_step *step) {
    return tensor_of(self, step->pool_layer >= 0   ? &step->pooled
                           : step->relu_layer >= 0 ? &step->activation
                                                   : &step->before_relu);
}

/* Where the gradient of a step's output is: a place of its own, or that of the output. */
static tensor gradient_of(const vgg_run *self, const vgg_step *step) {
    return step->gradient.bytes ? tensor_of(self, &step->gradient) : output_of(self, step);
}

/* Shows rows to the visitor, if their layer is wanted. */
static void observe(const vgg_run *self, const vgg_visitor *visitor, int layer, int y,
                    const tensor *rows) {
    if (layer >= 0 && self->wanted[layer])
        visitor->observe(visitor->user, layer, y, rows);
}

/* Whether the layer is wanted; its rows then hold the injected gradient. */
static bool inject(const vgg_run *self, const vgg_visitor *visitor, int layer, int y,
                   const tensor *rows) {
    if (layer < 0 || !self->wanted[layer])
        return false;
    visitor->inject(visitor->user, layer, y, rows);
    return true;
}

/* ---- forward ---- */

static void relu(const vgg_run *self, const tensor *in, const tensor *out, const bitmap *sign) {
#pragma omp for schedule(static)
    for (int y = 0; y < out->height; y++) {
        for (int b = 0; b < out->blocks; b++)
            self->network->kernels->relu(tensor_at(in, y, b, 0), tensor_at(out, y, b, 0),
                                         bitmap_row(sign, y, b), out->width);
    }
}

/* A convolution of whole tensors, with ReLU, to `out`. */
static void convolve(const vgg_run *self, const vgg_step *step, const float *planes,
                     const tensor *in, const tensor *out, bool with_relu, const bitmap *sign) {
    if (step->conv == 0) {
        first_conv_run(&self->network->first, planes, step->height, 0, out, with_relu, sign,
                       self->scratch);
        return;
    }
    const winograd_io io = {.height = step->height,
                            .width = step->width,
                            .in = in,
                            .out = out,
                            .relu = with_relu,
                            .sign = sign};
    winograd_run(&self->network->forward[step->conv], &step->forward, &io, self->scratch);
}

/* One convolution and what follows it. `in` is the output of the step before. */
static void forward_step(const vgg_run *self, const vgg_step *step, const float *planes,
                         const tensor *in, const vgg_visitor *visitor) {
    const tensor before = tensor_of(self, &step->before_relu);
    const tensor activation = tensor_of(self, &step->activation);
    const tensor pooled = tensor_of(self, &step->pooled);
    const bitmap sign = bitmap_of(self, &step->sign), choice = bitmap_of(self, &step->choice);
    const bool split = step->before_relu.bytes, stored = step->activation.bytes;
    if (step->pooled.bytes)
        tensor_clear_ring(&pooled);
    if (!split && !stored) {
        const winograd_io io = {.height = step->height,
                                .width = step->width,
                                .in = in,
                                .out = &pooled,
                                .pooled = &choice,
                                .average = self->pooling == POOLING_AVG};
        winograd_run(&self->network->forward[step->conv], &step->forward, &io, self->scratch);
    } else {
        if (stored)
            tensor_clear_ring(&activation);
        if (split) {
            tensor_clear_ring(&before);
            convolve(self, step, planes, in, &before, false, NULL);
            observe(self, visitor, step->conv_layer, 0, &before);
        } else {
            convolve(self, step, planes, in, &activation, true, step->sign.bytes ? &sign : NULL);
        }
        if (split && stored)
            relu(self, &before, &activation, &sign);
        observe(self, visitor, step->relu_layer, 0, &activation);
        if (step->pooled.bytes)
            pool_forward(self->network->kernels, self->pooling, &activation, &pooled, &choice);
    }
    observe(self, visitor, step->pool_layer, 0, &pooled);
}

/* Rows y .. y + out->height - 1 of a pair's first convolution, y a multiple of a tile's rows. */
static void convolve_rows(const vgg_run *self, const vgg_step *step, const float *planes,
                          const tensor *in, int y, const tensor *out, const bitmap *sign) {
    const vgg *network = self->network;
    if (step->conv == 1) {
        first_conv_run(&network->first, planes, step->height, y, out, true, sign, self->scratch);
        return;
    }
    const tensor from = tensor_rows(in, y, step->height - y);
    const winograd_io io = {.height = out->height,
                            .width = step->width,
                            .in = &from,
                            .out = out,
                            .relu = true,
                            .sign = sign};
    winograd_run(&network->forward[step->conv - 1], &step->first_forward, &io, self->scratch);
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Two convolutions and a pooling in strips. Row r of the strip that begins at y is in row
 * r - y + ABOVE of its tensor. */
static void forward_pair(const vgg_run *self, const vgg_step *step, const float *planes,
                         const tensor *in, const vgg_visitor *visitor) {
    const tensor strip = tensor_of(self, &step->strip), pooled = tensor_of(self, &step->pooled);
    const bitmap choice = bitmap_of(self, &step->choice);
    const int height = step->height, rows = step->strip_rows;
    tensor_clear_ring(&pooled);
    tensor_clear_row(&strip, ABOVE - 1);
    for (int y = 0, done = 0; y < height; y += rows) {
        const int target = least(y + rows + AHEAD, height), here = least(rows, height - y);
        if (target > done) {
            const tensor fresh = tensor_rows(&strip, done - y + ABOVE, target - done);
            convolve_rows(self, step, planes, in, done, &fresh, NULL);
            done = target;
        }
        if (height < y + rows + AHEAD)
            tensor_clear_row(&strip, height - y + ABOVE);
        const tensor own = tensor_rows(&strip, ABOVE, here);
        observe(self, visitor, step->between, y, &own);
        const tensor from = tensor_rows(&strip, ABOVE, done - y);
        const tensor to = tensor_rows(&pooled, y / 2, pooled.height - y / 2);
        const bitmap to_choice = bitmap_from_row(&choice, y / 2);
        const winograd_io io = {.height = here,
                                .width = step->width,
                                .in = &from,
                                .out = &to,
                                .pooled = &to_choice,
                                .average = self->pooling == POOLING_AVG};
        winograd_run(&self->network->forward[step->conv], &step->forward, &io, self->scratch);
        if (y + rows < height)
            tensor_copy_rows(&strip, rows, 0, BEHIND);
    }
    observe(self, visitor, step->pool_layer, 0, &pooled);
}

void vgg_run_forward(vgg_run *self, const float *planes, const vgg_visitor *visitor) {
    const vgg_plan *plan = &self->plan;
    assert(self->arena && self->scratch);
#pragma omp parallel num_threads(least(cpu_set_threads(0), plan->threads))
    for (int i = 0; i < plan->count; i++) {
        const vgg_step *step = &plan->steps[i];
        const tensor in = i ? output_of(self, step - 1) : (tensor){0};
        if (step->pair)
            forward_pair(self, step, planes, &in, visitor);
        else
            forward_step(self, step, planes, &in, visitor);
    }
}

/* ---- back ---- */

static void keep(const vgg_run *self, const bitmap *sign, const tensor *t) {
#pragma omp for schedule(static)
    for (int y = 0; y < t->height; y++) {
        for (int b = 0; b < t->blocks; b++)
            self->network->kernels->keep(bitmap_row(sign, y, b), tensor_at(t, y, b, 0), t->width);
    }
}

static void add(const vgg_run *self, const tensor *to, const tensor *from) {
#pragma omp for schedule(static)
    for (int y = 0; y < to->height; y++) {
        for (int b = 0; b < to->blocks; b++)
            self->network->kernels->add(tensor_at(from, y, b, 0), tensor_at(to, y, b, 0),
                                        to->width);
    }
}

/* The gradient of a convolution's output, given that of the step's output; `choice` is set where it
 * is still to go through the pooling. */
static tensor conv_gradient(const vgg_run *self, const vgg_step *step, const vgg_visitor *visitor,
                            bool *choice) {
    tensor gradient = gradient_of(self, step);
    *choice = false;
    if (step->pool_layer >= 0 && !step->activation.bytes) {
        *choice = true;
        return gradient;
    }
    if (step->pool_layer >= 0) {
        const tensor to = tensor_of(
            self, step->activation_gradient.bytes ? &step->activation_gradient : &step->activation);
        const bitmap windows = bitmap_of(self, &step->choice), sign = bitmap_of(self, &step->sign);
        const bool injected = inject(self, visitor, step->relu_layer, 0, &to);
        if (step->activation_gradient.bytes)
            tensor_clear_ring(&to);
        pool_backward(self->network->kernels, self->pooling, &gradient, &windows, &sign, injected,
                      &to);
        gradient = to;
    }
    if (step->before_relu.bytes && step->relu_layer >= 0) {
        const tensor before = tensor_of(self, &step->before_relu);
        inject(self, visitor, step->conv_layer, 0, &before);
        add(self, &before, &gradient);
        gradient = before;
    }
    return gradient;
}

/* From the gradient of a step's output to that of the output of the step before, or to the
 * picture. */
static void backward_step(const vgg_run *self, const vgg_step *step, const vgg_visitor *visitor,
                          float *planes) {
    const vgg *network = self->network;
    bool through_pooling;
    const tensor gradient = conv_gradient(self, step, visitor, &through_pooling);
    if (step->conv == 0) {
        first_conv_adjoint(&network->first, &gradient, step->height, 0, planes);
        return;
    }
    const vgg_step *before = step - 1;
    const tensor to = gradient_of(self, before);
    const bitmap choice = bitmap_of(self, &step->choice), sign = bitmap_of(self, &before->sign);
    const bool injected = inject(self, visitor, vgg_step_output(before), 0, &to);
    if (before->gradient.bytes)
        tensor_clear_ring(&to);
    const winograd_io io = {
        .height = step->height,
        .width = step->width,
        .in = &gradient,
        .choice = through_pooling ? &choice : NULL,
        .share = pool_share(self->pooling),
        .out = &to,
        .add = injected,
        .keep = before->pool_layer < 0 && before->relu_layer >= 0 ? &sign : NULL,
    };
    winograd_run(&network->adjoint[step->conv], &step->adjoint, &io, self->scratch);
}

/* Rows from .. to - 1 of the gradient of a pair's input, from the strip that begins at y; `end` is
 * the first row that the strip does not hold. */
static void adjoint_rows(const vgg_run *self, const vgg_step *step, const tensor *strip, int y,
                         int from, int to, int end, float *planes) {
    const tensor rows = tensor_rows(strip, from - y + BEHIND, to - from);
    if (step->conv == 1) {
        first_conv_adjoint(&self->network->first, &rows, step->height, from, planes);
        return;
    }
    const tensor in = tensor_rows(strip, from - y + BEHIND, end - from);
    const tensor all = gradient_of(self, step - 1);
    const tensor out = tensor_rows(&all, from, to - from);
    const winograd_io io = {.height = to - from, .width = step->width, .in = &in, .out = &out};
    winograd_run(&self->network->adjoint[step->conv - 1], &step->first_adjoint, &io, self->scratch);
}

/* The same in strips. Row r of the strip that begins at y is in row r - y + BEHIND of its tensor.
 */
static void backward_pair(const vgg_run *self, const vgg_step *step, const float *picture,
                          const vgg_visitor *visitor, float *planes) {
    const tensor strip = tensor_of(self, &step->strip), pooled = gradient_of(self, step);
    const tensor in = step->conv > 1 ? output_of(self, step - 1) : (tensor){0};
    const bitmap choice = bitmap_of(self, &step->choice);
    const bitmap sign = bitmap_of(self, &step->strip_sign);
    const int height = step->height, rows = step->strip_rows;
    tensor_clear_row(&strip, BEHIND - 1);
    for (int y = 0; y < height; y += rows) {
        const int here = least(rows, height - y);
        const bool last = y + rows >= height;
        const tensor own = tensor_rows(&strip, BEHIND, here);
        convolve_rows(self, step, picture, &in, y, &own, &sign);
        const bool injected = inject(self, visitor, step->between, y, &own);
        const tensor from = tensor_rows(&pooled, y / 2, pooled.height - y / 2);
        const bitmap from_choice = bitmap_from_row(&choice, y / 2);
        const winograd_io io = {.height = here,
                                .width = step->width,
                                .in = &from,
                                .choice = &from_choice,
                                .share = pool_share(self->pooling),
                                .out = &own,
                                .add = injected,
                                .keep = &sign};
        winograd_run(&self->network->adjoint[step->conv], &step->adjoint, &io, self->scratch);
        if (last && here < rows)
            tensor_clear_row(&strip, here + BEHIND);
        adjoint_rows(self, step, &strip, y, y ? y - AHEAD : 0, last ? height : y + rows - AHEAD,
                     y + here, planes);
        if (!last)
            tensor_copy_rows(&strip, rows, 0, BEHIND);
    }
}

void vgg_run_backward(vgg_run *self, const float *picture, const vgg_visitor *visitor,
                      float *gradient) {
    const vgg_plan *plan = &self->plan;
    assert(plan->backward && self->arena);
#pragma omp parallel num_threads(least(cpu_set_threads(0), plan->threads))
    {
        const vgg_step *last = &plan->steps[plan->count - 1];
        const tensor deepest = output_of(self, last);
        inject(self, visitor, plan->depth, 0, &deepest);
        if (last->relu_layer == plan->depth) {
            const bitmap sign = bitmap_of(self, &last->sign);
            keep(self, &sign, &deepest);
        }
        for (int i = plan->count - 1; i >= 0; i--) {
            const vgg_step *step = &plan->steps[i];
            if (step->pair)
                backward_pair(self, step, picture, visitor, gradient);
            else
                backward_step(self, step, visitor, gradient);
        }
    }
}
