/* SPDX-License-Identifier: MIT
 *
 * Tests of pictures in memory: how a new one looks, and which sizes are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/memory.h"
#include "image/image.h"

static void refuses_sizes_before_allocating(void **state) {
    (void)state;
    static const int sizes[][2] = {{1 << 16, 1 << 15}, {INT32_MAX, INT32_MAX}, {0, 5}, {5, -1}};
    const size_t before = memory_peak_resident();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        error err = {0};
        assert_null(image_new(sizes[i][0], sizes[i][1], &err));
        assert_int_equal(err.code, ERROR_FAILURE);
    }
    assert_true(memory_peak_resident() - before < (size_t)64 << 20);
}

static void starts_black_and_opaque(void **state) {
    (void)state;
    enum { WIDTH = 5, HEIGHT = 3, PIXELS = WIDTH * HEIGHT };
    error err = {0};
    image *self = image_new(WIDTH, HEIGHT, &err);
    assert_non_null(self);
    assert_int_equal(self->width, WIDTH);
    assert_int_equal(self->height, HEIGHT);
    assert_null(self->alpha);
    assert_null(self->properties.profile);
    for (int i = 0; i < IMAGE_CHANNELS * PIXELS; i++)
        assert_true(self->planes[i] == 0);
    assert_true(image_add_alpha(self, &err));
    for (int i = 0; i < PIXELS; i++)
        assert_true(self->alpha[i] == 0);
    image_free(self);
    image_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_sizes_before_allocating), /* first: it looks at the peak */
        cmocka_unit_test(starts_black_and_opaque),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
