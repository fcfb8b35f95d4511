/* SPDX-License-Identifier: MIT
 *
 * Reader of the safetensors format (the contract and the list of refusals stand in the header).
 *
 * Opening goes in four steps, each of which may refuse: map the file; parse the JSON header
 * (jansson checks UTF-8, duplicate keys and, by its own limit, nesting); turn each entry into a
 * tensor whose byte range matches its type and shape; sort the tensors by range and walk them, so
 * that together they cover the data exactly once. After that no access needs another check.
 *
 * The parsed header is kept: it owns the names and the metadata that callers borrow.
 * Not defended against: another process that cuts the file short while it is mapped.
 */
#define _POSIX_C_SOURCE 200809L
#include "network/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

#define LENGTH_BYTES 8
#define HEADER_MAX 100000000u /* the format's own limit, 100 MB */
#define METADATA_KEY "__metadata__"
#define SHOWN_NAME_MAX 40 /* bytes of an over-long name that an error repeats */

typedef struct entry {
    safetensors_tensor tensor;
    size_t begin, end; /* bytes from the start of the data */
} entry;

struct safetensors {
    char *path; /* for messages */
    unsigned char *map;
    size_t size;
    json_t *header;
    entry *entries;                     /* [count] by begin, end, name */
    const safetensors_tensor **by_name; /* [count] */
    size_t count;
};

typedef struct type_row {
    const char *name;
    size_t bytes;
    safetensors_type type;
} type_row;

static const type_row types[] = {
    {"BOOL", 1, SAFETENSORS_OTHER},    {"U8", 1, SAFETENSORS_OTHER},
    {"I8", 1, SAFETENSORS_OTHER},      {"F8_E5M2", 1, SAFETENSORS_OTHER},
    {"F8_E4M3", 1, SAFETENSORS_OTHER}, {"I16", 2, SAFETENSORS_OTHER},
    {"U16", 2, SAFETENSORS_OTHER},     {"F16", 2, SAFETENSORS_F16},
    {"BF16", 2, SAFETENSORS_OTHER},    {"I32", 4, SAFETENSORS_OTHER},
    {"U32", 4, SAFETENSORS_OTHER},     {"F32", 4, SAFETENSORS_F32},
    {"F64", 8, SAFETENSORS_OTHER},     {"I64", 8, SAFETENSORS_OTHER},
    {"U64", 8, SAFETENSORS_OTHER},
};

/* Step 1: the file */

static bool map_file(safetensors *self, error *err) {
    bool ok = false;
    struct stat info;
    /* O_NONBLOCK: opening a pipe must lead to the refusal below, not to waiting for a writer. */
    const int fd = open(self->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(err, errno, "%s", self->path);
    if (fstat(fd, &info)) {
        error_set_errno(err, errno, "%s", self->path);
        goto done;
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(err, ERROR_FAILURE, "%s: not a regular file", self->path);
        goto done;
    }
    if (info.st_size < LENGTH_BYTES) {
        error_set(err, ERROR_FAILURE, "%s: not a safetensors file: shorter than %d bytes",
                  self->path, LENGTH_BYTES);
        goto done;
    }
    self->size = (size_t)info.st_size;
    if ((off_t)self->size != info.st_size) {
        error_set(err, ERROR_FAILURE, "%s: too large for this system", self->path);
        goto done;
    }
    void *map = mmap(NULL, self->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        error_set_errno(err, errno, "%s: cannot be mapped", self->path);
        goto done;
    }
    self->map = map;
    ok = true;
done:
    close(fd);
    return ok;
}

/* Step 2: the header */

static bool check_metadata(const safetensors *self, error *err) {
    json_t *metadata = json_object_get(self->header, METADATA_KEY);
    if (!metadata)
        return true;
    if (!json_is_object(metadata))
        return error_set(err, ERROR_FAILURE, "%s: " METADATA_KEY " is no JSON object", self->path);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return error_set(err, ERROR_FAILURE, "%s: " METADATA_KEY " '%s' is no string",
                             self->path, key);
    }
    return true;
}

