/* SPDX-License-Identifier: MIT
 *
 * Tests of core/memory_limit on made-up trees of /proc and /sys: free memory, control groups of
 * both versions and what their usage means, limits of the process, and files that are missing, odd
 * or too large; and memory_limit_get on the machine at hand.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/memory_limit.h"
#include "file_tree.h"

#define MB (UINT64_C(1) << 20)
#define GROUP "the memory limit of the control group"

static void expect(memory_limit found, uint64_t bytes, const char *name) {
    assert_non_null(found.name);
    assert_string_equal(found.name, name);
    assert_int_equal(found.bytes, bytes);
}

static void expect_none(memory_limit found) {
    assert_null(found.name);
    assert_true(found.bytes == UINT64_MAX);
}

/* Writes a number, or what else `text` is, to a file of a control group. */
static void write_group(const char *root, const char *group, const char *file, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "sys/fs/cgroup%s/%s", group, file);
    file_tree_write(root, path, text);
}

static void reads_free_memory(void **state) {
    (void)state;
    char *root = file_tree_new();
    expect_none(memory_limit_free(root));
    file_tree_write(root, "proc/meminfo",
                    "MemTotal:       24684096 kB\nMemFree:        24177296 kB\n"
                    "MemAvailable:   24328544 kB\nBuffers:            2224 kB\n");
    expect(memory_limit_free(root), UINT64_C(24328544) * 1024, "free memory");
    file_tree_write(root, "proc/meminfo", "MemAvailable:   0 kB\n");
    expect(memory_limit_free(root), 0, "free memory");
    static const char *const wrong[] = {"",
                                        "\n\n\n",
                                        "MemTotal: 100 kB\nMemFree: 100 kB\n", /* before 3.14 */
                                        "MemAvailable:",
                                        "MemAvailable:\n",
                                        "MemAvailable: \n1 kB\n",
                                        "MemAvailable: 100\n",
                                        "MemAvailable: 100 MB\n",
                                        "MemAvailable: -100 kB\n",
                                        "MemAvailable: much kB\n",
                                        "NotMemAvailable: 100 kB\n",
                                        "MemAvailable: 18446744073709551615 kB\n",
                                        "MemAvailable: 18014398509481984 kB\n", /* 2^54 */
                                        "MemAvailable: 99999999999999999999999 kB\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        file_tree_write(root, "proc/meminfo", wrong[i]);
        expect_none(memory_limit_free(root));
    }
    file_tree_remove(root);
}

static void walks_groups_up(void **state) {
    (void)state;
    char *root = file_tree_new();
    file_tree_write(root, "proc/self/cgroup", "0::/user.slice/run/job\n");
    expect_none(memory_limit_group(root)); /* no such folders */
    write_group(root, "/user.slice/run/job", "memory.max", "max\n");
    write_group(root, "/user.slice/run/job", "memory.current", "1048576\n");
    write_group(root, "/user.slice/run", "cgroup.procs", "");
    expect_none(memory_limit_group(root));
    write_group(root, "/user.slice", "memory.max", "1073741824\n");
    write_group(root, "/user.slice", "memory.current", "73741824\n");
    expect(memory_limit_group(root), 1000000000, GROUP);
    /* The group's own limit, nearer or farther than the one above. */
    write_group(root, "/user.slice/run/job", "memory.max", "2097152\n");
    expect(memory_limit_group(root), 1 * MB, GROUP);
    write_group(root, "/user.slice/run/job", "memory.max", "4294967296\n");
    expect(memory_limit_group(root), 1000000000, GROUP);
    /* A mount point that is itself a container's group, below a path that is the host's. */
    write_group(root, "", "memory.max", "5242880\n");
    write_group(root, "", "memory.current", "1048576\n");
    expect(memory_limit_group(root), 4 * MB, GROUP);
    write_group(root, "/..", "memory.max", "2\n"); /* outside: never to be read */
    write_group(root, "/..", "memory.current", "1\n");
    static const char *const lines[] = {
        "0::/user.slice/../../job\n", "0::/..\n",        "0::/\n",
        "0::/no/such/group\n",        "0::/a/../../b\n", "0::/user.slice/..\n",
        "0::/user.slice/..",          "0::///\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        file_tree_write(root, "proc/self/cgroup", lines[i]);
        expect(memory_limit_group(root), 4 * MB, GROUP);
    }
    /* Two dots at the start of a name climb nowhere. */
    write_group(root, "/..two", "memory.max", "3145728\n");
    write_group(root, "/..two", "memory.current", "0\n");
    file_tree_write(root, "proc/self/cgroup", "0::/..two\n");
    expect(memory_limit_group(root), 3 * MB, GROUP);
    file_tree_remove(root);
}

