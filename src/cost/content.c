/* SPDX-License-Identifier: MIT
 *
 * The content term: how far an activation is from that of the content picture. Everything happens
 * in the backward pass; the squared distance of each row is kept by itself, and a sum over them
 * does not depend on the strips in which they came.
 */
#include <assert.h>
#include <string.h>

#include "cost/kind.h"
#include "cost/sums.h"

static void take(cost_work *self, layout *to) {
    self->sums = layout_take(to, (size_t)self->height, sizeof *self->sums);
}

/* What the squared distance is divided by. An empty mask has none. */
static double divisor(const cost_work *self) {
    if (self->sum_content)
        return 1;
    const double area = self->mask ? self->mask->sum : (double)self->height * self->width;
    return area > 0 ? area * self->channels : 1;
}

/* A channel block of the piece against its target. With a mask, neighbours of one weight go
 * together. */
static double compare_block(const cost_work *self, const cost_piece *p, const tensor *target, int b,
                            double scale) {
    const float *a = p->a + b * p->a_block;
    float *gradient = p->gradient + b * p->gradient_block;
    if (!self->mask)
        return self->kernels->difference(a, tensor_at(target, p->y, b, p->x), (float)scale, p->add,
                                         gradient, (size_t)p->pixels * CHANNEL_BLOCK);
    const float *mask = self->mask->weights + (ptrdiff_t)p->y * self->width + p->x;
    double sum = 0;
    for (int x = 0, count; x < p->pixels; x += count) {
        const ptrdiff_t at = (ptrdiff_t)x * CHANNEL_BLOCK;
        const double weight = (double)mask[x];
        for (count = 1; x + count < p->pixels && mask[x + count] == mask[x];)
            count++;
        sum += weight * self->kernels->difference(a + at, tensor_at(target, p->y, b, p->x + x),
                                                  (float)(scale * weight), p->add, gradient + at,
                                                  (size_t)count * CHANNEL_BLOCK);
    }
    return sum;
}

static void derive(const cost_work *self, const cost_term *terms, double factor,
                   const cost_piece *p) {
    const tensor *target = &terms->target->features;
    assert(target->data && target->height == self->height && target->width == self->width);
    assert(target->value_bytes == kernels_activation_bytes(self->kernels));
    assert(!self->mask || self->mask->weights);
    const double scale = factor * terms->weight / divisor(self);
    double sum = 0;
    for (int b = 0; b < target->blocks; b++)
        sum += compare_block(self, p, target, b, scale);
    self->sums[p->y] = p->x ? self->sums[p->y] + sum : sum;
}

static double value(const cost_work *self, int term) {
    (void)term; /* the only one */
    return cost_add_up(self->sums, self->height) / 2 / divisor(self);
}

/* ---- its target ---- */

static void take_target(cost_target *self, layout *to) {
    self->features = (tensor){.channels = self->channels,
                              .height = self->height,
                              .width = self->width,
                              .value_bytes = self->value_bytes};
    tensor_layout(&self->features, to);
}

static void learn(const cost_work *self, const cost_target *target, int y, const tensor *rows) {
    (void)self;
#pragma omp for schedule(static)
    for (int row = 0; row < rows->height; row++) {
        for (int b = 0; b < rows->blocks; b++)
            memcpy(tensor_at(&target->features, y + row, b, 0), tensor_at(rows, row, b, 0),
                   (size_t)(rows->width * CHANNEL_BLOCK) * rows->value_bytes);
    }
}

const cost_kind_row cost_content = {
    .name = "content",
    .in_place = true,
    .floats = true,
    .layout = take,
    .derive = derive,
    .value = value,
    .target_layout = take_target,
    .learn = learn,
};