/* Parses the header; *data_begin is where the data starts in the file. */
static bool parse_header(safetensors *self, size_t *data_begin, error *err) {
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | self->map[i];
    if (length > HEADER_MAX)
        return error_set(err, ERROR_FAILURE,
                         "%s: not a safetensors file: header of %llu bytes, over 100 MB",
                         self->path, (unsigned long long)length);
    if (length > self->size - LENGTH_BYTES)
        return error_set(
            err, ERROR_FAILURE,
            "%s: header of %llu bytes goes past the end of the file (is it cut short?)", self->path,
            (unsigned long long)length);
    const char *text = (const char *)self->map + LENGTH_BYTES;
    if (!length || text[0] != '{')
        return error_set(err, ERROR_FAILURE,
                         "%s: not a safetensors file: header does not start with '{'", self->path);
    json_error_t problem;
    self->header = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &problem);
    if (!self->header)
        return error_set(err, ERROR_FAILURE, "%s: header at byte %d: %s", self->path,
                         problem.position, problem.text);
    *data_begin = LENGTH_BYTES + (size_t)length;
    return check_metadata(self, err);
}

/* Step 3: one tensor */

static bool tensor_error(const safetensors *self, const char *name, const char *what, error *err) {
    return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %s", self->path, name, what);
}

static bool check_name(const safetensors *self, const char *name, error *err) {
    if (strlen(name) <= SAFETENSORS_NAME_MAX)
        return true;
    int shown = SHOWN_NAME_MAX;
    while (shown > 0 && ((unsigned char)name[shown] & 0xc0) == 0x80) /* whole UTF-8 characters */
        shown--;
    return error_set(err, ERROR_FAILURE, "%s: tensor '%.*s...': name over %d bytes", self->path,
                     shown, name, SAFETENSORS_NAME_MAX);
}

/* jansson yields an integer only for digits without fraction or exponent that fit 63 bits, so
 * what is left to refuse is the sign and, on 32-bit systems, the range. */
static bool exact_size(const json_t *value, size_t *size) {
    if (!json_is_integer(value))
        return false;
    const json_int_t number = json_integer_value(value);
    *size = (size_t)number;
    return number >= 0 && (json_int_t)*size == number;
}

static const type_row *find_type(const char *name) {
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++) {
        if (!strcmp(types[i].name, name))
            return &types[i];
    }
    return NULL;
}

/* An entry has these three keys and no other: an unknown one (strides, a scale) could change what
 * the data means. */
static bool check_keys(const safetensors *self, const char *name, json_t *object, error *err) {
    static const char *const known[] = {"dtype", "shape", "data_offsets"};
    const size_t n = sizeof known / sizeof *known;
    if (!json_is_object(object))
        return tensor_error(self, name, "no JSON object", err);
    for (size_t i = 0; i < n; i++) {
        if (!json_object_get(object, known[i]))
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %s is missing", self->path, name,
                             known[i]);
    }
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        size_t i = 0;
        while (i < n && strcmp(known[i], key))
            i++;
        if (i == n)
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': unknown key '%.*s'", self->path,
                             name, SHOWN_NAME_MAX, key);
    }
    return true;
}

static bool parse_shape(const safetensors *self, safetensors_tensor *tensor, const json_t *shape,
                        error *err) {
    if (!json_is_array(shape))
        return tensor_error(self, tensor->name, "shape is no JSON array", err);
    if (json_array_size(shape) > SAFETENSORS_MAX_RANK)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %zu dimensions, over %d", self->path,
                         tensor->name, json_array_size(shape), SAFETENSORS_MAX_RANK);
    tensor->rank = (int)json_array_size(shape);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        if (!exact_size(json_array_get(shape, (size_t)i), &tensor->shape[i]))
            return tensor_error(self, tensor->name, "shape is not of whole numbers from 0", err);
        if (!memory_multiply(tensor->count, tensor->shape[i], &tensor->count))
            return tensor_error(self, tensor->name, "shape overflows", err);
    }
    return true;
}

