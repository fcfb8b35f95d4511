/* SPDX-License-Identifier: MIT */
#include "transfer/preset.h"

/* Measured: docs/pictures.md. */
#define NORMAL                                                                                     \
    .weights = "vgg16", .light_weights = "vgg19-slim", .coarsest = 44, .between = 11,              \
    .finest = 23, .fine_of_many = 25, .single = 200

static const preset presets[] = {
    [RECIPE_PRESET_DRAFT] = {.weights = "vgg19-slim",
                             .coarsest = 40,
                             .between = 8,
                             .finest = 15,
                             .fine_of_many = 18,
                             .single = 100,
                             .size = 512},
    [RECIPE_PRESET_NORMAL] = {NORMAL, .size = 512},
    [RECIPE_PRESET_FINE] = {.weights = "vgg16",
                            .light_weights = "vgg19-slim",
                            .coarsest = 88,
                            .between = 22,
                            .finest = 46,
                            .fine_of_many = 50,
                            .single = 400,
                            .size = 512},
    [RECIPE_PRESET_PRINT] = {NORMAL, .size = 3300, .enlarges = true},
};

const preset *preset_of(const stylize_recipe *recipe) {
    return &presets[recipe->preset];
}

const char *stylize_recipe_weights(const stylize_recipe *self) {
    return self->weights_word < 0 ? self->weights : preset_of(self)->weights;
}

const char *stylize_recipe_light_weights(const stylize_recipe *self) {
    return self->weights_word < 0 ? NULL : preset_of(self)->light_weights;
}
