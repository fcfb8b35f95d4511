/* SPDX-License-Identifier: MIT
 *
 * The mathematics of the program once more: naive, in double, in planar layout, to test against.
 *
 * It shares no code with the engine (only the weights reader), is written to be checked by eye
 * and is itself checked by finite differences and against PyTorch (test_reference.c). It asserts
 * instead of reporting errors, and its memory grows with every layer: for small pictures only.
 *
 * Shapes: an activation is [c][h][w], a picture [3][h][w] RGB in [0,1], a convolution's weights are
 * [out][in][3][3]. Functions named _backward turn the gradient with respect to a function's
 * output into the one with respect to its input, and overwrite it.
 */
#ifndef STYLIZE_TESTS_REFERENCE_H
#define STYLIZE_TESTS_REFERENCE_H

#include <stdbool.h>

#define REFERENCE_MAX_CONVS 16
#define REFERENCE_MAX_LAYERS (2 * REFERENCE_MAX_CONVS + 5)
#define REFERENCE_MAX_TERMS 24
#define REFERENCE_MAX_STYLES 4

typedef enum reference_pooling { REFERENCE_MAX, REFERENCE_AVERAGE } reference_pooling;
typedef enum reference_content_cost { REFERENCE_MEAN, REFERENCE_GATYS } reference_content_cost;
typedef enum reference_kind { REFERENCE_CONTENT, REFERENCE_STYLE } reference_kind;

/* Operations */

/* y[out][h][w] = 3x3 convolution of x[in][h][w], stride 1, zero padding 1; bias [out] or NULL. */
void reference_conv3x3(const double *x, int in, int h, int w, const double *weights,
                       const double *bias, int out, double *y);
void reference_conv3x3_backward(const double *dy, int out, int h, int w, const double *weights,
                                int in, double *dx);

void reference_relu(const double *x, int n, double *y);
void reference_relu_backward(const double *x, const double *dy, int n, double *dx);

/* y[c][h/2][w/2]; an odd last row or column is left out. Ties of a maximum go to the first of the
 * window in row-major order. */
void reference_pool(const double *x, int c, int h, int w, reference_pooling pooling, double *y);
void reference_pool_backward(const double *x, const double *dy, int c, int h, int w,
                             reference_pooling pooling, double *dx);

/* gram[c][c] of a[c][n], not divided by the area n. */
void reference_gram(const double *a, int c, int n, double *gram);

/* The cost of one layer without its weight; its gradient times `scale` is added to da unless NULL.
 * The target of the style is a Gram matrix already divided by its area. */
double reference_content(const double *a, const double *target, int c, int n,
                         reference_content_cost cost, double scale, double *da);
double reference_style(const double *a, const double *target, int c, int n, double scale,
                       double *da);

/* J_tv of g[3][h][w]; its gradient times `scale` is added to dg unless NULL. */
double reference_tv(const double *g, int h, int w, double scale, double *dg);

/* Networks */

typedef struct reference_conv {
    int block, index; /* the b and i of conv{b}_{i}, from 1 */
    int in, out;
    double *weights, *bias; /* [out][in][3][3], [out] */
} reference_conv;

typedef struct reference_vgg {
    int convs;
    reference_conv conv[REFERENCE_MAX_CONVS];
    double mean[3], std[3]; /* in the network's channel order, in units of range */
    double range;           /* 1 or 255 */
    bool bgr;
} reference_vgg;

/* Blocks of counts[b] convolutions of widths[b] channels, random weights that keep activations near
 * 1, torchvision's normalisation. */
void reference_vgg_init(reference_vgg *net, int blocks, const int *counts, const int *widths,
                        unsigned seed);

/* The network of a safetensors file, either name scheme, with its metadata. False if there is none
 * to be opened. */
bool reference_vgg_load(reference_vgg *net, const char *path);
void reference_vgg_clear(reference_vgg *net);

/* Forward */

typedef struct reference_image {
    int width, height;
    double *pixels; /* [3][height][width] */
} reference_image;

typedef struct reference_layer {
    char name[16]; /* conv{b}_{i}, relu{b}_{i} or pool{b} */
    int conv;      /* of a conv layer: its place in the network; else -1 */
    int c, h, w;
    double *values; /* [c][h][w] */
} reference_layer;

typedef struct reference_run {
    int layers;
    reference_layer layer[REFERENCE_MAX_LAYERS];
    double *input; /* [3][h][w], normalised */
    reference_pooling pooling;
} reference_run;

/* All layers in order, up to the first that the picture is too small for. A pooling follows the
 * last convolution that the network holds of each block, be the block whole or cut short. */
void reference_run_init(reference_run *run, const reference_vgg *net, reference_pooling pooling,
                        const reference_image *image);
void reference_run_clear(reference_run *run);
const reference_layer *reference_run_find(const reference_run *run, const char *name);

/* Objective */

typedef struct reference_term {
    char layer[16];
    reference_kind kind;
    double weight;
    double *target; /* content: [c][h][w]; style: [c][c], divided by the area. Filled by prepare */
} reference_term;

typedef struct reference_problem {
    const reference_vgg *net;
    reference_pooling pooling;
    reference_content_cost content_cost;
    double alpha, beta, tv;
    reference_image content;
    int styles;
    reference_image style[REFERENCE_MAX_STYLES];
    double style_weight[REFERENCE_MAX_STYLES]; /* any positive numbers: divided by their sum */
    int terms;
    reference_term term[REFERENCE_MAX_TERMS];
} reference_problem;

typedef struct reference_result {
    double term[REFERENCE_MAX_TERMS]; /* each layer's cost, without its weight */
    double content, style, tv;        /* J_content, J_style, J_tv: weights of layers only */
    double total;                     /* alpha * content + beta * style + tv * tv */
} reference_result;

/* Computes the targets of all terms; clear releases them (not the pictures, not the network). */
void reference_problem_prepare(reference_problem *problem);
void reference_problem_clear(reference_problem *problem);

/* Costs at g and, unless NULL, dJ/dG in gradient[3][h][w]. */
void reference_objective(const reference_problem *problem, const reference_image *g,
                         reference_result *result, double *gradient);

/* Test pictures */

/* The 8-bit value (48 to 188) of channel c at x, y in test picture k; golden/make.py has the same
 * formula. */
int reference_pattern(int k, int x, int y, int c);

/* Test picture k in double (value / 255); the caller frees pixels. */
reference_image reference_pattern_image(int k, int width, int height);

#endif
