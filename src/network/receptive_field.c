/* SPDX-License-Identifier: MIT */
#include "network/receptive_field.h"

receptive_field receptive_field_of(const vgg *network, int layer) {
    receptive_field self = {.size = 1, .step = 1};
    for (int i = 0; i <= layer; i++) {
        if (network->layers[i].kind == VGG_CONV) {
            self.size += 2 * self.step;
            self.start -= self.step;
        } else if (network->layers[i].kind == VGG_POOL) {
            self.size += self.step;
            self.step *= 2;
        }
    }
    return self;
}

void receptive_field_inside(const vgg *network, int layer, int side, int *first, int *end) {
    const receptive_field field = receptive_field_of(network, layer);
    *first = 0;
    *end = vgg_layer_side(network, layer, side);
    if (side < field.size)
        return;
    *first = (-field.start + field.step - 1) / field.step;
    const int last = (side - field.size - field.start) / field.step;
    *end = last < *end ? last + 1 : *end;
}
