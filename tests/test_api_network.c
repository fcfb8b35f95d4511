/* SPDX-License-Identifier: MIT
 *
 * Networks of the public API: one from memory computes what the one from its file does, to the bit;
 * whatever is refused as a file is refused from memory in the same words; what files say of
 * themselves; what a caller may get wrong. And the machine.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "network/vgg.h"
#include "recipes.h"
#include "sessions.h"
#include "simd/kernels.h"
#include "transfer/stylize.h"

/* One thread: threads that wait for one another cost more than the small work here. */
static int use_one_thread(void **state) {
    (void)state;
    cpu_set_threads(1);
    return 0;
}

/* A file's bytes in a block of just that size, which is aligned to nothing. */
typedef struct block {
    unsigned char *memory, *bytes;
    size_t size;
} block;

static block read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    block self = {.size = (size_t)ftell(file)};
    rewind(file);
    self.memory = malloc(self.size + 1);
    assert_non_null(self.memory);
    self.bytes = self.memory + 1;
    assert_int_equal(fread(self.bytes, 1, self.size, file), self.size);
    fclose(file);
    return self;
}

/* The names that match a pattern below tests/; globfree them. */
static glob_t find_files(const char *pattern) {
    const char *data = getenv("STYLIZE_TEST_DATA");
    char full[400];
    glob_t found;
    snprintf(full, sizeof full, "%s/%s", data ? data : "tests", pattern);
    assert_int_equal(glob(full, 0, NULL, &found), 0);
    return found;
}

static stylize_network *load(const char *path) {
    stylize_error err;
    stylize_network *self = stylize_network_load(path, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

/* ---- from memory ---- */

/* A recipe that compares all layers of a network. */
static stylize_recipe *look_at_everything(const stylize_network *network) {
    char all[400] = "";
    for (int i = 0; i < network->layer_count; i++) {
        strcat(all, i ? "," : "");
        strcat(all, network->layers[i].name);
    }
    return recipes_of("size", "50", "scales", "1", "iterations", "2", "content-layers", all,
                      "style-layers", all, NULL);
}

/* Forward and back. */
static void check_same_network(const stylize_network *a, const stylize_network *b) {
    assert_int_equal(a->layer_count, b->layer_count);
    stylize_recipe *recipe = look_at_everything(a);
    image *content = sessions_pattern(1, 50, 35), *style = sessions_pattern(2, 40, 50);
    session_inputs inputs = {.content = content, .style = style, .networks = {a}};
    image *expected = sessions_run(&inputs, recipe, NULL);
    inputs.networks[0] = b;
    image *result = sessions_run(&inputs, recipe, NULL);
    sessions_expect_same(expected, result);
    image_free(expected);
    image_free(result);
    image_free(content);
    image_free(style);
    stylize_recipe_free(recipe);
}

/* The bytes are spoiled and gone before it computes anything. */
static void check_from_memory(const char *path) {
    stylize_error err;
    stylize_network *expected = load(path);
    block file = read_file(path);
    stylize_network *self = stylize_network_from_memory(file.bytes, file.size, "bytes", &err);
    if (!self)
        fail_msg("%s", err.text);
    memset(file.bytes, 0xff, file.size);
    free(file.memory);
    check_same_network(expected, self);
    stylize_network_free(expected);
    stylize_network_free(self);
}

static void computes_the_same_from_memory(void **state) {
    (void)state;
    static const char *const names[] = {"tiny.safetensors",    "zip.pth",
                                        "zip-one-storage.pth", "legacy.pth",
                                        "legacy-old.pth",      "legacy-strided-f16.pth",
                                        "whole-vgg16.pth"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char pattern[100];
        snprintf(pattern, sizeof pattern, "networks/%s", names[i]);
        glob_t found = find_files(pattern);
        check_from_memory(found.gl_pathv[0]);
        globfree(&found);
    }
    glob_t found = find_files("golden/small*.safetensors");
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_from_memory(found.gl_pathv[i]);
    globfree(&found);
}

/* Also of the files that open but hold numbers, or tensors, that no network has. */
static void refuses_from_memory_what_it_refuses_as_a_file(void **state) {
    (void)state;
    static const char *const patterns[] = {"hostile/*.safetensors", "hostile/*.pth", "hostile/*.h5",
                                           "networks/*.h5", "images/rgb8.png"};
    size_t refused = 0;
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found = find_files(patterns[p]);
        for (size_t i = 0; i < found.gl_pathc; i++, refused++) {
            const char *path = found.gl_pathv[i];
            stylize_error expected = {0}, err = {0};
            block file = read_file(path);
            if (stylize_network_load(path, &expected))
                fail_msg("%s is not refused", path);
            assert_null(stylize_network_from_memory(file.bytes, file.size, path, &err));
            assert_int_equal(err.status, STYLIZE_FAILURE);
            assert_int_equal(expected.status, STYLIZE_FAILURE);
            assert_string_equal(err.text, expected.text);
            assert_ptr_equal(strstr(err.text, path), err.text);
            free(file.memory);
        }
        globfree(&found);
    }
    assert_true(refused > 200);
}

/* A good file of which the end is missing: not a byte is read that is not there. */
static void refuses_bytes_that_end_too_early(void **state) {
    (void)state;
    static const char *const patterns[] = {"networks/tiny.safetensors", "networks/zip.pth",
                                           "networks/legacy.pth"};
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        glob_t found = find_files(patterns[p]);
        block file = read_file(found.gl_pathv[0]);
        const size_t step = file.size / 97 + 1;
        for (size_t size = 0; size < file.size; size += size < 64 ? 1 : step) {
            stylize_error err = {0};
            unsigned char *cut = malloc(size ? size : 1);
            assert_non_null(cut);
            memcpy(cut, file.bytes, size);
            assert_null(stylize_network_from_memory(size ? cut : NULL, size, "cut", &err));
            assert_int_equal(err.status, STYLIZE_FAILURE);
            assert_ptr_equal(strstr(err.text, "cut"), err.text);
            free(cut);
        }
        free(file.memory);
        globfree(&found);
    }
}

