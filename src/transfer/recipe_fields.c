/* SPDX-License-Identifier: MIT
 *
 * The fields of a recipe: one table, in the order of --help.
 *
 * A new control is one row here, one member of struct stylize_recipe, and the code that uses it.
 * The command line, its help, manual and completions, the setters, JSON and their tests read this
 * table.
 */
#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/nearest_name.h"
#include "transfer/recipe.h"

/* Headings of --help. */
#define PAINT "What to paint"
#define SIZE "Size"
#define WAY "How to get there"
#define FILES "Files"
#define NETWORK "Network"

/* In the order of the enums in recipe.h. */
static const char *const preset_words[] = {"standard", "draft", NULL};
static const char *const cost_words[] = {"mean", "gatys", NULL};
static const char *const style_cost_words[] = {"gram", "covariance", "moments", "bures", NULL};
static const char *const color_words[] = {"style", "content", NULL};
static const char *const fit_words[] = {"crop", "pad", "stretch", NULL};
static const char *const optimizer_words[] = {"lbfgs", "adam", "gd", NULL};
static const char *const init_words[] = {"content", "random", NULL};
static const char *const weights_words[] = {"auto", NULL};
static const char *const pooling_words[] = {"max", "avg", NULL};
static const char *const precision_words[] = {"auto", "fp32", "bf16", NULL};

#define RANGE(from, to, text) .low = (from), .high = (to), .range = (text)
#define AT(member)                                                                                 \
    .offset = offsetof(stylize_recipe, member), .bytes = sizeof(((stylize_recipe *)NULL)->member)
#define WORD_AT(member) .word_offset = offsetof(stylize_recipe, member)

