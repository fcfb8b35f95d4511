/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef NDEBUG /* the asserts are the error handling here */
#include <assert.h>

#include "weights/weights_file.h"
#include "weights/weights_open.h"

static double *new_doubles(int n) {
    assert(n >= 0);
    double *values = calloc((size_t)n + 1, sizeof *values);
    assert(values);
    return values;
}

static double sum_of_products(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Operations */

/* y += x shifted by (dy, dx) times k, over the part where both exist. */
static void add_shifted(const double *restrict x, int h, int w, int dy, int dx, double k,
                        double *restrict y) {
    const int first = dx < 0 ? -dx : 0, end = dx > 0 ? w - dx : w;
    for (int row = 0; row < h; row++) {
        if (row + dy < 0 || row + dy >= h)
            continue;
        for (int col = first; col < end; col++)
            y[row * w + col] += k * x[(row + dy) * w + col + dx];
    }
}

void reference_conv3x3(const double *x, int in, int h, int w, const double *weights,
                       const double *bias, int out, double *y) {
    for (int o = 0; o < out; o++) {
        double *plane = y + o * h * w;
        for (int i = 0; i < h * w; i++)
            plane[i] = bias ? bias[o] : 0;
        for (int i = 0; i < in; i++)
            for (int ky = 0; ky < 3; ky++)
                for (int kx = 0; kx < 3; kx++)
                    add_shifted(x + i * h * w, h, w, ky - 1, kx - 1,
                                weights[((o * in + i) * 3 + ky) * 3 + kx], plane);
    }
}

void reference_conv3x3_backward(const double *dy, int out, int h, int w, const double *weights,
                                int in, double *dx) {
    memset(dx, 0, (size_t)(in * h * w) * sizeof *dx);
    for (int o = 0; o < out; o++)
        for (int i = 0; i < in; i++)
            for (int ky = 0; ky < 3; ky++)
                for (int kx = 0; kx < 3; kx++)
                    add_shifted(dy + o * h * w, h, w, 1 - ky, 1 - kx,
                                weights[((o * in + i) * 3 + ky) * 3 + kx], dx + i * h * w);
}

void reference_relu(const double *x, int n, double *y) {
    for (int i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : 0;
}

void reference_relu_backward(const double *x, const double *dy, int n, double *dx) {
    for (int i = 0; i < n; i++)
        dx[i] = x[i] > 0 ? dy[i] : 0;
}

/* Where the maximum of the 2x2 window at (y, x) of a plane of width w is. */
static int window_maximum(const double *plane, int w, int y, int x) {
    int best = y * w + x;
    for (int i = 0; i < 4; i++) {
        const int at = (y + i / 2) * w + x + i % 2;
        if (plane[at] > plane[best])
            best = at;
    }
    return best;
}

void reference_pool(const double *x, int c, int h, int w, reference_pooling pooling, double *y) {
    for (int k = 0; k < c; k++, x += h * w)
        for (int row = 0; row < h / 2; row++)
            for (int col = 0; col < w / 2; col++) {
                const double *p = x + 2 * row * w + 2 * col;
                *y++ = pooling == REFERENCE_MAX ? x[window_maximum(x, w, 2 * row, 2 * col)]
                                                : (p[0] + p[1] + p[w] + p[w + 1]) / 4;
            }
}

void reference_pool_backward(const double *x, const double *dy, int c, int h, int w,
                             reference_pooling pooling, double *dx) {
    memset(dx, 0, (size_t)(c * h * w) * sizeof *dx);
    for (int k = 0; k < c; k++, x += h * w, dx += h * w)
        for (int row = 0; row < h / 2; row++)
            for (int col = 0; col < w / 2; col++, dy++) {
                if (pooling == REFERENCE_MAX)
                    dx[window_maximum(x, w, 2 * row, 2 * col)] += *dy;
                else
                    for (int i = 0; i < 4; i++)
                        dx[(2 * row + i / 2) * w + 2 * col + i % 2] += *dy / 4;
            }
}

void reference_gram(const double *a, int c, int n, double *gram) {
    for (int i = 0; i < c; i++)
        for (int j = 0; j < c; j++)
            gram[i * c + j] = sum_of_products(a + i * n, a + j * n, n);
}

double reference_content(const double *a, const double *target, int c, int n,
                         reference_content_cost cost, double scale, double *da) {
    const double divisor = cost == REFERENCE_MEAN ? (double)c * n : 1;
    double sum = 0;
    for (int i = 0; i < c * n; i++) {
        sum += (a[i] - target[i]) * (a[i] - target[i]);
        if (da)
            da[i] += scale * (a[i] - target[i]) / divisor;
    }
    return sum / 2 / divisor;
}

double reference_style(const double *a, const double *target, int c, int n, double scale,
                       double *da) {
    double *difference = new_doubles(c * c);
    reference_gram(a, c, n, difference);
    for (int i = 0; i < c * c; i++)
        difference[i] = difference[i] / n - target[i];
    for (int i = 0; i < c && da; i++)
        for (int j = 0; j < c; j++)
            for (int k = 0; k < n; k++)
                da[i * n + k] += scale / ((double)c * c * n) * difference[i * c + j] * a[j * n + k];
    const double sum = sum_of_products(difference, difference, c * c);
    free(difference);
    return sum / (4.0 * c * c);
}

double reference_tv(const double *g, int h, int w, double scale, double *dg) {
    double sum = 0;
    for (int i = 0; i < 3 * h * w; i++) {
        const int x = i % w, y = i / w % h;
        const int neighbours[2] = {x + 1 < w ? i + 1 : i, y + 1 < h ? i + w : i};
        for (int k = 0; k < 2; k++) {
            const double difference = g[neighbours[k]] - g[i]; /* 0 where there is no neighbour */
            sum += difference * difference;
            if (dg) {
                dg[neighbours[k]] += scale * 2 * difference / (h * w);
                dg[i] -= scale * 2 * difference / (h * w);
            }
        }
    }
    return sum / (h * w);
}

/* Networks */

static void set_torchvision_input(reference_vgg *net) {
    static const double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};
    memcpy(net->mean, mean, sizeof mean);
    memcpy(net->std, std, sizeof std);
    net->range = 1;
    net->bgr = false;
}

static reference_conv *add_conv(reference_vgg *net, int block, int index, int in, int out) {
    assert(net->convs < REFERENCE_MAX_CONVS);
    reference_conv *conv = &net->conv[net->convs++];
    *conv = (reference_conv){.block = block, .index = index, .in = in, .out = out};
    conv->weights = new_doubles(out * in * 9);
    conv->bias = new_doubles(out);
    return conv;
}

/* Uniform in [-1, 1). */
static double next_random(unsigned *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) / 8388608.0 - 1;
}

