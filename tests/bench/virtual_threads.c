/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* MAP_ANONYMOUS, popen */
#include "virtual_threads.h"

#include "report.h"

#if defined(_OPENMP) && defined(__GNUC__) && !defined(__clang__)

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)1 << 20)
#define MOST_STRETCHES 16384 /* of a unit */
#define MOST_SHARES 16       /* loops that threads may be in at once, without a wait between */

/* A thread of a region. */
typedef struct strand {
    ucontext_t context;
    void *stack;
    double clock;
    enum { READY, WAITING, DONE } state;
    int shares; /* loops and singles that it came to */
    const void *place;
} strand;

/* A dynamic loop or a single: what of it is left. */
typedef struct share {
    int number;
    long next, end, step;
} share;

/* From one wait to the next, or between regions: the best of all units. */
typedef struct stretch {
    const void *place;
    double seconds, work;
    int team; /* 0 = outside of regions */
} stretch;

static struct {
    bool on, ignored, odd;
    int team, current; /* threads of the present region, 0 outside; the one that runs */
    ucontext_t home;
    void (*region)(void *);
    void *data;
    double mark;  /* processor time when the present piece of work began */
    double cost;  /* of looking at it */
    double began; /* the clock at the last wait */
    strand strands[MOST_VIRTUAL_THREADS];
    share shares[MOST_SHARES];
    stretch stretches[MOST_STRETCHES];
    int count, at, units;
} v;

/* ---- time ---- */

static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double since_mark(void) {
    const double spent = processor_seconds() - v.mark - v.cost;
    return spent > 0 ? spent : 0;
}

static void record(const void *place, double seconds, double work, int team) {
    stretch *s = &v.stretches[v.at];
    if (v.ignored)
        return;
    if (v.at++ == MOST_STRETCHES)
        fail("more than %d waits", MOST_STRETCHES);
    if (v.units == 0) {
        *s = (stretch){place, seconds, work, team};
        v.count = v.at;
        return;
    }
    if (v.at > v.count || s->team != team || s->place != place) {
        v.odd = true;
        return;
    }
    s->seconds = seconds < s->seconds ? seconds : s->seconds;
    s->work = work < s->work ? work : s->work;
}

/* ---- threads ---- */

/* Ends a piece of work of the present thread, which goes on when it is its turn. */
static void give_way(int state) {
    strand *s = &v.strands[v.current];
    s->clock += since_mark();
    s->state = state;
    swapcontext(&s->context, &v.home);
    v.mark = processor_seconds();
}

static void begin_strand(void) {
    v.mark = processor_seconds();
    v.region(v.data);
    give_way(DONE);
}

static strand *earliest(void) {
    strand *first = NULL;
    for (strand *s = v.strands; s < v.strands + v.team; s++) {
        if (s->state == READY && (!first || s->clock < first->clock))
            first = s;
    }
    return first;
}

/* All have come to a wait, or to the end: false then. */
static bool release(void) {
    double last = v.began, work = 0;
    int done = 0;
    for (int i = 0; i < v.team; i++) {
        const strand *s = &v.strands[i];
        last = s->clock > last ? s->clock : last;
        work += s->clock - v.began;
        done += s->state == DONE;
    }
    record(v.strands[0].place, last - v.began, work, v.team);
    if (done && done < v.team)
        fail("some threads wait for others that are done");
    for (int i = 0; i < v.team; i++) {
        v.strands[i].clock = last;
        v.strands[i].state = done ? DONE : READY;
    }
    v.began = last;
    return !done;
}

static void run_region(void (*region)(void *), void *data, int team) {
    if (team > MOST_VIRTUAL_THREADS)
        fail("no more than %d threads", MOST_VIRTUAL_THREADS);
    const double before = since_mark();
    record(region, before, before, 0);
    v.region = region;
    v.data = data;
    v.team = team;
    v.began = 0;
    memset(v.shares, 0, sizeof v.shares);
    for (int i = 0; i < team; i++) {
        strand *s = &v.strands[i];
        if (!s->stack)
            s->stack =
                mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (s->stack == MAP_FAILED || getcontext(&s->context))
            fail("no stack for a thread");
        s->context.uc_stack.ss_sp = s->stack;
        s->context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&s->context, begin_strand, 0);
        s->clock = 0;
        s->state = READY;
        s->shares = 0;
        s->place = region;
    }
    do {
        for (strand *s; (s = earliest());) {
            v.current = (int)(s - v.strands);
            swapcontext(&v.home, &s->context);
        }
    } while (release());
    v.team = 0;
    v.mark = processor_seconds();
}

/* The loop that the present thread has come to, which its first thread begins. */
static share *enter_share(long start, long end, long step) {
    const int number = ++v.strands[v.current].shares;
    share *s = &v.shares[number % MOST_SHARES];
    if (s->number < number)
        *s = (share){number, start, end, step};
    return s;
}

static bool next_task(long *from, long *to) {
    share *s = &v.shares[v.strands[v.current].shares % MOST_SHARES];
    if (s->step > 0 ? s->next >= s->end : s->next <= s->end)
        return false;
    *from = s->next;
    s->next += s->step;
    *to =
        s->step > 0 ? (s->next < s->end ? s->next : s->end) : (s->next > s->end ? s->next : s->end);
    return true;
}

/* ---- what gcc calls ---- */

#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(void, GOMP_parallel, void (*region)(void *), void *data, unsigned threads, unsigned flags) {
    if (v.on)
        run_region(region, data, threads ? (int)threads : omp_get_max_threads());
    else
        __real_GOMP_parallel(region, data, threads, flags);
}

