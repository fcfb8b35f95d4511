/* SPDX-License-Identifier: MIT
 *
 * Tests of output_rights.c: who could not read or write the old file cannot the new one, whatever
 * becomes of its group and its access control list.
 */
#define _GNU_SOURCE /* seteuid, setegid */
#include "image_files.h"

#include <errno.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include "image/output_file.h"

static void write_ok(const char *path) {
    error err = {0};
    if (!output_file_write(path, "fresh", 5, NULL, &err))
        fail_msg("%s", err.text);
}

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

/* A user who is not in the group of the file; only root can be one here. */
static void another_group_gets_what_others_had(void **state) {
    (void)state;
    static const mode_t modes[][2] = {
        {0660, 0600}, {0664, 0644}, {0604, 0600}, {0644, 0644}, {0666, 0666}, {0600, 0600},
    };
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(folder.text, 0711), 0);
    assert_int_equal(mkdir(inside.text, 0755), 0);
    assert_int_equal(chown(inside.text, 12345, 11111), 0);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        store(path.text, "old", 3);
        assert_int_equal(chown(path.text, 12345, 54321), 0);
        assert_int_equal(chmod(path.text, modes[i][0]), 0);
        assert_int_equal(setegid(11111), 0);
        assert_int_equal(seteuid(12345), 0);
        error err = {0};
        const bool ok = output_file_write(path.text, "fresh", 5, NULL, &err);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(setegid(0), 0);
        assert_true(ok);
        assert_int_equal(mode_of(path.text), modes[i][1]);
    }
    unlink(path.text);
    rmdir(inside.text);
}

#ifdef __linux__

#define LIST "system.posix_acl_access"
#define LIST_OF_FOLDER "system.posix_acl_default"

static int set_error; /* of fsetxattr, where not 0 */

int fsetxattr(int file, const char *attribute, const void *value, size_t size, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    errno = set_error;
    return set_error ? -1 : setxattr(path, attribute, value, size, flags);
}

/* Owner rw, user 12345 rw, group none, mask rw, others none; as the kernel has it. */
static const uint8_t list[] = {
    2,    0, 0, 0,                              /* version */
    0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,      /* owner */
    0x02, 0, 6, 0, 0x39, 0x30, 0,    0,         /* user */
    0x04, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,      /* group */
    0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,      /* mask */
    0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,      /* others */
};

static void lists_are_kept_or_give_nothing(void **state) {
    (void)state;
    const name path = temporary("out.png");
    for (int fails = 0; fails < 2; fails++) {
        uint8_t found[sizeof list + 1];
        store(path.text, "old", 3);
        if (setxattr(path.text, LIST, list, sizeof list, 0) != 0) {
            unlink(path.text);
            skip(); /* no such lists here */
        }
        assert_int_equal(mode_of(path.text), 0660);
        set_error = fails ? ENOTSUP : 0;
        write_ok(path.text);
        set_error = 0;
        const ssize_t size = getxattr(path.text, LIST, found, sizeof found);
        assert_int_equal(mode_of(path.text), fails ? 0600 : 0660);
        assert_int_equal(size, fails ? -1 : (ssize_t)sizeof list);
        if (!fails)
            assert_memory_equal(found, list, sizeof list);
        unlink(path.text);
    }
}

/* One that new files in the folder have does not come to a file that had none. */
static void the_list_of_the_folder_gives_nothing(void **state) {
    (void)state;
    uint8_t found[sizeof list];
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    assert_int_equal(mkdir(inside.text, 0700), 0);
    store(path.text, "old", 3);
    assert_int_equal(chmod(path.text, 0640), 0);
    const bool can = setxattr(inside.text, LIST_OF_FOLDER, list, sizeof list, 0) == 0;
    if (can) {
        write_ok(path.text);
        assert_int_equal(mode_of(path.text), 0640);
        assert_int_equal(getxattr(path.text, LIST, found, sizeof found), -1);
        assert_int_equal(errno, ENODATA);
    }
    unlink(path.text);
    rmdir(inside.text);
    if (!can)
        skip();
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_group_gets_what_others_had),
#ifdef __linux__
        cmocka_unit_test(lists_are_kept_or_give_nothing),
        cmocka_unit_test(the_list_of_the_folder_gives_nothing),
#endif
    };
    return cmocka_run_group_tests(tests, start, finish);
}
