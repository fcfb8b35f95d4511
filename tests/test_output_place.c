/* SPDX-License-Identifier: MIT
 *
 * Tests of output_place.c and of what output_file.c does when others, or the disk, do not play
 * along: links that are planted, renames and synchronisations that fail.
 */
#define _GNU_SOURCE /* lchown, renameat2 */
#include "image_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/output_file.h"

/* ---- the system's functions, which here can fail ---- */

static int rename_error, sync_error, sync_fails_at, syncs, syncs_at_rename;

int renameat(int from, const char *old, int to, const char *new) {
    syncs_at_rename = syncs;
    errno = rename_error;
    return rename_error ? -1 : renameat2(from, old, to, new, 0);
}

int fsync(int descriptor) {
    errno = sync_error;
    assert_int_equal(fcntl(descriptor, F_GETFL) & O_APPEND, 0); /* it is open */
    return ++syncs == sync_fails_at && sync_error ? -1 : 0;
}

/* ---- help ---- */

static bool is_link(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static output_place place_of(const char *path) {
    output_place place;
    error err = {0};
    if (!output_place_init(&place, path, &err) || !output_file_check_at(&place, &err))
        fail_msg("%s", err.text);
    return place;
}

static void write_at(const output_place *place) {
    error err = {0};
    if (!output_file_write_at(place, "fresh", 5, NULL, &err))
        fail_msg("%s", err.text);
}

/* ---- tests ---- */

static void a_link_planted_later_is_replaced(void **state) {
    (void)state;
    const name path = temporary("out.png"), victim = temporary("victim");
    store(victim.text, "precious", 8);
    output_place place = place_of(path.text);
    assert_int_equal(symlink("victim", path.text), 0);
    assert_true(output_place_open(&place, O_WRONLY | O_CREAT | O_TRUNC) < 0);
    assert_int_equal(errno, ELOOP);
    write_at(&place);
    assert_false(is_link(path.text));
    check_content(path.text, "fresh");
    check_content(victim.text, "precious");
    output_place_clear(&place);
    unlink(path.text);
    unlink(victim.text);
}

static void a_link_that_was_there_leads_where_it_led(void **state) {
    (void)state;
    const name path = temporary("out.png"), real = temporary("real"), other = temporary("other");
    store(other.text, "precious", 8);
    assert_int_equal(symlink("real", path.text), 0);
    output_place place = place_of(path.text);
    unlink(path.text);
    assert_int_equal(symlink("other", path.text), 0);
    assert_int_equal(symlink("other", real.text), 0);
    write_at(&place);
    check_content(real.text, "fresh");
    assert_false(is_link(real.text));
    check_content(other.text, "precious");
    output_place_clear(&place);
    unlink(path.text);
    unlink(real.text);
    unlink(other.text);
}

static void the_folder_stays_the_one_that_was_checked(void **state) {
    (void)state;
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    const name moved = temporary("moved"), there = temporary("moved/out.png");
    const name other = temporary("other"), elsewhere = temporary("other/out.png");
    assert_int_equal(mkdir(inside.text, 0700), 0);
    assert_int_equal(mkdir(other.text, 0700), 0);
    output_place place = place_of(path.text);
    assert_int_equal(rename(inside.text, moved.text), 0);
    assert_int_equal(symlink("other", inside.text), 0);
    write_at(&place);
    check_content(there.text, "fresh");
    assert_int_equal(access(elsewhere.text, F_OK), -1);
    output_place_clear(&place);
    unlink(there.text);
    unlink(inside.text);
    rmdir(moved.text);
    rmdir(other.text);
}

static void a_device_stays_what_it_was(void **state) {
    (void)state;
    const name path = temporary("device"), victim = temporary("victim");
    error err = {0};
    store(victim.text, "precious", 8);
    assert_int_equal(symlink("/dev/null", path.text), 0);
    output_place place = place_of(path.text);
    write_at(&place);
    unlink(path.text);
    assert_int_equal(symlink("victim", path.text), 0);
    assert_false(output_file_write_at(&place, "fresh", 5, NULL, &err));
    check_error(&err, path.text, strerror(ESTALE));
    check_content(victim.text, "precious");
    output_place_clear(&place);
    unlink(path.text);
    unlink(victim.text);
}

/* As the kernel has it where fs.protected_symlinks is on. Only root can make such links here. */
static void links_of_others_in_sticky_folders_are_refused(void **state) {
    (void)state;
    static const struct {
        mode_t mode;
        uid_t folder, link;
        bool refused;
    } cases[] = {
        {01777, 0, 12345, true},      {01777, 0, 0, false},     {01777, 12345, 12345, false},
        {01777, 12345, 54321, true},  {0777, 0, 12345, false},  {01755, 0, 12345, false},
    };
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    const name victim = temporary("victim");
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        output_place place;
        error err = {0};
        assert_int_equal(mkdir(inside.text, 0700), 0);
        assert_int_equal(symlink("../victim", path.text), 0);
        assert_int_equal(lchown(path.text, cases[i].link, (gid_t)-1), 0);
        assert_int_equal(chown(inside.text, cases[i].folder, (gid_t)-1), 0);
        assert_int_equal(chmod(inside.text, cases[i].mode), 0);
        for (int exists = 0; exists < 2; exists++) {
            assert_int_equal(!output_place_init(&place, path.text, &err), cases[i].refused);
            if (cases[i].refused)
                check_error(&err, path.text, "a link of somebody else");
            else
                output_place_clear(&place);
            assert_int_equal(!output_file_write(path.text, "fresh", 5, NULL, &err),
                             cases[i].refused);
            if (cases[i].refused && !exists)
                assert_int_equal(access(victim.text, F_OK), -1);
            store(victim.text, "precious", 8);
        }
        unlink(victim.text);
        unlink(path.text);
        rmdir(inside.text);
    }
}