static bool parse_offsets(const safetensors *self, entry *e, const json_t *offsets, error *err) {
    const char *name = e->tensor.name;
    if (json_array_size(offsets) != 2) /* 0 for what is no array */
        return tensor_error(self, name, "data_offsets is no array of two numbers", err);
    if (!exact_size(json_array_get(offsets, 0), &e->begin) ||
        !exact_size(json_array_get(offsets, 1), &e->end))
        return tensor_error(self, name, "data_offsets are not whole numbers from 0", err);
    if (e->begin > e->end)
        return tensor_error(self, name, "data_offsets end before they begin", err);
    return true;
}

static bool parse_entry(const safetensors *self, entry *e, const char *name, json_t *object,
                        error *err) {
    e->tensor.name = name;
    if (!check_name(self, name, err) || !check_keys(self, name, object, err))
        return false;
    const json_t *dtype = json_object_get(object, "dtype");
    if (!json_is_string(dtype))
        return tensor_error(self, name, "dtype is no string", err);
    const type_row *type = find_type(json_string_value(dtype));
    if (!type)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': unknown dtype '%.*s'", self->path,
                         name, SHOWN_NAME_MAX, json_string_value(dtype));
    e->tensor.type = type->type;
    if (!parse_shape(self, &e->tensor, json_object_get(object, "shape"), err) ||
        !parse_offsets(self, e, json_object_get(object, "data_offsets"), err))
        return false;
    size_t bytes;
    if (!memory_multiply(e->tensor.count, type->bytes, &bytes))
        return tensor_error(self, name, "shape overflows", err);
    if (bytes != e->end - e->begin)
        return error_set(err, ERROR_FAILURE,
                         "%s: tensor '%s': %s and shape need %zu bytes, data_offsets span %zu",
                         self->path, name, type->name, bytes, e->end - e->begin);
    return true;
}

/* Step 4: all tensors */

static int compare_entries(const void *left, const void *right) {
    const entry *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end) /* an empty tensor before the one that starts at its place */
        return a->end < b->end ? -1 : 1;
    return strcmp(a->tensor.name, b->tensor.name);
}

static int compare_names(const void *left, const void *right) {
    const safetensors_tensor *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

/* The sorted ranges must cover the data without a hole, an overlap or a rest. */
static bool check_cover(const safetensors *self, size_t data_size, error *err) {
    size_t reached = 0;
    for (size_t i = 0; i < self->count; i++) {
        const entry *e = &self->entries[i];
        if (e->begin != reached)
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': data begin at %zu, %s %zu",
                             self->path, e->tensor.name, e->begin,
                             e->begin < reached ? "inside a tensor that ends at"
                                                : "leaving a hole from",
                             reached);
        reached = e->end;
    }
    if (reached > data_size)
        return error_set(err, ERROR_FAILURE,
                         "%s: tensor '%s': data end at %zu, but the file holds %zu bytes of data "
                         "(is it cut short?)",
                         self->path, self->entries[self->count - 1].tensor.name, reached,
                         data_size);
    if (reached < data_size)
        return error_set(err, ERROR_FAILURE,
                         "%s: the tensors end at %zu, but the file holds %zu bytes of data",
                         self->path, reached, data_size);
    return true;
}