static void counts_file_pages_as_free(void **state) {
    (void)state;
    char *root = file_tree_new();
    file_tree_write(root, "proc/self/cgroup", "0::/job\n");
    write_group(root, "/job", "memory.max", "10485760\n");
    write_group(root, "/job", "memory.current", "9437184\n");
    expect(memory_limit_group(root), 1 * MB, GROUP);
    write_group(root, "/job", "memory.stat",
                "anon 1\nfile 8388608\nwas_inactive_file 1\ninactive_file_x 3\n"
                "inactive_file 2097152\nactive_file 3\n");
    expect(memory_limit_group(root), 3 * MB, GROUP);
    write_group(root, "/job", "memory.stat", "inactive_file 99999999\n"); /* more than all */
    expect(memory_limit_group(root), 10 * MB, GROUP);
    static const char *const wrong[] = {"", "inactive_file", "inactive_file x\n",
                                        "inactive_file 99999999999999999999999\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_group(root, "/job", "memory.stat", wrong[i]);
        expect(memory_limit_group(root), 1 * MB, GROUP);
    }
    write_group(root, "/job", "memory.stat", "");
    write_group(root, "/job", "memory.current", "10485761\n"); /* over the limit */
    expect(memory_limit_group(root), 0, GROUP);
    file_tree_remove(root);
}

static void reads_version_1(void **state) {
    (void)state;
    char *root = file_tree_new();
    const char *const groups = "9:name=systemd:/\n8:pids,memoryless:/\n4:cpu,memory:/box/inner\n"
                               "1:cpu:/\n0::/\n";
    file_tree_write(root, "proc/self/cgroup", groups);
    write_group(root, "/memory/box/inner", "memory.limit_in_bytes", "9223372036854771712\n");
    write_group(root, "/memory/box/inner", "memory.usage_in_bytes", "1048576\n");
    expect_none(memory_limit_group(root)); /* as many pages as fit: no limit */
    write_group(root, "/memory/box", "memory.limit_in_bytes", "8388608\n");
    write_group(root, "/memory/box", "memory.usage_in_bytes", "6291456\n");
    expect(memory_limit_group(root), 2 * MB, GROUP);
    write_group(root, "/memory/box", "memory.stat",
                "inactive_file 1\nhierarchical_memory_limit 3\ntotal_inactive_file 1048576\n");
    expect(memory_limit_group(root), 3 * MB, GROUP);
    /* Version 2 beside it. */
    write_group(root, "/unified/", "memory.max", "1048577\n");
    write_group(root, "/unified/", "memory.current", "1\n");
    expect(memory_limit_group(root), 1 * MB, GROUP);
    /* No group of the memory controller. */
    file_tree_write(root, "proc/self/cgroup", "4:cpu:/box/inner\n5:name=memory:/box\n");
    expect_none(memory_limit_group(root));
    file_tree_remove(root);
}

