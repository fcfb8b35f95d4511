/* SPDX-License-Identifier: MIT */
#include "network/vgg_source.h"

#include <stdio.h>

const vgg_architecture vgg_16 = {
    .name = "vgg16",
    .convs_per_block = {2, 2, 3, 3, 3},
    .features = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28},
    .conv_count = 13,
};
const vgg_architecture vgg_19 = {
    .name = "vgg19",
    .convs_per_block = {2, 2, 4, 4, 4},
    .features = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34},
    .conv_count = 16,
};

const vgg_input vgg_input_torchvision = {
    .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}, .bgr = false, .range = 1};
const vgg_input vgg_input_caffe = {
    .mean = {103.939, 116.779, 123.68}, .std = {1, 1, 1}, .bgr = true, .range = 255};

vgg_conv_name vgg_conv_name_of(const vgg_architecture *arch, int conv) {
    vgg_conv_name name;
    int block = 0, first = 0;
    while (conv >= first + arch->convs_per_block[block])
        first += arch->convs_per_block[block++];
    name.block = block + 1;
    name.number = conv - first + 1;
    snprintf(name.own, sizeof name.own, "conv%d_%d", name.block, name.number);
    snprintf(name.torchvision, sizeof name.torchvision, "features.%d", arch->features[conv]);
    return name;
}

int vgg_source_inputs(const vgg_source *self, int conv) {
    return conv ? self->widths[conv - 1] : 3;
}