static bool build_table(safetensors *self, size_t data_begin, error *err) {
    const size_t keys = json_object_size(self->header);
    self->entries = memory_alloc(keys, sizeof *self->entries, err);
    self->by_name = memory_alloc(keys, sizeof *self->by_name, err);
    if (!self->entries || !self->by_name)
        return error_set(err, ERROR_FAILURE, "%s: not enough memory for a table of %zu tensors",
                         self->path, keys);
    const char *name;
    json_t *object;
    json_object_foreach(self->header, name, object) {
        if (!strcmp(name, METADATA_KEY))
            continue;
        if (!parse_entry(self, &self->entries[self->count], name, object, err))
            return false;
        self->count++;
    }
    qsort(self->entries, self->count, sizeof *self->entries, compare_entries);
    if (!check_cover(self, self->size - data_begin, err))
        return false;
    for (size_t i = 0; i < self->count; i++) {
        entry *e = &self->entries[i];
        e->tensor.data = self->map + data_begin + e->begin;
        self->by_name[i] = &e->tensor;
    }
    qsort(self->by_name, self->count, sizeof *self->by_name, compare_names);
    return true;
}

/* The public functions */

safetensors *safetensors_open(const char *path, error *err) {
    safetensors *self = calloc(1, sizeof *self);
    if (self)
        self->path = strdup(path);
    if (!self || !self->path) {
        error_set(err, ERROR_FAILURE, "%s: not enough memory", path);
        goto fail;
    }
    size_t data_begin;
    if (map_file(self, err) && parse_header(self, &data_begin, err) &&
        build_table(self, data_begin, err))
        return self;
fail:
    safetensors_free(self);
    return NULL;
}

void safetensors_free(safetensors *self) {
    if (!self)
        return;
    memory_free(self->by_name);
    memory_free(self->entries);
    json_decref(self->header);
    if (self->map)
        munmap(self->map, self->size);
    free(self->path);
    free(self);
}

size_t safetensors_count(const safetensors *self) {
    return self->count;
}

const safetensors_tensor *safetensors_at(const safetensors *self, size_t index) {
    return &self->entries[index].tensor;
}

const safetensors_tensor *safetensors_find(const safetensors *self, const char *name) {
    const safetensors_tensor wanted = {.name = name}, *key = &wanted;
    const safetensors_tensor **found =
        bsearch(&key, self->by_name, self->count, sizeof *self->by_name, compare_names);
    return found ? *found : NULL;
}

const char *safetensors_metadata(const safetensors *self, const char *key) {
    return json_string_value(json_object_get(json_object_get(self->header, METADATA_KEY), key));
}

/* Bits of the float of the same value as an IEEE half. */
static uint32_t half_to_float_bits(unsigned half) {
    const uint32_t sign = (half & 0x8000u) << 16;
    uint32_t exponent = half >> 10 & 31, fraction = half & 0x3ff;
    if (exponent == 31) /* infinity or NaN */
        return sign | 0x7f800000u | fraction << 13;
    if (!exponent) {
        if (!fraction)
            return sign;
        exponent = 1; /* a subnormal half is a normal float: shift its leading one into place */
        while (!(fraction & 0x400)) {
            fraction <<= 1;
            exponent--; /* wraps below 0; the bias below brings it back */
        }
        fraction &= 0x3ff;
    }
    return sign | (exponent + (127 - 15)) << 23 | fraction << 13;
}

bool safetensors_read(const safetensors *self, const safetensors_tensor *tensor, float *out,
                      error *err) {
    if (tensor->type == SAFETENSORS_OTHER)
        return tensor_error(self, tensor->name, "dtype is neither F32 nor F16", err);
    const unsigned char *p = tensor->data;
    for (size_t i = 0; i < tensor->count; i++) {
        uint32_t bits;
        if (tensor->type == SAFETENSORS_F32) {
            bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
            p += 4;
        } else {
            bits = half_to_float_bits(p[0] | (unsigned)p[1] << 8);
            p += 2;
        }
        if ((bits & 0x7f800000u) == 0x7f800000u)
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': value %zu is NaN or infinite",
                             self->path, tensor->name, i);
        memcpy(out + i, &bits, sizeof bits);
    }
    return true;
}
