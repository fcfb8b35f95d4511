/* SPDX-License-Identifier: MIT
 *
 * Tests of network/weights_file with network/safetensors: good files, written here, must come back
 * bit by bit; every file of tests/hostile (made by make.py there) must be refused with its own
 * text.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/error.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static char folder[] = "/tmp/stylize-test-XXXXXX";
static char path[512];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.safetensors", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* Writes a file of this header and data to `path`, padding the header with spaces. */
static void write_file(const char *header, size_t padding, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    const uint64_t length = strlen(header) + padding;
    for (int i = 0; i < 8; i++)
        assert_int_not_equal(fputc((int)(length >> 8 * i & 255), file), EOF);
    assert_true(fputs(header, file) >= 0);
    for (size_t i = 0; i < padding; i++)
        assert_int_not_equal(fputc(' ', file), EOF);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static weights_file *open_good(const char *header, size_t padding, const void *data, size_t size) {
    error err = {0};
    write_file(header, padding, data, size);
    weights_file *self = weights_open(path, &err);
    if (!self)
        fail_msg("%s", err.text);
    return self;
}

static void test_no_tensors(void **state) {
    (void)state;
    weights_file *self = open_good("{}", 0, "", 0);
    assert_int_equal(weights_file_count(self), 0);
    assert_null(weights_file_find(self, "conv1_1.weight"));
    assert_null(weights_file_metadata(self, "arch"));
    weights_file_free(self);
    weights_file_free(NULL);
}

/* Lengths whose bytes look like the first ones of a pickle and of other formats. */
static void test_lengths_like_other_formats(void **state) {
    (void)state;
    for (size_t length = 0x80; length < 0x8080; length += 0x1000)
        weights_file_free(open_good("{}", length - 2, "", 0));
}

static void test_metadata(void **state) {
    (void)state;
    weights_file *self =
        open_good("{\"__metadata__\":{\"arch\":\"vgg19\",\"mean\":\"\"}}", 0, "", 0);
    assert_int_equal(weights_file_count(self), 0);
    assert_string_equal(weights_file_metadata(self, "arch"), "vgg19");
    assert_string_equal(weights_file_metadata(self, "mean"), "");
    assert_null(weights_file_metadata(self, "std"));
    assert_null(weights_file_find(self, "__metadata__"));
    weights_file_free(self);
}

/* Shapes of every rank, empty tensors at a place where another starts, an odd byte first so that
 * no later tensor is aligned, entries out of the order of their data. */
static void test_shapes_and_order(void **state) {
    (void)state;
    const char *header = "{\"scalar\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[25,29]},"
                         "\"full\":{\"dtype\":\"F32\",\"shape\":[1,3,1,2],\"data_offsets\":[1,25]},"
                         "\"empty\":{\"dtype\":\"F16\",\"shape\":[4,0],\"data_offsets\":[1,1]},"
                         "\"last\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[29,29]},"
                         "\"odd\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    static const char *const order[] = {"odd", "empty", "full", "scalar", "last"};
    unsigned char data[29] = {1};
    for (int i = 0; i < 7; i++) { /* 1.5 * 2^i, little-endian */
        const uint32_t bits = (uint32_t)(127 + i) << 23 | 0x400000;
        for (int k = 0; k < 4; k++)
            data[1 + 4 * i + k] = (unsigned char)(bits >> 8 * k);
    }
    weights_file *self = open_good(header, 13, data, sizeof data);
    assert_int_equal(weights_file_count(self), COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        assert_string_equal(weights_file_at(self, i)->name, order[i]);
        assert_ptr_equal(weights_file_find(self, order[i]), weights_file_at(self, i));
    }
    const weights_tensor *full = weights_file_find(self, "full");
    static const size_t shape[] = {1, 3, 1, 2};
    assert_int_equal(full->rank, 4);
    assert_memory_equal(full->shape, shape, sizeof shape);
    assert_int_equal(full->count, 6);

    error err = {0};
    float out[7];
    assert_true(weights_file_read(self, full, out, &err));
    assert_int_equal(weights_file_find(self, "scalar")->rank, 0);
    assert_int_equal(weights_file_find(self, "scalar")->count, 1);
    assert_true(weights_file_read(self, weights_file_find(self, "scalar"), out + 6, &err));
    for (int i = 0; i < 7; i++)
        assert_true(out[i] == ldexpf(1.5f, i));
    assert_int_equal(weights_file_find(self, "empty")->count, 0);
    assert_true(weights_file_read(self, weights_file_find(self, "empty"), out, &err));
    assert_true(weights_file_read(self, weights_file_find(self, "last"), NULL, &err));
    weights_file_free(self);
}

static void test_all_types(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t bytes;
        weights_type type;
    } types[] = {
        {"BOOL", 1, WEIGHTS_OTHER},    {"U8", 1, WEIGHTS_OTHER},      {"I8", 1, WEIGHTS_I8},
        {"F8_E5M2", 1, WEIGHTS_OTHER}, {"F8_E4M3", 1, WEIGHTS_OTHER}, {"I16", 2, WEIGHTS_OTHER},
        {"U16", 2, WEIGHTS_OTHER},     {"F16", 2, WEIGHTS_F16},       {"BF16", 2, WEIGHTS_OTHER},
        {"I32", 4, WEIGHTS_OTHER},     {"U32", 4, WEIGHTS_OTHER},     {"F32", 4, WEIGHTS_F32},
        {"F64", 8, WEIGHTS_OTHER},     {"I64", 8, WEIGHTS_OTHER},     {"U64", 8, WEIGHTS_OTHER},
    };
    static const unsigned char data[3 * 8];
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        char header[128];
        snprintf(header, sizeof header,
                 "{\"t\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%zu]}}", types[i].name,
                 3 * types[i].bytes);
        weights_file *self = open_good(header, 0, data, 3 * types[i].bytes);
        const weights_tensor *tensor = weights_file_find(self, "t");
        assert_int_equal(tensor->type, types[i].type);
        float out[3];
        error err = {0};
        assert_int_equal(weights_file_read(self, tensor, out, &err),
                         types[i].type == WEIGHTS_F32 || types[i].type == WEIGHTS_F16);
        weights_file_free(self);
    }
}

