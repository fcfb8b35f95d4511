/* SPDX-License-Identifier: MIT
 *
 * Tests of writing in image.c, png.c and jpeg.c: the pixels that come back, and the promises about
 * the file: whole or untouched, no leftovers, links followed, devices and pipes in place, umask.
 */
#define _XOPEN_SOURCE 700 /* mkdtemp, mkfifo, symlink */
#include "image_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int entries_in_folder(void) {
    DIR *directory = opendir(folder.text);
    assert_non_null(directory);
    int count = -2; /* . and .. */
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void write_ok(const image *self, const char *path) {
    error err = {0};
    if (!image_write(self, path, &err))
        fail_msg("%s", err.text);
}

/* A picture of noise: it does not compress, so its file has about three bytes a pixel. */
static image *noise(int width, int height) {
    error err = {0};
    image *self = image_new(width, height, &err);
    assert_non_null(self);
    uint32_t state = 12345;
    for (size_t i = 0; i < IMAGE_CHANNELS * (size_t)(width * height); i++) {
        state = state * 1664525u + 1013904223u;
        self->planes[i] = (float)(state >> 24) / 255.0f;
    }
    return self;
}

static void names_formats_by_extension(void **state) {
    (void)state;
    assert_int_equal(image_format_of_path("a.png"), IMAGE_PNG);
    assert_int_equal(image_format_of_path("a.b/c.PnG"), IMAGE_PNG);
    assert_int_equal(image_format_of_path("a.jpg"), IMAGE_JPEG);
    assert_int_equal(image_format_of_path("a.JPEG"), IMAGE_JPEG);
    assert_int_equal(image_format_of_path("a.png/b"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path("a.png.gif"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path("png"), IMAGE_UNKNOWN);
    assert_int_equal(image_format_of_path(""), IMAGE_UNKNOWN);
    image *self = noise(2, 2);
    error err = {0};
    const name path = temporary("out.gif");
    assert_false(image_write(self, path.text, &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_non_null(strstr(err.text, path.text));
    assert_non_null(strstr(err.text, ".png"));
    assert_int_equal(entries_in_folder(), 0);
    image_free(self);
}

static void png_round_trip_is_exact(void **state) {
    (void)state;
    error err = {0};
    image *self = image_new(256, 3, &err), *blurred = image_new(256, 3, &err);
    assert_true(self && blurred);
    for (int i = 0; i < 256 * 9; i++) {
        self->planes[i] = (float)(i % 256) / 255.0f;
        blurred->planes[i] = self->planes[i] + (i % 2 ? 0.0019f : -0.0019f); /* under half a step */
    }
    blurred->planes[5] = 5.0f / 255.0f;
    const name path = temporary("round.png");
    write_ok(self, path.text);
    image *again = read_ok(path.text);
    check_same(self, again);
    image_free(again);
    write_ok(blurred, path.text); /* rounding is to the nearest */
    again = read_ok(path.text);
    check_same(self, again);
    image_free(again);
    again = read_ok(data_file("rgb8.png").text);
    write_ok(again, path.text);
    image *third = read_ok(path.text);
    check_same(again, third);
    image_free(third);
    image_free(again);
    image_free(blurred);
    image_free(self);
    unlink(path.text);
}

static void clips_values_and_nan(void **state) {
    (void)state;
    error err = {0};
    image *self = image_new(2, 1, &err);
    assert_non_null(self);
    const float values[6] = {-0.5f, 1.5f, NAN, INFINITY, -INFINITY, 1e30f};
    memcpy(self->planes, values, sizeof values);
    const name path = temporary("clip.png");
    write_ok(self, path.text);
    image *again = read_ok(path.text);
    const float expected[6] = {0, 1, 0, 1, 0, 1};
    assert_memory_equal(again->planes, expected, sizeof expected);
    image_free(again);
    image_free(self);
    unlink(path.text);
}

static void jpeg_is_close_and_not_subsampled(void **state) {
    (void)state;
    image *self = read_ok(data_file("ycc444.jpg").text);
    const name path = temporary("out.jpeg");
    write_ok(self, path.text);
    image *again = read_ok(path.text);
    for (int i = 0; i < IMAGE_CHANNELS * self->width * self->height; i++)
        assert_true(fabsf(again->planes[i] - self->planes[i]) < 4.0f / 255.0f);
    image_free(again);
    const bytes all = load(path.text);
    assert_memory_equal(all.data, "\xff\xd8\xff", 3);
    bool found = false;
    for (size_t i = 2; i + 17 < all.size && !found; i++) { /* the frame header's sampling factors */
        found = all.data[i] == 0xff && all.data[i + 1] == 0xc0;
        if (found)
            assert_true(all.data[i + 11] == 0x11 && all.data[i + 14] == 0x11 &&
                        all.data[i + 17] == 0x11);
    }
    assert_true(found);
    free(all.data);
    image_free(self);
    unlink(path.text);

    error err = {0};
    image *wide = image_new(65501, 1, &err);
    assert_non_null(wide);
    assert_false(image_write(wide, path.text, &err));
    check_error(&err, path.text, ".png");
    image_free(wide);
    assert_int_equal(entries_in_folder(), 0);
}

static void failure_leaves_the_old_file(void **state) {
    (void)state;
    static const char *const bases[] = {"old.png", "old.jpg"};
    image *self = noise(200, 200);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    struct rlimit limit, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 10000;
    sigaction(SIGXFSZ, &ignore, &before);
    for (int i = 0; i < 2; i++) {
        const name path = temporary(bases[i]);
        store(path.text, "precious", 8);
        error err = {0};
        setrlimit(RLIMIT_FSIZE, &small);
        const bool ok = image_write(self, path.text, &err);
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_false(ok);
        check_error(&err, path.text, strerror(EFBIG));
        assert_int_equal(entries_in_folder(), 1);
        const bytes all = load(path.text);
        assert_int_equal(all.size, 8);
        assert_memory_equal(all.data, "precious", 8);
        free(all.data);
        unlink(path.text);
        const name nowhere = temporary("missing/new.png");
        assert_false(image_write(self, nowhere.text, &err));
        check_error(&err, nowhere.text, "No such file");
    }
    sigaction(SIGXFSZ, &before, NULL);
    image_free(self);
}

static void replaces_a_file_whole(void **state) {
    (void)state;
    image *self = noise(20, 10);
    const name path = temporary("new.png");
    struct stat old, new;
    store(path.text, "precious", 8);
    const int held = open(path.text, O_RDONLY); /* a reader of the old file keeps it */
    assert_true(held >= 0);
    assert_int_equal(fstat(held, &old), 0);
    write_ok(self, path.text);
    assert_int_equal(stat(path.text, &new), 0);
    assert_true(old.st_ino != new.st_ino);
    assert_int_equal(fstat(held, &old), 0);
    assert_int_equal(old.st_size, 8);
    close(held);
    assert_int_equal(entries_in_folder(), 1);
    unlink(path.text);
    const name directory = temporary("folder.png");
    error err = {0};
    assert_int_equal(mkdir(directory.text, 0700), 0);
    assert_false(image_write(self, directory.text, &err));
    check_error(&err, directory.text, "Is a directory");
    assert_int_equal(rmdir(directory.text), 0);
    image_free(self);
}

static void avoids_a_leftover_temporary(void **state) {
    (void)state;
    image *self = noise(4, 4);
    const name path = temporary("out.png");
    char base[64];
    snprintf(base, sizeof base, ".out.png.%ld-0.tmp", (long)getpid());
    const name leftover = temporary(base);
    store(leftover.text, "other", 5);
    write_ok(self, path.text);
    assert_int_equal(entries_in_folder(), 2);
    const bytes all = load(leftover.text);
    assert_int_equal(all.size, 5);
    free(all.data);
    unlink(leftover.text);
    unlink(path.text);

    char longest[256]; /* the longest name that file systems take */
    memset(longest, 'n', 251);
    memcpy(longest + 251, ".png", 5);
    const name long_path = temporary(longest);
    write_ok(self, long_path.text);
    assert_int_equal(entries_in_folder(), 1);
    unlink(long_path.text);
    image_free(self);
}

static void follows_a_link(void **state) {
    (void)state;
    image *self = noise(4, 4);
    const name real = temporary("real.png"), link = temporary("link.jpg");
    store(real.text, "old", 3);
    assert_int_equal(symlink("real.png", link.text), 0); /* relative to the link's folder */
    write_ok(self, link.text);
    struct stat status;
    assert_int_equal(lstat(link.text, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(lstat(real.text, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    image_free(read_ok(real.text));
    assert_int_equal(entries_in_folder(), 2);
    unlink(real.text); /* now the link leads nowhere */
    error err = {0};
    assert_false(image_write(self, link.text, &err));
    check_error(&err, link.text, "link");
    assert_int_equal(lstat(link.text, &status), 0);
    assert_int_equal(entries_in_folder(), 1);
    unlink(link.text);
    image_free(self);
}

static void writes_devices_and_pipes_in_place(void **state) {
    (void)state;
    image *self = noise(4, 4);
    const name link = temporary("device.png");
    struct stat status;
    assert_int_equal(symlink("/dev/null", link.text), 0);
    write_ok(self, link.text);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    unlink(link.text);
    if (!stat("/dev/full", &status)) {
        error err = {0};
        assert_int_equal(symlink("/dev/full", link.text), 0);
        assert_false(image_write(self, link.text, &err));
        check_error(&err, link.text, strerror(ENOSPC));
        unlink(link.text);
    }
    assert_int_equal(mkfifo(link.text, 0600), 0);
    const int reader = open(link.text, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    write_ok(self, link.text);
    uint8_t head[8];
    assert_int_equal(read(reader, head, sizeof head), sizeof head);
    assert_memory_equal(head, "\x89PNG\r\n\x1a\n", 8);
    close(reader);
    assert_int_equal(lstat(link.text, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(entries_in_folder(), 1);
    unlink(link.text);
    image_free(self);
}

static void permissions_follow_the_umask(void **state) {
    (void)state;
    static const mode_t masks[] = {022, 027, 077, 002};
    image *self = noise(4, 4);
    const name path = temporary("mode.png");
    const mode_t before = umask(0);
    for (int i = 0; i < 4; i++) {
        struct stat status;
        umask(masks[i]);
        write_ok(self, path.text);
        assert_int_equal(stat(path.text, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0666 & ~masks[i]);
        unlink(path.text);
    }
    umask(before);
    image_free(self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_formats_by_extension),
        cmocka_unit_test(png_round_trip_is_exact),
        cmocka_unit_test(clips_values_and_nan),
        cmocka_unit_test(jpeg_is_close_and_not_subsampled),
        cmocka_unit_test(failure_leaves_the_old_file),
        cmocka_unit_test(replaces_a_file_whole),
        cmocka_unit_test(avoids_a_leftover_temporary),
        cmocka_unit_test(follows_a_link),
        cmocka_unit_test(writes_devices_and_pipes_in_place),
        cmocka_unit_test(permissions_follow_the_umask),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