WRAPPED(int, omp_get_thread_num, void) {
    return v.team ? v.current : __real_omp_get_thread_num();
}

/* Only loops that are dealt out beforehand ask for it. */
WRAPPED(int, omp_get_num_threads, void) {
    if (!v.team)
        return __real_omp_get_num_threads();
    v.strands[v.current].place = __builtin_return_address(0);
    return v.team;
}

WRAPPED(void, GOMP_barrier, void) {
    if (v.team)
        give_way(WAITING);
    else
        __real_GOMP_barrier();
}

WRAPPED(bool, GOMP_single_start, void) {
    long from, to;
    if (!v.team)
        return __real_GOMP_single_start();
    v.strands[v.current].place = __builtin_return_address(0);
    give_way(READY);
    enter_share(0, 1, 1);
    return next_task(&from, &to);
}

WRAPPED(bool, GOMP_loop_nonmonotonic_dynamic_start, long start, long end, long step, long chunk,
        long *from, long *to) {
    if (!v.team)
        return __real_GOMP_loop_nonmonotonic_dynamic_start(start, end, step, chunk, from, to);
    v.strands[v.current].place = __builtin_return_address(0);
    give_way(READY);
    enter_share(start, end, step * chunk);
    return next_task(from, to);
}

WRAPPED(bool, GOMP_loop_nonmonotonic_dynamic_next, long *from, long *to) {
    if (!v.team)
        return __real_GOMP_loop_nonmonotonic_dynamic_next(from, to);
    give_way(READY);
    return next_task(from, to);
}

WRAPPED(void, GOMP_loop_end, void) {
    if (v.team)
        give_way(WAITING);
    else
        __real_GOMP_loop_end();
}

WRAPPED(void, GOMP_loop_end_nowait, void) {
    if (!v.team)
        __real_GOMP_loop_end_nowait();
}

/* ---- units ---- */

bool virtual_threads_possible(void) {
    return true;
}

void virtual_threads_start(void) {
    v.on = true;
    v.cost = 1;
    for (int i = 0; i < 1000; i++) {
        v.mark = processor_seconds();
        const double cost = processor_seconds() - v.mark;
        v.cost = cost < v.cost ? cost : v.cost;
    }
    virtual_threads_clear();
}

void virtual_threads_clear(void) {
    v.count = v.at = v.units = 0;
    v.odd = false;
    v.mark = processor_seconds();
}

void virtual_threads_end_unit(void) {
    const double after = since_mark();
    if (!v.on)
        return;
    record(NULL, after, after, 0);
    const bool odd = v.odd || v.at != v.count;
    v.units = odd ? 0 : v.units + 1; /* only units like the last one are compared */
    v.odd = false;
    v.at = 0;
    v.mark = processor_seconds();
}

void virtual_threads_count(bool counted) {
    const double spent = since_mark();
    if (!v.on)
        return;
    record(NULL, spent, spent, 0);
    v.ignored = !counted;
    v.mark = processor_seconds();
}

/* ---- result ---- */

/* The function that an address belongs to; of a region the outlined one. */
static json_t *name_of(const void *address) {
    extern const ElfW(Ehdr) __ehdr_start;
    const char *base = __ehdr_start.e_type == ET_DYN ? (const char *)&__ehdr_start : NULL;
    char program[PATH_MAX] = "", command[PATH_MAX + 64], name[128] = "";
    (void)!readlink("/proc/self/exe", program, sizeof program - 1);
    snprintf(command, sizeof command, "addr2line -f -e '%s' %#tx 2>/dev/null", program,
             (const char *)address - base);
    FILE *out = popen(command, "r");
    if (out && !fgets(name, sizeof name, out))
        snprintf(name, sizeof name, "%#tx", (const char *)address - base);
    if (out)
        pclose(out);
    name[strcspn(name, "\n")] = '\0';
    return json_string(name);
}

/* All stretches of a loop from number `first` on, which are done with then. */
static json_t *sum_loop(int first, bool done[MOST_STRETCHES]) {
    stretch sum = {.place = v.stretches[first].place};
    int waits = 0;
    for (int i = first; i < v.count; i++) {
        const stretch *s = &v.stretches[i];
        if (s->team == 0 || s->place != sum.place)
            continue;
        done[i] = true;
        sum.seconds += s->seconds;
        sum.work += s->work;
        waits++;
    }
    return json_pack("[o, i, f, f]", name_of(sum.place), waits, sum.seconds, sum.work);
}

json_t *virtual_threads_result(void) {
    static bool done[MOST_STRETCHES];
    double seconds = 0, work = 0, serial = 0;
    int waits = 0;
    if (!v.on)
        return NULL;
    if (v.units == 0)
        fail("one unit of work is not like the one before");
    json_t *loops = json_array();
    for (int i = 0; i < v.count; i++) {
        const stretch *s = &v.stretches[i];
        seconds += s->seconds;
        work += s->work;
        serial += s->team ? 0 : s->seconds;
        waits += s->team != 0;
        if (s->team && !done[i])
            json_array_append_new(loops, sum_loop(i, done));
    }
    return json_pack("{s:f, s:f, s:f, s:i, s:o}", "seconds", seconds, "work", work, "serial",
                     serial, "waits", waits, "loops", loops);
}

#else

bool virtual_threads_possible(void) {
    return false;
}

void virtual_threads_start(void) {
    fail("virtual threads need gcc's OpenMP");
}

void virtual_threads_clear(void) {}

void virtual_threads_end_unit(void) {}

void virtual_threads_count(bool counted) {
    (void)counted;
}

json_t *virtual_threads_result(void) {
    return NULL;
}

#endif