/* The longest name that is allowed, in UTF-8, and a name of no characters. */
static void test_names(void **state) {
    (void)state;
    char name[WEIGHTS_NAME_MAX + 1] = "n", header[512];
    for (int i = 1; i < WEIGHTS_NAME_MAX; i += 2)
        memcpy(name + i, "\xc3\xa4", 3);
    snprintf(header, sizeof header,
             "{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
             "\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
             name);
    weights_file *self = open_good(header, 0, "ab", 2);
    file_bytes *bytes = weights_file_bytes(self);
    assert_int_equal(*file_bytes_view(bytes, weights_file_find(self, name)->at, 1), 'a');
    assert_int_equal(*file_bytes_view(bytes, weights_file_find(self, "")->at, 1), 'b');
    weights_file_free(self);
}

/* A half by the definition of IEEE 754: (-1)^s * 2^(e-25) * (1024 + f), or 2^-24 * f. */
static double half_value(unsigned half) {
    const int exponent = half >> 10 & 31;
    const double fraction = half & 1023;
    const double magnitude =
        exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return half >> 15 ? -magnitude : magnitude;
}

static bool half_is_finite(unsigned half) {
    return (half >> 10 & 31) != 31;
}

static void test_finite_halves(void **state) {
    (void)state;
    static unsigned char data[2 * 65536];
    size_t n = 0;
    for (unsigned half = 0; half < 65536; half++) {
        if (half_is_finite(half)) {
            data[2 * n] = half & 255;
            data[2 * n++ + 1] = half >> 8;
        }
    }
    char header[128];
    snprintf(header, sizeof header,
             "{\"t\":{\"dtype\":\"F16\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}", n, 2 * n);
    weights_file *self = open_good(header, 0, data, 2 * n);
    static float out[65536];
    error err = {0};
    assert_true(weights_file_read(self, weights_file_at(self, 0), out, &err));
    for (size_t i = 0; i < n; i++) {
        const double expected = half_value(data[2 * i] | (unsigned)data[2 * i + 1] << 8);
        if (out[i] != expected || !signbit(out[i]) != !signbit(expected))
            fail_msg("half %zu: %a instead of %a", i, out[i], expected);
    }
    weights_file_free(self);
}

