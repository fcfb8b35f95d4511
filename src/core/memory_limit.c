/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* _SC_PHYS_PAGES */
#include "core/memory_limit.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/system_file.h"

#define TEXT_SIZE 8192 /* bytes: several times the longest of the files */

static const memory_limit none = {UINT64_MAX, NULL};

static memory_limit least(memory_limit a, memory_limit b) {
    return b.name && (!a.name || b.bytes < a.bytes) ? b : a;
}

static memory_limit limit_less(uint64_t limit, uint64_t used, const char *name) {
    return (memory_limit){limit > used ? limit - used : 0, name};
}

static bool multiply(uint64_t a, uint64_t b, uint64_t *product) {
    if (b && a > UINT64_MAX / b)
        return false;
    *product = a * b;
    return true;
}

/* The number of the first line that is `key`, blanks and a number; *end is what follows it. */
static bool find_number(const char *text, const char *key, uint64_t *value, const char **end) {
    const size_t length = strlen(key);
    const char *line = text;
    while (*line) {
        const size_t blanks = strncmp(line, key, length) ? 0 : strspn(line + length, " \t");
        *end = blanks ? system_file_number(line + length + blanks, value) : NULL;
        if (*end)
            return true;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return false;
}

/* ---- free memory ---- */

memory_limit memory_limit_free(const char *root) {
    char text[TEXT_SIZE];
    const char *unit;
    uint64_t bytes;
    if (!system_file_read(text, sizeof text, "%s/proc/meminfo", root) ||
        !find_number(text, "MemAvailable:", &bytes, &unit) || strncmp(unit, " kB\n", 4) ||
        !multiply(bytes, 1024, &bytes))
        return none;
    return (memory_limit){bytes, "free memory"};
}

/* ---- control groups ---- */

/* The files of a version; sizes in bytes. */
typedef struct group_files {
    const char *mount; /* below the root */
    const char *limit, *usage, *reclaimable;
} group_files;

static const group_files version_2 = {
    "/sys/fs/cgroup",
    "memory.max",
    "memory.current",
    "inactive_file",
};
static const group_files version_2_beside_1 = {
    "/sys/fs/cgroup/unified",
    "memory.max",
    "memory.current",
    "inactive_file",
};
static const group_files version_1 = {
    "/sys/fs/cgroup/memory",
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
};

/* A file that holds one number; "max" is none. */
static bool read_number(const char *root, const char *mount, const char *group, const char *name,
                        uint64_t *value) {
    char text[64];
    if (!system_file_read(text, sizeof text, "%s%s%s/%s", root, mount, group, name))
        return false;
    const char *end = system_file_number(text, value);
    return end && end[strspn(end, "\n")] == '\0';
}

static memory_limit one_group(const char *root, const group_files *files, const char *group) {
    char text[TEXT_SIZE];
    const char *end;
    uint64_t limit, usage, reclaimable;
    /* Version 1 writes the most pages that fit a signed number for no limit. */
    if (!read_number(root, files->mount, group, files->limit, &limit) ||
        limit > (uint64_t)INT64_MAX / 2 ||
        !read_number(root, files->mount, group, files->usage, &usage))
        return none;
    if (!system_file_read(text, sizeof text, "%s%s%s/memory.stat", root, files->mount, group) ||
        !find_number(text, files->reclaimable, &reclaimable, &end))
        reclaimable = 0;
    return limit_less(limit, reclaimable < usage ? usage - reclaimable : 0,
                      "the memory limit of the control group");
}

/* The group and all above it. A container may see its own group as the mount point while its path
 * is still the host's: folders that are not there have no limit, and the way up ends at the mount.
 * A path that climbs ("/../x": a group outside of the namespace) is no place below the mount. */
static memory_limit groups_up(const char *root, const group_files *files, char *group) {
    for (const char *at = group; (at = strstr(at, "/..")) != NULL; at += 3) {
        if (at[3] == '/' || at[3] == '\0')
            *group = '\0';
    }
    memory_limit found = none;
    for (;;) {
        char *slash = strrchr(group, '/');
        if (slash && slash[1] == '\0') { /* "/" alone, or a slash too many */
            *slash = '\0';
            continue;
        }
        found = least(found, one_group(root, files, group));
        if (!slash)
            return found;
        *slash = '\0';
    }
}

/* Whether the comma-separated list of text[length] has the word. */
static bool list_has(const char *text, size_t length, const char *word) {
    const size_t word_length = strlen(word);
    for (size_t start = 0; start < length;) {
        size_t end = start;
        while (end < length && text[end] != ',')
            end++;
        if (end - start == word_length && !memcmp(text + start, word, word_length))
            return true;
        start = end + 1;
    }
    return false;
}

/* A line is "number:controllers:path"; version 2 has number 0 and no controllers. */
static memory_limit group_of_line(const char *root, char *line) {
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path || path[1] != '/')
        return none;
    controllers++;
    const size_t length = (size_t)(path - controllers);
    path++;
    if (list_has(controllers, length, "memory"))
        return groups_up(root, &version_1, path);
    if (length || strncmp(line, "0:", 2))
        return none;
    char again[TEXT_SIZE];
    snprintf(again, sizeof again, "%s", path);
    return least(groups_up(root, &version_2, path), groups_up(root, &version_2_beside_1, again));
}