void reference_vgg_init(reference_vgg *net, int blocks, const int *counts, const int *widths,
                        unsigned seed) {
    memset(net, 0, sizeof *net);
    set_torchvision_input(net);
    for (int b = 0, in = 3; b < blocks; b++)
        for (int i = 0; i < counts[b]; i++, in = widths[b]) {
            reference_conv *conv = add_conv(net, b + 1, i + 1, in, widths[b]);
            for (int k = 0; k < conv->out * in * 9; k++) /* variance 2 / (9 in) */
                conv->weights[k] = sqrt(6 / (9.0 * in)) * next_random(&seed);
            for (int k = 0; k < conv->out; k++)
                conv->bias[k] = 0.2 * next_random(&seed);
        }
}

static void read_tensor(const weights_file *file, const weights_tensor *tensor,
                        const weights_tensor *scales, double *out) {
    error err = {0};
    float *values = malloc(tensor->count * sizeof *values + 1);
    assert(values && (scales ? weights_file_read_scaled(file, tensor, scales, values, &err)
                             : weights_file_read(file, tensor, values, &err)));
    for (size_t i = 0; i < tensor->count; i++)
        out[i] = values[i];
    free(values);
}

static void read_input(reference_vgg *net, const weights_file *file) {
    set_torchvision_input(net);
    const char *mean = weights_file_metadata(file, "mean");
    if (!mean)
        return;
    const char *std = weights_file_metadata(file, "std");
    assert(sscanf(mean, "%lf,%lf,%lf", &net->mean[0], &net->mean[1], &net->mean[2]) == 3);
    assert(sscanf(std, "%lf,%lf,%lf", &net->std[0], &net->std[1], &net->std[2]) == 3);
    net->range = atof(weights_file_metadata(file, "input_range"));
    net->bgr = !strcmp(weights_file_metadata(file, "channel_order"), "BGR");
}