/* Every half that is no number, each as a tensor of its own: also a table of thousands. */
static void test_other_halves(void **state) {
    (void)state;
    enum { LIMIT = 2048 };
    static unsigned char data[2 * LIMIT];
    static char header[LIMIT * 80];
    size_t n = 0, length = 0;
    for (unsigned half = 0; half < 65536; half++) {
        if (half_is_finite(half))
            continue;
        length += (size_t)snprintf(
            header + length, sizeof header - length,
            "%c\"h%u\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[%zu,%zu]}", n ? ',' : '{',
            half, 2 * n, 2 * n + 2);
        data[2 * n] = half & 255;
        data[2 * n++ + 1] = half >> 8;
    }
    assert_int_equal(n, LIMIT);
    assert_true(length + 1 < sizeof header);
    header[length] = '}';
    weights_file *self = open_good(header, 0, data, sizeof data);
    assert_int_equal(weights_file_count(self), LIMIT);
    for (size_t i = 0; i < LIMIT; i++) {
        const weights_tensor *tensor = weights_file_at(self, i);
        assert_ptr_equal(weights_file_find(self, tensor->name), tensor);
        float out;
        error err = {0};
        assert_false(weights_file_read(self, tensor, &out, &err));
        assert_non_null(strstr(err.text, "value 0 is NaN or infinite"));
    }
    assert_null(weights_file_find(self, "h0"));
    assert_null(weights_file_find(self, "h99999"));
    weights_file_free(self);
}

/* The extremes of F32: nothing finite may be refused, zero keeps its sign. */
static void test_single_extremes(void **state) {
    (void)state;
    static const uint32_t bits[] = {0x00000001, 0x7f7fffff, 0x80000000, 0xff7fffff, 0x00800000};
    unsigned char data[sizeof bits];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(bits[i / 4] >> 8 * (i % 4));
    weights_file *self = open_good(
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]}}", 0, data, sizeof data);
    float out[COUNT_OF(bits)];
    error err = {0};
    assert_true(weights_file_read(self, weights_file_at(self, 0), out, &err));
    assert_memory_equal(out, bits, sizeof bits);
    weights_file_free(self);
}

/* All values of I8 by each of two scales, exactly; an empty tensor; scales that are not aligned. */
static void test_scaled(void **state) {
    (void)state;
    const char *header = "{\"t\":{\"dtype\":\"I8\",\"shape\":[2,16,16],\"data_offsets\":[0,512]},"
                         "\"none\":{\"dtype\":\"I8\",\"shape\":[0,3],\"data_offsets\":[512,512]},"
                         "\"pad\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[512,513]},"
                         "\"s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[513,521]},"
                         "\"no\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[521,521]}}";
    static const float scales[] = {WEIGHTS_SCALE_LEAST, WEIGHTS_SCALE_MOST};
    unsigned char data[521] = {0};
    for (int i = 0; i < 512; i++)
        data[i] = (unsigned char)i;
    memcpy(data + 513, scales, sizeof scales);
    weights_file *self = open_good(header, 0, data, sizeof data);
    float out[512];
    error err = {0};
    assert_true(weights_file_read_scaled(self, weights_file_find(self, "t"),
                                         weights_file_find(self, "s"), out, &err));
    for (int i = 0; i < 512; i++) {
        const int value = i % 256 < 128 ? i % 256 : i % 256 - 256;
        assert_true(out[i] == (float)value * scales[i / 256] && isfinite(out[i]));
    }
    assert_true(weights_file_read_scaled(self, weights_file_find(self, "none"),
                                         weights_file_find(self, "no"), NULL, &err));
    weights_file_free(self);
}

static void expect_refusal(const char *file, const char *text) {
    error err = {0};
    assert_null(weights_open(file, &err));
    assert_int_equal(err.code, ERROR_FAILURE);
    assert_ptr_equal(strstr(err.text, file), err.text);
    if (!strstr(err.text, text))
        fail_msg("'%s' lacks '%s'", err.text, text);
}

static void test_not_a_file(void **state) {
    (void)state;
    char other[sizeof folder + 16];
    snprintf(other, sizeof other, "%s/missing", folder);
    expect_refusal(other, "No such file or directory");
    expect_refusal(folder, "not a regular file");
    snprintf(other, sizeof other, "%s/pipe", folder);
    assert_int_equal(mkfifo(other, 0600), 0);
    expect_refusal(other, "not a regular file"); /* and does not wait for a writer */
    unlink(other);
    expect_refusal("/dev/null", "not a regular file");
}

