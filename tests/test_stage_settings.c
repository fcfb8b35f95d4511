/* SPDX-License-Identifier: MIT
 *
 * Tests of stage_settings.c: the shares of styles in regions that not all of them paint.
 */
#include <setjmp.h> /* this and the next three: cmocka wants them first */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "transfer/regions.h"
#include "transfer/stage.h"

enum { STYLES = 3 };

static void shares_are_of_those_that_paint(void **state) {
    (void)state;
    static const struct {
        double shares[STYLES];
        bool absent[STYLES];
        double wanted[STYLES];
    } cases[] = {
        {{0.5, 0.3, 0.2}, {false, false, false}, {0.5, 0.3, 0.2}},
        {{0.5, 0.3, 0.2}, {true, false, false}, {0, 0.6, 0.4}},
        {{0.5, 0.3, 0.2}, {false, true, true}, {1, 0, 0}},
        {{1, 0, 0}, {false, false, false}, {1, 0, 0}},
        {{1, 0, 0}, {true, false, false}, {0, 0.5, 0.5}}, /* those of no weight, all alike */
        {{0, 1, 0}, {false, true, true}, {1, 0, 0}},
    };
    static regions found;
    static stage_settings self;
    self.style_count = STYLES;
    self.regions = &found;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int i = 0; i < STYLES; i++) {
            self.styles[i].share = cases[k].shares[i];
            found.absent[1][i] = cases[k].absent[i]; /* of the second region */
        }
        for (int i = 0; i < STYLES; i++) {
            const double share = stage_share(&self, 1, i), whole = stage_share(&self, 0, i);
            if (!(fabs(share - cases[k].wanted[i]) < 1e-12))
                fail_msg("case %zu: style %d has %g", k, i, share);
            assert_true(fabs(whole - cases[k].shares[i]) < 1e-12);
        }
    }
}

static void watched_layers_are_targets(void **state) {
    (void)state;
    static stage_settings self;
    self.content_layer_count = 2;
    self.watched = -1;
    assert_int_equal(stage_content_targets(&self), 2);
    self.watched = 0;
    assert_int_equal(stage_content_targets(&self), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_those_that_paint),
        cmocka_unit_test(watched_layers_are_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