/* The weight or bias of a convolution in either name scheme, or NULL. */
static const weights_tensor *find_part(const weights_file *file, int n, int block, int index,
                                       const char *part) {
    char name[64];
    snprintf(name, sizeof name, "features.%d.%s", n, part);
    const weights_tensor *found = weights_file_find(file, name);
    snprintf(name, sizeof name, "conv%d_%d.%s", block, index, part);
    return found ? found : weights_file_find(file, name);
}

bool reference_vgg_load(reference_vgg *net, const char *path) {
    error err = {0};
    weights_file *file = weights_open(path, &err);
    if (!file)
        return false;
    memset(net, 0, sizeof *net);
    read_input(net, file);
    /* torchvision numbers every convolution, ReLU and pooling: the next convolution is 2 further on
     * in the same block and 3 in the next. */
    for (int n = 0, block = 1, index = 1;;) {
        const weights_tensor *weight = find_part(file, n, block, index, "weight");
        if (!weight && index > 1) { /* the block is over: try the next */
            n++, block++, index = 1;
            continue;
        }
        if (!weight)
            break;
        reference_conv *conv =
            add_conv(net, block, index, (int)weight->shape[1], (int)weight->shape[0]);
        const weights_tensor *scales = find_part(file, n, block, index, "weight_scale");
        read_tensor(file, weight, scales, conv->weights);
        read_tensor(file, find_part(file, n, block, index, "bias"), NULL, conv->bias);
        n += 2, index++;
    }
    assert(net->convs);
    weights_file_free(file);
    return true;
}

void reference_vgg_clear(reference_vgg *net) {
    for (int i = 0; i < net->convs; i++) {
        free(net->conv[i].weights);
        free(net->conv[i].bias);
    }
    net->convs = 0;
}

/* Forward */

static double *new_input(const reference_vgg *net, const reference_image *image) {
    const int n = image->height * image->width;
    double *input = new_doubles(3 * n);
    for (int c = 0; c < 3; c++) {
        const double *plane = image->pixels + (net->bgr ? 2 - c : c) * n;
        for (int i = 0; i < n; i++)
            input[c * n + i] = (net->range * plane[i] - net->mean[c]) / net->std[c];
    }
    return input;
}

static reference_layer *add_layer(reference_run *run, const char *kind, int block, int index, int c,
                                  int h, int w) {
    assert(run->layers < REFERENCE_MAX_LAYERS);
    reference_layer *layer = &run->layer[run->layers++];
    *layer = (reference_layer){.conv = -1, .c = c, .h = h, .w = w};
    if (index)
        snprintf(layer->name, sizeof layer->name, "%s%d_%d", kind, block, index);
    else
        snprintf(layer->name, sizeof layer->name, "%s%d", kind, block);
    layer->values = new_doubles(c * h * w);
    return layer;
}

static bool is_pool(const reference_layer *layer) {
    return !strncmp(layer->name, "pool", 4);
}