/* ---- what is known of a network ---- */

static void knows_layers(void **state) {
    (void)state;
    stylize_error err = {0};
    assert_true(stylize_layer_known("relu4_4") && stylize_layer_known("pool5"));
    assert_false(stylize_layer_known("relu1_3") || stylize_layer_known(""));
    assert_false(stylize_layer_known(NULL));
    glob_t found = find_files("golden/small16.safetensors");
    stylize_network *network = load(found.gl_pathv[0]);
    globfree(&found);
    assert_true(stylize_network_has_layer(network, "conv1_1", &err));
    assert_false(stylize_network_has_layer(network, "relu4_4", &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    const char *deepest = network->layers[network->layer_count - 1].name;
    if (!strstr(err.text, "relu4_4") || !strstr(err.text, deepest))
        fail_msg("'%s' lacks relu4_4 or %s", err.text, deepest);
    stylize_network_free(network);
    stylize_network_free(NULL);
}

static void check_says(const stylize_network_file *self, const char *key, const char *expected) {
    const char *value = stylize_network_file_get(self, key);
    if (!value || strcmp(value, expected) != 0)
        fail_msg("%s is %s, not %s", key, value ? value : "nothing", expected);
}

static void tells_what_a_file_says(void **state) {
    (void)state;
    stylize_error err;
    stylize_network_file *self = stylize_network_file_open("weights/vgg19-slim.safetensors", &err);
    if (!self)
        fail_msg("%s", err.text);
    check_says(self, "architecture", "vgg19");
    check_says(self, "arch", "vgg19");
    check_says(self, "input_range", "1");
    assert_null(stylize_network_file_get(self, "no such key"));
    check_says(self, "deepest", "conv5_1");
    /* 9 numbers for each pair of channels and a bias for each output. */
    glob_t found = find_files("networks/tiny.safetensors");
    stylize_network *network = load("weights/vgg19-slim.safetensors");
    uint64_t count = 0;
    for (int i = 0, in = 3; i < network->conv_count; in = network->widths[i++])
        count += (uint64_t)(network->widths[i] * (9 * in + 1));
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    check_says(self, "parameters", text);
    stylize_network_free(network);
    assert_null(stylize_network_file_get(self, NULL));
    assert_null(stylize_network_file_get(NULL, "deepest"));
    stylize_network_file_free(self);
    stylize_network_file_free(NULL);
    globfree(&found);
}

/* Its numbers are not looked at, its names and shapes are. */
static void opens_files_without_their_numbers(void **state) {
    (void)state;
    stylize_error err = {0};
    glob_t found = find_files("hostile/vgg-nan.safetensors");
    stylize_network_file *self = stylize_network_file_open(found.gl_pathv[0], &err);
    assert_non_null(self);
    check_says(self, "architecture", "vgg16");
    check_says(self, "deepest", "conv1_1");
    assert_null(stylize_network_file_get(self, "license"));
    stylize_network_file_free(self);
    globfree(&found);
    found = find_files("hostile/vgg-with-gap.safetensors");
    assert_null(stylize_network_file_open(found.gl_pathv[0], &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_non_null(strstr(err.text, "the weight of conv1_2 is missing"));
    globfree(&found);
}

/* ---- what a caller may get wrong ---- */

static void check_missing(const void *result, const stylize_error *err, const char *text) {
    assert_null(result);
    assert_int_equal(err->status, STYLIZE_USAGE);
    if (!strstr(err->text, text))
        fail_msg("'%s' lacks '%s'", err->text, text);
}

static void refuses_what_is_not_there(void **state) {
    (void)state;
    stylize_error err;
    check_missing(stylize_network_load(NULL, &err), &err, "path may not be NULL");
    check_missing(stylize_network_from_memory(NULL, 1, "x", &err), &err, "data may not be NULL");
    check_missing(stylize_network_from_memory("x", 1, NULL, &err), &err, "name may not be NULL");
    check_missing(stylize_network_file_open(NULL, &err), &err, "path may not be NULL");
    assert_false(stylize_network_has_layer(NULL, "relu1_1", &err));
    assert_non_null(strstr(err.text, "self may not be NULL"));
    assert_null(stylize_network_load("/nowhere/x", &err));
    assert_int_equal(err.status, STYLIZE_FAILURE);
}

/* ---- errors and the machine ---- */

static void errors_are_one_line_of_their_size(void **state) {
    (void)state;
    stylize_error err;
    char path[2 * sizeof err.text];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_false(stylize_error_set(&err, STYLIZE_USAGE, "a\nb: %d", 7));
    assert_int_equal(err.status, STYLIZE_USAGE);
    assert_string_equal(err.text, "a?b: 7");
    assert_false(stylize_error_set(&err, STYLIZE_FAILURE, "%s: why", path));
    assert_int_equal(err.status, STYLIZE_FAILURE);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_string_equal(err.text + sizeof err.text - 6, ": why");
    assert_null(stylize_network_load(path, &err));
    assert_non_null(strstr(err.text, "name too long"));
}

static void tells_of_the_machine(void **state) {
    (void)state;
    bool supported, found = false;
    char version[40];
    snprintf(version, sizeof version, "%d.%d.%d", STYLIZE_VERSION_MAJOR, STYLIZE_VERSION_MINOR,
             STYLIZE_VERSION_PATCH);
    assert_string_equal(stylize_version(), version);
    assert_string_equal(STYLIZE_VERSION, version);
    int count = 0;
    for (; stylize_instruction_set_at(count, &supported); count++) {
        const char *name = stylize_instruction_set_at(count, NULL);
        assert_string_equal(name, kernels_of(PRECISION_BF16, count)->name);
        assert_int_equal(supported, kernels_supported(kernels_of(PRECISION_BF16, count)));
        found = found || (supported && !strcmp(name, stylize_instruction_set()));
    }
    assert_true(count > 0 && found);
    assert_null(stylize_instruction_set_at(-1, &supported));
    assert_null(stylize_instruction_set_at(count, &supported));
    assert_false(supported);
    assert_string_equal(stylize_instruction_set(), kernels_best_of(PRECISION_BF16)->name);
    const int threads = cpu_set_threads(1);
    assert_true(stylize_thread_count(0) >= 1 && stylize_thread_count(1) == 1);
    assert_true(stylize_thread_count(3) == 3 || stylize_thread_count(3) == 1);
    assert_int_equal(cpu_set_threads(threads), 1); /* asking changes nothing */
    assert_true(stylize_memory_peak() > 1 << 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_same_from_memory),
        cmocka_unit_test(refuses_from_memory_what_it_refuses_as_a_file),
        cmocka_unit_test(refuses_bytes_that_end_too_early),
        cmocka_unit_test(knows_layers),
        cmocka_unit_test(tells_what_a_file_says),
        cmocka_unit_test(opens_files_without_their_numbers),
        cmocka_unit_test(refuses_what_is_not_there),
        cmocka_unit_test(errors_are_one_line_of_their_size),
        cmocka_unit_test(tells_of_the_machine),
    };
    return cmocka_run_group_tests(tests, use_one_thread, NULL);
}
