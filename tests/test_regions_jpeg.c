/* SPDX-License-Identifier: MIT
 *
 * Tests of regions.c: maps that come from JPEG files.
 */
#define _POSIX_C_SOURCE 200809L /* fmemopen */
#include <setjmp.h>             /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "maps.h"
#include "transfer/regions.h"
#include "transfer/stylize.h"

static const int red[3] = {200, 30, 20}, green[3] = {10, 180, 40}, blue[3] = {30, 40, 220};

enum { SIDE = 200 };
static const image_extent square = {SIDE, SIDE};

/* A picture as it comes back from a JPEG file. */
static image *through_jpeg(const image *self, int quality) {
    char *data;
    size_t size;
    stylize_error err;
    assert_true(stylize_image_encode(self, STYLIZE_JPEG, 8, quality, "map", &data, &size, &err));
    FILE *file = fmemopen(data, size, "rb");
    assert_non_null(file);
    image *read = stylize_image_read_stream(file, "map", 1 << 20, &err);
    assert_non_null(read);
    fclose(file);
    free(data);
    return read;
}

/* A round patch and a slanted edge. */
static image *new_shapes(void) {
    image *self = map_new(SIDE, SIDE, red);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int x = i % SIDE, y = i / SIDE;
        if (2 * x + y > 320)
            map_paint_pixel(self, x, y, green);
        if ((x - 60) * (x - 60) + (y - 70) * (y - 70) < 40 * 40)
            map_paint_pixel(self, x, y, blue);
    }
    return self;
}

/* Pixels that are not in the region whose colour they were painted in. */
static int count_wrong(const regions *found, const image *painted) {
    static float plane[SIDE * SIDE];
    int wrong = 0;
    for (int r = 0; r < found->count; r++) {
        const region_place place = regions_place(found, r);
        map_write_place(&place, plane);
        for (int i = 0; i < SIDE * SIDE; i++) {
            float distance = 0;
            for (int c = 0; c < 3; c++)
                distance += fabsf(painted->planes[c * SIDE * SIDE + i] - found->colors[r].rgb[c]);
            wrong += (plane[i] > 0) != (distance < 0.1f);
        }
    }
    return wrong;
}

/* A map through a JPEG file: as if it had never been one, but for the very edges. */
static void jpeg_makes_no_colours(void **state) {
    (void)state;
    static const int qualities[] = {95, 85, 75, 60};
    image *map = new_shapes(), *stripes = map_new(SIDE, SIDE, blue);
    map_paint(stripes, 0, 100, SIDE, 50, red);
    map_paint(stripes, 0, 150, SIDE, 50, green);
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++) {
        image *read = through_jpeg(map, qualities[i]);
        const region_pictures pictures = {
            .content_map = read, .style_maps = {stripes}, .style_map_count = 1};
        regions found;
        error err;
        if (!regions_make(&found, &pictures, false, square, &square, 1, &err))
            fail_msg("quality %d: %s", qualities[i], err.text);
        assert_int_equal(found.count, 3);
        const int wrong = count_wrong(&found, map);
        if (wrong > SIDE * SIDE / 100)
            fail_msg("quality %d: %d pixels are not where they were painted", qualities[i], wrong);
        image_free(read);
    }
    image_free(map);
    image_free(stripes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_makes_no_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
