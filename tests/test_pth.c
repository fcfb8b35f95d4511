/* SPDX-License-Identifier: MIT
 *
 * PyTorch's files: networks that tests/networks/make.py wrote in both formats must come back bit by
 * bit; every hostile file of tests/hostile (make_pth.py there) must be refused with its own text.
 */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "network/vgg_file.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

#define TINY_MOST (4 * 4 * 9) /* values of the tiny networks' largest tensor */

static char path[] = "/tmp/stylize-test-pth-XXXXXX";

static int make_path(void **state) {
    (void)state;
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

static const char *data_folder(void) {
    const char *data = getenv("STYLIZE_TEST_DATA");
    return data ? data : "tests";
}

/* ---- good files ---- */

static vgg_file *open_network(const char *name) {
    char full[400];
    error err = {0};
    snprintf(full, sizeof full, "%s/networks/%s", data_folder(), name);
    vgg_file *file = vgg_file_open(full, &err);
    if (!file)
        fail_msg("%s", err.text);
    return file;
}

static void test_networks_come_back(void **state) {
    (void)state;
    static const char *const names[] = {"zip.pth", "zip-one-storage.pth", "legacy.pth",
                                        "legacy-strided-f16.pth", "legacy-old.pth"};
    vgg_file *original = open_network("tiny.safetensors");
    const vgg_source expected = vgg_file_source(original);
    assert_int_equal(expected.conv_count, 13);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        vgg_file *file = open_network(names[i]);
        const vgg_source source = vgg_file_source(file);
        assert_ptr_equal(source.arch, &vgg_19);
        assert_int_equal(source.conv_count, expected.conv_count);
        assert_memory_equal(source.widths, expected.widths, sizeof source.widths);
        assert_memory_equal(&source.input, &vgg_input_torchvision, sizeof source.input);
        assert_false(vgg_file_states_input(file));
        for (int conv = 0; conv < source.conv_count; conv++) {
            float weights[2][TINY_MOST] = {{0}}, biases[2][4] = {{0}};
            error err;
            assert_true(expected.read(expected.user, conv, weights[0], biases[0], &err));
            assert_true(source.read(source.user, conv, weights[1], biases[1], &err));
            if (memcmp(weights[0], weights[1], sizeof *weights) ||
                memcmp(biases[0], biases[1], sizeof *biases))
                fail_msg("%s: convolution %d differs", names[i], conv);
        }
        vgg_file_free(file);
    }
    vgg_file_free(original);
}

/* ---- hostile ones ---- */

static void expect_refusal(const char *file, const char *text, bool opens) {
    error err = {0};
    float out[4];
    weights_file *self = weights_open(file, &err);
    if (opens) {
        assert_non_null(self);
        assert_false(weights_file_read(self, weights_file_find(self, "t"), out, &err));
        weights_file_free(self);
    } else if (self) { /* what is no network shows one floor higher */
        weights_file_free(self);
        assert_null(vgg_file_open(file, &err));
    }
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_ptr_equal(strstr(err.text, file), err.text);
    assert_null(strchr(err.text, '\n'));
    if (!strstr(err.text, text))
        fail_msg("'%s' lacks '%s'", err.text, text);
}

static void test_hostile_files(void **state) {
    (void)state;
    char line[600], file[400];
    size_t listed = 0, found = 0;
    snprintf(file, sizeof file, "%s/hostile/pth.txt", data_folder());
    FILE *list = fopen(file, "r");
    assert_non_null(list);
    for (; fgets(line, sizeof line, list); listed++) {
        char *text = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        *text++ = '\0';
        snprintf(file, sizeof file, "%s/hostile/%.200s.pth", data_folder(), line);
        expect_refusal(file, text, !strncmp(line, "read-", 5));
    }
    fclose(list);
    snprintf(file, sizeof file, "%s/hostile", data_folder());
    DIR *dir = opendir(file);
    assert_non_null(dir);
    for (struct dirent *item; (item = readdir(dir));) {
        const char *dot = strrchr(item->d_name, '.');
        found += dot && !strcmp(dot, ".pth");
    }
    closedir(dir);
    assert_true(listed > 100);
    assert_int_equal(found, listed); /* a file that nobody expects would be no test */
    assert_int_not_equal(access("/tmp/stylize-was-here", F_OK), 0);
}

/* Cut at every byte a file is refused: nothing is read past its end. */
static void test_truncated_files(void **state) {
    (void)state;
    static const char *const names[] = {"zip.pth", "legacy.pth", "legacy-old.pth"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        static char bytes[1 << 15];
        snprintf(bytes, sizeof bytes, "%s/networks/%s", data_folder(), names[i]);
        FILE *file = fopen(bytes, "rb");
        assert_non_null(file);
        const size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_in_range(size, 1000, sizeof bytes - 1);
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
        for (size_t left = size; left-- > 0;) {
            error err = {0};
            assert_int_equal(truncate(path, (off_t)left), 0);
            if (weights_open(path, &err))
                fail_msg("%s cut to %zu bytes of %zu is accepted", names[i], left, size);
            assert_int_equal(err.code, ERROR_FAILURE);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_come_back),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_truncated_files),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
