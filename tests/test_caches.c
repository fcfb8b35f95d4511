/* SPDX-License-Identifier: MIT
 *
 * Tests of core/caches on made-up trees: the caches of real processors, missing levels, garbage and
 * huge numbers; how gaps are filled; and that the machine at hand gets sensible values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/caches.h"
#include "file_tree.h"

typedef struct index_files {
    const char *level, *type, *size, *shared; /* NULL: no such file */
} index_files;

/* Reads the caches of CPU `cpu` in a tree that holds `count` folders index*. */
static cpu_caches read_tree(int cpu, const index_files *indices, int count) {
    char *root = file_tree_new();
    for (int i = 0; i < count; i++) {
        const char *const names[] = {"level", "type", "size", "shared_cpu_list"};
        const char *const texts[] = {indices[i].level, indices[i].type, indices[i].size,
                                     indices[i].shared};
        for (int k = 0; k < 4; k++) {
            char path[100];
            snprintf(path, sizeof path, "cpu%d/cache/index%d/%s", cpu, i, names[k]);
            if (texts[k])
                file_tree_write(root, path, texts[k]);
        }
    }
    const cpu_caches found = cpu_caches_read(root, cpu);
    file_tree_remove(root);
    return found;
}

static void expect(cpu_caches found, size_t l1d, size_t l2, int l2_cpus, size_t l3, int l3_cpus) {
    assert_int_equal(found.l1d, l1d);
    assert_int_equal(found.l2, l2);
    assert_int_equal(found.l2_cpus, l2_cpus);
    assert_int_equal(found.l3, l3);
    assert_int_equal(found.l3_cpus, l3_cpus);
}

static void reads_processors(void **state) {
    (void)state;
    const index_files server[] = {{"1\n", "Data\n", "32K\n", "0\n"},
                                  {"1\n", "Instruction\n", "64K\n", "0\n"},
                                  {"2\n", "Unified\n", "1024K\n", "0\n"},
                                  {"3\n", "Unified\n", "36608K\n", "0-1\n"}};
    expect(read_tree(0, server, 4), 32768, 1 << 20, 1, 36608 << 10, 2);
    const index_files two_threads[] = {{"1\n", "Instruction\n", "32K\n", "7,71\n"},
                                       {"1\n", "Data\n", "48K\n", "7,71\n"},
                                       {"2\n", "Unified\n", "2M\n", "7,71\n"},
                                       {"3\n", "Unified\n", "96M\n", "0-7,64-71\n"},
                                       {"4\n", "Unified\n", "128M\n", "0-127\n"}};
    expect(read_tree(7, two_threads, 5), 48 << 10, 2 << 20, 2, 96 << 20, 16);
    const index_files desktop[] = {{"1", "Data", "32768", "0"},
                                   {"2", "Unified", "256K", "0,4"},
                                   {"3", "Unified", "1G", "0-7"}};
    expect(read_tree(123, desktop, 3), 32 << 10, 256 << 10, 2, 1 << 30, 8);
    expect(read_tree(0, desktop, 2), 32 << 10, 256 << 10, 2, 0, 0); /* no L3 */
    expect(read_tree(0, desktop, 0), 0, 0, 0, 0, 0);
}

static void ignores_instruction_caches(void **state) {
    (void)state;
    const index_files split[] = {{"1\n", "Instruction\n", "64K\n", "0\n"},
                                 {"2\n", "Instruction\n", "4M\n", "0\n"},
                                 {"2\n", "Data\n", "512K\n", "0\n"}};
    expect(read_tree(0, split, 3), 0, 512 << 10, 1, 0, 0);
}

static void takes_the_first_of_a_level(void **state) {
    (void)state;
    const index_files twice[] = {{"1", "Data", "32K", "0"},     {"1", "Data", "64K", "0"},
                                 {"2", "Unified", "1M", "0-1"}, {"2", "Unified", "2M", "0"},
                                 {"3", "Unified", "odd", "0"},  {"3", "Unified", "4M", "0-3"},
                                 {"3", "Unified", "8M", "0"}};
    expect(read_tree(0, twice, 7), 32 << 10, 1 << 20, 2, 4 << 20, 4);
}

