/* SPDX-License-Identifier: MIT */
#include "transfer/texture.h"

bool texture_check(const stylize_recipe *recipe, error *err) {
    const struct {
        bool set;
        const char *name, *why;
    } fields[] = {
        {recipe->color != RECIPE_COLOR_STYLE, "color", "whose colours could be kept"},
        {recipe->fit != RECIPE_FIT_CROP, "fit", "to be fitted into a frame"},
        {recipe->mask_word != RECIPE_NO_PICTURE, "mask", "for it to lie on"},
        {recipe->content_map_word != RECIPE_NO_PICTURE, "content-map", "with regions"},
        {recipe->style_map_word != RECIPE_NO_PICTURE, "style-map", "with regions"},
        {recipe->content_weight_map_word != RECIPE_NO_PICTURE, "content-weight-map", "to be held"},
    };
    if (recipe->tile && !recipe->texture)
        return error_set(err, ERROR_USAGE,
                         "tile: only a texture can repeat: the edges of a content do not meet");
    if (recipe->tile && recipe->tv_cost != RECIPE_TV_MEAN)
        return error_set(err, ERROR_USAGE,
                         "tv-cost: a tile has mean alone, which goes on across its edges; --compat "
                         "asks for another: give tv-cost mean besides");
    for (size_t i = 0; recipe->texture && i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].set)
            return error_set(err, ERROR_USAGE, "%s: a texture has no content %s", fields[i].name,
                             fields[i].why);
    }
    return !recipe->texture || recipe->beta != 0 ||
           error_set(err, ERROR_USAGE, "beta: 0 leaves nothing of a texture: use a weight above 0");
}

bool texture_from_noise(const stylize_recipe *recipe) {
    return recipe->texture || recipe->init_word == RECIPE_INIT_NOISE ||
           recipe->init_word == RECIPE_INIT_GREY;
}