static void survives_odd_groups(void **state) {
    (void)state;
    char *root = file_tree_new(), longest[8300];
    expect_none(memory_limit_group(root));
    write_group(root, "", "memory.max", "2097152\n");
    write_group(root, "", "memory.current", "1048576\n");
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "0::/", 4);
    snprintf(longest + 6000, sizeof longest - 6000, "/y\n");
    static const char *const odd[] = {
        "",         "\n\n",    "0",      "0:",        "0::",      "::",    ":::::\n",
        "0::job\n", "00::/\n", "1::/\n", "0:cpu:/\n", "0:,,:/\n", "text\n"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        file_tree_write(root, "proc/self/cgroup", odd[i]);
        expect_none(memory_limit_group(root));
    }
    file_tree_write(root, "proc/self/cgroup", longest); /* no such path, the mount remains */
    expect(memory_limit_group(root), 1 * MB, GROUP);
    static const char *const numbers[] = {"",
                                          "\n",
                                          "max",
                                          "-1\n",
                                          "12x\n",
                                          "1 2\n",
                                          " 5\n",
                                          "0x10\n",
                                          "18446744073709551616\n",
                                          "99999999999999999999999\n"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        write_group(root, "", "memory.max", numbers[i]);
        write_group(root, "", "memory.current", "1048576\n");
        expect_none(memory_limit_group(root));
        write_group(root, "", "memory.max", "2097152\n");
        write_group(root, "", "memory.current", numbers[i]);
        expect_none(memory_limit_group(root));
    }
    write_group(root, "", "memory.max", "0\n");
    write_group(root, "", "memory.current", "18446744073709551615\n");
    expect(memory_limit_group(root), 0, GROUP);
    file_tree_remove(root);
}

static void reads_limits_of_the_process(void **state) {
    (void)state;
    const char *const address = "the address space limit (ulimit -v)";
    const char *const data = "the data limit (ulimit -d)";
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), limit = 1000 * page;
    char *root = file_tree_new();
    expect_none(memory_limit_address_space(root, limit));
    expect_none(memory_limit_data(root, limit));
    file_tree_write(root, "proc/self/statm", "765 422 394 5 0 123 0\n");
    expect(memory_limit_address_space(root, limit), 235 * page, address);
    expect(memory_limit_data(root, limit), 877 * page, data);
    expect(memory_limit_address_space(root, 765 * page - 1), 0, address);
    expect(memory_limit_data(root, 0), 0, data);
    expect_none(memory_limit_address_space(root, UINT64_MAX));
    expect_none(memory_limit_data(root, UINT64_MAX));
    file_tree_write(root, "proc/self/statm", "765\n");
    expect(memory_limit_address_space(root, limit), 235 * page, address);
    expect_none(memory_limit_data(root, limit));
    static const char *const wrong[] = {"",
                                        "\n",
                                        "x 1 1 1 1 1 1\n",
                                        "-1 1 1 1 1 1 1\n",
                                        "1x\n",
                                        "18446744073709551615 1 1 1 1 18446744073709551615 1\n",
                                        "99999999999999999999999 1 1 1 1 x\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        file_tree_write(root, "proc/self/statm", wrong[i]);
        expect_none(memory_limit_address_space(root, limit));
        expect_none(memory_limit_data(root, limit));
    }
    file_tree_remove(root);
}

static void knows_this_machine(void **state) {
    (void)state;
    const memory_limit before = memory_limit_get(0);
    assert_non_null(before.name);
    assert_in_range(before.bytes, 1 * MB, (uint64_t)1 << 50);
#ifdef __linux__
    unsigned long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    struct rlimit old, new;
    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    new = old;
    new.rlim_cur = pages *(uint64_t)sysconf(_SC_PAGESIZE) + 16 * MB;
    if (new.rlim_cur > old.rlim_cur || setrlimit(RLIMIT_AS, &new))
        return; /* the machine has a tighter limit of its own */
    struct rlimit set;
    assert_int_equal(getrlimit(RLIMIT_AS, &set), 0);
    if (set.rlim_cur != new.rlim_cur)
        return; /* an emulator, which does not pass it on */
    const memory_limit found = memory_limit_get(0);
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
    assert_string_equal(found.name, "the address space limit (ulimit -v)");
    assert_in_range(found.bytes, 8 * MB, 16 * MB);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_free_memory),         cmocka_unit_test(walks_groups_up),
        cmocka_unit_test(counts_file_pages_as_free), cmocka_unit_test(reads_version_1),
        cmocka_unit_test(survives_odd_groups),       cmocka_unit_test(reads_limits_of_the_process),
        cmocka_unit_test(knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