static void does_not_believe_odd_sizes(void **state) {
    (void)state;
    static const char *const sizes[] = {"",
                                        "\n",
                                        "K",
                                        "-32K",
                                        "32k",
                                        "32KB",
                                        "32K x",
                                        " 32K",
                                        "thirty",
                                        "0K",
                                        "2G",
                                        "1025M",
                                        "1048577K",
                                        "1073741825",
                                        "18446744073709551615K",
                                        "99999999999999999999999K",
                                        "1T"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const index_files odd[] = {{"1", "Data", "32K", "0"}, {"2", "Unified", sizes[i], "0-3"}};
        expect(read_tree(0, odd, 2), 32 << 10, 0, 0, 0, 0);
    }
    /* A missing or odd file of an index makes that cache unknown and no other. */
    const index_files odd[] = {{"1", NULL, "32K", "0"},
                               {NULL, "Unified", "1M", "0"},
                               {"2", "Unified", NULL, "0"},
                               {"second", "Unified", "2M", "0"},
                               {"99999999999999999999999", "Unified", "2M", "0"},
                               {"3", "Unified", "8M", NULL}};
    expect(read_tree(0, odd, 6), 0, 0, 0, 8 << 20, 1);
}

static void counts_lists(void **state) {
    (void)state;
    static const struct {
        const char *list;
        int count;
    } cases[] = {
        {"0", 1},
        {"0-7,64-71", 16},
        {"0,2,4", 3},
        {"5-5\n", 1},
        {"0-65535", 65536},
        {"", 1},
        {"\n", 1},
        {",", 1},
        {"0-", 1},
        {"0-7,", 1},
        {"7-0", 1},
        {"0-65536", 1},
        {"0-3;8", 1},
        {"0-3 ", 1},
        {"all", 1},
        {"-3", 1},
        {"0--3", 1},
        {"0-65535,0", 1},
        {"0-18446744073709551615", 1},
        {"0-99999999999999999999999", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const index_files one[] = {{"3", "Unified", "8M", cases[i].list}};
        expect(read_tree(0, one, 1), 0, 0, 0, 8 << 20, cases[i].count);
    }
}

static void fills_gaps(void **state) {
    (void)state;
    const cpu_caches whole = {1, 2, 3, 4, 5}, other = {10, 20, 30, 40, 50};
    const cpu_caches nothing = {0}, no_l3 = {.l1d = 1, .l2 = 2, .l2_cpus = 4};
    const cpu_caches only_l3 = {.l3 = 3, .l3_cpus = 5}, only_l1d = {.l1d = 1};
    expect(cpu_caches_or(whole, other), 1, 2, 4, 3, 5);
    expect(cpu_caches_or(nothing, other), 10, 20, 40, 30, 50);
    expect(cpu_caches_or(no_l3, other), 1, 2, 4, 0, 0);
    expect(cpu_caches_or(only_l3, other), 10, 20, 40, 3, 5);
    expect(cpu_caches_or(only_l1d, other), 1, 20, 40, 30, 50);
}

static void knows_this_machine(void **state) {
    (void)state;
    const cpu_caches found = cpu_caches_get();
    assert_in_range(found.l1d, 4 << 10, 1 << 20);
    assert_in_range(found.l2, 64 << 10, 256 << 20);
    assert_in_range(found.l2_cpus, 1, 65536);
    assert_int_equal(found.l3 != 0, found.l3_cpus != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_processors),
        cmocka_unit_test(ignores_instruction_caches),
        cmocka_unit_test(takes_the_first_of_a_level),
        cmocka_unit_test(does_not_believe_odd_sizes),
        cmocka_unit_test(counts_lists),
        cmocka_unit_test(fills_gaps),
        cmocka_unit_test(knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
