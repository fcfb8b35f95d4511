/* SPDX-License-Identifier: MIT
 *
 * The answer: a head of fixed size, profile, record, and the planes, each in the fewest bytes that
 * give its floats exactly. So one of a file of 8 bits goes through the pipe as 8 bits, and nobody
 * has two copies of its floats.
 */
#define _GNU_SOURCE /* memfd_create */
#include "image/picture_guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/guard.h"
#include "core/memory.h"

enum { CHUNK = 1 << 15 }; /* samples at a time */

typedef union decoder {
    picture_decoder *picture;
    picture_record_decoder *record;
} decoder;

/* The name follows, with its zero. */
typedef struct question {
    decoder decode;
    codec_limits limits;
    char name[GUARD_MOST_QUESTION - sizeof(decoder) - sizeof(codec_limits)];
} question;

typedef struct head {
    int width, height;
    bool alpha;
    image_properties properties; /* its pointer means nothing */
    size_t profile_size, record_size;
} head;

/* Of a plane. */
typedef enum coding { BYTES, WORDS, FLOATS } coding;

static const float most_byte = 255, most_word = 65535;

/* ---- the worker's side ---- */

/* Whether all are bytes; then out has them. */
static bool pack_bytes(const float *restrict plane, size_t count, uint8_t *restrict out) {
    for (size_t from = 0; from < count; from += CHUNK) {
        const size_t end = count - from < CHUNK ? count : from + CHUNK;
        int wrong = 0;
        for (size_t i = from; i < end; i++) {
            const float value = plane[i] >= 0 && plane[i] <= 1 ? plane[i] : 0;
            const int whole = (int)(value * most_byte + 0.5F);
            out[i] = (uint8_t)whole;
            wrong |= (float)whole / most_byte != plane[i];
        }
        if (wrong)
            return false;
    }
    return true;
}

static bool pack_words(const float *restrict plane, size_t count, uint16_t *restrict out) {
    for (size_t from = 0; from < count; from += CHUNK) {
        const size_t end = count - from < CHUNK ? count : from + CHUNK;
        int wrong = 0;
        for (size_t i = from; i < end; i++) {
            const float value = plane[i] >= 0 && plane[i] <= 1 ? plane[i] : 0;
            const int whole = (int)(value * most_word + 0.5F);
            out[i] = (uint16_t)whole;
            wrong |= (float)whole / most_word != plane[i];
        }
        if (wrong)
            return false;
    }
    return true;
}

/* `room` holds count words. */
static bool put_plane(guard_worker *self, const float *plane, size_t count, void *room,
                      error *err) {
    const coding how = pack_bytes(plane, count, room)   ? BYTES
                       : pack_words(plane, count, room) ? WORDS
                                                        : FLOATS;
    const size_t sizes[] = {[BYTES] = 1, [WORDS] = 2, [FLOATS] = sizeof(float)};
    return guard_put(self, &how, sizeof how, err) &&
           guard_put(self, how == FLOATS ? plane : room, count * sizes[how], err);
}

static bool put_picture(guard_worker *self, const image *picture, error *err) {
    const size_t pixels = (size_t)picture->width * (size_t)picture->height;
    const size_t record_size = picture->record ? strlen(picture->record) : 0;
    head top = {.width = picture->width,
                .height = picture->height,
                .alpha = picture->alpha != NULL,
                .properties = picture->properties,
                .profile_size = picture->properties.profile_size,
                .record_size = record_size};
    top.properties.profile = NULL;
    void *room = memory_alloc(pixels, sizeof(uint16_t), err);
    bool ok = room && guard_put(self, &top, sizeof top, err) &&
              guard_put(self, picture->properties.profile, top.profile_size, err) &&
              guard_put(self, picture->record, record_size, err);
    for (int c = 0; ok && c < IMAGE_CHANNELS; c++)
        ok = put_plane(self, picture->planes + (size_t)c * pixels, pixels, room, err);
    return ok && (!picture->alpha || put_plane(self, picture->alpha, pixels, room, err));
}

static bool work_on_picture(guard_worker *self, error *err) {
    size_t size;
    const question *asked = guard_question(self, &size);
    const image *picture =
        asked->decode.picture(guard_file(self), asked->name, &asked->limits, err);
    return picture && put_picture(self, picture, err); /* the process ends: nothing is freed */
}

