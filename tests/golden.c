/* SPDX-License-Identifier: MIT */
#include "golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *data_folder(void) {
    const char *folder = getenv("STYLIZE_TEST_DATA");
    return folder ? folder : "tests";
}

static reference_image open_image(const json_t *spec) {
    return reference_pattern_image((int)golden_number(spec, "k"), (int)golden_number(spec, "width"),
                                   (int)golden_number(spec, "height"));
}

static void open_term(reference_term *term, const json_t *item) {
    const bool style = !strcmp(golden_string(item, "kind"), "style");
    *term = (reference_term){.kind = style ? REFERENCE_STYLE : REFERENCE_CONTENT};
    term->weight = golden_number(item, "weight");
    snprintf(term->layer, sizeof term->layer, "%s", golden_string(item, "layer"));
}

static void open_problem(const json_t *root, const reference_vgg *net, reference_problem *problem) {
    size_t i;
    json_t *item;
    const bool max = !strcmp(golden_string(root, "pooling"), "max");
    const bool mean = !strcmp(golden_string(root, "content_cost"), "mean");
    *problem = (reference_problem){.net = net,
                                   .pooling = max ? REFERENCE_MAX : REFERENCE_AVERAGE,
                                   .content_cost = mean ? REFERENCE_MEAN : REFERENCE_GATYS,
                                   .alpha = golden_number(root, "alpha"),
                                   .beta = golden_number(root, "beta"),
                                   .tv = golden_number(root, "tv"),
                                   .content = open_image(json_object_get(root, "content"))};
    json_array_foreach(json_object_get(root, "styles"), i, item) {
        assert_in_range(i, 0, REFERENCE_MAX_STYLES - 1);
        problem->style[i] = open_image(item);
        problem->style_weight[i] = golden_number(item, "weight");
        problem->styles++;
    }
    json_array_foreach(json_object_get(root, "terms"), i, item) {
        assert_in_range(i, 0, REFERENCE_MAX_TERMS - 1);
        open_term(&problem->term[i], item);
        problem->terms++;
    }
    reference_problem_prepare(problem);
}

void golden_open(golden *self, const char *name) {
    char path[512];
    json_error_t problem;
    snprintf(path, sizeof path, "%s/golden/%s.json", data_folder(), name);
    self->root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
    if (!self->root)
        fail_msg("%s: %s", path, problem.text);
    snprintf(self->weights, sizeof self->weights, "%s/%s", data_folder(),
             golden_string(self->root, "weights"));
    if (!reference_vgg_load(&self->net, self->weights))
        fail_msg("%s cannot be opened", self->weights);
    open_problem(self->root, &self->net, &self->problem);
    self->generated = open_image(json_object_get(self->root, "generated"));
}

void golden_close(golden *self) {
    reference_problem_clear(&self->problem);
    free(self->problem.content.pixels);
    for (int s = 0; s < self->problem.styles; s++)
        free(self->problem.style[s].pixels);
    free(self->generated.pixels);
    reference_vgg_clear(&self->net);
    json_decref(self->root);
}

double golden_number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("golden file: no number %s", key);
    return json_number_value(value);
}

const char *golden_string(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    if (!value)
        fail_msg("golden file: no string %s", key);
    return value;
}

void golden_expect_near(const char *what, double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s: %.17g instead of %.17g", what, value, expected);
}

void golden_expect(const char *what, double value, double expected, double tolerance) {
    golden_expect_near(what, value, expected, tolerance * fabs(expected));
}

void golden_expect_summary(const json_t *entry, const double *values, int n, double tolerance) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    const double typical = sqrt(golden_number(entry, "sum_squares") / n);
    const char *layer = golden_string(entry, "layer");
    golden_expect_near(layer, sum, golden_number(entry, "sum"), tolerance * n * typical);
    golden_expect(layer, squares, golden_number(entry, "sum_squares"), tolerance);
    const int stride = (int)golden_number(entry, "stride");
    size_t i;
    json_t *sample;
    json_array_foreach(json_object_get(entry, "samples"), i, sample) {
        assert_true((int)i * stride < n);
        golden_expect_near(layer, values[(int)i * stride], json_number_value(sample),
                           tolerance * typical);
    }
    assert_int_equal(i, (n + stride - 1) / stride);
}

void golden_expect_gradient(const golden *self, const double *gradient, double tolerance) {
    const int n = 3 * self->generated.width * self->generated.height;
    const json_t *norms = json_object_get(self->root, "gradient_norms");
    const double norm = golden_number(norms, "total");
    double squares = 0;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(self->root, "gradient"), i, item) {
        assert_true((int)i < n);
        golden_expect_near("dJ/dG", gradient[i], json_number_value(item),
                           tolerance * norm / sqrt(n));
        squares += gradient[i] * gradient[i];
    }
    assert_int_equal(i, n);
    golden_expect("norm of dJ/dG", sqrt(squares), norm, tolerance);
}
