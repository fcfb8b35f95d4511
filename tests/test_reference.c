/* SPDX-License-Identifier: MIT
 *
 * Tests of the reference itself (reference.h): by hand, by the adjoint identity, by finite
 * differences, and against the values that PyTorch computed (golden/make.py).
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "reference.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define TOLERANCE 1e-9 /* relative, against PyTorch */

static unsigned seed = 1;

/* Uniform in [-1, 1). */
static double next_random(void) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) / 8388608.0 - 1;
}

static double *random_values(int n) {
    double *values = malloc((size_t)(n + 1) * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < n; i++)
        values[i] = next_random();
    return values;
}

static double dot(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Operations */

/* Weights 1..9 on one lit pixel print the kernel rotated, cut off by the border. */
static void test_conv_by_hand(void **state) {
    (void)state;
    const double weights[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, bias = 10;
    const double x[6] = {0, 1, 0, 0, 0, 0}; /* [2][3] */
    const double expected[6] = {16, 15, 14, 13, 12, 11};
    double y[6];
    reference_conv3x3(x, 1, 2, 3, weights, &bias, 1, y);
    assert_memory_equal(y, expected, sizeof y);
}

/* out = in0 shifted down + 2 in1, so that the order [out][in][ky][kx] shows. */
static void test_conv_channels(void **state) {
    (void)state;
    double weights[2 * 2 * 9] = {0}, y[8];
    weights[(1 * 2 + 0) * 9 + 0 * 3 + 1] = 1;
    weights[(1 * 2 + 1) * 9 + 1 * 3 + 1] = 2;
    const double x[8] = {1, 2, 3, 4, 10, 20, 30, 40}; /* [2][2][2] */
    const double expected[8] = {0, 0, 0, 0, 20, 40, 61, 82};
    reference_conv3x3(x, 2, 2, 2, weights, NULL, 2, y);
    assert_memory_equal(y, expected, sizeof y);
}

/* <conv x, y> = <x, conv^T y> and the same for average pooling. */
static void test_adjoints(void **state) {
    (void)state;
    static const int sizes[][2] = {{1, 1}, {1, 5}, {4, 1}, {2, 2}, {7, 6}};
    enum { IN = 3, OUT = 5 };
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        const int h = sizes[s][0], w = sizes[s][1], n = h * w, pooled = h / 2 * (w / 2);
        double *x = random_values(IN * n), *y = random_values(OUT * n);
        double *weights = random_values(OUT * IN * 9);
        double *forward = random_values(OUT * n), *backward = random_values(IN * n);
        reference_conv3x3(x, IN, h, w, weights, NULL, OUT, forward);
        reference_conv3x3_backward(y, OUT, h, w, weights, IN, backward);
        golden_expect_near("convolution", dot(forward, y, OUT * n), dot(x, backward, IN * n),
                           1e-12);
        reference_pool(x, IN, h, w, REFERENCE_AVERAGE, forward);
        reference_pool_backward(x, y, IN, h, w, REFERENCE_AVERAGE, backward);
        golden_expect_near("average", dot(forward, y, IN * pooled), dot(x, backward, IN * n),
                           1e-12);
        free(x);
        free(y);
        free(weights);
        free(forward);
        free(backward);
    }
}

static void test_relu_at_zero(void **state) {
    (void)state;
    const double x[4] = {-1, 0, -0.0, 2}, dy[4] = {5, 6, 7, 8};
    const double y[4] = {0, 0, 0, 2}, dx[4] = {0, 0, 0, 8};
    double out[4];
    reference_relu(x, 4, out);
    assert_memory_equal(out, y, sizeof y);
    reference_relu_backward(x, dy, 4, out);
    assert_memory_equal(out, dx, sizeof dx);
}

/* Ties go to the first in row-major order; the odd last column and row are left out. */
static void test_max_pool_by_hand(void **state) {
    (void)state;
    const double x[15] = {1, 3, 7, 7, 9, /* [3][5] */
                          3, 3, 7, 7, 9, 9, 9, 9, 9, 9};
    const double y[2] = {3, 7}, dy[2] = {10, 20};
    const double dx[15] = {0, 10, 20};
    double pooled[2], back[15];
    reference_pool(x, 1, 3, 5, REFERENCE_MAX, pooled);
    assert_memory_equal(pooled, y, sizeof y);
    reference_pool_backward(x, dy, 1, 3, 5, REFERENCE_MAX, back);
    assert_memory_equal(back, dx, sizeof dx);
}

static void test_gram_and_costs_by_hand(void **state) {
    (void)state;
    const double a[4] = {1, 2, 3, 4}, zero[4] = {0}; /* [2][1][2] */
    const double gram[4] = {5, 11, 11, 25};
    double out[4];
    reference_gram(a, 2, 2, out);
    assert_memory_equal(out, gram, sizeof gram);
    const double squares = 25 + 2 * 121 + 625;
    golden_expect_near("style", reference_style(a, zero, 2, 2, 1, NULL), squares / 4 / 16, 1e-13);
    golden_expect_near("gatys", reference_content(a, zero, 2, 2, REFERENCE_GATYS, 1, NULL), 15, 0);
    golden_expect_near("mean", reference_content(a, zero, 2, 2, REFERENCE_MEAN, 1, NULL), 15 / 4.0,
                       0);
}

static void test_tv_by_hand(void **state) {
    (void)state;
    const double g[12] = {0, 1, 3, 7}; /* [3][2][2]: pairs 1, 4, 3, 6 */
    double dg[12] = {0};
    golden_expect_near("tv", reference_tv(g, 2, 2, 1, dg), (1 + 16 + 9 + 36) / 4.0, 0);
    const double expected[12] = {2 / 4.0 * (-1 - 3), 2 / 4.0 * (1 - 6), 2 / 4.0 * (3 - 4),
                                 2 / 4.0 * (4 + 6)};
    assert_memory_equal(dg, expected, sizeof dg);
    const double one[3] = {1, 2, 3};
    golden_expect_near("tv", reference_tv(one, 1, 1, 1, NULL), 0, 0);
}

/* Finite differences */

static void add_term(reference_problem *problem, reference_kind kind, const char *layer,
                     double weight) {
    reference_term *term = &problem->term[problem->terms++];
    *term = (reference_term){.kind = kind, .weight = weight};
    snprintf(term->layer, sizeof term->layer, "%s", layer);
}

/* A problem with every kind of layer as term, two styles and weights of one order of magnitude. */
static void make_problem(reference_problem *problem, const reference_vgg *net,
                         reference_pooling pooling, reference_content_cost cost) {
    *problem = (reference_problem){.net = net, .pooling = pooling, .content_cost = cost};
    problem->alpha = cost == REFERENCE_MEAN ? 1 : 1e-3;
    problem->beta = 30;
    problem->tv = 0.5;
    problem->content = reference_pattern_image(1, 13, 11);
    problem->styles = 2;
    problem->style[0] = reference_pattern_image(2, 9, 14);
    problem->style[1] = reference_pattern_image(4, 12, 8);
    problem->style_weight[0] = 1;
    problem->style_weight[1] = 3;
    add_term(problem, REFERENCE_CONTENT, "relu3_1", 1);
    add_term(problem, REFERENCE_CONTENT, "conv2_2", 0.5);
    add_term(problem, REFERENCE_CONTENT, "pool1", 0.25);
    add_term(problem, REFERENCE_STYLE, "relu1_1", 0.5);
    add_term(problem, REFERENCE_STYLE, "conv2_1", 1);
    add_term(problem, REFERENCE_STYLE, "pool2", 1);
    add_term(problem, REFERENCE_STYLE, "relu3_1", 2);
    reference_problem_prepare(problem);
}

static void free_problem(reference_problem *problem) {
    reference_problem_clear(problem);
    free(problem->content.pixels);
    for (int s = 0; s < problem->styles; s++)
        free(problem->style[s].pixels);
}

/* A number that changes when the sign of an activation before a ReLU or the place of a maximum
 * does: two pictures of one pattern lie on one smooth piece of J. */
static uint64_t kink_pattern(const reference_problem *problem, const reference_image *g) {
    reference_run run;
    uint64_t hash = 14695981039346656037u;
    reference_run_init(&run, problem->net, problem->pooling, g);
    for (int l = 0; l < run.layers; l++) {
        const reference_layer *layer = &run.layer[l];
        const int h = layer->h, w = layer->w;
        for (int i = 0; i < layer->c * h * w; i++) {
            const int x = i % w, y = i / w % h;
            const double *v = layer->values + i;
            unsigned bits = *v > 0;
            if (problem->pooling == REFERENCE_MAX && x + 1 < w && y + 1 < h)
                bits |= (v[0] >= v[1]) << 1 | (v[0] >= v[w]) << 2 | (v[0] >= v[w + 1]) << 3;
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    reference_run_clear(&run);
    return hash;
}

static void shift(reference_image *g, const double *direction, double step) {
    for (int i = 0; i < 3 * g->width * g->height; i++)
        g->pixels[i] += step * direction[i];
}

/* The gradient along random directions, some of one pixel only, must be the slope of J. */
static void check_slopes(const reference_problem *problem) {
    enum { DIRECTIONS = 24 };
    const double step = 1e-6;
    reference_image g = reference_pattern_image(3, 13, 11);
    const int n = 3 * g.width * g.height;
    double *gradient = random_values(n);
    reference_result result;
    int used = 0;
    reference_objective(problem, &g, &result, gradient);
    const double scale = sqrt(dot(gradient, gradient, n));
    for (int d = 0; d < DIRECTIONS; d++) {
        double *direction = random_values(n);
        for (int i = 0; i < n && d % 2; i++)
            direction[i] = i == 17 * d % n;
        shift(&g, direction, step);
        const uint64_t pattern = kink_pattern(problem, &g);
        reference_objective(problem, &g, &result, NULL);
        double slope = result.total;
        shift(&g, direction, -2 * step);
        reference_objective(problem, &g, &result, NULL);
        slope = (slope - result.total) / (2 * step);
        if (pattern == kink_pattern(problem, &g)) { /* no kink in between */
            golden_expect_near("slope", slope, dot(gradient, direction, n), 1e-7 * scale);
            used++;
        }
        shift(&g, direction, step);
        free(direction);
    }
    assert_true(used > DIRECTIONS / 2);
    free(gradient);
    free(g.pixels);
}

static void test_finite_differences(void **state) {
    (void)state;
    static const int counts[] = {2, 2, 1}, widths[] = {5, 7, 6};
    for (int i = 0; i < 8; i++) {
        reference_vgg net;
        reference_problem problem;
        reference_vgg_init(&net, 3, counts, widths, 7);
        if (i & 4) {
            net.bgr = true;
            net.range = 255;
            for (int c = 0; c < 3; c++) {
                net.mean[c] = 100 + 10 * c;
                net.std[c] = 50 + 7 * c;
            }
        }
        make_problem(&problem, &net, i & 1 ? REFERENCE_MAX : REFERENCE_AVERAGE,
                     i & 2 ? REFERENCE_GATYS : REFERENCE_MEAN);
        check_slopes(&problem);
        free_problem(&problem);
        reference_vgg_clear(&net);
    }
}

/* At the content picture as its own style all costs but the smoothness are zero. */
static void test_zero_at_target(void **state) {
    (void)state;
    static const int counts[] = {1, 1}, widths[] = {3, 4};
    reference_vgg net;
    reference_vgg_init(&net, 2, counts, widths, 7);
    const reference_image image = reference_pattern_image(1, 7, 5);
    reference_problem problem = {.net = &net, .alpha = 1, .beta = 1, .content = image, .styles = 1};
    problem.style[0] = image;
    problem.style_weight[0] = 5;
    add_term(&problem, REFERENCE_CONTENT, "relu2_1", 1);
    add_term(&problem, REFERENCE_STYLE, "pool2", 1);
    reference_problem_prepare(&problem);
    double gradient[3 * 5 * 7];
    reference_result result;
    reference_objective(&problem, &image, &result, gradient);
    assert_true(result.total == 0 && result.tv > 0);
    for (size_t i = 0; i < COUNT_OF(gradient); i++)
        assert_true(gradient[i] == 0);
    reference_problem_clear(&problem);
    free(image.pixels);
    reference_vgg_clear(&net);
}

/* Golden values */

static void check_activations(const json_t *root, const reference_run *run) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(root, "activations"), i, item) {
        const reference_layer *layer = &run->layer[i];
        assert_true((int)i < run->layers);
        assert_string_equal(layer->name, golden_string(item, "layer"));
        assert_int_equal(layer->c, (int)golden_number(item, "channels"));
        assert_int_equal(layer->h, (int)golden_number(item, "height"));
        assert_int_equal(layer->w, (int)golden_number(item, "width"));
        golden_expect_summary(item, layer->values, layer->c * layer->h * layer->w, TOLERANCE);
    }
    assert_int_equal(i, run->layers);
}

/* runs: the styles' in order, then the generated picture's. */
static void check_grams(const json_t *root, const reference_run *runs, int styles) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(root, "grams"), i, item) {
        const json_t *image = json_object_get(item, "image");
        const int at = json_is_integer(image) ? (int)json_integer_value(image) : styles;
        const reference_layer *layer = reference_run_find(&runs[at], golden_string(item, "layer"));
        const int c = layer->c, n = layer->h * layer->w;
        double *gram = random_values(c * c);
        reference_gram(layer->values, c, n, gram);
        for (int k = 0; k < c * c; k++)
            gram[k] /= n;
        golden_expect_summary(item, gram, c * c, TOLERANCE);
        free(gram);
    }
    assert_true(i > 0);
}

