/* SPDX-License-Identifier: MIT
 *
 * Tensors: their layout, sizes that overflow, views over memory that held something else, rows as
 * tensors of their own, memory of a layout, and the collective calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "tensors.h"

enum { HEIGHT = 5, WIDTH = 7 };
static const int channels[] = {1, 15, 16, 17, 32, 33};
static const size_t sizes[] = {sizeof(float), sizeof(uint16_t)};
#define CHANNELS (sizeof channels / sizeof *channels)
#define CASES (2 * CHANNELS)

/* Each number of channels in floats, then in bf16. */
static tensor case_new(size_t i, int height) {
    return tensor_new(sizes[i / CHANNELS], channels[i % CHANNELS], height, WIDTH);
}

static size_t values_of(const tensor *self) {
    size_t values;
    assert_true(tensor_values(self->channels, self->height, self->width, &values));
    return values;
}

/* The memory counts up from 1, modulo 2^16. */
static void number(const tensor *self) {
    for (size_t i = 0; i < values_of(self); i++) {
        const uint16_t value = (uint16_t)(i + 1);
        if (self->value_bytes == sizeof(float))
            ((float *)tensor_memory(self))[i] = value;
        else
            ((uint16_t *)tensor_memory(self))[i] = value;
    }
}

/* The number in place i of the memory. */
static int number_at(const tensor *self, size_t i) {
    return self->value_bytes == sizeof(float) ? (int)((float *)tensor_memory(self))[i]
                                              : ((uint16_t *)tensor_memory(self))[i];
}

static void test_layout(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const size_t n = i % CHANNELS;
        tensor t = case_new(i, HEIGHT);
        const size_t values = values_of(&t);
        const unsigned char *memory = tensor_memory(&t);
        assert_int_equal(t.blocks, n < 3 ? 1 : n < 5 ? 2 : 3);
        assert_int_equal(tensor_blocks(channels[n]), t.blocks);
        assert_int_equal(values, 7 * t.blocks * 9 * CHANNEL_BLOCK);
        assert_int_equal((uintptr_t)memory % MEMORY_ALIGNMENT, 0);
        assert_int_equal(t.data - memory,
                         (t.row_stride + CHANNEL_BLOCK) * (ptrdiff_t)sizes[i / CHANNELS]);
        /* The ring's corners are the first and the last pixel of the memory. */
        assert_ptr_equal(tensor_at(&t, 5, t.blocks - 1, 8), memory + values * t.value_bytes);
        tensor_free(&t);
    }
}

static void test_views(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        tensor t = case_new(i, HEIGHT);
        const tensor view =
            tensor_view(tensor_memory(&t), t.value_bytes, t.channels, HEIGHT, WIDTH);
        assert_ptr_equal(view.data, t.data);
        assert_int_equal(view.value_bytes, t.value_bytes);
        assert_int_equal(view.row_stride, t.row_stride);
        assert_int_equal(view.block_stride, t.block_stride);
        const tensor smaller = tensor_view(tensor_memory(&t), t.value_bytes, t.channels, 2, 3);
        assert_ptr_equal(tensor_memory(&smaller), tensor_memory(&t));

        const tensor rows = tensor_rows(&t, 2, 2);
        assert_int_equal(rows.height, 2);
        assert_int_equal(rows.width, WIDTH);
        assert_ptr_equal(tensor_at(&rows, 1, t.blocks - 1, 3), tensor_at(&t, 3, t.blocks - 1, 3));
        if (t.value_bytes == sizeof(float))
            assert_ptr_equal(tensor_row(&rows, 1, t.blocks - 1), tensor_at(&t, 3, t.blocks - 1, 0));
        tensor_free(&t);
    }
}

static void walk_tensor(void *part, layout *to) {
    tensor_layout(part, to);
}

static void test_memory_of_a_layout(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        tensor t = {.value_bytes = sizes[i / CHANNELS],
                    .channels = channels[i % CHANNELS],
                    .height = HEIGHT,
                    .width = WIDTH};
        layout memory;
        error err;
        assert_true(layout_make(&memory, walk_tensor, &t, &err));
        const tensor view =
            tensor_view(tensor_memory(&t), t.value_bytes, t.channels, HEIGHT, WIDTH);
        assert_ptr_equal(tensor_memory(&t), memory.base);
        assert_int_equal(t.row_stride, view.row_stride);
        assert_int_equal(t.block_stride, view.block_stride);
        assert_int_equal(t.blocks, view.blocks);
        assert_true(layout_bytes(&memory) >= values_of(&t) * t.value_bytes);
        layout_free(&memory);
    }
}

static void test_overflow(void **state) {
    (void)state;
    size_t floats = 3;
    tensor t = {.value_bytes = 2,
                .channels = INT32_MAX - 16,
                .height = INT32_MAX - 2,
                .width = INT32_MAX - 2};
    layout measured = layout_measure();
    assert_false(tensor_values(t.channels, t.height, t.width, &floats));
    tensor_layout(&t, &measured);
    assert_true(layout_bytes(&measured) == SIZE_MAX);
    assert_true(tensor_values(3, 1 << 14, 1 << 14, &floats));
    assert_int_equal(floats, (size_t)16 * 16386 * 16386);
}

static void test_clear_ring(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        tensor t = case_new(i, HEIGHT);
        number(&t);
#pragma omp parallel num_threads(3)
        tensor_clear_ring(&t);
        for (int y = -1; y <= HEIGHT; y++) {
            for (int k = 0; k < t.blocks * (WIDTH + 2) * CHANNEL_BLOCK; k++) {
                const size_t at = (size_t)((y + 1) * t.row_stride + k);
                const int x = k / CHANNEL_BLOCK % (WIDTH + 2) - 1;
                const bool ring = y < 0 || y == HEIGHT || x < 0 || x == WIDTH;
                assert_int_equal(number_at(&t, at), ring ? 0 : at + 1);
            }
        }
        tensor_free(&t);
    }
}

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        tensor t = case_new(i, 9);
        const size_t row = (size_t)t.row_stride;
        number(&t);
#pragma omp parallel num_threads(3)
        {
            tensor_copy_rows(&t, 5, 1, 3);
            tensor_clear_row(&t, -1);
            tensor_clear_row(&t, 4);
        }
        for (size_t k = 0; k < values_of(&t); k++) {
            const int y = (int)(k / row) - 1;
            const size_t before = k + 1 + (y >= 1 && y < 4 ? 4 * row : 0);
            assert_int_equal(number_at(&t, k), y == -1 || y == 4 ? 0 : before);
        }
        tensor_free(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_memory_of_a_layout),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_clear_ring),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
