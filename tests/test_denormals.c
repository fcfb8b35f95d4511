/* SPDX-License-Identifier: MIT
 *
 * Tests of core/denormals: a product too small is 0 and so is one of small operands while they are
 * off, on each thread of a team; afterwards each thread has its state back, bit for bit, also where
 * the threads had different ones and where OpenMP has replaced them in between.
 */
#include <fenv.h>
#include <float.h>
#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/denormals.h"
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#if defined(__x86_64__) || defined(__aarch64__)
#define SUPPORTED true
#else
#define SUPPORTED false
#endif

/* Bits that the OpenMP library itself changes in parallel regions: LLVM's clears exception flags.
 */
#if defined(__x86_64__) && defined(__clang__)
#define OTHERS_BITS UINT64_C(0x3f)
#else
#define OTHERS_BITS UINT64_C(0)
#endif

#define MOST 8 /* threads */

/* Compared as bits: with denormals off as operands, each is equal to 0. */
static bool is_zero(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits == 0;
}

/* FLT_MIN / 2: a denormal result of normal operands. */
static float small_result(void) {
    volatile float tiny = FLT_MIN, half = 0.5f;
    return tiny * half;
}

/* Not small, if the denormal operand counts. */
static float small_operand(void) {
    volatile float denormal = FLT_MIN / 4, large = 1e30f;
    return denormal * large;
}

/* Whether the calling thread has denormals as results and as operands. */
static bool has_denormals(void) {
    return !is_zero(small_result()) && !is_zero(small_operand());
}

static bool lacks_denormals(void) {
    return !SUPPORTED || (is_zero(small_result()) && is_zero(small_operand()));
}

/* Differs between rounding up and down. */
static float a_third(void) {
    volatile float one = 1, three = 3;
    return one / three;
}

static uint64_t control(void) {
#if defined(__x86_64__)
    return _mm_getcsr();
#else
    const uint64_t state = denormals_off();
    denormals_restore(state);
    return state;
#endif
}

/* Leaves a test out where the processor keeps denormals whatever its control word says, as the one
 * does that valgrind shows; that word is set here by itself. */
static void need_processor(void) {
#if defined(__x86_64__)
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); /* flush to zero, denormals are zero */
    const bool heeded = is_zero(small_result()) && is_zero(small_operand());
    _mm_setcsr(before);
    if (!heeded) {
        print_message("denormals cannot be turned off here (valgrind)\n");
        skip();
    }
#endif
}

static void one_thread(void **state) {
    (void)state;
    need_processor();
    const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (size_t i = 0; i < sizeof roundings / sizeof *roundings; i++) {
        assert_int_equal(fesetround(roundings[i]), 0);
        assert_true(has_denormals()); /* first, for it may raise flags */
        const float rounded = a_third();
        const uint64_t before = control();
        const uint64_t outer = denormals_off();
        const float rounded_off = a_third();
        const bool lacks = lacks_denormals();
        const uint64_t inner = denormals_off(); /* again: a state as any other */
        const bool lacks_twice = lacks_denormals();
        denormals_restore(inner);
        const bool still_lacks = lacks_denormals();
        feraiseexcept(FE_DIVBYZERO);
        denormals_restore(outer);
        const uint64_t after = control();
        fesetround(FE_TONEAREST);
        assert_true(lacks && lacks_twice && still_lacks);
        assert_true(rounded == rounded_off);
        assert_int_equal(after, before);
        assert_true(has_denormals());
    }
}

/* Notes each thread's state, or whether it lacks denormals, in a region of `count` threads. */
static void note(int count, uint64_t *states, bool *lacking) {
    (void)count; /* unused without OpenMP */
    for (int i = 0; i < MOST; i++) {
        if (states)
            states[i] = UINT64_MAX; /* no such thread */
        if (lacking)
            lacking[i] = true;
    }
#pragma omp parallel num_threads(count)
    {
        if (states)
            states[cpu_thread()] = control();
        if (lacking)
            lacking[cpu_thread()] = lacks_denormals();
    }
}