void reference_run_init(reference_run *run, const reference_vgg *net, reference_pooling pooling,
                        const reference_image *image) {
    *run = (reference_run){.pooling = pooling, .input = new_input(net, image)};
    const double *x = run->input;
    int h = image->height, w = image->width;
    for (int i = 0; i < net->convs; i++) {
        const reference_conv *conv = &net->conv[i];
        reference_layer *y = add_layer(run, "conv", conv->block, conv->index, conv->out, h, w);
        y->conv = i;
        reference_conv3x3(x, conv->in, h, w, conv->weights, conv->bias, conv->out, y->values);
        reference_layer *z = add_layer(run, "relu", conv->block, conv->index, conv->out, h, w);
        reference_relu(y->values, conv->out * h * w, z->values);
        x = z->values;
        if (i + 1 < net->convs && net->conv[i + 1].block == conv->block)
            continue;
        if (h < 2 || w < 2)
            break;
        y = add_layer(run, "pool", conv->block, 0, conv->out, h / 2, w / 2);
        reference_pool(x, conv->out, h, w, pooling, y->values);
        x = y->values;
        h /= 2;
        w /= 2;
    }
}

void reference_run_clear(reference_run *run) {
    for (int i = 0; i < run->layers; i++)
        free(run->layer[i].values);
    free(run->input);
    run->layers = 0;
}

const reference_layer *reference_run_find(const reference_run *run, const char *name) {
    for (int i = 0; i < run->layers; i++) {
        if (!strcmp(run->layer[i].name, name))
            return &run->layer[i];
    }
    fprintf(stderr, "reference: no layer %s\n", name);
    abort();
}

/* Objective */

/* Adds factor * G(X)/M(X) of the picture's run to a style term's target. */
static void add_style_target(reference_term *term, const reference_run *run, double factor) {
    const reference_layer *layer = reference_run_find(run, term->layer);
    const int c = layer->c, n = layer->h * layer->w;
    double *gram = new_doubles(c * c);
    reference_gram(layer->values, c, n, gram);
    if (!term->target)
        term->target = new_doubles(c * c);
    for (int i = 0; i < c * c; i++)
        term->target[i] += factor * gram[i] / n;
    free(gram);
}

static void set_content_target(reference_term *term, const reference_run *run) {
    const reference_layer *layer = reference_run_find(run, term->layer);
    const int n = layer->c * layer->h * layer->w;
    term->target = new_doubles(n);
    memcpy(term->target, layer->values, (size_t)n * sizeof *layer->values);
}

void reference_problem_prepare(reference_problem *problem) {
    reference_run run;
    double sum = 0;
    for (int s = 0; s < problem->styles; s++)
        sum += problem->style_weight[s];
    for (int s = 0; s < problem->styles; s++) {
        reference_run_init(&run, problem->net, problem->pooling, &problem->style[s]);
        for (int t = 0; t < problem->terms; t++) {
            if (problem->term[t].kind == REFERENCE_STYLE)
                add_style_target(&problem->term[t], &run, problem->style_weight[s] / sum);
        }
        reference_run_clear(&run);
    }
    reference_run_init(&run, problem->net, problem->pooling, &problem->content);
    for (int t = 0; t < problem->terms; t++) {
        if (problem->term[t].kind == REFERENCE_CONTENT)
            set_content_target(&problem->term[t], &run);
    }
    reference_run_clear(&run);
}

void reference_problem_clear(reference_problem *problem) {
    for (int t = 0; t < problem->terms; t++) {
        free(problem->term[t].target);
        problem->term[t].target = NULL;
    }
}

