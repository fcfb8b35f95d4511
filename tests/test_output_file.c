/* SPDX-License-Identifier: MIT
 *
 * Tests of output_file.c: a file is whole or untouched, nothing is left over, links are followed,
 * devices and pipes are written to in place, permissions are those that users expect; and what is
 * foreseen before there is anything to write.
 */
#define _DEFAULT_SOURCE /* flock, mkdtemp, mkfifo, symlink */
#include "image_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "image/output_file.h"

#define LARGE ((size_t)3 << 20) /* several pieces */

static void write_ok(const char *path) {
    error err = {0};
    if (!output_file_check(path, &err) || !output_file_write(path, "fresh", 5, NULL, &err))
        fail_msg("%s", err.text);
}

/* Neither foreseen to work nor working, for one reason. */
static void refused(const char *path, const char *words) {
    error err = {0};
    const int entries = entries_in_folder();
    assert_false(output_file_check(path, &err));
    check_error(&err, path, words);
    assert_false(output_file_write(path, "fresh", 5, NULL, &err));
    check_error(&err, path, "");
    assert_int_equal(entries_in_folder(), entries);
}

static char *large_data(void) {
    char *data = malloc(LARGE);
    assert_non_null(data);
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (char)(i * 2654435761u >> 24);
    return data;
}

static void writes_all_pieces(void **state) {
    (void)state;
    error err = {0};
    char *data = large_data(), *again = malloc(LARGE + 1);
    const name path = temporary("large");
    assert_true(output_file_write(path.text, data, LARGE, NULL, &err));
    FILE *file = fopen(path.text, "rb");
    assert_true(file && again);
    assert_int_equal(fread(again, 1, LARGE + 1, file), LARGE);
    assert_memory_equal(data, again, LARGE);
    fclose(file);
    assert_true(output_file_write(path.text, "", 0, NULL, &err));
    check_content(path.text, "");
    free(again);
    free(data);
    unlink(path.text);
}

