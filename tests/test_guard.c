/* SPDX-License-Identifier: MIT
 *
 * Tests of guard.c and its filter: what a parser could do that was taken over by a hostile file, it
 * tries here from inside, and each must fail; its lies must be seen through. And pictures and
 * weights must come out of it bit by bit as without.
 */
#define _GNU_SOURCE
#include "image_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "core/guard.h"
#include "core/memory.h"
#include "image/picture_guard.h"
#include "weights/weights_guard.h"
#include "weights/weights_open.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* ---- attempts ---- */

/* What a worker is asked to try, with the number of the program. */
typedef struct attempt {
    long (*trial)(pid_t program); /* the system's answer: -1 when it refused */
    pid_t program;
} attempt;

static long try_open(pid_t program) {
    (void)program;
    return open("/etc/passwd", O_RDONLY);
}

static long try_openat2(pid_t program) {
    (void)program;
#ifdef SYS_openat2
    struct {
        uint64_t flags, mode, resolve;
    } how = {0};
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how);
#else
    return -1;
#endif
}

static long try_create(pid_t program) {
    (void)program;
    return open("planted", O_CREAT | O_WRONLY, 0600);
}

static long try_unlink(pid_t program) {
    (void)program;
    return unlink("/tmp/planted");
}

static long try_socket(pid_t program) {
    (void)program;
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_socketpair(pid_t program) {
    int ends[2];
    (void)program;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long try_execve(pid_t program) {
    char *const none[] = {NULL};
    (void)program;
    return execve("/bin/true", none, none);
}

static long try_fork(pid_t program) {
    (void)program;
    const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        syscall(SYS_exit_group, 0);
    return child;
}

static long try_kill(pid_t program) {
    return kill(program, 0);
}

static long try_queue(pid_t program) {
    return syscall(SYS_tgkill, program, program, 0);
}

static long try_ptrace(pid_t program) {
    return ptrace(PTRACE_ATTACH, program, NULL, NULL);
}

static long try_process_memory(pid_t program) {
    char byte;
    struct {
        void *base;
        size_t size;
    } here = {&byte, 1}, there = {&byte, 1};
    return syscall(SYS_process_vm_writev, program, &here, 1, &there, 1, 0);
}

static long try_write_elsewhere(pid_t program) {
    (void)program;
    for (int fd = 0; fd < 64; fd++) {
        if (fd != 4 && write(fd, "", 1) >= 0) /* 4 is its answer */
            return 0;
    }
    return -1;
}

static long try_read_elsewhere(pid_t program) {
    char byte;
    (void)program;
    for (int fd = 0; fd < 64; fd++) {
        if (fd != 3 && read(fd, &byte, 1) >= 0) /* 3 is its file */
            return 0;
    }
    return -1;
}

static long try_write_file(pid_t program) {
    (void)program;
    return write(3, "", 1);
}

static long try_truncate(pid_t program) {
    (void)program;
    return ftruncate(3, 0);
}

static long try_executable(pid_t program) {
    (void)program;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? -1
               : 0;
}

static long try_protect(pid_t program) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)program;
    return page == MAP_FAILED ? 0 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long try_dumpable(pid_t program) {
    (void)program;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long try_duplicate(pid_t program) {
    (void)program;
    return dup2(4, 1);
}

static long try_uring(pid_t program) {
    char room[256] = {0};
    (void)program;
    return syscall(425, 4, room); /* io_uring_setup, by its number everywhere */
}

static long try_poison(pid_t program) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)program;
    return page == MAP_FAILED ? 0 : madvise(page, 4096, MADV_DONTDUMP);
}

static bool work_on_attempt(guard_worker *self, error *err) {
    size_t size;
    const attempt *asked = guard_question(self, &size);
    errno = 0;
    const long got = asked->trial(asked->program);
    const int told[2] = {got == -1, errno};
    return guard_put(self, told, sizeof told, err);
}

static bool take_attempt(guard_answer *from, void *user, error *err) {
    return guard_get(from, user, 2 * sizeof(int), err);
}