/* Name, kind, letter, heading, argument, help, default; what is accepted; the place. */
/* clang-format off */
static const recipe_field table[] = {
    {{"preset", STYLIZE_FIELD_WORD, 0, PAINT, "NAME",
      "what auto stands for: standard, or draft (the small network and few iterations, to try "
      "things out)",
      "standard", .words = preset_words}, AT(preset)},
    {{"alpha", STYLIZE_FIELD_NUMBER, 'a', PAINT, "NUMBER", "weight of the content", "1",
      RANGE(0, DBL_MAX, "0 or more")}, AT(alpha)},
    {{"beta", STYLIZE_FIELD_NUMBER, 'b', PAINT, "NUMBER",
      "weight of the style; means about the same with every network", "300",
      RANGE(0, DBL_MAX, "0 or more")}, AT(beta)},
    {{"tv", STYLIZE_FIELD_NUMBER, 't', PAINT, "NUMBER", "weight of the smoothness", "0",
      RANGE(0, DBL_MAX, "0 or more")}, AT(tv)},
    {{"chroma-tv", STYLIZE_FIELD_NUMBER, 0, PAINT, "NUMBER",
      "weight of the smoothness of the colours alone, against coloured grain", "350",
      RANGE(0, DBL_MAX, "0 or more")}, AT(chroma_tv)},
    {{"content-layers", STYLIZE_FIELD_LAYERS, 0, PAINT, "LIST",
      "layers at which the content is compared, L[:WEIGHT],...; weights for all of them, or for "
      "none (then equal, with sum 1); auto: those that suit the network", "auto",
      RANGE(0, DBL_MAX, "0 or more"), .automatic = true}, AT(content_layers)},
    {{"style-layers", STYLIZE_FIELD_LAYERS, 0, PAINT, "LIST",
      "layers at which the style is compared, in the same form", "auto",
      RANGE(0, DBL_MAX, "0 or more"), .automatic = true}, AT(style_layers)},
    {{"cost", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "content cost: mean (over its values, independent of the size) or gatys (their sum, as "
      "published)",
      "mean", .words = cost_words}, AT(cost)},
    {{"style-cost", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "style cost: gram (Gram matrices, as published), covariance (means and covariances), moments "
      "(Gram matrices, and means and deviations of channels beside them) or bures (Wasserstein "
      "distance by means and covariances)",
      "gram", .words = style_cost_words}, AT(style_cost)},
    {{"color", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "colours of the result: style, or content (its colours are kept, only the brightness is "
      "painted)", "style",
      .words = color_words}, AT(color)},

    {{"size", STYLIZE_FIELD_SIZE, 's', SIZE, "PIXELS|WxH",
      "longest side of OUT, or a frame WxH that OUT fills; 0 for the size of CONTENT; a smaller "
      "CONTENT is not enlarged (see --upscale)", "512",
      RANGE(16, 65535, "0, 16 to 65535, or WxH with sides of 16 to 65535"), .zero = true},
     AT(size)},
    {{"fit", STYLIZE_FIELD_WORD, 0, SIZE, "KIND",
      "how CONTENT is fitted into a frame WxH: crop (cut off what does not fit), pad (keep all of "
      "it and mirror it outwards) or stretch (distort it)", "crop",
      .words = fit_words}, AT(fit)},
    {{"upscale", STYLIZE_FIELD_FLAG, 0, SIZE, NULL, "let --size enlarge a smaller CONTENT", "no",
      .range = "yes or no"}, AT(upscale)},
    {{"style-scale", STYLIZE_FIELD_NUMBER, 0, SIZE, "FACTOR",
      "size of the brush strokes: STYLE is resized to the size of OUT times FACTOR", "1",
      RANGE(DBL_TRUE_MIN, DBL_MAX, "above 0")}, AT(style_scale)},

    {{"scales", STYLIZE_FIELD_SCALES, 0, WAY, "auto|N|SIZE,SIZE,...",
      "stages from coarse to fine: auto, their number (1: the final size only), or their longest "
      "sides", "auto",
      RANGE(16, 65535, "auto, 1 to 16 stages, or up to 16 ascending sizes of 16 to 65535"),
      .automatic = true}, AT(scales)},
    {{"iterations", STYLIZE_FIELD_COUNTS, 'n', WAY, "N[,N...]",
      "optimizer steps of each stage, the coarsest first; stages without a number of their own "
      "follow in the default's proportion", "auto",
      RANGE(0, 1e9, "auto, or 1 to 16 numbers of 0 to 1e9"), .automatic = true}, AT(iterations)},
    {{"optimizer", STYLIZE_FIELD_WORD, 0, WAY, "NAME", "lbfgs, adam or gd", "lbfgs",
      .words = optimizer_words}, AT(optimizer)},
    {{"history", STYLIZE_FIELD_INTEGER, 0, WAY, "COUNT",
      "number of past steps that lbfgs uses", "7",
      RANGE(1, 1000, "1 to 1000")}, AT(history)},
    {{"learning-rate", STYLIZE_FIELD_NUMBER, 0, WAY, "NUMBER",
      "step size: for lbfgs the first trial along each direction (auto: 1), for adam (auto: 0.02), "
      "for gd (auto: such that the first step changes values by 2/255)", "auto",
      RANGE(DBL_TRUE_MIN, DBL_MAX, "auto, or above 0"), .automatic = true}, AT(learning_rate)},
    {{"init", STYLIZE_FIELD_TEXT, 0, WAY, "START",
      "content, random (noise), or the picture to start from (write ./content for a file of that "
      "name)",
      "content", .words = init_words, .files = STYLIZE_FILES_PICTURES},
     AT(init), WORD_AT(init_word)},
    {{"seed", STYLIZE_FIELD_INTEGER, 0, WAY, "NUMBER", "seed of --init random", "0",
      RANGE(0, 0x1p53, "0 to 2^53")}, AT(seed)},

    {{"max-pixels", STYLIZE_FIELD_INTEGER, 0, FILES, "COUNT",
      "refuse pictures with more pixels (their headers are checked before memory is allocated) and "
      "larger results", "268435456", RANGE(1, INT_MAX, "1 to 2147483647")}, AT(max_pixels)},

    {{"weights", STYLIZE_FIELD_TEXT, 'w', NETWORK, "FILE|NAME[,...]",
      "a file (with a '/' or ending in .safetensors or .pth), or the name of an installed network; "
      "of several, the first is used in the coarsest stage, the last in all remaining stages; "
      "auto: vgg16, or vgg19-slim for --preset draft and where vgg16 does not fit into memory",
      "auto", .words = weights_words, .files = STYLIZE_FILES_WEIGHTS},
     AT(weights), WORD_AT(weights_word)},
    {{"pool", STYLIZE_FIELD_WORD, 0, NETWORK, "KIND", "pooling: max or avg", "max",
      .words = pooling_words}, AT(pooling)},
    {{"precision", STYLIZE_FIELD_WORD, 0, NETWORK, "KIND",
      "numbers of the network: fp32, bf16 (activations in half the memory, faster where the "
      "processor multiplies them) or auto (bf16 where the processor multiplies them, except with "
      "--cost gatys, and where memory is short; else fp32)", "auto",
      .words = precision_words}, AT(precision)},
};
/* clang-format on */

enum { FIELDS = sizeof table / sizeof *table };

const recipe_field *recipe_field_at(size_t index) {
    return index < FIELDS ? &table[index] : NULL;
}

const recipe_field *recipe_field_find(const char *name) {
    for (size_t i = 0; i < FIELDS; i++) {
        if (!strcmp(table[i].field.name, name))
            return &table[i];
    }
    return NULL;
}

const stylize_field *stylize_recipe_field(size_t index) {
    const recipe_field *row = recipe_field_at(index);
    return row ? &row->field : NULL;
}

const stylize_field *stylize_recipe_field_named(const char *name) {
    const recipe_field *row = recipe_field_find(name);
    return row ? &row->field : NULL;
}

bool recipe_unknown_field(const char *name, char separator, stylize_error *err) {
    const char *names[FIELDS];
    char meant[64] = "";
    for (size_t i = 0; i < FIELDS; i++)
        names[i] = table[i].field.name;
    const char *near = nearest_name(name, names, FIELDS);
    if (near)
        snprintf(meant, sizeof meant, "; did you mean %s?", near);
    for (char *letter = meant; *letter; letter++) {
        if (*letter == '-')
            *letter = separator;
    }
    return stylize_error_set(err, STYLIZE_USAGE, "unknown field '%s'%s", name, meant);
}
