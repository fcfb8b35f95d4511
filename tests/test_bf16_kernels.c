/* SPDX-License-Identifier: MIT
 *
 * bf16 itself, by every kernel set: what becomes of all 65536 values and of floats between them,
 * and where operands of products go. The bits are compared with an arithmetic of their own.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bf16_bounds.h"
#include "kernel_buffers.h"

#define B CHANNEL_BLOCK
enum { ALL = 1 << 16, LEAST_EXPONENT = 0x80, NOT_FINITE = 0x7f80 };

/* Below 2^-126 a processor may take values for zeros of their sign. */
static bool tiny(unsigned bits) {
    return (bits & 0x7fff) < LEAST_EXPONENT && (bits & 0x7fff);
}

static bool not_a_number(unsigned bits) {
    return (bits & 0x7fff) > NOT_FINITE;
}

/* A quiet one, as arithmetic makes them. */
static bool quiet(unsigned bits) {
    return not_a_number(bits) && bits & 0x40;
}

/* Every value there is, in its order. */
static void check_widen(const kernel_set *k) {
    value_buffer all = values_new(sizeof(uint16_t), ALL);
    float *out = buffer_new(ALL);
    for (unsigned i = 0; i < ALL; i++)
        ((uint16_t *)all.data)[i] = (uint16_t)i;
    k->widen(all.data, out, ALL);
    for (unsigned i = 0; i < ALL; i++)
        assert_int_equal(bits_of_float(out[i]), i << 16);
    values_free(&all);
    buffer_free(out, ALL);
}

typedef void narrowing(const float *in, void *out, size_t count);

/* Of the bits that are cut off: nothing, the least, just below half, half, above, and all. */
static const unsigned lower[] = {0, 1, 0x4000, 0x7fff, 0x8000, 0x8001, 0xc000, 0xffff};
#define LOWER (int)(sizeof lower / sizeof *lower)

/* The nearest of the two around a value: the even one half way. */
static unsigned nearest(unsigned upper, unsigned rest) {
    const bool up = rest > 0x8000 || (rest == 0x8000 && upper & 1);
    return upper + up;
}

static void expect_bits(const kernel_set *k, unsigned upper, unsigned rest, unsigned found) {
    const float value = float_of_bits(upper << 16 | rest);
    if (not_a_number(upper) || (upper & 0x7fff) == NOT_FINITE) {
        if (!isnan(value))
            assert_int_equal(found, upper);
        else if (quiet(upper) && rest <= 1)
            assert_true(not_a_number(found));
        return;
    }
    const unsigned expected = nearest(upper, rest);
    if ((tiny(upper) || (upper & 0x7fff) == 0) && rest + (upper & 0x7fff) &&
        found == (upper & 0x8000))
        return; /* a zero */
    if (found != expected)
        fail_msg("%s: %#x%04x becomes %#x, not %#x", k->name, upper, rest, found, expected);
    if (!tiny(upper) && (expected & 0x7fff) < NOT_FINITE)
        assert_true((double)float_of_bits(found << 16) == bf16_round((double)value));
}

/* All values of bf16 and those between them, in place of themselves or elsewhere. */
static void check_narrowing(const kernel_set *k, narrowing *function, bool in_place) {
    float *in = buffer_new(ALL);
    uint16_t *words = words_new(ALL);
    for (int n = 0; n < LOWER; n++) {
        for (unsigned i = 0; i < ALL; i++)
            in[i] = float_of_bits(i << 16 | lower[n]);
        function(in, in_place ? (void *)in : (void *)words, ALL);
        if (in_place)
            memcpy(words, in, ALL * sizeof *words);
        for (unsigned i = 0; i < ALL; i++)
            expect_bits(k, i, lower[n], words[i]);
    }
    buffer_free(in, ALL);
    words_free(words, ALL);
}

static void check_narrow(const kernel_set *k) {
    check_narrowing(k, k->narrow, false);
}

/* The least and the largest value that are promised, and what lies beyond. */
static void check_ends(const kernel_set *k) {
    static const struct {
        float value;
        unsigned bits;
    } cases[] = {{0, 0},
                 {-0.0f, 0x8000},
                 {0x1p-126f, 0x0080},
                 {-0x1p-126f, 0x8080},
                 {0x1.01p-126f, 0x0080},
                 {0x1.03p-126f, 0x0082},
                 {0x1.fep127f, 0x7f7f},
                 {0x1.fefffep127f, 0x7f7f},
                 {0x1.ffp127f, 0x7f80},
                 {-0x1.fffffep127f, 0xff80},
                 {INFINITY, 0x7f80},
                 {-INFINITY, 0xff80},
                 {0x1.01p0f, 0x3f80},
                 {0x1.03p0f, 0x3f82},
                 {0x1.010002p0f, 0x3f81}};
    enum { CASES = sizeof cases / sizeof *cases };
    float in[B] = {0};
    uint16_t out[B];
    for (int i = 0; i < CASES; i++)
        in[i] = cases[i].value;
    k->narrow(in, out, B);
    for (int i = 0; i < CASES; i++)
        assert_int_equal(out[i], cases[i].bits);
}