static bool run(bool (*work)(guard_worker *self, error *err),
                bool (*take)(guard_answer *self, void *user, error *err), const void *question,
                size_t size, void *user, error *err) {
    const int file = open(data_file("rgb.jpg").text, O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    const guard_task task = {.work = work,
                             .question = question,
                             .question_size = size,
                             .file = file,
                             .name = "FILE",
                             .take = take,
                             .user = user};
    const bool ok = guard_run(&task, err);
    close(file);
    return ok;
}

/* Tests of what is there; a build without says so. */
static bool is_here(void) {
    if (guard_is_on())
        return true;
    assert_true(!strncmp(guard_state(), "off: ", 5));
    assert_true(guard_is_left_out() || strstr(guard_state(), "seccomp"));
    return false;
}

static void attempts_fail(void **state) {
    static long (*const trials[])(pid_t program) = {
        try_open,           try_openat2,         try_create,         try_unlink,
        try_socket,         try_socketpair,      try_execve,         try_fork,
        try_kill,           try_queue,           try_ptrace,         try_process_memory,
        try_write_elsewhere, try_read_elsewhere, try_write_file,     try_truncate,
        try_executable,     try_protect,         try_dumpable,       try_duplicate,
        try_uring,          try_poison,
    };
    (void)state;
    for (size_t i = 0; is_here() && i < COUNT_OF(trials); i++) {
        const attempt asked = {trials[i], getpid()};
        error err = {0};
        int told[2] = {0, 0};
        if (!run(work_on_attempt, take_attempt, &asked, sizeof asked, told, &err))
            fail_msg("attempt %zu: %s", i, err.text);
        if (!told[0] || (told[1] != EPERM && told[1] != EBADF))
            fail_msg("attempt %zu is let through: %d", i, told[1]);
    }
    assert_int_equal(access("planted", F_OK), -1);
}

/* ---- ends and lies ---- */

static bool work_crash(guard_worker *self, error *err) {
    size_t size;
    int *const *planted = guard_question(self, &size); /* an address */
    *(volatile int *)*planted = 1;
    return error_set(err, ERROR_FAILURE, "it was written");
}

static bool work_silently(guard_worker *self, error *err) {
    (void)self;
    (void)err;
    return true;
}

static bool work_fail(guard_worker *self, error *err) {
    (void)self;
    return error_set(err, ERROR_USAGE, "FILE: not\nlike this");
}

static bool take_nothing(guard_answer *from, void *user, error *err) {
    (void)from;
    (void)user;
    (void)err;
    return true;
}

static void ends_are_told(void **state) {
    int told[2];
    error err = {0};
    (void)state;
    if (!is_here())
        return;
    const uintptr_t planted = 8;
    assert_false(run(work_crash, take_attempt, &planted, sizeof planted, told, &err));
    assert_string_equal(err.text,
                        "cannot read FILE: the decoder stopped unexpectedly (signal 11)");
    assert_false(run(work_silently, take_attempt, "", 0, told, &err));
    assert_string_equal(err.text, "cannot read FILE: the decoder's answer makes no sense");
    assert_true(run(work_silently, take_nothing, "", 0, NULL, &err));
    assert_false(run(work_fail, take_nothing, "", 0, NULL, &err));
    assert_string_equal(err.text, "FILE: not?like this");
    assert_int_equal(err.code, ERROR_USAGE);
}

/* A decoder that a file has taken over: what it returns is a lie. */
static image *decode_lies(FILE *file, const char *lie, const codec_limits *limits, error *err) {
    image *self = image_new_packed(3, 2, (pixels_format){3, PIXELS_PRODUCT}, err);
    (void)file;
    if (!self)
        return NULL;
    memset(self->packed, 0, (size_t)18 * sizeof(uint16_t));
    if (!strcmp(lie, "wide"))
        self->width = 1 << 30;
    if (!strcmp(lie, "negative"))
        self->height = -2;
    if (!strcmp(lie, "more"))
        self->width = (int)limits->max_pixels;
    if (!strcmp(lie, "profile"))
        self->properties.profile_size = (size_t)1 << 40;
    if (!strcmp(lie, "channels"))
        self->format = (pixels_format){5, PIXELS_U8};
    if (!strcmp(lie, "sample"))
        self->format.sample = (pixels_sample)77;
    if (!strcmp(lie, "floats"))
        self->format = (pixels_format){1, PIXELS_FLOAT};
    if (!strcmp(lie, "values")) {
        const uint16_t values[] = {65535, 0, 65025, 65026, 0, 0};
        memcpy(self->packed, values, sizeof values);
        self->properties.has_srgb = true;
        self->properties.srgb_intent = 77;
        self->properties.density_unit = DENSITY_METRE;
        self->properties.density[0] = -5;
    }
    return self;
}

static void lies_are_seen(void **state) {
    static const char *const names[] = {"wide",     "negative", "more",  "profile",
                                        "channels", "sample",   "floats"};
    FILE *file = fopen(data_file("rgb.jpg").text, "rb");
    (void)state;
    assert_non_null(file);
    for (size_t i = 0; is_here() && i < COUNT_OF(names); i++) {
        error err = {0};
        assert_null(picture_guard_read(decode_lies, file, names[i], 1000, &err));
        assert_true(*err.text); /* of the first two the worker has itself no memory */
        assert_true(i < 2 || strstr(err.text, "answer makes no sense"));
    }
    if (is_here()) {
        error err = {0};
        image *self = picture_guard_read(decode_lies, file, "values", 1000, &err);
        assert_non_null(self);
        float red[2], green[2];
        image_unpack(self, 0, 0, 0, 2, red);
        image_unpack(self, 1, 0, 0, 2, green);
        assert_true(red[0] == 1 && red[1] == 1 && green[0] == 0 && green[1] == 0);
        assert_false(self->properties.has_srgb);
        assert_int_equal(self->properties.density_unit, DENSITY_UNKNOWN);
        image_free(self);
    }
    fclose(file);
}

/* A table of many long texts, of a small file. */
static bool parse_much(weights_file *self, const char *path, error *err) {
    static char text[1 << 16];
    (void)path;
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 8; i++) {
        if (!weights_file_add_metadata(self, "key", text, err))
            return false;
    }
    return true;
}