#define NO_NUMBERS "tensor 't': shape is not of whole numbers from 0"
#define NO_OFFSETS "tensor 't': data_offsets are not whole numbers >= 0"
#define PAST_LIMIT "too big" /* jansson's words for an integer over 63 bits */

static const struct hostile {
    const char *name, *text;
} hostile[] = {
    {"empty", "not a safetensors file: shorter than 8 bytes"},
    {"seven-bytes", "not a safetensors file: shorter than 8 bytes"},
    {"header-over-100mb", "header of 100000001 bytes, over 100 MB"},
    {"header-all-ones", "header of 18446744073709551615 bytes, over 100 MB"},
    {"header-past-end", "header of 1000 bytes extends past the end of the file"},
    {"header-past-end-by-one", "header of 3 bytes extends past the end of the file"},
    {"header-of-none", "header does not start with '{'"},
    {"header-after-space", "header does not start with '{'"},
    {"header-array", "header does not start with '{'"},
    {"header-unfinished", "header at byte 5: unexpected token near end of file"},
    {"header-not-utf8", "unable to decode byte 0xff"},
    {"header-rest", "end of file expected"},
    {"header-nul", "end of file expected"},
    {"header-deep", "maximum parsing depth reached"},
    {"duplicate-tensor", "duplicate object key near '\"t\"'"},
    {"duplicate-key", "duplicate object key near '\"dtype\"'"},
    {"duplicate-metadata", "duplicate object key near '\"a\"'"},
    {"name-with-nul", "NUL byte in object key"},
    {"name-too-long", "tensor 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...': name over 255 bytes"},
    {"name-too-long-utf8", "\xc3\xa4...': name over 255 bytes"},
    {"metadata-array", "__metadata__ is not a JSON object"},
    {"metadata-null", "__metadata__ is not a JSON object"},
    {"metadata-number", "__metadata__ 'range' is not a string"},
    {"entry-number", "tensor 't': no JSON object"},
    {"entry-null", "tensor 't': no JSON object"},
    {"missing-dtype", "tensor 't': dtype is missing"},
    {"missing-shape", "tensor 't': shape is missing"},
    {"missing-offsets", "tensor 't': data_offsets is missing"},
    {"unknown-key", "tensor 't': unknown key 'strides'"},
    {"dtype-unknown", "tensor 't': unknown dtype 'F33'"},
    {"dtype-lower-case", "tensor 't': unknown dtype 'f32'"},
    {"dtype-empty", "tensor 't': unknown dtype ''"},
    {"dtype-number", "tensor 't': dtype is no string"},
    {"shape-number", "tensor 't': shape is no JSON array"},
    {"shape-rank-5", "tensor 't': 5 dimensions, over 4"},
    {"shape-negative", NO_NUMBERS},
    {"shape-two-negatives", NO_NUMBERS},
    {"shape-fraction", NO_NUMBERS},
    {"shape-real", NO_NUMBERS},
    {"shape-exponent", NO_NUMBERS},
    {"shape-string", NO_NUMBERS},
    {"shape-true", NO_NUMBERS},
    {"shape-2-to-63", PAST_LIMIT},
    {"shape-2-to-64-plus-2", PAST_LIMIT},
    {"shape-product-overflows", "tensor 't': shape overflows"},
    {"shape-wraps-to-2", "tensor 't': shape overflows"},
    {"shape-bytes-overflow", "tensor 't': shape overflows"},
    {"offsets-number", "tensor 't': data_offsets is no array of two numbers"},
    {"offsets-one", "tensor 't': data_offsets is no array of two numbers"},
    {"offsets-three", "tensor 't': data_offsets is no array of two numbers"},
    {"offsets-negative", NO_OFFSETS},
    {"offsets-real", NO_OFFSETS},
    {"offsets-backwards", "tensor 't': data_offsets end before they begin"},
    {"offsets-2-to-64", PAST_LIMIT},
    {"range-too-short", "tensor 't': F32 and shape need 8 bytes, data_offsets span 7"},
    {"range-too-long", "tensor 't': F32 and shape need 4 bytes, data_offsets span 8"},
    {"range-for-f16", "tensor 't': F16 and shape need 4 bytes, data_offsets span 8"},
    {"range-empty", "tensor 't': F32 and shape need 8 bytes, data_offsets span 0"},
    {"range-not-from-0", "tensor 't': data begin at 4, leaving a gap from 0"},
    {"range-far", "tensor 't': data begin at 4611686018427387904, leaving a gap from 0"},
    {"file-cut-short", "tensor 't': data end at 8, but the file holds 7 bytes of data"},
    {"file-without-data", "tensor 't': data end at 8, but the file holds 0 bytes of data"},
    {"file-classifier-past-end",
     "tensor 'classifier.0.weight': data end at 128, but the file holds"},
    {"file-with-rest", "the tensors end at 8, but the file holds 9 bytes of data"},
    {"file-of-rest", "the tensors end at 0, but the file holds 1 bytes of data"},
    {"ranges-with-hole", "tensor 'b': data begin at 12, leaving a gap from 8"},
    {"ranges-overlap", "tensor 'b': data begin at 4, inside a tensor that ends at 8"},
    {"ranges-equal", "tensor 'b': data begin at 0, inside a tensor that ends at 8"},
    {"range-empty-inside", "tensor 'b': data begin at 4, inside a tensor that ends at 8"},
    {"read-nan-f32", "tensor 't': value 1 is NaN or infinite"},
    {"read-infinity-f32", "tensor 't': value 0 is NaN or infinite"},
    {"read-nan-f16", "tensor 't': value 3 is NaN or infinite"},
    {"read-infinity-f16", "tensor 't': value 1 is NaN or infinite"},
    {"read-bf16", "tensor 't': dtype is neither F32 nor F16"},
    {"read-f64", "tensor 't': dtype is neither F32 nor F16"},
};