static bool work_on_record(guard_worker *self, error *err) {
    size_t size;
    char *record = NULL;
    const question *asked = guard_question(self, &size);
    if (!asked->decode.record(guard_file(self), asked->name, &record, err))
        return false;
    size = record ? strlen(record) : 0;
    return guard_put(self, &size, sizeof size, err) && guard_put(self, record, size, err);
}

/* ---- the program's side ---- */

static float clip(float value) {
    return value >= 0 ? value <= 1 ? value : 1 : 0; /* no NaN either */
}

static bool get_plane(guard_answer *from, float *plane, size_t count, void *room, error *err) {
    const size_t sizes[] = {[BYTES] = 1, [WORDS] = 2, [FLOATS] = sizeof(float)};
    coding how;
    if (!guard_get(from, &how, sizeof how, err))
        return false;
    if (how != BYTES && how != WORDS && how != FLOATS)
        return guard_refuse(from, err);
    for (size_t at = 0; at < count; at += CHUNK) {
        const size_t some = count - at < CHUNK ? count - at : CHUNK;
        const uint8_t *bytes = room;
        const uint16_t *words = room;
        const float *floats = room;
        if (!guard_get(from, room, some * sizes[how], err))
            return false;
        for (size_t i = 0; i < some; i++)
            plane[at + i] = how == BYTES   ? (float)bytes[i] / most_byte
                            : how == WORDS ? (float)words[i] / most_word
                                           : clip(floats[i]);
    }
    return true;
}

/* What follows in so many bytes; the caller's to memory_free. NULL with *err. */
static void *get_block(guard_answer *from, size_t size, error *err) {
    void *block = memory_alloc(size ? size : 1, 1, err);
    if (block && guard_get(from, block, size, err))
        return block;
    memory_free(block);
    return NULL;
}

/* A record of that size; 0: none. */
static bool get_record(guard_answer *from, size_t size, char **record, error *err) {
    char *text = NULL;
    if (size > RECORD_MOST)
        return guard_refuse(from, err);
    if (size && !(text = get_block(from, size, err)))
        return false;
    const bool ok = !text || record_text_set(record, text, size, err);
    memory_free(text);
    return ok;
}

static bool get_profile(guard_answer *from, size_t size, image_properties *to, error *err) {
    uint8_t *profile = NULL;
    if (size > PROPERTIES_MOST_PROFILE)
        return guard_refuse(from, err);
    if (size && !(profile = get_block(from, size, err)))
        return false;
    const bool ok = !profile || image_properties_set_profile(to, profile, size, err);
    memory_free(profile);
    return ok;
}

/* The properties that are numbers, each as far as it can be true; a flag that is neither 0
 * nor 1 is not set. */
static image_properties check_properties(const head *top) {
    unsigned char flags[3];
    image_properties to = top->properties;
    memcpy(flags, &top->properties.has_srgb, 1);
    memcpy(flags + 1, &top->properties.has_gamma, 1);
    memcpy(flags + 2, &top->properties.has_chromaticities, 1);
    to.profile = NULL;
    to.profile_size = 0;
    to.has_srgb = flags[0] == 1 && to.srgb_intent >= 0 && to.srgb_intent <= 3;
    to.has_gamma = flags[1] == 1;
    to.has_chromaticities = flags[2] == 1;
    if ((to.density_unit != DENSITY_ASPECT && to.density_unit != DENSITY_METRE) ||
        !(to.density[0] > 0 && to.density[0] < 1e12 && to.density[1] > 0 && to.density[1] < 1e12)) {
        to.density_unit = DENSITY_UNKNOWN;
        to.density[0] = to.density[1] = 0;
    }
    return to;
}

typedef struct taker {
    size_t max_pixels;
    image *picture;
} taker;