/* Of activations; the fp32 sets copy. */
static void check_activations(const kernel_set *k) {
    if (k->precision == PRECISION_BF16) {
        check_widen(k);
        check_narrow(k);
        check_ends(k);
        return;
    }
    float *in = buffer_new(48), *out = buffer_new(48), *back = buffer_new(48);
    in[7] = 0x1p-149f;
    k->narrow(in, out, 48);
    k->widen(out, back, 48);
    assert_memory_equal(in, out, 48 * sizeof *in);
    assert_memory_equal(in, back, 48 * sizeof *in);
    buffer_free(in, 48);
    buffer_free(out, 48);
    buffer_free(back, 48);
}

static void test_activations(void **state) {
    (void)state;
    for_each_set(check_activations);
}

/* ---- operands ---- */

static void check_operands(const kernel_set *k) {
    if (k->bf16_products) {
        check_narrowing(k, k->operands, false);
        check_narrowing(k, k->operands, true);
        return;
    }
    float *in = buffer_new(48), *copy = buffer_copy(in, 48), *out = buffer_new(48);
    k->operands(in, out, 48);
    k->operands(in, in, 48);
    assert_memory_equal(out, copy, 48 * sizeof *in);
    assert_memory_equal(in, copy, 48 * sizeof *in);
    buffer_free(in, 48);
    buffer_free(copy, 48);
    buffer_free(out, 48);
}

static void test_operands(void **state) {
    (void)state;
    for_each_set(check_operands);
}

/* In bf16 two pixels of a channel side by side, zeros beside an odd last one; and nothing past it.
 */
static void check_pack(const kernel_set *k, int pixels) {
    const int together = k->bf16_products ? 2 : 1, places = (pixels + together - 1) / together;
    const size_t count = (size_t)((places + 1) * together * B);
    value_buffer in = values_new(kernels_activation_bytes(k), (size_t)(pixels * B));
    value_buffer out = values_new(kernels_operand_bytes(k), count);
    float *before = buffer_copy(out.floats, count);
    k->gram_pack(in.data, pixels, out.data);
    values_read(&out);
    for (int i = 0; i < (int)count; i++) {
        const int x = i / (together * B) * together + i % together, lane = i / together % B;
        if (i >= places * together * B)
            assert_true(out.floats[i] == before[i]);
        else
            assert_true(out.floats[i] == (x < pixels ? in.floats[x * B + lane] : 0));
    }
    values_free(&in);
    values_free(&out);
    buffer_free(before, count);
}

static void check_packs(const kernel_set *k) {
    for (int pixels = 1; pixels <= 19; pixels++)
        check_pack(k, pixels);
}

static void test_gram_pack(void **state) {
    (void)state;
    for_each_set(check_packs);
}

/* ---- signs ---- */

/* A value that is kept as zero may have been positive; none is kept that is positive without its
 * sign, and no sign stands beside a negative one. */
static void check_signs(const kernel_set *k) {
    enum { POINTS = 36, STEP = B };
    float in[POINTS * STEP] = {0}, bias[B] = {0};
    const size_t bytes = kernels_activation_bytes(k);
    value_buffer out = values_new(bytes, B), pooled = values_new(bytes, B);
    for (int lane = 0; lane < B; lane++) /* product 0 of a tile is in pixel 0 alone */
        in[lane] = ldexpf(lane % 2 ? -1.5f : 1.5f, -140 + 2 * lane);
    for (int average = 0; average < 2; average++) {
        uint16_t sign, choice[4];
        k->winograd_output(in, STEP,
                           &(winograd_out){.out = out.data,
                                           .sign = &sign,
                                           .height = 1,
                                           .width = 1,
                                           .bias = bias,
                                           .relu = true});
        k->winograd_output_pooled(in, STEP,
                                  &(winograd_pooled){.out = pooled.data,
                                                     .choice = choice,
                                                     .height = 1,
                                                     .width = 1,
                                                     .bias = bias,
                                                     .average = average});
        values_read(&out);
        values_read(&pooled);
        for (int lane = 0; lane < B; lane++) {
            const int bit = word_bit(sign, lane);
            assert_true(out.floats[lane] >= 0 && pooled.floats[lane] >= 0);
            assert_true(bit || out.floats[lane] == 0);
            assert_true(!bit || in[lane] > 0);
            assert_int_equal(word_bit(choice[0], lane), bit);
            assert_int_equal(word_bit(choice[1], lane), 0);
            assert_true(bit || pooled.floats[lane] == 0);
            if (lane > 7 && lane % 2 == 0)
                assert_true(bit && out.floats[lane] == in[lane]);
        }
    }
    values_free(&out);
    values_free(&pooled);
}

static void test_signs(void **state) {
    (void)state;
    for_each_set(check_signs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_gram_pack),
        cmocka_unit_test(test_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
