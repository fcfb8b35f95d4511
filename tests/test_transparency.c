/* SPDX-License-Identifier: MIT
 *
 * Tests of transparency.c: colours of single pixels, by what was painted on what.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "transfer/transparency.h"

static image *new_image(int width, bool alpha) {
    error err;
    image *self = image_new(width, 1, &err);
    assert_non_null(self);
    assert_true(!alpha || image_add_alpha(self, &err));
    return self;
}

/* The colour of a pixel that started as `colour` under `start_alpha` and was painted as `painted`
 * (seen over white), when the result has `alpha`. */
static double restored(double colour, double start_alpha, double painted, double alpha) {
    image *start = new_image(1, true), *self = new_image(1, true);
    start->alpha[0] = (float)start_alpha;
    self->alpha[0] = (float)alpha;
    for (int c = 0; c < IMAGE_CHANNELS; c++) {
        start->planes[c] = (float)(start_alpha * colour + 1 - start_alpha);
        self->planes[c] = (float)painted;
    }
    transparency_restore(self, start);
    const double seen = (double)self->planes[1];
    assert_true(self->alpha[0] == (float)alpha);
    image_free(start);
    image_free(self);
    return (seen - 1 + alpha) / alpha;
}

static void expect(double found, double wanted) {
    if (fabs(found - wanted) > 1e-5)
        fail_msg("%f, not %f", found, wanted);
}

static void takes_out_the_paper_that_is_left(void **state) {
    (void)state;
    expect(restored(0.2, 0.5, 0.6, 0.5), 0.2); /* nothing done: its own colour */
    expect(restored(0.2, 0.5, 0.5, 0.5), 0.2); /* a quarter covered: 0.5 - 0.75 * 0.4 */
    expect(restored(0.2, 0.5, 0.7, 0.5), 0.4); /* lighter by as much */
    expect(restored(0.2, 0.5, 0.2, 0.5), 0.2); /* all covered */
    expect(restored(0.2, 0.5, 0.1, 0.5), 0.1); /* and more */
    expect(restored(0.2, 0.5, 1.0, 0.5), 1.0);
    expect(restored(0.2, 0.1, 0.05, 0.1), 0.05); /* dark paint stays, it becomes no black edge */
}

static void opaque_paint_stands(void **state) {
    (void)state;
    expect(restored(0.2, 1, 0.6, 1), 0.6);
    expect(restored(0.2, 1, 0.6, 0.5), 0.6); /* another start than the content */
    expect(restored(0.2, 0, 0.6, 0.5), 0.6); /* of which nothing was seen */
    image *start = new_image(1, false), *self = new_image(1, true);
    self->planes[0] = 0.3f;
    self->alpha[0] = 0.5f;
    transparency_restore(self, start);
    assert_true(fabsf(self->planes[0] - 0.65f) < 1e-6f);
    image_free(start);
    image_free(self);
}

static void the_start_itself_is_unchanged(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    image *start = new_image(COUNT, true), *self = new_image(COUNT, true);
    uint32_t seed = 1;
    for (int i = 0; i < COUNT; i++) {
        seed = seed * 1664525u + 1013904223u;
        const double alpha = (seed >> 16) / 65535.0;
        self->alpha[i] = start->alpha[i] = (float)alpha;
        for (int c = 0; c < IMAGE_CHANNELS; c++) {
            seed = seed * 1664525u + 1013904223u;
            const double colour = (seed >> 16) / 65535.0;
            self->planes[c * COUNT + i] = start->planes[c * COUNT + i] =
                (float)(alpha * colour + 1 - alpha);
        }
    }
    transparency_restore(self, start);
    assert_memory_equal(self->planes, start->planes, 3 * COUNT * sizeof *start->planes);
    image_free(start);
    image_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_out_the_paper_that_is_left),
        cmocka_unit_test(opaque_paint_stands),
        cmocka_unit_test(the_start_itself_is_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
