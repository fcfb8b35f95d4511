/* SPDX-License-Identifier: MIT
 *
 * Networks of the published widths and smaller ones get what suits them, whatever their depth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "network/vgg.h"
#include "transfer/network_defaults.h"

/* Of a network with that width in one convolution, named as VGG-16 and VGG-19 name it. */
static const network_defaults *of_width(const char *name, int channels) {
    const network_defaults *found[2];
    for (int n = 0; n < 2; n++) {
        const vgg_architecture *arch = n ? &vgg_19 : &vgg_16;
        int widths[VGG_MAX_CONVS] = {64}, conv = 0;
        while (strcmp(vgg_conv_name_of(arch, conv).own, name) != 0)
            conv++;
        widths[conv] = channels;
        found[n] = network_defaults_of(widths);
    }
    assert_ptr_equal(found[0], found[1]);
    return found[0];
}

static void go_by_the_width(void **state) {
    (void)state;
    const network_defaults *full = of_width("conv3_1", 256), *small = of_width("conv3_1", 255);
    assert_ptr_not_equal(full, small);
    assert_ptr_equal(full, of_width("conv3_1", 512));
    assert_ptr_equal(small, of_width("conv3_1", 64));
    assert_ptr_equal(small, of_width("conv2_1", 256)); /* it ends before */
    assert_ptr_equal(small, of_width("conv3_2", 256));
}

/* Weights that sum to 1, of layers that VGG has; the scale is what makes beta mean the same. */
static void are_in_order(void **state) {
    (void)state;
    const network_defaults *both[] = {of_width("conv3_1", 256), of_width("conv3_1", 64)};
    for (int n = 0; n < 2; n++) {
        const recipe_layers *lists[] = {&both[n]->content_layers, &both[n]->style_layers};
        for (int k = 0; k < 2; k++) {
            double sum = 0;
            assert_true(lists[k]->count > 0);
            for (int i = 0; i < lists[k]->count; i++) {
                assert_true(vgg_layer_known(lists[k]->items[i].name));
                sum += lists[k]->items[i].weight;
            }
            assert_true(sum > 0.999 && sum < 1.001);
        }
    }
    assert_true(both[0]->style_scale == 1 && both[1]->style_scale == 0.5);
}

static void stand_in_for_what_is_not_given(void **state) {
    (void)state;
    static const recipe_layers none = {.count = 0}, one = {.items = {{"relu2_1", 1}}, .count = 1};
    const recipe_layers *suited = &of_width("conv3_1", 256)->style_layers;
    assert_ptr_equal(network_defaults_choose(&none, suited), suited);
    assert_ptr_equal(network_defaults_choose(&one, suited), &one);
}

/* By field, as the command line asks for them. */
static void are_told(void **state) {
    (void)state;
    vgg *network = calloc(1, sizeof *network);
    assert_non_null(network);
    assert_string_equal(stylize_network_suited_layer(network, "content-layers", 0), "relu3_3");
    assert_string_equal(stylize_network_suited_layer(network, "style-layers", 0), "relu1_1");
    assert_string_equal(stylize_network_suited_layer(network, "style-layers", 3), "relu4_1");
    assert_null(stylize_network_suited_layer(network, "style-layers", 4));
    assert_null(stylize_network_suited_layer(network, "style-layers", -1));
    assert_null(stylize_network_suited_layer(network, "alpha", 0));
    free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(go_by_the_width),
        cmocka_unit_test(are_in_order),
        cmocka_unit_test(stand_in_for_what_is_not_given),
        cmocka_unit_test(are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
