/* SPDX-License-Identifier: MIT
 *
 * Streams of numbers: their bytes, the way there and back, and what is noticed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "byte_buffer.h"

/* The same on every machine; the checksum was computed apart from this program. */
static void test_bytes(void **state) {
    (void)state;
    static const unsigned char expected[] = {
        0x00, 0x00, 0x80, 0x3f,                         /* 1.0f */
        0xfe, 0xff, 0xff, 0xff,                         /* -2 */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0xc0, /* -2.5 */
        0x44, 0x33, 0x22, 0x11,                         /* 0x11223344 */
    };
    byte_buffer buffer = {0};
    error err;
    float one = 1;
    int two = -2;
    double half = -2.5;
    uint32_t word = 0x11223344;
    stream s = byte_buffer_writer(&buffer);
    assert_true(stream_pass32(&s, &one, 1, &err));
    assert_true(stream_pass32(&s, &two, 1, &err));
    assert_true(stream_pass64(&s, &half, 1, &err));
    assert_true(stream_pass32(&s, &word, 1, &err));
    assert_int_equal(buffer.count, sizeof expected);
    assert_memory_equal(buffer.bytes, expected, sizeof expected);
    assert_true(stream_seal(&s, &err));
    assert_int_equal(buffer.count, sizeof expected + 8);
    static const unsigned char sum[] = {0x18, 0x50, 0xca, 0x1e, 0x3b, 0x56, 0xc1, 0xe8};
    assert_memory_equal(buffer.bytes + sizeof expected, sum, sizeof sum);
    free(buffer.bytes);
}

/* More than is converted at a time, and two sealed parts. */
static void test_there_and_back(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    static float floats[COUNT], floats_back[COUNT];
    static double doubles[COUNT], doubles_back[COUNT];
    byte_buffer buffer = {0};
    error err;
    for (int i = 0; i < COUNT; i++) {
        floats[i] = i % 100 ? sinf((float)i) : i % 200 ? NAN : -INFINITY;
        doubles[i] = i % 100 ? cos(i) : -0.0;
    }
    stream s = byte_buffer_writer(&buffer);
    assert_true(stream_pass32(&s, floats, COUNT, &err) && stream_seal(&s, &err));
    assert_true(stream_pass64(&s, doubles, COUNT, &err) && stream_seal(&s, &err));
    assert_int_equal(buffer.count, 12 * COUNT + 16);
    s = byte_buffer_reader(&buffer);
    assert_true(stream_pass32(&s, floats_back, COUNT, &err) && stream_seal(&s, &err));
    assert_true(stream_pass64(&s, doubles_back, COUNT, &err) && stream_seal(&s, &err));
    assert_memory_equal(floats, floats_back, sizeof floats);
    assert_memory_equal(doubles, doubles_back, sizeof doubles);
    free(buffer.bytes);
}

/* Any bit that is another, wherever it stands. */
static void test_damage_is_noticed(void **state) {
    (void)state;
    byte_buffer buffer = {0};
    uint32_t words[20] = {0};
    error err;
    stream s = byte_buffer_writer(&buffer);
    assert_true(stream_pass32(&s, words, 20, &err) && stream_seal(&s, &err));
    for (size_t bit = 0; bit < 8 * buffer.count; bit++) {
        buffer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        s = byte_buffer_reader(&buffer);
        assert_true(stream_pass32(&s, words, 20, &err));
        assert_false(stream_seal(&s, &err));
        assert_non_null(strstr(err.text, "damaged"));
        buffer.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(buffer.bytes);
}

static bool refuse(void *user, const void *bytes, size_t count, error *err) {
    (void)user;
    (void)bytes;
    (void)count;
    return error_set(err, ERROR_FAILURE, "the disk is full");
}

/* The callback's words are the error's. */
static void test_callbacks_may_fail(void **state) {
    (void)state;
    byte_buffer buffer = {0};
    float values[2] = {0};
    error err;
    stream s = {.write = refuse};
    assert_false(stream_pass32(&s, values, 2, &err));
    assert_string_equal(err.text, "the disk is full");
    assert_false(stream_seal(&s, &err));
    s = byte_buffer_writer(&buffer);
    assert_true(stream_pass32(&s, values, 1, &err));
    s = byte_buffer_reader(&buffer);
    assert_false(stream_pass32(&s, values, 2, &err));
    assert_string_equal(err.text, "the test is short");
    s = byte_buffer_reader(&buffer);
    assert_true(stream_pass32(&s, values, 1, &err));
    assert_false(stream_seal(&s, &err));
    assert_string_equal(err.text, "the test is short");
    free(buffer.bytes);
}

/* Texts of any length, with zeros up to whole words; other bytes there are noticed. */
static void test_bytes_of_any_length(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 3, 4, 5, 4095, 4096, 4097, 9001};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t count = lengths[i], padded = (count + 3) / 4 * 4;
        byte_buffer buffer = {0};
        char text[9001], back[9002];
        error err;
        for (size_t k = 0; k < count; k++)
            text[k] = (char)(k * 7 + 1);
        memset(back, 'x', sizeof back);
        stream s = byte_buffer_writer(&buffer);
        assert_true(stream_pass_bytes(&s, text, count, &err) && stream_seal(&s, &err));
        assert_int_equal(buffer.count, padded + 8);
        s = byte_buffer_reader(&buffer);
        assert_true(stream_pass_bytes(&s, back, count, &err) && stream_seal(&s, &err));
        assert_memory_equal(back, text, count);
        assert_int_equal(back[count], 'x');
        for (size_t k = count; k < padded; k++)
            assert_int_equal(buffer.bytes[k], 0);
        if (count > 0) {
            buffer.bytes[padded - 1] ^= 4;
            s = byte_buffer_reader(&buffer);
            assert_true(stream_pass_bytes(&s, back, count, &err));
            assert_false(stream_seal(&s, &err));
        }
        free(buffer.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_callbacks_may_fail),
        cmocka_unit_test(test_bytes_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
