/* SPDX-License-Identifier: MIT
 *
 * Tests of what comes out of a guarded process: a decoder's lies are seen through, and pictures and
 * weights are bit by bit as without.
 */
#define _GNU_SOURCE
#include "image_files.h"

#include "core/guard.h"
#include "core/memory.h"
#include "image/picture_guard.h"
#include "weights/weights_guard.h"
#include "weights/weights_open.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* ---- lies ---- */

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
    for (size_t i = 0; guard_is_on() && i < COUNT_OF(names); i++) {
        error err = {0};
        assert_null(picture_guard_read(decode_lies, file, names[i], 1000, &err));
        assert_true(*err.text); /* of the first two the worker has itself no memory */
        assert_true(i < 2 || strstr(err.text, "answer makes no sense"));
    }
    if (guard_is_on()) {
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
    if (guard_is_on()) {
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
    for (size_t i = 0; guard_is_on() && i < file_count; i++) {
        const outcome after = files[i].read(files[i].path.text);
        if (after.sum != files[i].before.sum || strcmp(after.text, files[i].before.text) != 0)
            fail_msg("%s: '%s', but without the guard '%s'", files[i].path.text, after.text,
                     files[i].before.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
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
