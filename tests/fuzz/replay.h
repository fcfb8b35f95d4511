/* SPDX-License-Identifier: MIT
 *
 * What the fuzz entries share. Each fuzz_NAME.c defines LLVMFuzzerTestOneInput, and is linked in
 * two ways, by any compiler with the main of replay.c and by clang with libFuzzer.
 *
 * As a test (`make fuzz-test`):
 *     build/tests/fuzz/fuzz_NAME [-e] [-n MUTATIONS] [-s SEED] FILE...
 * replays each file whole and cut to each sixteenth; with -e also cut at each byte, and with each
 * byte replaced by some that mean something in texts; with -n also so many mutations of it. The
 * same seed makes the same ones.
 *
 * To search for new ones (`make fuzz`, which tries each for FUZZ_SECONDS seconds):
 *     build/fuzz/fuzz/NAME -max_len=4096 NEW_FOLDER tests/fuzz/corpus
 * or tests/fuzz/campaign.sh for all of them, with all that belongs to it.
 */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The entry: any bytes. It returns 0, or ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes `size` bytes in a room of `most`; how many there are then. libFuzzer's, or replay.c's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/* May be defined by an entry: what takes the place of LLVMFuzzerMutate, which it can call. */
__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most,
                                                     unsigned seed);

/* May be defined by an entry: what a test does besides, once for each file, and before the first
 * with all NULL. libFuzzer does not call it. */
__attribute__((weak)) void replay_more(const char *path, const uint8_t *data, size_t size);

static inline void check(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "fuzz: %s\n", what);
        abort();
    }
}

#endif
