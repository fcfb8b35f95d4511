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
#define STYLES "Several styles and regions"
#define SIZE "Size"
#define WAY "How to get there"
#define FILES "Files"
#define NETWORK "Network"

/* In the order of the enums in recipe.h. */
static const char *const preset_words[] = {"draft", "normal", "fine", "print", NULL};
static const char *const compat_words[] = {
    "none", "gatys", "neural-style", "neural-style-pt", "style-transfer-pytorch", "course", NULL};
static const char *const cost_words[] = {"mean", "gatys", "course", NULL};
static const char *const style_cost_words[] = {"gram",      "covariance",  "moments", "bures",
                                               "gram-mean", "wasserstein", NULL};
static const char *const tv_cost_words[] = {"mean", "squares", "absolute", "stencil", NULL};
static const char *const color_words[] = {"style", "content", "match", "start", NULL};
static const char *const fit_words[] = {"crop", "pad", "stretch", NULL};
static const char *const optimizer_words[] = {"lbfgs", "adam", "gd", NULL};
static const char *const init_words[] = {"content", "random", "noise", "grey", NULL};
static const char *const mask_words[] = {"none", "alpha", NULL};
static const char *const map_words[] = {"none", NULL};
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
      "time against quality, what auto stands for: draft (the small network and few iterations, to "
      "try things out), normal, fine (twice the iterations) or print (a large picture)",
      "normal", .words = preset_words}, AT(preset)},
    {{"compat", STYLIZE_FIELD_WORD, 0, PAINT, "NAME",
      "costs, weights, optimizer and start of another program, wherever no option says otherwise "
      "(docs/compat.md)",
      "none", .words = compat_words}, AT(compat)},
    {{"strength", STYLIZE_FIELD_NUMBER, 'S', PAINT, "NUMBER",
      "from the photograph (0) to the painting (10); means the same with every style, because the "
      "weight of the content is found for it; not where --alpha or --beta is given", "5",
      RANGE(0, 10, "0 to 10")}, AT(strength)},
    {{"alpha", STYLIZE_FIELD_NUMBER, 'a', PAINT, "NUMBER",
      "weight of the content; auto: as --strength asks, or 1 where --beta is given", "auto",
      RANGE(0, DBL_MAX, "auto, or 0 or more"), .automatic = true}, AT(alpha)},
    {{"beta", STYLIZE_FIELD_NUMBER, 'b', PAINT, "NUMBER",
      "weight of the style; means about the same with every network; auto: 300", "auto",
      RANGE(0, DBL_MAX, "auto, or 0 or more"), .automatic = true}, AT(beta)},
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
      "content cost: mean (over its values, independent of the size), gatys (their sum, as "
      "published) or course (half of mean)",
      "mean", .words = cost_words}, AT(cost)},
    {{"style-cost", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "style cost: gram (Gram matrices, as published), covariance (means and covariances), moments "
      "(Gram matrices, and means and deviations of channels beside them), bures (Wasserstein "
      "distance by means and covariances), gram-mean (Gram matrices divided by their channels) or "
      "wasserstein (as style-transfer-pytorch has it)",
      "gram", .words = style_cost_words}, AT(style_cost)},
    {{"tv-cost", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "smoothness cost: mean (of squared differences), or those of other programs: squares "
      "(neural-style), absolute (neural-style-pt), stencil (style-transfer-pytorch)",
      "mean", .words = tv_cost_words}, AT(tv_cost)},
    {{"color", STYLIZE_FIELD_WORD, 0, PAINT, "KIND",
      "colours of the result: style, content (its colours are kept, only the brightness is "
      "painted), match (the style is first recoloured to the content's mean and covariance) or "
      "start (the content is first recoloured to the style's)", "style",
      .words = color_words}, AT(color)},
    {{"color-strength", STYLIZE_FIELD_NUMBER, 0, PAINT, "NUMBER",
      "how much of that --color does, from 0 (as with style) to 1", "1",
      RANGE(0, 1, "0 to 1")}, AT(color_strength)},
    {{"texture", STYLIZE_FIELD_FLAG, 0, PAINT, NULL,
      "paint the style alone, without CONTENT, from noise: of the shape of STYLE, or any WxH", "no",
      .range = "yes or no"}, AT(texture)},
    {{"tile", STYLIZE_FIELD_FLAG, 0, PAINT, NULL,
      "let a texture repeat without a seam, sideways and downwards", "no", .range = "yes or no"},
     AT(tile)},

    {{"style-weights", STYLIZE_FIELD_NUMBERS, 0, STYLES, "NUMBER[,...]",
      "how much of each STYLE there is where several are blended; auto: all equal", "auto",
      RANGE(0, DBL_MAX, "0 or more"), .automatic = true}, AT(style_weights)},
    {{"mask", STYLIZE_FIELD_TEXT, 0, STYLES, "FILE[,...]",
      "where on CONTENT it is painted: a grey picture, white for yes, for each STYLE or one for "
      "all; alpha for where CONTENT is not transparent, none for everywhere; the rest stays as in "
      "CONTENT", "none", .words = mask_words, .files = STYLIZE_FILES_PICTURES},
     AT(mask), WORD_AT(mask_word)},
    {{"mask-rest", STYLIZE_FIELD_FLAG, 0, STYLES, NULL,
      "paint what --mask leaves, too, with all styles blended", "no", .range = "yes or no"},
     AT(mask_rest)},
    {{"content-map", STYLIZE_FIELD_TEXT, 0, STYLES, "FILE",
      "a picture of CONTENT in flat colours: each is painted with what the same colour covers in "
      "--style-map", "none", .words = map_words, .files = STYLIZE_FILES_PICTURES},
     AT(content_map), WORD_AT(content_map_word)},
    {{"style-map", STYLIZE_FIELD_TEXT, 0, STYLES, "FILE[,...]",
      "likewise STYLE, one for each", "none", .words = map_words,
      .files = STYLIZE_FILES_PICTURES}, AT(style_map), WORD_AT(style_map_word)},
    {{"content-weight-map", STYLIZE_FIELD_TEXT, 0, STYLES, "FILE",
      "where the content counts more: a grey picture of it, white for most", "none",
      .words = map_words, .files = STYLIZE_FILES_PICTURES},
     AT(content_weight_map), WORD_AT(content_weight_map_word)},

    {{"size", STYLIZE_FIELD_SIZE, 's', SIZE, "PIXELS|WxH",
      "longest side of OUT, or a frame WxH that OUT fills; 0 for the size of CONTENT; a smaller "
      "CONTENT is not enlarged (see --upscale); auto: 512, or 3300 with --preset print, which "
      "enlarges", "auto",
      RANGE(16, 65535, "auto, 0, 16 to 65535, or WxH with sides of 16 to 65535"), .zero = true,
      .automatic = true},
     AT(size)},
    {{"fit", STYLIZE_FIELD_WORD, 0, SIZE, "KIND",
      "how CONTENT is fitted into a frame WxH: crop (cut off what does not fit), pad (keep all of "
      "it and mirror it outwards) or stretch (distort it)", "crop",
      .words = fit_words}, AT(fit)},
    {{"upscale", STYLIZE_FIELD_FLAG, 0, SIZE, NULL, "let --size enlarge a smaller CONTENT", "no",
      .range = "yes or no"}, AT(upscale)},
    {{"style-scale", STYLIZE_FIELD_NUMBERS, 0, SIZE, "FACTOR[,...]",
      "size of the brush strokes: STYLE is resized to the size of OUT times FACTOR; one for all "
      "styles, or one for each", "1",
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
    {{"adam-decay", STYLIZE_FIELD_NUMBER, 0, WAY, "NUMBER",
      "how slowly adam's mean of squared gradients changes (its beta2)", "0.999",
      RANGE(0, 0.9999999, "0 to 0.9999999")}, AT(adam_decay)},
    {{"average", STYLIZE_FIELD_NUMBER, 0, WAY, "NUMBER",
      "make OUT of adam's running average, in which a step counts NUMBER times the next one; 0: of "
      "its best step", "0",
      RANGE(0, 0.9999999, "0 to 0.9999999")}, AT(average)},
    {{"init", STYLIZE_FIELD_TEXT, 0, WAY, "START",
      "content, random (noise over a faint CONTENT), noise (nothing else), grey (with hardly any "
      "noise, as other programs start), or the picture to start "
      "from (write ./content for a file of that name)",
      "content", .words = init_words, .files = STYLIZE_FILES_PICTURES},
     AT(init), WORD_AT(init_word)},
    {{"seed", STYLIZE_FIELD_INTEGER, 0, WAY, "NUMBER",
      "seed of the noise that --init and --texture start from", "0",
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

_Static_assert(FIELDS <= RECIPE_MOST_FIELDS, "recipe.given has room for all");

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