static const char *hostile_folder(void) {
    static char text[400];
    const char *data = getenv("STYLIZE_TEST_DATA");
    snprintf(text, sizeof text, "%s/hostile", data ? data : "tests");
    return text;
}

static void test_hostile_files(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        char file[512];
        snprintf(file, sizeof file, "%s/%s.safetensors", hostile_folder(), hostile[i].name);
        if (strncmp(hostile[i].name, "read-", 5)) {
            expect_refusal(file, hostile[i].text);
            continue;
        }
        error err = {0};
        float out[4];
        weights_file *self = weights_open(file, &err);
        assert_non_null(self);
        assert_false(weights_file_read(self, weights_file_find(self, "t"), out, &err));
        assert_ptr_equal(strstr(err.text, file), err.text);
        assert_non_null(strstr(err.text, hostile[i].text));
        weights_file_free(self);
    }
}

/* A file that make.py writes and nobody expects would be no test. */
static void test_no_hostile_file_is_forgotten(void **state) {
    (void)state;
    size_t found = 0;
    DIR *dir = opendir(hostile_folder());
    assert_non_null(dir);
    for (struct dirent *item; (item = readdir(dir));) {
        const char *dot = strrchr(item->d_name, '.');
        /* Those of test_vgg.c are good containers. */
        found += dot && !strcmp(dot, ".safetensors") && strncmp(item->d_name, "vgg-", 4) != 0;
    }
    closedir(dir);
    assert_int_equal(found, COUNT_OF(hostile));
}

/* Control characters in a path or a name must not break the one line of an error. */
static void test_error_is_one_line(void **state) {
    (void)state;
    error err = {0};
    write_file("{\"a\\nb\\u001b[2J\":{}}", 0, "", 0);
    assert_null(weights_open(path, &err));
    assert_non_null(strstr(err.text, "tensor 'a?b?[2J': dtype is missing"));
    write_file("{\n\n\"t\":\n]", 0, "", 0);
    assert_null(weights_open(path, &err));
    assert_null(strchr(err.text, '\n'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_tensors),
        cmocka_unit_test(test_lengths_like_other_formats),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_shapes_and_order),
        cmocka_unit_test(test_all_types),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_finite_halves),
        cmocka_unit_test(test_other_halves),
        cmocka_unit_test(test_single_extremes),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_no_hostile_file_is_forgotten),
        cmocka_unit_test(test_error_is_one_line),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
