/* SPDX-License-Identifier: MIT
 *
 * Keras files: networks that tests/networks/make.py wrote must come back bit by bit; every hostile
 * file of tests/hostile (make_h5.py there) must be refused with its own text; and whatever happens
 * in the process that reads, this one gets an answer.
 */
#define _DEFAULT_SOURCE /* mkstemp, MAP_ANONYMOUS */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "convert/apart.h"
#include "convert/keras.h"
#include "network/vgg_file.h"
#include "watched.h"

static char path[] = "/tmp/stylize-test-keras-XXXXXX";

static int make_path(void **state) {
    (void)state;
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
    (void)state;
    return unlink(path);
}

/* A file of the tests' data. */
static const char *data_file(const char *name) {
    static char full[400];
    const char *data = getenv("STYLIZE_TEST_DATA");
    snprintf(full, sizeof full, "%s/%s", data ? data : "tests", name);
    return full;
}

/* ---- good files ---- */

static plain_vgg read_tiny(void) {
    error err;
    plain_vgg net;
    vgg_file *file = vgg_file_open(data_file("networks/tiny.safetensors"), &err);
    assert_non_null(file);
    const vgg_source source = vgg_file_source(file);
    assert_true(plain_vgg_read(&net, &source, true, &err));
    vgg_file_free(file);
    return net;
}

static void expect_tiny(const char *name, int conv_count) {
    error err;
    plain_vgg expected = read_tiny(), net;
    assert_true(keras_is_file(data_file(name)));
    if (!apart_read(keras_read, &net, data_file(name), false, &err))
        fail_msg("%s", err.text);
    assert_ptr_equal(net.arch, &vgg_19);
    assert_int_equal(net.conv_count, conv_count);
    assert_memory_equal(net.widths, expected.widths, (size_t)conv_count * sizeof *net.widths);
    assert_memory_equal(&net.input, &vgg_input_caffe, sizeof net.input);
    for (int i = 0; i < conv_count; i++) {
        assert_memory_equal(net.weights[i], expected.weights[i],
                            plain_vgg_weight_count(&net, i) * sizeof(float));
        assert_memory_equal(net.biases[i], expected.biases[i],
                            (size_t)net.widths[i] * sizeof(float));
    }
    plain_vgg_clear(&net);
    plain_vgg_clear(&expected);
}

static void test_networks_come_back(void **state) {
    (void)state;
    expect_tiny("networks/keras-notop.h5", 9);
    expect_tiny("networks/keras-model.h5", 13);
    assert_false(keras_is_file(data_file("networks/zip.pth")));
    assert_false(keras_is_file(data_file("networks/missing")));
}

/* ---- hostile ones ---- */

static void expect_refusal(const char *file, const char *text) {
    error err = {0};
    plain_vgg net;
    if (apart_read(keras_read, &net, file, true, &err))
        fail_msg("%s is accepted", file);
    plain_vgg_clear(&net);
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_ptr_equal(strstr(err.text, file), err.text);
    if (!strstr(err.text, text))
        fail_msg("'%s' lacks '%s'", err.text, text);
}

static void test_hostile_files(void **state) {
    (void)state;
    char line[600];
    if (is_under_valgrind())
        skip(); /* which needs more than the memory and time that the process may take */
    size_t listed = 0, found = 0;
    FILE *list = fopen(data_file("hostile/h5.txt"), "r");
    assert_non_null(list);
    for (; fgets(line, sizeof line, list); listed++) {
        char name[300], *text = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        *text++ = '\0';
        snprintf(name, sizeof name, "hostile/%.200s.h5", line);
        expect_refusal(data_file(name), text);
    }
    fclose(list);
    DIR *dir = opendir(data_file("hostile"));
    assert_non_null(dir);
    for (struct dirent *item; (item = readdir(dir));) {
        const char *dot = strrchr(item->d_name, '.');
        found += dot && !strcmp(dot, ".h5");
    }
    closedir(dir);
    assert_true(listed > 30);
    assert_int_equal(found, listed); /* a file that nobody expects would be no test */
}

