/* SPDX-License-Identifier: MIT
 *
 * The answer: a head of fixed size, profile, record, and the packed pixels as they are.
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
#include "core/retry.h"
#include "image/codec.h"

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
    int channels, sample;
    image_properties properties; /* its pointer means nothing */
    size_t profile_size, record_size;
} head;

/* ---- the worker's side ---- */

/* What has been put is forgotten, so that both processes together hold the picture once. */
static bool put_pixels(guard_worker *self, char *bytes, size_t count, error *err) {
    enum { PIECE = 1 << 22 };
    bool ok = true;
    for (size_t at = 0, size; ok && at < count; at += size) {
        size = count - at < PIECE ? count - at : PIECE;
        ok = guard_put(self, bytes + at, size, err);
        memory_forget(bytes + at, size);
    }
    return ok;
}

static bool put_picture(guard_worker *self, const image *picture, error *err) {
    const size_t row = pixels_format_row_size(picture->format, picture->width);
    const size_t record_size = picture->record ? strlen(picture->record) : 0;
    head top = {.width = picture->width,
                .height = picture->height,
                .channels = picture->format.channels,
                .sample = (int)picture->format.sample,
                .properties = picture->properties,
                .profile_size = picture->properties.profile_size,
                .record_size = record_size};
    top.properties.profile = NULL;
    return guard_put(self, &top, sizeof top, err) &&
           guard_put(self, picture->properties.profile, top.profile_size, err) &&
           guard_put(self, picture->record, record_size, err) &&
           put_pixels(self, picture->packed, row * (size_t)picture->height, err);
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

/* What the head claims, which is one that a file can have; its size is checked as a file's. */
static bool check_claim(const head *top, codec_claim *claim) {
    const bool real = top->width >= 1 && top->height >= 1;
    const bool known = top->channels >= 1 && top->channels <= PIXELS_MOST_CHANNELS &&
                       (top->sample == PIXELS_U8 || top->sample == PIXELS_U16 ||
                        (top->sample == PIXELS_PRODUCT && top->channels == IMAGE_CHANNELS));
    if (!real || !known)
        return false;
    *claim = (codec_claim){(uint32_t)top->width, (uint32_t)top->height,
                           (pixels_format){top->channels, (pixels_sample)top->sample}, 0};
    return true;
}

typedef struct taker {
    codec_input input; /* without a file */
    image *picture;
} taker;

static bool take_picture(guard_answer *from, void *user, error *err) {
    taker *self = user;
    head top;
    codec_claim claim;
    if (!guard_get(from, &top, sizeof top, err))
        return false;
    if (!check_claim(&top, &claim) ||
        (uint64_t)claim.width * claim.height > self->input.limits.max_pixels)
        return guard_refuse(from, err);
    image *const to = self->picture = codec_new_unset(&self->input, &claim, err);
    if (!to)
        return false;
    to->properties = check_properties(&top);
    const size_t row = pixels_format_row_size(to->format, to->width);
    return get_profile(from, top.profile_size, &to->properties, err) &&
           get_record(from, top.record_size, &to->record, err) &&
           guard_get(from, to->packed, row * (size_t)to->height, err);
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

/* The worker cannot look at the system. */
static codec_limits limits_now(size_t max_pixels) {
    return (codec_limits){.max_pixels = max_pixels,
                          .own = memory_limit_own(memory_gaps(SIZE_MAX)),
                          .shared = memory_limit_shared()};
}

static image *read_apart(picture_decoder *decode, int file, const char *name, size_t max_pixels,
                         error *err) {
    const codec_limits limits = limits_now(max_pixels);
    question asked = {.decode.picture = decode, .limits = limits};
    taker taken = {.input = {.path = name, .limits = limits}};
    const uint64_t own = limits.own.bytes, shared = limits.shared.bytes;
    guard_task task = {.work = work_on_picture,
                       .memory = (size_t)(own < shared ? own : shared),
                       .take = take_picture,
                       .user = &taken};
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
    if (!guard_is_on())
        return decode(file, name, record, err);
    guard_task task = {.work = work_on_record,
                       .memory = (size_t)memory_limit_get(0).bytes,
                       .take = take_record,
                       .user = record};
    return ask(&asked, fileno(file), name, &task, err);
}

/* ---- streams ---- */

enum { LOOK = 1 << 22 }; /* bytes, after which it is seen again how much memory is left */

/* Whether there is memory for more of a stream, of which so many bytes are held. */
static bool has_memory(const char *name, size_t held, error *err) {
    const memory_limit left = memory_limit_shared();
    return !left.name || left.bytes >= (size_t)2 * LOOK ||
           error_set(err, ERROR_MEMORY,
                     "cannot read %s: it has more than the %zu MB that are read, but only %llu MB "
                     "are left of %s: name the picture's file, shrink it, or free some memory",
                     name, held >> 20, (unsigned long long)left.bytes >> 20, left.name);
}

/* What follows the magic. */
static bool copy_rest(FILE *file, int copy, const char *name, size_t max_pixels, error *err) {
    enum { PIXEL = 16, OVERHEAD = 1 << 26 };
    char bytes[1 << 16];
    const size_t most = memory_add(OVERHEAD, memory_block(max_pixels, PIXEL));
    size_t got, held = CODEC_MAGIC_SIZE;
    while ((got = retry_fread(bytes, 1, sizeof bytes, file)) > 0) {
        if (got > most - held)
            return error_set(err, ERROR_FAILURE,
                             "cannot read %s: it has more than %zu MB, which no picture of %zu "
                             "pixels takes: send the picture alone, or raise --max-pixels",
                             name, most >> 20, max_pixels);
        if (held / LOOK < (held + got) / LOOK && !has_memory(name, held, err))
            return false;
        if (!retry_write(copy, bytes, got))
            return error_set_errno(err, errno, "cannot read %s", name);
        held += got;
    }
    return true;
}

/* What is left of a stream, in a file that has no name; -1 with *err. */
static int copy_stream(picture_recogniser *recognise, FILE *file, const char *name,
                       size_t max_pixels, error *err) {
    codec_input input = {.path = name};
    errno = 0;
    const size_t size = retry_fread(input.magic, 1, CODEC_MAGIC_SIZE, file);
    const bool known = recognise(&input, size, err);
    const int copy = known ? memfd_create("picture", MFD_CLOEXEC) : -1;
    const bool begun = copy >= 0 && retry_write(copy, input.magic, size);
    if (known && !begun)
        error_set_errno(err, errno, "cannot read %s", name);
    const bool ok = begun && copy_rest(file, copy, name, max_pixels, err);
    if (ok && !ferror(file) && lseek(copy, 0, SEEK_SET) == 0)
        return copy;
    if (ok || (!known && ferror(file) && errno))
        error_set_errno(err, errno, "cannot read %s", name);
    if (copy >= 0)
        close(copy);
    return -1;
}

image *picture_guard_read_stream(picture_decoder *decode, picture_recogniser *recognise, FILE *file,
                                 const char *name, size_t max_pixels, error *err) {
    if (!guard_is_on()) {
        const codec_limits limits = limits_now(max_pixels);
        return decode(file, name, &limits, err); /* analysed: keeps no address of them */
    }
    const int copy = copy_stream(recognise, file, name, max_pixels, err);
    image *self = copy < 0 ? NULL : read_apart(decode, copy, name, max_pixels, err);
    if (copy >= 0)
        close(copy);
    return self;
}
