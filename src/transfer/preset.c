/* SPDX-License-Identifier: MIT */
#include "transfer/preset.h"

/* Measured: docs/pictures.md. */
static const preset presets[] = {
    [RECIPE_PRESET_STANDARD] = {.weights = "vgg16",
                                .light_weights = "vgg19-slim",
                                .coarsest = 80,
                                .between = 16,
                                .finest = 28,
                                .fine_of_many = 34,
                                .single = 200},
    [RECIPE_PRESET_DRAFT] = {.weights = "vgg19-slim",
                             .coarsest = 60,
                             .between = 12,
                             .finest = 22,
                             .fine_of_many = 26,
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