/* Cut anywhere or with any byte changed a file is read or refused, in one line. */
static void test_damaged_files(void **state) {
    (void)state;
    static char bytes[1 << 16];
    if (is_under_valgrind())
        skip(); /* which needs more than the memory and time that the process may take */
    FILE *file = fopen(data_file("networks/keras-notop.h5"), "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(size, 10000, sizeof bytes - 1);
    for (size_t i = 0; i < 120; i++) {
        const size_t at = i * 7919 % size;
        const char kept = bytes[at];
        const size_t left = i % 4 ? size : at;
        error err = {0};
        plain_vgg net;
        bytes[at] = (char)(i % 3 ? kept ^ 0x81 : -1);
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, left, file), left);
        assert_int_equal(fclose(file), 0);
        bytes[at] = kept;
        if (!apart_read(keras_read, &net, path, true, &err)) {
            assert_int_equal(err.code, ERROR_FAILURE);
            assert_null(strchr(err.text, '\n'));
        }
        plain_vgg_clear(&net);
    }
}

/* ---- the process that reads ---- */

static bool crash(plain_vgg *self, const char *file, bool all, error *err) {
    (void)self, (void)file, (void)all, (void)err;
    raise(SIGKILL);
    return true;
}

static bool never_end(plain_vgg *self, const char *file, bool all, error *err) {
    (void)self, (void)file, (void)all, (void)err;
    raise(SIGXCPU); /* as its limit does */
    return true;
}

static bool leave(plain_vgg *self, const char *file, bool all, error *err) {
    (void)self, (void)file, (void)all, (void)err;
    _exit(0);
}

/* More memory than so small a file may take. It ends like the one before where that is refused. */
static bool take_memory(plain_vgg *self, const char *file, bool all, error *err) {
    const size_t size = (size_t)2 << 30;
    (void)file, (void)all, (void)err;
    *self = (plain_vgg){.arch = &vgg_16};
    if (mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
        raise(SIGXCPU);
    return true;
}

static bool write_file(plain_vgg *self, const char *file, bool all, error *err) {
    (void)file, (void)all, (void)err;
    *self = (plain_vgg){.arch = &vgg_16};
    signal(SIGXFSZ, SIG_IGN);
    if (write(fileno(tmpfile()), "x", 1) != 1)
        raise(SIGXCPU);
    return true;
}

static bool promise_width(plain_vgg *self, const char *file, bool all, error *err) {
    (void)file, (void)all, (void)err;
    *self = (plain_vgg){.arch = &vgg_16, .conv_count = 1, .widths = {1 << 20}};
    return true;
}

static bool promise_convs(plain_vgg *self, const char *file, bool all, error *err) {
    (void)file, (void)all;
    *self = (plain_vgg){.arch = &vgg_16, .conv_count = VGG_MAX_CONVS};
    for (int i = 0; i < VGG_MAX_CONVS; i++) {
        self->widths[i] = 1;
        if (!plain_vgg_alloc_conv(self, i, err))
            return false;
    }
    return true;
}

static void test_reader_that_fails(void **state) {
    (void)state;
    static const struct {
        network_reader *read;
        const char *text;
    } cases[] = {
        {crash, "p: broken: the HDF5 library crashes on it"},
        {never_end, "p: broken: the HDF5 library never finishes on it"},
        {leave, "p: broken: the HDF5 library crashes on it"},
        {promise_width, "p: broken: the HDF5 library crashes on it"},
        {take_memory, "p: broken: the HDF5 library never finishes on it"},
        {write_file, "p: broken: the HDF5 library never finishes on it"},
        {promise_convs, "p: broken: the HDF5 library crashes on it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error err = {0};
        plain_vgg net;
        assert_false(apart_read(cases[i].read, &net, "p", true, &err));
        assert_string_equal(err.text, cases[i].text);
        plain_vgg_clear(&net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_come_back),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_reader_that_fails),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