/* A file, or a pipe, of that user. */
static void plant(const char *path, bool pipe, uid_t owner) {
    if (pipe)
        assert_int_equal(mkfifo(path, 0666), 0);
    else
        store(path, "precious", 8);
    assert_int_equal(chown(path, owner, (gid_t)-1), 0);
    assert_int_equal(chmod(path, 0666), 0);
}

/* Likewise for fs.protected_regular and fs.protected_fifos. */
static void files_of_others_in_sticky_folders_are_refused(void **state) {
    (void)state;
    static const struct {
        mode_t mode;
        uid_t folder, file;
        bool refused;
    } cases[] = {
        {01777, 0, 12345, true},     {01777, 0, 0, false},     {01777, 12345, 12345, false},
        {01777, 12345, 54321, true}, {0777, 0, 12345, false},  {01755, 0, 12345, false},
        {01777, 12345, 0, false},
    };
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    const name link = temporary("link.png");
    if (geteuid() != 0)
        skip();
    assert_int_equal(symlink("folder/out.png", link.text), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int pipe = 0; pipe < 2; pipe++) {
            assert_int_equal(mkdir(inside.text, 0700), 0);
            plant(path.text, pipe, cases[i].file);
            assert_int_equal(chown(inside.text, cases[i].folder, (gid_t)-1), 0);
            assert_int_equal(chmod(inside.text, cases[i].mode), 0);
            const int reader = open(path.text, O_RDONLY | O_NONBLOCK);
            const char *paths[] = {path.text, link.text};
            for (int j = 0; j < 2; j++) {
                error err = {0};
                const bool ok = output_file_write(paths[j], "fresh", 5, NULL, &err);
                assert_int_equal(!ok, cases[i].refused);
                if (!ok)
                    check_error(&err, paths[j], pipe ? "a pipe of somebody" : "a file of somebody");
            }
            char all[16];
            if (cases[i].refused || pipe)
                assert_int_equal(read(reader, all, 16), !cases[i].refused ? 10 : pipe ? 0 : 8);
            close(reader);
            unlink(path.text);
            rmdir(inside.text);
        }
    }
    unlink(link.text);
}

/* As a shell that runs for somebody else gives it: `> FILE`, with /dev/stdout for OUT. */
static void what_is_open_already_is_written_to(void **state) {
    (void)state;
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    if (geteuid() != 0 || access("/proc/self/fd", F_OK) != 0)
        skip();
    for (int pipe = 0; pipe < 2; pipe++) {
        char words[64];
        error err = {0};
        assert_int_equal(mkdir(inside.text, 0700), 0);
        assert_int_equal(chmod(inside.text, 01777), 0);
        plant(path.text, pipe, 12345);
        const int file = open(path.text, O_RDWR);
        snprintf(words, sizeof words, "/proc/self/fd/%d", file);
        assert_true(output_file_write(words, "fresh", 5, NULL, &err));
        close(file);
        unlink(path.text);
        rmdir(inside.text);
    }
}

