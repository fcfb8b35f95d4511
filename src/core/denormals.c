/* SPDX-License-Identifier: MIT */
#include "core/denormals.h"

#include <assert.h>
#include <stddef.h>

#include "core/cpu.h"
#include "core/memory.h"

/* ---- one thread ---- */

#if defined(__x86_64__)

#include <xmmintrin.h>

/* MXCSR: flush to zero, denormals are zero. Every x86-64 processor has both. */
#define OFF_BITS ((uint64_t)0x8040)

static uint64_t get(void) {
    return _mm_getcsr();
}

static void set(uint64_t state) {
    _mm_setcsr((unsigned)state);
}

#elif defined(__aarch64__)

#define OFF_BITS ((uint64_t)1 << 24) /* FPCR.FZ: results and operands */

static uint64_t get(void) {
    uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    return state;
}

static void set(uint64_t state) {
    __asm__ volatile("msr fpcr, %0" : : "r"(state) : "memory");
}

#else

#define OFF_BITS ((uint64_t)0)

static uint64_t get(void) {
    return 0;
}

static void set(uint64_t state) {
    (void)state;
}

#endif

uint64_t denormals_off(void) {
    const uint64_t state = get();
    set(state | OFF_BITS);
    return state;
}

void denormals_restore(uint64_t state) {
    set(state);
}

/* ---- a team ---- */

/* A new thread inherits the state of the one that starts it. So the caller's state changes only in
 * the region, after OpenMP has started its threads; and a thread that takes the number of one that
 * ended since, or of one that was not there, gets what it would have had without this. LLVM's
 * OpenMP makes every region begin with the caller's state, and gives the caller at the end the one
 * it had at the start, so the caller changes its own state once more after the region. */
bool denormals_off_team(denormals_team *self, error *err) {
    const int count = cpu_set_threads(0);
    assert(self->count == 0);
    if (self->capacity < count) {
        denormals_team_clear(self);
        self->states = memory_alloc((size_t)count, sizeof *self->states, err);
        if (!self->states)
            return false;
        self->capacity = count;
    }
    uint64_t *const states = self->states;
    const uint64_t own = get();
    for (int i = 0; i < count; i++)
        states[i] = own;
#pragma omp parallel num_threads(count)
    states[cpu_thread()] = denormals_off();
    states[0] = own;
    denormals_off();
    self->count = count;
    return true;
}

void denormals_restore_team(denormals_team *self) {
    if (self->count) {
#pragma omp parallel num_threads(self->count)
        denormals_restore(self->states[cpu_thread()]);
        denormals_restore(self->states[0]);
    }
    self->count = 0;
}

void denormals_team_clear(denormals_team *self) {
    memory_free(self->states);
    *self = (denormals_team){0};
}