static void check_layers(const golden *self) {
    const reference_problem *problem = &self->problem;
    reference_run runs[REFERENCE_MAX_STYLES + 1];
    for (int s = 0; s <= problem->styles; s++)
        reference_run_init(&runs[s], problem->net, problem->pooling,
                           s < problem->styles ? &problem->style[s] : &self->generated);
    check_activations(self->root, &runs[problem->styles]);
    check_grams(self->root, runs, problem->styles);
    for (int s = 0; s <= problem->styles; s++)
        reference_run_clear(&runs[s]);
}

/* Only one of the three parts counts: the norm of its dJ/dG. */
static void check_part(const golden *self, const char *part, double alpha, double beta, double tv) {
    const int n = 3 * self->generated.width * self->generated.height;
    const json_t *norms = json_object_get(self->root, "gradient_norms");
    double *gradient = random_values(n);
    reference_problem problem = self->problem;
    reference_result result;
    problem.alpha = alpha;
    problem.beta = beta;
    problem.tv = tv;
    reference_objective(&problem, &self->generated, &result, gradient);
    golden_expect(part, sqrt(dot(gradient, gradient, n)), golden_number(norms, part), TOLERANCE);
    free(gradient);
}

static void check_costs(const golden *self) {
    const json_t *costs = json_object_get(self->root, "costs");
    double *gradient = random_values(3 * self->generated.width * self->generated.height);
    reference_result result;
    reference_objective(&self->problem, &self->generated, &result, gradient);
    golden_expect_gradient(self, gradient, TOLERANCE);
    golden_expect("content", result.content, golden_number(costs, "content"), TOLERANCE);
    golden_expect("style", result.style, golden_number(costs, "style"), TOLERANCE);
    golden_expect("tv", result.tv, golden_number(costs, "tv"), TOLERANCE);
    golden_expect("total", result.total, golden_number(costs, "total"), TOLERANCE);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(self->root, "terms"), i, item) {
        golden_expect(golden_string(item, "layer"), result.term[i], golden_number(item, "cost"),
                      TOLERANCE);
    }
    free(gradient);
}