memory_limit memory_limit_group(const char *root) {
    char text[TEXT_SIZE];
    memory_limit found = none;
    if (!system_file_read(text, sizeof text, "%s/proc/self/cgroup", root))
        return none;
    for (char *line = text; *line;) {
        const size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] == '\n');
        line[length] = '\0';
        found = least(found, group_of_line(root, line));
        line = next;
    }
    return found;
}

/* ---- limits of the process ---- */

/* limit less column `column` of statm, from 0, which are pages. */
static memory_limit process_limit(const char *root, uint64_t limit, int column, const char *name) {
    char text[256];
    uint64_t used;
    const long page = sysconf(_SC_PAGESIZE);
    if (limit == UINT64_MAX || page <= 0 ||
        !system_file_read(text, sizeof text, "%s/proc/self/statm", root))
        return none;
    const char *at = text;
    for (int i = 0; i <= column; i++) {
        at = system_file_number(at, &used);
        if (!at || (*at != ' ' && *at != '\n'))
            return none;
        at++;
    }
    return multiply(used, (uint64_t)page, &used) ? limit_less(limit, used, name) : none;
}

static memory_limit less(memory_limit limit, uint64_t bytes) {
    return limit.name ? limit_less(limit.bytes, bytes, limit.name) : limit;
}

memory_limit memory_limit_address_space(const char *root, uint64_t limit) {
    return process_limit(root, limit, 0, "the address space limit (ulimit -v)");
}

memory_limit memory_limit_data(const char *root, uint64_t limit) {
    return process_limit(root, limit, 5, "the data limit (ulimit -d)");
}

/* ---- all ---- */

static memory_limit physical(void) {
#ifdef _SC_PHYS_PAGES
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t bytes;
    if (pages > 0 && page > 0 && multiply((uint64_t)pages, (uint64_t)page, &bytes))
        return (memory_limit){bytes, "physical memory"};
#endif
    return none;
}

static uint64_t soft_limit(int resource) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur;
}

memory_limit memory_limit_shared(void) {
    memory_limit found = memory_limit_free("");
    if (!found.name)
        found = physical();
    return least(found, memory_limit_group(""));
}

memory_limit memory_limit_own(uint64_t unwritten) {
    memory_limit found = less(memory_limit_data("", soft_limit(RLIMIT_DATA)), unwritten);
#ifdef RLIMIT_AS
    found = least(less(memory_limit_address_space("", soft_limit(RLIMIT_AS)), unwritten), found);
#endif
    return found;
}

memory_limit memory_limit_get(uint64_t unwritten) {
    return least(memory_limit_shared(), memory_limit_own(unwritten));
}

bool memory_limit_bind(size_t more) {
#ifdef RLIMIT_AS
    struct rlimit limit;
    const size_t taken = memory_addresses(), most = memory_add(more, taken);
    if (!taken || most == SIZE_MAX)
        return true;
    if (getrlimit(RLIMIT_AS, &limit))
        return false;
    limit.rlim_max = limit.rlim_max < most ? limit.rlim_max : most;
    limit.rlim_cur = limit.rlim_cur < most ? limit.rlim_cur : most;
    return !setrlimit(RLIMIT_AS, &limit);
#else
    (void)more;
    return true;
#endif
}
