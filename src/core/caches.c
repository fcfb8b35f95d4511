/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_getaffinity, _SC_LEVEL2_CACHE_SIZE */
#include "core/caches.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "core/system_file.h"

#define INDICES 16                       /* folders looked at; processors have three to five */
#define LARGEST_SIZE ((uint64_t)1 << 30) /* bytes */
#define LARGEST_COUNT 65536              /* CPUs; Linux stops at 8192 */

/* For systems that tell nothing. 32 KB is the smallest L1d in wide use. L2 caches have 256 KB
 * (older desktops) to 2 MB: with 512 KB, work that is cut to fit spills to the L3 on the former and
 * forgoes some of the latter, neither of which costs much. 8 MB is the L3 of a desktop with four
 * cores. */
static const cpu_caches guess = {
    .l1d = 32 << 10, .l2 = 512 << 10, .l3 = 8 << 20, .l2_cpus = 1, .l3_cpus = 4};

static bool at_end(const char *text) {
    return text[strspn(text, "\n")] == '\0';
}

/* "48K", "2M", "1G" or plain bytes; 0 when it is anything else or not to be believed. */
static size_t parse_size(const char *text) {
    uint64_t value;
    const char *unit = system_file_number(text, &value);
    if (!unit || value > LARGEST_SIZE)
        return 0;
    const int shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : *unit == 'G' ? 30 : 0;
    if (!at_end(shift ? unit + 1 : unit) || value > LARGEST_SIZE >> shift)
        return 0;
    return (size_t)(value << shift);
}

/* The CPUs of a list such as "0-7,64-71"; 1 when it is no such list. */
static int parse_list(const char *text) {
    uint64_t count = 0;
    for (;;) {
        uint64_t first, last;
        text = system_file_number(text, &first);
        if (!text)
            return 1;
        last = first;
        if (*text == '-')
            text = system_file_number(text + 1, &last);
        if (!text || last < first || last - first >= LARGEST_COUNT)
            return 1;
        count += last - first + 1;
        if (count > LARGEST_COUNT)
            return 1;
        if (*text != ',')
            return at_end(text) ? (int)count : 1;
        text++;
    }
}

cpu_caches cpu_caches_read(const char *root, int cpu) {
    cpu_caches found = {0};
    for (int i = 0; i < INDICES; i++) {
        char text[32], list[4096];
        uint64_t level;
#define READ(name, into)                                                                           \
    system_file_read(into, sizeof into, "%s/cpu%d/cache/index%d/" name, root, cpu, i)
        if (!READ("type", text) || !strncmp(text, "Instruction", strlen("Instruction")))
            continue;
        if (!READ("level", text) || !system_file_number(text, &level))
            continue;
        const size_t size = READ("size", text) ? parse_size(text) : 0;
        const int cpus = size && READ("shared_cpu_list", list) ? parse_list(list) : size != 0;
#undef READ
        if (level == 1 && !found.l1d) {
            found.l1d = size;
        } else if (level == 2 && !found.l2) {
            found.l2 = size;
            found.l2_cpus = cpus;
        } else if (level == 3 && !found.l3) {
            found.l3 = size;
            found.l3_cpus = cpus;
        }
    }
    return found;
}

#ifdef _SC_LEVEL2_CACHE_SIZE
static size_t configured(int name) {
    const long size = sysconf(name);
    return size > 0 && (uint64_t)size <= LARGEST_SIZE ? (size_t)size : 0;
}
#endif

/* The C library does not tell who shares a cache: the L2 is a core's, the L3 is everyone's. */
static cpu_caches from_library(void) {
    cpu_caches found = {0};
#ifdef _SC_LEVEL2_CACHE_SIZE
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    found.l1d = configured(_SC_LEVEL1_DCACHE_SIZE);
    found.l2 = configured(_SC_LEVEL2_CACHE_SIZE);
    found.l3 = configured(_SC_LEVEL3_CACHE_SIZE);
    found.l2_cpus = found.l2 != 0;
    if (found.l3)
        found.l3_cpus = cpus > 0 && cpus <= LARGEST_COUNT ? (int)cpus : 1;
#endif
    return found;
}

cpu_caches cpu_caches_or(cpu_caches first, cpu_caches second) {
    if (!first.l1d)
        first.l1d = second.l1d;
    if (!first.l3 && !first.l2) {
        first.l3 = second.l3;
        first.l3_cpus = second.l3_cpus;
    }
    if (!first.l2) {
        first.l2 = second.l2;
        first.l2_cpus = second.l2_cpus;
    }
    return first;
}

static int first_cpu(void) {
#ifdef __linux__
    cpu_set_t set;
    if (!sched_getaffinity(0, sizeof set, &set)) {
        for (size_t i = 0; i < CPU_SETSIZE; i++) {
            if (CPU_ISSET(i, &set))
                return (int)i;
        }
    }
#endif
    return 0;
}

cpu_caches cpu_caches_get(void) {
    const cpu_caches found = cpu_caches_read("/sys/devices/system/cpu", first_cpu());
    return cpu_caches_or(cpu_caches_or(found, from_library()), guess);
}