/* One step on x[n] with the gradient g; m and v are Adam's moments, m NULL for plain descent. */
static void update(double *x, const double *g, int n, int step, double rate, double *m, double *v) {
    for (int i = 0; i < n; i++) {
        if (!m) {
            x[i] -= rate * g[i];
            continue;
        }
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        x[i] -= rate * (m[i] / (1 - pow(0.9, step))) / (sqrt(v[i] / (1 - pow(0.999, step))) + 1e-8);
    }
}

static void check_steps(const golden *self, const char *method) {
    const json_t *expected = json_object_get(self->root, method);
    reference_image g = self->generated;
    const int n = 3 * g.width * g.height, adam = !strcmp(method, "adam");
    double *x = random_values(n), *gradient = random_values(n);
    double *m = calloc((size_t)n, sizeof *m), *v = calloc((size_t)n, sizeof *v);
    assert_true(m && v);
    memcpy(x, g.pixels, (size_t)n * sizeof *x);
    g.pixels = x;
    size_t i;
    json_t *total;
    json_array_foreach(json_object_get(expected, "totals"), i, total) {
        reference_result result;
        reference_objective(&self->problem, &g, &result, gradient);
        golden_expect(method, result.total, json_number_value(total), TOLERANCE);
        update(x, gradient, n, (int)i + 1, golden_number(expected, "rate"), adam ? m : NULL, v);
    }
    assert_int_equal(i, 11);
    free(x);
    free(gradient);
    free(m);
    free(v);
}

static void test_golden(void **state) {
    golden self;
    golden_open(&self, *state);
    check_layers(&self);
    check_part(&self, "content", self.problem.alpha, 0, 0);
    check_part(&self, "style", 0, self.problem.beta, 0);
    check_part(&self, "tv", 0, 0, self.problem.tv);
    check_costs(&self);
    check_steps(&self, "gradient_descent");
    check_steps(&self, "adam");
    golden_close(&self);
}

/* clang-format off */
#define GOLDEN(name) {"test_golden " name, test_golden, NULL, NULL, (char[]){name}}
/* clang-format on */

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv_by_hand),     cmocka_unit_test(test_conv_channels),
        cmocka_unit_test(test_adjoints),         cmocka_unit_test(test_relu_at_zero),
        cmocka_unit_test(test_max_pool_by_hand), cmocka_unit_test(test_gram_and_costs_by_hand),
        cmocka_unit_test(test_tv_by_hand),       cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_zero_at_target),   GOLDEN("small19-max-mean"),
        GOLDEN("small19-average-gatys"),         GOLDEN("small16-max-gatys"),
        GOLDEN("small16-average-mean"),          GOLDEN("bundled-max-mean"),
        GOLDEN("bundled-average-gatys"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