static void what_is_planted_later_stays_as_it_is(void **state) {
    (void)state;
    const name inside = temporary("folder"), path = temporary("folder/out.png");
    error err = {0};
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(inside.text, 0700), 0);
    assert_int_equal(chmod(inside.text, 01777), 0);
    output_place place = place_of(path.text);
    plant(path.text, false, 12345);
    assert_true(output_place_open(&place, O_WRONLY | O_CREAT | O_TRUNC) < 0);
    assert_int_equal(errno, EACCES);
    rename_error = EPERM; /* as for any user but root */
    assert_false(output_file_write_at(&place, "fresh", 5, NULL, &err));
    rename_error = 0;
    check_error(&err, path.text, "; it is whole in ");
    check_content(path.text, "precious");
    name whole;
    snprintf(whole.text, PATH_SIZE, "%s", strstr(err.text, "whole in ") + 9);
    check_content(whole.text, "fresh");
    unlink(whole.text);
    unlink(path.text);

    plant(path.text, true, 12345);
    alarm(20); /* rather than to wait for a reader */
    assert_true(output_place_open(&place, O_WRONLY | O_CREAT | O_TRUNC) < 0);
    assert_int_equal(errno, ESTALE);
    const int reader = open(path.text, O_RDONLY | O_NONBLOCK);
    assert_true(output_place_open(&place, O_WRONLY | O_CREAT | O_TRUNC) < 0);
    assert_int_equal(errno, EACCES);
    alarm(0);
    close(reader);
    unlink(path.text);
    output_place_clear(&place);
    rmdir(inside.text);
}

/* What has this name in the folder while it is written. */
static char temporary_name[NAME_MAX + 1];

static bool look(void) {
    DIR *all = opendir(temporary("").text);
    const struct dirent *entry;
    assert_non_null(all);
    while ((entry = readdir(all))) {
        if (!strncmp(entry->d_name, ".out.png.", 9))
            snprintf(temporary_name, sizeof temporary_name, "%s", entry->d_name);
    }
    closedir(all);
    return false;
}

static void nobody_foresees_the_name(void **state) {
    (void)state;
    char first[NAME_MAX + 1], own[40];
    const name path = temporary("out.png");
    error err = {0};
    assert_true(output_file_write(path.text, "fresh", 5, look, &err));
    memcpy(first, temporary_name, sizeof first);
    assert_true(output_file_write(path.text, "fresh", 5, look, &err));
    snprintf(own, sizeof own, ".out.png.%ld-", (long)getpid());
    assert_memory_equal(first, own, strlen(own));
    assert_string_not_equal(first, temporary_name);
    unlink(path.text);
}

static void what_cannot_be_replaced_is_written_over(void **state) {
    (void)state;
    const name path = temporary("out.png");
    error err = {0};
    store(path.text, "precious", 8);
    rename_error = EBUSY;
    assert_true(output_file_write(path.text, "fresh", 5, NULL, &err));
    check_content(path.text, "fresh");
    assert_int_equal(entries_in_folder(), 1);
    sync_fails_at = syncs + 2; /* of the temporary file it is well, of the other it is not */
    sync_error = EIO;
    assert_false(output_file_write(path.text, "fresher", 7, look, &err));
    rename_error = 0;
    sync_error = 0;
    check_error(&err, path.text, strerror(EIO));
    const name whole = temporary(temporary_name);
    assert_non_null(strstr(err.text, whole.text));
    check_content(whole.text, "fresher");
    unlink(whole.text);
    unlink(path.text);
}

static void all_is_on_the_disk_before_it_has_its_name(void **state) {
    (void)state;
    const name path = temporary("out.png");
    error err = {0};
    store(path.text, "precious", 8);
    syncs = 0;
    assert_true(output_file_write(path.text, "fresh", 5, NULL, &err));
    assert_int_equal(syncs_at_rename, 1);
    assert_int_equal(syncs, 2); /* the folder */
    check_content(path.text, "fresh");
    static const int harmless[] = {EINVAL, ENOTSUP}, harmful[] = {EIO, ENOSPC};
    for (int i = 0; i < 2; i++) {
        for (int at = 1; at < 3; at++) {
            syncs = 0;
            sync_fails_at = at;
            sync_error = harmless[i];
            assert_true(output_file_write(path.text, "fresh", 5, NULL, &err));
            store(path.text, "precious", 8);
            syncs = 0;
            sync_error = harmful[i];
            assert_false(output_file_write(path.text, "fresh", 5, NULL, &err));
            check_error(&err, path.text, strerror(harmful[i]));
            check_content(path.text, at == 1 ? "precious" : "fresh");
            assert_int_equal(entries_in_folder(), 1);
        }
    }
    sync_error = 0;
    unlink(path.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_planted_later_is_replaced),
        cmocka_unit_test(a_link_that_was_there_leads_where_it_led),
        cmocka_unit_test(the_folder_stays_the_one_that_was_checked),
        cmocka_unit_test(a_device_stays_what_it_was),
        cmocka_unit_test(links_of_others_in_sticky_folders_are_refused),
        cmocka_unit_test(files_of_others_in_sticky_folders_are_refused),
        cmocka_unit_test(what_is_open_already_is_written_to),
        cmocka_unit_test(what_is_planted_later_stays_as_it_is),
        cmocka_unit_test(nobody_foresees_the_name),
        cmocka_unit_test(what_cannot_be_replaced_is_written_over),
        cmocka_unit_test(all_is_on_the_disk_before_it_has_its_name),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
