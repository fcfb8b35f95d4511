/* SPDX-License-Identifier: MIT */
#include "gram_back.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "bf16_bounds.h"
#include "kernel_buffers.h"

/* The piece's activation as floats, and as products take it. */
static void take_piece(const kernel_set *k, const tensor *from, cost_piece *p, float *floats) {
    for (int b = 0; b < from->blocks; b++)
        k->widen(tensor_at(from, p->y, b, p->x), floats + b * p->a_block,
                 (size_t)(p->pixels * CHANNEL_BLOCK));
    p->a = floats;
    p->operands = k->bf16_products ? tensor_at(from, p->y, 0, p->x) : floats;
    p->operands_block = k->bf16_products ? from->block_stride : p->a_block;
}

void gram_back(const gram *g, const tensor *activation, const tensor *gradient, bool add) {
    const int most = gram_gradient_pixels(g->kernels, g->channels);
    const size_t count = (size_t)(activation->blocks * most * CHANNEL_BLOCK);
    float *scratch = buffer_spoiled(count), *floats = buffer_spoiled(count);
    for (int y = 0; y < activation->height; y++) {
        cost_piece p = {.y = y,
                        .a_block = (ptrdiff_t)most * CHANNEL_BLOCK,
                        .gradient_block = gradient->block_stride,
                        .add = add,
                        .scratch = scratch};
        for (; p.x < activation->width; p.x += p.pixels) {
            p.pixels = cost_next_part(activation->width - p.x, most);
            assert_true(p.pixels >= 1 && p.pixels <= most && p.x + p.pixels <= activation->width);
            take_piece(g->kernels, activation, &p, floats);
            p.gradient = tensor_row(gradient, y, 0) + p.x * CHANNEL_BLOCK;
            gram_gradient(g, &p);
        }
    }
    buffer_free(scratch, count);
    buffer_free(floats, count);
}

double gram_back_off(const gram *g, double sizes) {
    /* The matrix is good to about 1e-6; the sum is rounded at each step, independently. */
    const double fp32 = sqrt(g->channels) * (1e-6 + 0x1p-24 * sizes);
    const double half = 0x1p-8; /* the most that a value is off that was rounded to bf16 */
    if (!g->kernels->bf16_products)
        return fp32;
    /* The factor is rounded, and with a mask what it weighs, too; both then are larger, at most, by
     * that. */
    const double rounded = g->mask ? half + half + half * half : half;
    return fp32 + rounded * sizes + bound_sum(g->channels + 1, (1 + rounded) * sizes);
}
