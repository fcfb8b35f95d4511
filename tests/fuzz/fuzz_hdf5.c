/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the reader of Keras weights, in a process apart as the converter calls it
 * (convert/apart.h): the HDF5 library crashes and loops on damaged files. Whatever the bytes, what
 * comes back must be one line of error or a network of finite values, within seconds and with
 * bounded memory; and nothing is left behind. libFuzzer sees what the child passed through by
 * counters that both share, but where it was ended before its time. How it is run: replay.h.
 */
#define _XOPEN_SOURCE 700 /* mkstemp, pwrite */
#define _DEFAULT_SOURCE   /* MAP_ANONYMOUS */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "convert/apart.h"
#include "convert/keras.h"
#include "core/error.h"
#include "input_file.h"
#include "replay.h"

enum { MOST_SECONDS = 10, MOST_COUNTERS = 1 << 18 };
#define MOST_KILOBYTES (2L << 20) /* of the child */

/* ---- what the child passed through ---- */

/* Those of the whole program, where clang has put some in. */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));

/* libFuzzer finds them by the section; nothing here reads them. */
#if defined(__linux__)
__attribute__((used, section("__libfuzzer_extra_counters")))
#endif
static uint8_t counters[MOST_COUNTERS];
static uint8_t *shared; /* [MOST_COUNTERS] */

static size_t counter_count(void) {
    const size_t count =
        __start___sancov_cntrs ? (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs) : 0;
    return count < MOST_COUNTERS ? count : MOST_COUNTERS;
}

/* The reader that the child runs. What ends it is no find: libFuzzer is not told of it. */
static bool read_and_tell(plain_vgg *self, const char *name, bool all, error *err) {
    static const int ends[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        signal(ends[i], SIG_DFL);
    const bool ok = keras_read(self, name, all, err);
    if (counter_count())
        memcpy(shared, __start___sancov_cntrs, counter_count());
    return ok;
}

/* ---- the entry ---- */

static double seconds_of(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1e-6;
}

static void check_network(const plain_vgg *net) {
    check(net->arch && net->conv_count >= 1 && net->conv_count <= net->arch->conv_count,
          "no architecture");
    for (int i = 0; i < net->conv_count; i++) {
        check(net->widths[i] >= 1 && net->widths[i] <= VGG_MAX_WIDTH, "a width out of range");
        const size_t weights = plain_vgg_weight_count(net, i);
        for (size_t k = 0; k < weights; k++)
            check(isfinite(net->weights[i][k]), "a weight that is not finite");
        for (int k = 0; k < net->widths[i]; k++)
            check(isfinite(net->biases[i][k]), "a bias that is not finite");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rusage before, after;
    plain_vgg net;
    error err = {0};
    if (!shared)
        shared = mmap(NULL, MOST_COUNTERS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                      0);
    check(shared != MAP_FAILED, "out of memory");
    put_file(data, size);
    if (!keras_is_file(path))
        return 0;
    memset(shared, 0, counter_count());
    getrusage(RUSAGE_CHILDREN, &before);
    if (apart_read(read_and_tell, &net, path, true, &err)) {
        check_network(&net);
    } else {
        check(err.code == ERROR_FAILURE || err.code == ERROR_MEMORY, "refused without an error");
        check(strstr(err.text, path) && !strchr(err.text, '\n'), "no error of one line");
    }
    plain_vgg_clear(&net);
    getrusage(RUSAGE_CHILDREN, &after);
    memcpy(counters, shared, counter_count());
    check(seconds_of(&after) - seconds_of(&before) <= MOST_SECONDS, "it takes too long");
    check(after.ru_maxrss <= MOST_KILOBYTES, "it takes too much memory");
    check(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "a process is left");
    return 0;
}

/* The mark at the beginning stays, without which it is another file. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    (void)seed;
    size = LLVMFuzzerMutate(data, size, most);
    if (size >= 8)
        memcpy(data, "\x89HDF\r\n\x1a\n", 8);
    return size;
}