static bool all(const bool *values) {
    for (int i = 0; i < MOST; i++) {
        if (!values[i])
            return false;
    }
    return true;
}

/* Turns off with `count` threads, whose states differ if `different`, has regions of `between`
 * threads in between, and compares the states. */
static void expect_team(int count, int between, bool different) {
    uint64_t before[MOST], after[MOST];
    bool lacking[MOST], lacking_between[MOST], lacking_after[MOST];
    const int threads = cpu_set_threads(count), expected_count = cpu_set_threads(0);
    if (different) {
#pragma omp parallel num_threads(count)
        fesetround(cpu_thread() % 2 ? FE_UPWARD : FE_TOWARDZERO);
    }
    note(count, before, NULL);
    error err = {0};
    denormals_team team = {0};
    const uint64_t caller_before = control();
    const bool ok = denormals_off_team(&team, &err);
    const int team_count = team.count;
    const bool caller_lacks = lacks_denormals();
    note(count, NULL, lacking);
    note(between, NULL, lacking_between);
    note(count, NULL, lacking_after);
    cpu_set_threads(1); /* must not matter */
    denormals_restore_team(&team);
    const uint64_t caller_after = control();
    note(count, after, NULL);
#pragma omp parallel num_threads(count)
    fesetround(FE_TONEAREST);
    cpu_set_threads(threads);
    assert_true(ok);
    assert_int_equal(team_count, expected_count);
    assert_true(caller_lacks);
    assert_true(all(lacking) && all(lacking_between) && all(lacking_after));
    assert_int_equal(caller_after, caller_before);
    assert_int_equal(team.count, 0);
    denormals_team_clear(&team);
    assert_null(team.states);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(after[i] & ~OTHERS_BITS, before[i] & ~OTHERS_BITS);
}

static void teams(void **state) {
    (void)state;
    need_processor();
    const int counts[] = {1, 2, 5, 1, 5};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        expect_team(counts[i], counts[i], false);
        expect_team(counts[i], counts[i], true);
        assert_true(has_denormals());
    }
}

/* Smaller regions end threads and larger ones start some, which inherit from the caller. */
static void teams_that_change(void **state) {
    (void)state;
    need_processor();
    expect_team(5, 1, false);
    expect_team(5, 2, true);
    expect_team(2, 2, false);
}

/* The design rests on this: a new thread begins with the state of the one that starts it. */
#ifdef _OPENMP
static void *note_control(void *into) {
    *(uint64_t *)into = control();
    return NULL;
}

static void new_threads_inherit(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        uint64_t theirs = 0;
        const uint64_t before = control();
        if (i)
            denormals_off();
        const uint64_t mine = control();
        const int failed = pthread_create(&thread, NULL, note_control, &theirs);
        denormals_restore(before);
        assert_int_equal(failed, 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(theirs, mine);
        assert_int_equal(mine != before, i && SUPPORTED);
    }
}
#endif

static void nothing_to_restore(void **state) {
    (void)state;
    denormals_team team = {0};
    denormals_restore_team(&team);
    assert_true(has_denormals());
}

/* Off and on again and again takes memory once. */
static void memory_is_kept(void **state) {
    (void)state;
    denormals_team team = {0};
    error err;
    assert_true(denormals_off_team(&team, &err));
    const uint64_t *states = team.states;
    denormals_restore_team(&team);
    assert_true(denormals_off_team(&team, &err));
    assert_ptr_equal(team.states, states);
    denormals_restore_team(&team);
    assert_true(has_denormals());
    denormals_team_clear(&team);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread),          cmocka_unit_test(teams),
        cmocka_unit_test(teams_that_change),
#ifdef _OPENMP
        cmocka_unit_test(new_threads_inherit),
#endif
        cmocka_unit_test(nothing_to_restore),  cmocka_unit_test(memory_is_kept),
    };
#ifdef _OPENMP
    omp_set_dynamic(0); /* all threads that a region asks for */
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
