/* SPDX-License-Identifier: MIT */
#include "transfer/compat.h"

#include <string.h>

#include "transfer/network_defaults.h"

#define MOST_SETTINGS 24

typedef struct compat_setting {
    const char *field, *value;
} compat_setting;

typedef struct compat_program {
    bool published; /* its weights are for the activations of Oxford's networks, as published */
    compat_setting settings[MOST_SETTINGS];
} compat_program;

/* clang-format off */
/* What all have in common: nothing against coloured grain, and the precision of floats. */
#define COMMON {"chroma-tv", "0"}, {"precision", "fp32"}
#define ONE_STAGE {"scales", "1"}
#define DEEP_CONTENT {"content-layers", "relu4_2"}
#define FIRST_OF_EACH "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1"
#define EACH_WHOLE "relu1_1:1,relu2_1:1,relu3_1:1,relu4_1:1,relu5_1:1"
/* 256, 64, 16, 4 and 1 in 341 parts */
#define POWERS_OF_4                                                                                \
    "relu1_1:0.750733137829912,relu2_1:0.187683284457478,relu3_1:0.0469208211143695,"             \
    "relu4_1:0.0117302052785924,relu5_1:0.00293255131964809"

/* neural-style and its port: w_c times the mean of squares is alpha = 2 w_c; w_s times that over
 * N^4 of the Gram matrix is beta = 4 w_s. */
#define NEURAL_STYLE                                                                               \
    COMMON, ONE_STAGE, DEEP_CONTENT, {"style-layers", EACH_WHOLE}, {"style-cost", "gram-mean"},    \
        {"alpha", "10"}, {"beta", "400"}, {"history", "100"}, {"iterations", "1000"},              \
        {"init", "grey"}, {"upscale", "yes"}

/* In the order of the words in recipe_fields.c. */
static const compat_program programs[] = {
    [RECIPE_COMPAT_NONE] = {.published = false},
    [RECIPE_COMPAT_GATYS] = {.settings = {
        COMMON, ONE_STAGE, DEEP_CONTENT, {"style-layers", FIRST_OF_EACH}, {"alpha", "2e+06"},
        {"beta", "4e+09"}, {"pool", "avg"}, {"history", "100"}, {"iterations", "500"},
        {"init", "grey"}}},
    /* tv: 1e-3 for values of 0 to 256 */
    [RECIPE_COMPAT_NEURAL_STYLE] = {.published = true, .settings = {
        NEURAL_STYLE, {"tv", "65.536"}, {"tv-cost", "squares"}}},
    /* and to 255 */
    [RECIPE_COMPAT_NEURAL_STYLE_PT] = {.published = true, .settings = {
        NEURAL_STYLE, {"tv", "0.255"}, {"tv-cost", "absolute"}}},
    [RECIPE_COMPAT_STYLE_TRANSFER_PYTORCH] = {.settings = {
        COMMON, DEEP_CONTENT, {"style-layers", POWERS_OF_4}, {"style-cost", "wasserstein"},
        {"alpha", "0.03"}, {"beta", "1"}, {"tv", "2"}, {"tv-cost", "stencil"},
        {"scales", "128,181,256,362,512,724,1024,1448,2048,2896,4096"},
        {"iterations", "1000,500"}, {"optimizer", "adam"}, {"learning-rate", "0.02"},
        {"adam-decay", "0.99"}, {"average", "0.99"}, {"upscale", "yes"}}},
    /* learning-rate: 2 for values of 0 to 255 */
    [RECIPE_COMPAT_COURSE] = {.published = true, .settings = {
        COMMON, ONE_STAGE, DEEP_CONTENT, {"style-layers", FIRST_OF_EACH}, {"cost", "course"},
        {"alpha", "10"}, {"beta", "40"}, {"pool", "avg"}, {"iterations", "200"},
        {"optimizer", "adam"}, {"learning-rate", "0.00784313725490196"}, {"init", "random"}}},
};
/* clang-format on */

const char *compat_value(int compat, const stylize_field *field) {
    const compat_setting *settings = programs[compat].settings;
    for (int i = 0; i < MOST_SETTINGS && settings[i].field; i++) {
        if (!strcmp(settings[i].field, field->name))
            return settings[i].value;
    }
    return field->standard;
}

/* ---- layers ---- */

/* Root mean squares over the channels of VGG-16's mean activations as published, which are what
 * weights/vgg16.means divides by; of VGG-19's last convolutions those before. */
static const double levels[VGG_BLOCKS][4] = {{24.2, 127},
                                             {193, 206},
                                             {247, 265, 168, 168},
                                             {142, 78.1, 19.1, 19.1},
                                             {19.9, 8.39, 1.12, 1.12}};

/* What the activation of a layer was divided by, about; 1 where that is not asked for. */
static double level_of(const stylize_recipe *recipe, const vgg *network, int layer) {
    const int conv = network->layers[layer].conv;
    const vgg_conv_name name = vgg_conv_name_of(network->arch, conv);
    return programs[recipe->compat].published && network->normalized
               ? levels[name.block - 1][name.number - 1]
               : 1;
}

double compat_content_scale(const stylize_recipe *recipe, const vgg *network, int layer) {
    const double level = level_of(recipe, network, layer);
    return (recipe->cost == RECIPE_COST_COURSE ? 0.5 : 1) * level * level;
}

double compat_style_scale(const stylize_recipe *recipe, const vgg *network, int layer) {
    const double level = level_of(recipe, network, layer), squared = level * level;
    const double channels = network->layers[layer].channels;
    double scale = squared;
    if (recipe->style_cost != RECIPE_STYLE_WASSERSTEIN) /* of products of activations, squared */
        scale *= squared;
    if (recipe->style_cost == RECIPE_STYLE_GRAM_MEAN)
        scale /= channels * channels;
    if (recipe->compat == RECIPE_COMPAT_NONE)
        scale *= network_defaults_of(network->widths)->style_scale;
    return scale;
}