/* Layer `at` of the run: the gradient with respect to its input from the one of its output. */
static void layer_backward(const reference_vgg *net, const reference_run *run, int at,
                           const double *dy, double *dx) {
    const reference_layer *layer = &run->layer[at];
    if (layer->conv >= 0) {
        const reference_conv *conv = &net->conv[layer->conv];
        reference_conv3x3_backward(dy, conv->out, layer->h, layer->w, conv->weights, conv->in, dx);
        return;
    }
    const reference_layer *input = layer - 1; /* ReLU and pooling always have one before them */
    if (is_pool(layer))
        reference_pool_backward(input->values, dy, input->c, input->h, input->w, run->pooling, dx);
    else
        reference_relu_backward(input->values, dy, input->c * input->h * input->w, dx);
}

/* The costs of the terms at one layer; their gradient is added to da unless NULL. */
static void add_terms(const reference_problem *problem, const reference_layer *layer,
                      reference_result *result, double *da) {
    const int c = layer->c, n = layer->h * layer->w;
    for (int t = 0; t < problem->terms; t++) {
        const reference_term *term = &problem->term[t];
        if (strcmp(term->layer, layer->name))
            continue;
        if (term->kind == REFERENCE_CONTENT) {
            result->term[t] =
                reference_content(layer->values, term->target, c, n, problem->content_cost,
                                  problem->alpha * term->weight, da);
            result->content += term->weight * result->term[t];
        } else {
            result->term[t] = reference_style(layer->values, term->target, c, n,
                                              problem->beta * term->weight, da);
            result->style += term->weight * result->term[t];
        }
    }
}

/* The gradient with respect to the network's input, freed by the caller. */
static double *run_backward(const reference_problem *problem, const reference_run *run,
                            const reference_image *g, reference_result *result) {
    double *upper = NULL; /* with respect to the output of the layer at hand */
    for (int at = run->layers - 1; at >= 0; at--) {
        const reference_layer *layer = &run->layer[at];
        const int inputs = at ? layer[-1].c * layer[-1].h * layer[-1].w : 3 * g->height * g->width;
        if (!upper)
            upper = new_doubles(layer->c * layer->h * layer->w);
        add_terms(problem, layer, result, upper);
        double *lower = new_doubles(inputs);
        layer_backward(problem->net, run, at, upper, lower);
        free(upper);
        upper = lower;
    }
    return upper;
}

void reference_objective(const reference_problem *problem, const reference_image *g,
                         reference_result *result, double *gradient) {
    const reference_vgg *net = problem->net;
    const int n = g->height * g->width;
    reference_run run;
    memset(result, 0, sizeof *result);
    reference_run_init(&run, net, problem->pooling, g);
    for (int t = 0; t < problem->terms; t++)
        reference_run_find(&run, problem->term[t].layer); /* no term may be passed over */
    if (gradient) {
        double *input = run_backward(problem, &run, g, result);
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < n; i++)
                gradient[(net->bgr ? 2 - c : c) * n + i] =
                    input[c * n + i] * net->range / net->std[c];
        free(input);
    } else {
        for (int at = 0; at < run.layers; at++)
            add_terms(problem, &run.layer[at], result, NULL);
    }
    result->tv = reference_tv(g->pixels, g->height, g->width, problem->tv, gradient);
    result->total =
        problem->alpha * result->content + problem->beta * result->style + problem->tv * result->tv;
    reference_run_clear(&run);
}

/* Test pictures */

/* A wave that goes 0 1 .. half-1 half-1 .. 1 0. */
static int triangle(int t, int half) {
    t %= 2 * half;
    return t < half ? t : 2 * half - 1 - t;
}

int reference_pattern(int k, int x, int y, int c) {
    return 48 + triangle((7 + k) * x + (3 + 2 * c) * y + 11 * c + 29 * k, 64) +
           triangle(5 * (c + 1) * x + (13 + k) * y + 17 * k, 48) +
           (37 * x + 61 * y + 89 * c + 7 * x * y + 13 * k) % 31;
}

reference_image reference_pattern_image(int k, int width, int height) {
    reference_image image = {width, height, new_doubles(3 * height * width)};
    double *p = image.pixels;
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                *p++ = reference_pattern(k, x, y, c) / 255.0;
    return image;
}
