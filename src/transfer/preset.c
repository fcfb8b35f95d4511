/* SPDX-License-Identifier: MIT */
#include "transfer/preset.h"

/* Measured: docs/pictures.md. */
static const preset presets[] = {
    [RECIPE_PRESET_STANDARD] = {.weights = "vgg16",
                                .light_weights = "vgg19-slim",
                                .coarsest = 44,
                                .between = 11,
                                .finest = 23,
                                .fine_of_many = 25,
                                .single = 200},
    [RECIPE_PRESET_DRAFT] = {.weights = "vgg19-slim",
                             .coarsest = 40,
                             .between = 8,
                             .finest = 15,
                             .fine_of_many = 18,
                             .single = 100},
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
