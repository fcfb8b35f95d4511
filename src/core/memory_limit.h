/* SPDX-License-Identifier: MIT
 *
 * How much memory this process may still use, and what sets that limit. It is an estimate of the
 * moment: nothing is reserved, other processes go on, and swap is not counted. Memory that is
 * allocated but was never written counts for the limits of ulimit alone.
 *
 * The files of Linux are read below a root folder, "" but for tests. A file that is missing, not as
 * expected or holds a number that does not fit means that there is no such limit.
 */
#ifndef STYLIZE_CORE_MEMORY_LIMIT_H
#define STYLIZE_CORE_MEMORY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct memory_limit {
    uint64_t bytes;   /* that may still be used; UINT64_MAX without a limit */
    const char *name; /* a noun phrase for an error text, static; NULL without a limit */
} memory_limit;

/* The least of all the limits below, those of ulimit less `unwritten` bytes that are going to be
 * reserved and not written. Where free memory cannot be told (not Linux), the physical memory
 * stands for it, if the system tells at least that. */
memory_limit memory_limit_get(uint64_t unwritten);

/* The least of those that other processes share, and of those of ulimit, which each process has for
 * itself. */
memory_limit memory_limit_shared(void);
memory_limit memory_limit_own(uint64_t unwritten);

/* Lets this process take so many bytes of addresses besides those that it has, and never more; a
 * limit that is lower stays, and where the system does not tell what it has there is none. False
 * where the system refuses. */
bool memory_limit_bind(size_t more);

/* ---- what they are made of ---- */

/* "free memory": MemAvailable of ROOT/proc/meminfo. */
memory_limit memory_limit_free(const char *root);

/* "the memory limit of the control group": limit less usage of the process's control group
 * (ROOT/proc/self/cgroup) and of every one above it below ROOT/sys/fs/cgroup, whichever leaves the
 * least; versions 2 and 1. Inactive pages of files (memory.stat, 0 without it) count as free: the
 * kernel takes them first. memory.high, which slows a group down, is not looked at. */
memory_limit memory_limit_group(const char *root);

/* "the address space limit (ulimit -v)": `limit` bytes, UINT64_MAX for none, less the address space
 * that ROOT/proc/self/statm tells. */
memory_limit memory_limit_address_space(const char *root, uint64_t limit);

/* "the data limit (ulimit -d)": the same with the data and the stack. */
memory_limit memory_limit_data(const char *root, uint64_t limit);

#endif