static void failure_leaves_the_old_file(void **state) {
    (void)state;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    struct rlimit limit, small;
    char *data = large_data();
    const name path = temporary("old.png");
    error err = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = LARGE / 2 + 1; /* amid a piece */
    sigaction(SIGXFSZ, &ignore, &before);
    store(path.text, "precious", 8);
    setrlimit(RLIMIT_FSIZE, &small);
    const bool ok = output_file_write(path.text, data, LARGE, NULL, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    sigaction(SIGXFSZ, &before, NULL);
    assert_false(ok);
    check_error(&err, path.text, strerror(EFBIG));
    assert_int_equal(entries_in_folder(), 1);
    check_content(path.text, "precious");
    unlink(path.text);
    free(data);
}

static int pieces; /* until it is abandoned */

static bool abandoned(void) {
    assert_int_equal(entries_in_folder(), 2); /* the old file and the temporary one */
    return --pieces < 0;
}

static void leaves_the_old_file_when_abandoned(void **state) {
    (void)state;
    const name path = temporary("old.png");
    char *data = large_data();
    store(path.text, "precious", 8);
    for (int after = 0; after < 3; after++) {
        error err = {0};
        pieces = after;
        assert_false(output_file_write(path.text, data, LARGE, abandoned, &err));
        check_error(&err, path.text, "");
        assert_int_equal(entries_in_folder(), 1);
        check_content(path.text, "precious");
    }
    unlink(path.text);
    free(data);
}

static void replaces_a_file_whole(void **state) {
    (void)state;
    const name path = temporary("new.png");
    struct stat old, new;
    store(path.text, "precious", 8);
    const int held = open(path.text, O_RDONLY); /* a reader of the old file keeps it */
    assert_true(held >= 0);
    assert_int_equal(fstat(held, &old), 0);
    write_ok(path.text);
    assert_int_equal(stat(path.text, &new), 0);
    assert_true(old.st_ino != new.st_ino);
    assert_int_equal(fstat(held, &old), 0);
    assert_int_equal(old.st_size, 8);
    close(held);
    assert_int_equal(entries_in_folder(), 1);
    unlink(path.text);
}

static void refuses_what_cannot_be_a_file(void **state) {
    (void)state;
    const name directory = temporary("folder.png"), file = temporary("file");
    assert_int_equal(mkdir(directory.text, 0700), 0);
    refused(directory.text, "it is a folder");
    assert_int_equal(rmdir(directory.text), 0);

    const name nowhere = temporary("missing/new.png");
    refused(nowhere.text, "does not exist; create it first");
    refused("/proc/o.png", "cannot create a file in folder /proc");
    store(file.text, "", 0);
    const name below = temporary("file/new.png");
    refused(below.text, "Not a directory");
    unlink(file.text);

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const name socket_name = temporary("socket");
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(strlen(socket_name.text) < sizeof address.sun_path);
    strcpy(address.sun_path, socket_name.text);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    refused(socket_name.text, "socket");
    close(descriptor);
    unlink(socket_name.text);
}

static void takes_the_longest_names(void **state) {
    (void)state;
    char longest[256]; /* the longest name that file systems take */
    memset(longest, 'n', 251);
    memcpy(longest + 251, ".png", 5);
    const name long_path = temporary(longest);
    write_ok(long_path.text);
    assert_int_equal(entries_in_folder(), 1);
    unlink(long_path.text);
}

static void follows_links(void **state) {
    (void)state;
    const name elsewhere = temporary("elsewhere"), real = temporary("elsewhere/real.png");
    const name link = temporary("link.png"), second = temporary("elsewhere/second.png");
    struct stat status;
    assert_int_equal(mkdir(elsewhere.text, 0700), 0);
    assert_int_equal(symlink("elsewhere/second.png", link.text), 0);
    assert_int_equal(symlink("real.png", second.text), 0); /* relative to the link's folder */
    for (int exists = 0; exists < 2; exists++) {           /* at first they lead to nothing */
        write_ok(link.text);
        check_content(real.text, "fresh");
        assert_int_equal(lstat(link.text, &status), 0);
        assert_true(S_ISLNK(status.st_mode));
        assert_int_equal(lstat(second.text, &status), 0);
        assert_true(S_ISLNK(status.st_mode));
        assert_int_equal(lstat(real.text, &status), 0);
        assert_true(S_ISREG(status.st_mode));
        assert_int_equal(entries_in_folder(), 2);
        store(real.text, "old", 3);
    }
    unlink(real.text);
    unlink(second.text);
    assert_int_equal(symlink(real.text, second.text), 0); /* an absolute one */
    write_ok(link.text);
    check_content(real.text, "fresh");
    unlink(real.text);
    unlink(second.text);
    assert_int_equal(rmdir(elsewhere.text), 0);
    refused(link.text, "does not exist; create it first");
    unlink(link.text);
    assert_int_equal(symlink("link.png", link.text), 0);
    refused(link.text, strerror(ELOOP));
    unlink(link.text);
}

static void writes_devices_and_pipes_in_place(void **state) {
    (void)state;
    const name link = temporary("device.png"), file = temporary("file.png");
    struct stat status;
    assert_int_equal(symlink("/dev/null", link.text), 0);
    assert_true(output_file_in_place(link.text));
    write_ok(link.text);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    unlink(link.text);
    if (!stat("/dev/full", &status)) {
        error err = {0};
        assert_int_equal(symlink("/dev/full", link.text), 0);
        assert_true(output_file_check(link.text, &err));
        assert_false(output_file_write(link.text, "fresh", 5, NULL, &err));
        check_error(&err, link.text, strerror(ENOSPC));
        unlink(link.text);
    }
    assert_int_equal(mkfifo(link.text, 0600), 0);
    const int reader = open(link.text, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_true(output_file_in_place(link.text));
    write_ok(link.text);
    char head[8];
    assert_int_equal(read(reader, head, sizeof head), 5);
    close(reader);
    assert_int_equal(lstat(link.text, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(entries_in_folder(), 1);
    unlink(link.text);
    assert_false(output_file_in_place(file.text));
    store(file.text, "old", 3);
    assert_false(output_file_in_place(file.text));
    unlink(file.text);
}

static void new_files_follow_the_umask_and_old_ones_keep_their_mode(void **state) {
    (void)state;
    static const mode_t masks[] = {022, 027, 077, 002};
    static const mode_t modes[] = {0600, 0664, 0666, 0644};
    const name path = temporary("mode.png");
    const mode_t before = umask(0);
    for (int i = 0; i < 4; i++) {
        struct stat status;
        umask(masks[i]);
        write_ok(path.text);
        assert_int_equal(stat(path.text, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0666 & ~masks[i]);
        assert_int_equal(chmod(path.text, modes[i] | S_ISGID), 0);
        write_ok(path.text);
        assert_int_equal(stat(path.text, &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
        unlink(path.text);
    }
    umask(before);
}

static void root_leaves_a_file_to_its_owner(void **state) {
    (void)state;
    const name path = temporary("owned.png");
    struct stat status;
    if (geteuid() != 0)
        skip();
    store(path.text, "old", 3);
    assert_int_equal(chown(path.text, 12345, 54321), 0);
    write_ok(path.text);
    assert_int_equal(stat(path.text, &status), 0);
    assert_int_equal(status.st_uid, 12345);
    assert_int_equal(status.st_gid, 54321);
    unlink(path.text);
}

/* Puts "fresh" in two pieces; fails after the first where `user` says so. */
static bool compose(void *user, output_pieces *to, error *err) {
    const bool *fails = user;
    return output_file_put(to, "fr", 2, err) &&
           (!*fails || error_set(err, ERROR_FAILURE, "no more")) &&
           output_file_put(to, "esh", 3, err);
}

static bool at_once(void) {
    return true;
}

/* What is composed is whole or not there; what killed processes have left goes, and nothing else.
 */
static void composes_whole_files(void **state) {
    (void)state;
    const name path = temporary("composed");
    error err = {0};
    bool fails = false;
    const int entries = entries_in_folder();
    assert_true(output_file_compose(path.text, compose, &fails, NULL, &err));
    check_content(path.text, "fresh");
    const name left = temporary(".composed.1-0123456789abcdef.tmp");
    const name alive = temporary(".composed.2-0123456789abcdef.tmp");
    store(left.text, "other", 5);
    store(alive.text, "other", 5);
    const int held = open(alive.text, O_RDWR);
    assert_int_equal(flock(held, LOCK_EX), 0);
    fails = true;
    assert_false(output_file_compose(path.text, compose, &fails, NULL, &err));
    assert_string_equal(err.text, "no more");
    assert_int_equal(access(left.text, F_OK), -1);
    assert_int_equal(access(alive.text, F_OK), 0);
    unlink(alive.text);
    close(held);
    fails = false;
    assert_false(output_file_compose(path.text, compose, &fails, at_once, &err));
    check_content(path.text, "fresh");
    assert_int_equal(entries_in_folder(), entries + 1);
    unlink(path.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_all_pieces),
        cmocka_unit_test(failure_leaves_the_old_file),
        cmocka_unit_test(composes_whole_files),
        cmocka_unit_test(leaves_the_old_file_when_abandoned),
        cmocka_unit_test(replaces_a_file_whole),
        cmocka_unit_test(refuses_what_cannot_be_a_file),
        cmocka_unit_test(takes_the_longest_names),
        cmocka_unit_test(follows_links),
        cmocka_unit_test(writes_devices_and_pipes_in_place),
        cmocka_unit_test(new_files_follow_the_umask_and_old_ones_keep_their_mode),
        cmocka_unit_test(root_leaves_a_file_to_its_owner),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
