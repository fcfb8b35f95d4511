/* SPDX-License-Identifier: MIT
 *
 * A recipe from inside: the values of all fields, as the plan and the session read them.
 *
 * A field is one row of recipe_fields.c, which says what it is called, what it accepts and where
 * here its value goes; setting, printing, copying and JSON follow from the row. Values in a recipe
 * are always in range, because the setters let nothing else in.
 */
#ifndef STYLIZE_TRANSFER_RECIPE_H
#define STYLIZE_TRANSFER_RECIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transfer/stylize.h"

#define RECIPE_MOST_LAYERS 37 /* layers of VGG-19 that have a name */
#define RECIPE_MOST_STAGES STYLIZE_MOST_STAGES
#define RECIPE_MOST_STYLES STYLIZE_MOST_STYLES
#define RECIPE_MOST_FIELDS 100

typedef struct recipe_layer {
    char name[8];
    double weight; /* >= 0 */
} recipe_layer;

typedef struct recipe_layers {
    recipe_layer items[RECIPE_MOST_LAYERS];
    int count;
} recipe_layers;

typedef struct recipe_numbers {
    int items[RECIPE_MOST_STAGES];
    int count; /* 0: auto */
} recipe_numbers;

/* A number for each style, or one for all. */
typedef struct recipe_amounts {
    double items[RECIPE_MOST_STYLES];
    int count; /* 0: auto */
} recipe_amounts;

/* Indices of the words in recipe_fields.c. */
enum { RECIPE_PRESET_DRAFT, RECIPE_PRESET_NORMAL, RECIPE_PRESET_FINE, RECIPE_PRESET_PRINT };
enum {
    RECIPE_COMPAT_NONE,
    RECIPE_COMPAT_GATYS,
    RECIPE_COMPAT_NEURAL_STYLE,
    RECIPE_COMPAT_NEURAL_STYLE_PT,
    RECIPE_COMPAT_STYLE_TRANSFER_PYTORCH,
    RECIPE_COMPAT_COURSE
};
enum { RECIPE_COST_MEAN, RECIPE_COST_GATYS, RECIPE_COST_COURSE };
enum {
    RECIPE_STYLE_GRAM,
    RECIPE_STYLE_COVARIANCE,
    RECIPE_STYLE_MOMENTS,
    RECIPE_STYLE_BURES,
    RECIPE_STYLE_GRAM_MEAN,
    RECIPE_STYLE_WASSERSTEIN
};
enum { RECIPE_TV_MEAN, RECIPE_TV_SQUARES, RECIPE_TV_ABSOLUTE, RECIPE_TV_STENCIL };
enum { RECIPE_COLOR_STYLE, RECIPE_COLOR_CONTENT, RECIPE_COLOR_MATCH, RECIPE_COLOR_START };
enum { RECIPE_NO_PICTURE }; /* the first word of those pictures that need not be */
enum { RECIPE_FIT_CROP, RECIPE_FIT_PAD, RECIPE_FIT_STRETCH };
enum { RECIPE_POOL_MAX, RECIPE_POOL_AVG };
enum { RECIPE_PRECISION_AUTO, RECIPE_PRECISION_FP32, RECIPE_PRECISION_BF16 };
enum { RECIPE_OPTIMIZER_LBFGS, RECIPE_OPTIMIZER_ADAM, RECIPE_OPTIMIZER_GD };
enum {
    RECIPE_INIT_FILE = -1,
    RECIPE_INIT_CONTENT,
    RECIPE_INIT_RANDOM,
    RECIPE_INIT_NOISE,
    RECIPE_INIT_GREY
};

struct stylize_recipe {
    double strength;    /* 0 to 10 */
    double alpha, beta; /* -1: auto */
    double tv, chroma_tv;
    int preset, compat;
    recipe_layers content_layers, style_layers; /* none: those that suit the network */
    int cost, style_cost, tv_cost;
    int color;
    double color_strength; /* in [0,1] */
    bool texture;          /* there is no content */
    bool tile;             /* the result repeats without a seam */
    int size[2]; /* longest side and 0, or width and height of a frame; 0, 0: the content's own;
                  * -1, 0: auto */
    int fit;     /* how the content comes into the frame */
    bool upscale;
    recipe_amounts style_scale, style_weights;
    recipe_numbers scales;     /* longest sides of the stages, ascending; where the first is 0 only
                                * the number of stages is set */
    recipe_numbers iterations; /* from the coarsest stage on; there may be fewer than stages */
    int optimizer;
    int history;
    double learning_rate; /* 0: auto */
    double adam_decay, average;
    int init_word;
    char *init; /* file to start from, or NULL; owned */
    uint64_t seed;
    int weights_word; /* 0: the preset's; -1: those named by */
    char *weights;    /* FILE|NAME[,...], from the coarsest stage on; owned */
    int pooling;
    int precision;
    int max_pixels;
    /* Pictures beside CONTENT and STYLE: files, which the caller reads; owned. */
    int mask_word, content_map_word, style_map_word, content_weight_map_word;
    char *mask, *content_map, *style_map, *content_weight_map;
    bool mask_rest;
    bool given[RECIPE_MOST_FIELDS]; /* by the row of the table: set by somebody, so that compat does
                                     * not change it */
};

/* A field and the place of its value. */
typedef struct recipe_field {
    stylize_field field;
    size_t offset, bytes; /* in struct stylize_recipe */
    size_t word_offset;   /* of a TEXT with words: the int that holds which word it is, or -1 */
} recipe_field;

/* The table's rows; NULL past the last, and for an unknown name. */
const recipe_field *recipe_field_at(size_t index);
const recipe_field *recipe_field_find(const char *name);

/* Fills *err for a name that no field has, with the one that was probably meant; `separator` is
 * what names are written with, '-' or '_'. Returns false. */
bool recipe_unknown_field(const char *name, char separator, stylize_error *err);

struct field_value;

/* A field's value out of a recipe, whose texts it borrows, and into it, which copies them. False
 * with *err when memory is short; then nothing is changed. */
void recipe_load(const stylize_recipe *self, const recipe_field *row, struct field_value *value);
bool recipe_store(stylize_recipe *self, const recipe_field *row, const struct field_value *value,
                  stylize_error *err);

/* The same for a value that somebody asks for: from now on compat leaves it alone; where the field
 * is compat itself, all others that nobody asked for take the values that it stands for. */
bool recipe_give(stylize_recipe *self, const recipe_field *row, const struct field_value *value,
                 stylize_error *err);

/* Whether somebody asked for the value of the field of that name. */
bool recipe_is_given(const stylize_recipe *self, const char *name);

/* Takes fields whose values are those of the recipe's compat for not asked for: of a recipe that
 * was written down whole it cannot be told, and another compat is to have a say in them. */
void recipe_forget_given(stylize_recipe *self);

#endif