static void tables_are_bounded(void **state) {
    error err = {0};
    const name file = data_file("rgb.jpg");
    const char *path = file.text;
    (void)state;
    weights_file *self = weights_file_new(file_bytes_open(path, &err), path, &err);
    assert_non_null(self);
    if (is_here()) {
        assert_false(weights_guard_parse(parse_much, self, path, &err));
        assert_non_null(strstr(err.text, "answer makes no sense"));
    }
    weights_file_free(self);
}

/* ---- the same bits ---- */

/* What a process without a guard reads of the file goes through a pipe, as a sum and an error. */
typedef struct outcome {
    uint64_t sum;
    char text[1024];
} outcome;

static void add(uint64_t *sum, const void *block, size_t count) {
    const unsigned char *at = block;
    for (size_t i = 0; i < count; i++)
        *sum = (*sum ^ at[i]) * 1099511628211U;
}

static outcome read_picture(const char *path) {
    error err = {0};
    outcome out = {.sum = 1};
    char *record = NULL;
    image *self = picture_file_read(path, MANY_PIXELS, &err);
    if (self) {
        const int format[] = {self->format.channels, (int)self->format.sample};
        add(&out.sum, format, sizeof format);
        with_planes(self);
        const size_t pixels = (size_t)self->width * (size_t)self->height;
        const int size[] = {self->width, self->height, self->alpha != NULL};
        const image_properties *p = &self->properties;
        add(&out.sum, size, sizeof size);
        add(&out.sum, self->planes, 3 * pixels * sizeof(float));
        if (self->alpha)
            add(&out.sum, self->alpha, pixels * sizeof(float));
        if (p->profile)
            add(&out.sum, p->profile, p->profile_size);
        const int flags[] = {p->has_srgb, p->has_gamma, p->has_chromaticities, p->srgb_intent,
                             p->gamma, (int)p->density_unit};
        add(&out.sum, flags, sizeof flags);
        add(&out.sum, p->chromaticities, sizeof p->chromaticities);
        add(&out.sum, p->density, sizeof p->density);
        if (self->record)
            add(&out.sum, self->record, strlen(self->record));
    }
    image_free(self);
    if (picture_file_read_record(path, &record, &err) && record)
        add(&out.sum, record, strlen(record));
    memory_free(record);
    snprintf(out.text, sizeof out.text, "%s", err.text);
    return out;
}

static outcome read_weights(const char *path) {
    error err = {0};
    outcome out = {.sum = 1};
    weights_file *self = weights_open(path, &err);
    for (size_t i = 0; self && i < weights_file_count(self); i++) {
        const weights_tensor *t = weights_file_at(self, i);
        const int kind[] = {(int)t->type, t->rank};
        add(&out.sum, t->name, strlen(t->name));
        add(&out.sum, kind, sizeof kind);
        add(&out.sum, t->shape, (size_t)t->rank * sizeof *t->shape);
        add(&out.sum, t->strides, (size_t)t->rank * sizeof *t->strides);
        add(&out.sum, &t->at, sizeof t->at);
        assert_ptr_equal(weights_file_find(self, t->name), t);
    }
    const char *key, *value;
    for (size_t i = 0; self && weights_file_metadata_at(self, i, &key, &value); i++) {
        add(&out.sum, key, strlen(key));
        add(&out.sum, value, strlen(value));
    }
    weights_file_free(self);
    snprintf(out.text, sizeof out.text, "%s", err.text);
    return out;
}

/* What was read before the guard was started. */
enum { MOST_FILES = 600 };
static struct {
    name path;
    outcome (*read)(const char *path);
    outcome before;
} files[MOST_FILES];
static size_t file_count;

static void read_before(const char *sub, outcome (*read)(const char *path)) {
    const char *root = getenv("STYLIZE_TEST_DATA");
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", root ? root : "tests", sub);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".py") || file_count == MOST_FILES)
            continue;
        snprintf(files[file_count].path.text, PATH_SIZE, "%.200s/%.250s", path, entry->d_name);
        files[file_count].read = read;
        files[file_count].before = read(files[file_count].path.text);
        file_count++;
    }
    if (dir)
        closedir(dir);
}

static void files_are_the_same(void **state) {
    (void)state;
    assert_true(file_count > 50);
    for (size_t i = 0; is_here() && i < file_count; i++) {
        const outcome after = files[i].read(files[i].path.text);
        if (after.sum != files[i].before.sum || strcmp(after.text, files[i].before.text) != 0)
            fail_msg("%s: '%s', but without the guard '%s'", files[i].path.text, after.text,
                     files[i].before.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_fail),
        cmocka_unit_test(ends_are_told),
        cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(tables_are_bounded),
        cmocka_unit_test(files_are_the_same),
    };
    read_before("images", read_picture);
    read_before("hostile", read_weights);
    read_before("networks", read_weights);
    guard_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