static bool take_picture(guard_answer *from, void *user, error *err) {
    taker *self = user;
    head top;
    unsigned char alpha;
    if (!guard_get(from, &top, sizeof top, err))
        return false;
    memcpy(&alpha, &top.alpha, 1);
    if (top.width < 1 || top.height < 1 || alpha > 1 ||
        (uint64_t)top.width * (uint64_t)top.height > self->max_pixels)
        return guard_refuse(from, err);
    image *const to = self->picture = image_new(top.width, top.height, err);
    if (!to || (alpha && !image_add_alpha(to, err)))
        return false;
    to->properties = check_properties(&top);
    const size_t pixels = (size_t)to->width * (size_t)to->height;
    void *room = memory_alloc(CHUNK, sizeof(float), err);
    bool ok = room && get_profile(from, top.profile_size, &to->properties, err) &&
              get_record(from, top.record_size, &to->record, err);
    for (int c = 0; ok && c < IMAGE_CHANNELS; c++)
        ok = get_plane(from, to->planes + (size_t)c * pixels, pixels, room, err);
    ok = ok && (!alpha || get_plane(from, to->alpha, pixels, room, err));
    memory_free(room);
    return ok;
}

static bool take_record(guard_answer *from, void *user, error *err) {
    size_t size;
    return guard_get(from, &size, sizeof size, err) && get_record(from, size, user, err);
}

/* Asks about an open file. */
static bool ask(question *asked, int file, const char *name, guard_task *task, error *err) {
    const size_t length = strlen(name) + 1;
    const bool fits = length <= sizeof asked->name;
    if (!fits)
        return error_set(err, ERROR_FAILURE, "cannot read %s: its name is too long", name);
    memcpy(asked->name, name, length);
    task->question = asked;
    task->question_size = offsetof(question, name) + length;
    task->file = file;
    task->name = name;
    return guard_run(task, err);
}

/* The worker cannot look at the system. It holds the picture, and so does the program by then. */
static codec_limits limits_now(size_t max_pixels) {
    return (codec_limits){max_pixels, memory_limit_get(memory_gaps(SIZE_MAX)),
                          guard_is_on() ? 2 : 1};
}

static image *read_apart(picture_decoder *decode, int file, const char *name, size_t max_pixels,
                         error *err) {
    question asked = {.decode.picture = decode, .limits = limits_now(max_pixels)};
    taker taken = {.max_pixels = max_pixels};
    guard_task task = {.work = work_on_picture, .take = take_picture, .user = &taken};
    if (ask(&asked, file, name, &task, err))
        return taken.picture;
    image_free(taken.picture);
    return NULL;
}

image *picture_guard_read(picture_decoder *decode, FILE *file, const char *name, size_t max_pixels,
                          error *err) {
    if (guard_is_on())
        return read_apart(decode, fileno(file), name, max_pixels, err);
    const codec_limits limits = limits_now(max_pixels);
    return decode(file, name, &limits, err); /* analysed: keeps no address of them */
}

bool picture_guard_read_record(picture_record_decoder *decode, FILE *file, const char *name,
                               char **record, error *err) {
    question asked = {.decode.record = decode};
    guard_task task = {.work = work_on_record, .take = take_record, .user = record};
    return guard_is_on() ? ask(&asked, fileno(file), name, &task, err)
                         : decode(file, name, record, err);
}

/* ---- streams ---- */

/* What is left of a stream, in a file that has no name; -1 with *err. More than any picture of so
 * many pixels has is not read. */
static int copy_stream(FILE *file, const char *name, size_t max_pixels, error *err) {
    enum { PIXEL = 16, OVERHEAD = 1 << 26 };
    char bytes[1 << 16];
    size_t got, left = memory_add(OVERHEAD, memory_block(max_pixels, PIXEL));
    const int copy = memfd_create("picture", MFD_CLOEXEC);
    bool ok = copy >= 0;
    errno = ok ? 0 : errno;
    while (ok && left > 0 && (got = fread(bytes, 1, sizeof bytes, file)) > 0) {
        ok = write(copy, bytes, got) == (ssize_t)got;
        left -= got < left ? got : left;
    }
    if (ok && !(ferror(file) && errno) && lseek(copy, 0, SEEK_SET) == 0)
        return copy;
    error_set_errno(err, errno, "cannot read %s", name);
    if (copy >= 0)
        close(copy);
    return -1;
}

image *picture_guard_read_stream(picture_decoder *decode, FILE *file, const char *name,
                                 size_t max_pixels, error *err) {
    if (!guard_is_on()) {
        const codec_limits limits = limits_now(max_pixels);
        return decode(file, name, &limits, err); /* analysed: keeps no address of them */
    }
    const int copy = copy_stream(file, name, max_pixels, err);
    image *self = copy < 0 ? NULL : read_apart(decode, copy, name, max_pixels, err);
    if (copy >= 0)
        close(copy);
    return self;
}
