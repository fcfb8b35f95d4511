/* SPDX-License-Identifier: MIT
 *
 * Parser of the safetensors format (the contract and the list of refusals stand in the header).
 *
 * It goes in three steps, each of which may refuse: parse the JSON header (jansson checks UTF-8,
 * duplicate keys and, by its own limit, nesting); turn each entry into a tensor whose byte range
 * matches its type and shape; sort the tensors by range and walk them, so that together they cover
 * the data exactly once.
 */
#include "weights/safetensors.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "core/memory.h"

#define LENGTH_BYTES 8
#define HEADER_MAX 100000000u /* the format's own limit, 100 MB */
#define METADATA_KEY "__metadata__"

typedef struct entry {
    weights_tensor tensor;
    size_t begin, end; /* bytes from the start of the data */
} entry;

typedef struct parser {
    const char *path; /* for messages */
    file_bytes *bytes;
    size_t size;
    json_t *header; /* owns the names until they are copied */
    entry *entries; /* [count] by begin, end, name */
    size_t count;
} parser;

typedef struct type_row {
    const char *name;
    size_t bytes;
    weights_type type;
} type_row;

static const type_row types[] = {
    {"BOOL", 1, WEIGHTS_OTHER},    {"U8", 1, WEIGHTS_OTHER},      {"I8", 1, WEIGHTS_I8},
    {"F8_E5M2", 1, WEIGHTS_OTHER}, {"F8_E4M3", 1, WEIGHTS_OTHER}, {"I16", 2, WEIGHTS_OTHER},
    {"U16", 2, WEIGHTS_OTHER},     {"F16", 2, WEIGHTS_F16},       {"BF16", 2, WEIGHTS_OTHER},
    {"I32", 4, WEIGHTS_OTHER},     {"U32", 4, WEIGHTS_OTHER},     {"F32", 4, WEIGHTS_F32},
    {"F64", 8, WEIGHTS_OTHER},     {"I64", 8, WEIGHTS_OTHER},     {"U64", 8, WEIGHTS_OTHER},
};

/* Step 1: the header */

static bool check_metadata(const parser *self, error *err) {
    json_t *metadata = json_object_get(self->header, METADATA_KEY);
    if (!metadata)
        return true;
    if (!json_is_object(metadata))
        return error_set(err, ERROR_FAILURE, "%s: " METADATA_KEY " is not a JSON object",
                         self->path);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return error_set(err, ERROR_FAILURE, "%s: " METADATA_KEY " '%s' is not a string",
                             self->path, key);
    }
    return true;
}

/* Parses the header; *data_begin is where the data starts in the file. */
static bool parse_header(parser *self, size_t *data_begin, error *err) {
    const unsigned char *start = file_bytes_view(self->bytes, 0, LENGTH_BYTES);
    if (!start)
        return error_set(err, ERROR_FAILURE, "%s: not a safetensors file: shorter than %d bytes",
                         self->path, LENGTH_BYTES);
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | start[i];
    if (length > HEADER_MAX)
        return error_set(err, ERROR_FAILURE,
                         "%s: not a safetensors file: header of %llu bytes, over 100 MB",
                         self->path, (unsigned long long)length);
    if (length > self->size - LENGTH_BYTES)
        return error_set(
            err, ERROR_FAILURE,
            "%s: header of %llu bytes extends past the end of the file (is it truncated?)",
            self->path, (unsigned long long)length);
    const char *text =
        (const char *)file_bytes_view(self->bytes, LENGTH_BYTES, (size_t)length);
    if (!length || !text || text[0] != '{')
        return error_set(err, ERROR_FAILURE,
                         "%s: not a safetensors file: header does not start with '{'", self->path);
    json_error_t problem;
    self->header = json_text_load(text, (size_t)length, JSON_REJECT_DUPLICATES, &problem);
    if (!self->header && json_text_lacks_memory(&problem))
        return error_set(err, ERROR_MEMORY, "%s: not enough memory for its header", self->path);
    if (!self->header)
        return error_set(err, ERROR_FAILURE, "%s: header at byte %d: %s", self->path,
                         problem.position, problem.text);
    *data_begin = LENGTH_BYTES + (size_t)length;
    return check_metadata(self, err);
}

/* Step 2: one tensor */

static bool tensor_error(const parser *self, const char *name, const char *what, error *err) {
    return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %s", self->path, name, what);
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
static bool check_keys(const parser *self, const char *name, json_t *object, error *err) {
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
                             name, WEIGHTS_SHOWN_NAME_MAX, key);
    }
    return true;
}

static bool parse_shape(const parser *self, weights_tensor *tensor, const json_t *shape,
                        error *err) {
    if (!json_is_array(shape))
        return tensor_error(self, tensor->name, "shape is no JSON array", err);
    if (json_array_size(shape) > WEIGHTS_MAX_RANK)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': %zu dimensions, over %d", self->path,
                         tensor->name, json_array_size(shape), WEIGHTS_MAX_RANK);
    tensor->rank = (int)json_array_size(shape);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        if (!exact_size(json_array_get(shape, (size_t)i), &tensor->shape[i]))
            return tensor_error(self, tensor->name, "shape is not of whole numbers from 0", err);
        if (!memory_multiply(tensor->count, tensor->shape[i], &tensor->count))
            return tensor_error(self, tensor->name, "shape overflows", err);
    }
    weights_tensor_set_contiguous(tensor);
    return true;
}

static bool parse_offsets(const parser *self, entry *e, const json_t *offsets, error *err) {
    const char *name = e->tensor.name;
    if (json_array_size(offsets) != 2) /* 0 for what is no array */
        return tensor_error(self, name, "data_offsets is no array of two numbers", err);
    if (!exact_size(json_array_get(offsets, 0), &e->begin) ||
        !exact_size(json_array_get(offsets, 1), &e->end))
        return tensor_error(self, name, "data_offsets are not whole numbers >= 0", err);
    if (e->begin > e->end)
        return tensor_error(self, name, "data_offsets end before they begin", err);
    return true;
}

static bool parse_entry(const parser *self, entry *e, const char *name, json_t *object,
                        error *err) {
    e->tensor.name = name;
    if (!check_keys(self, name, object, err))
        return false;
    const json_t *dtype = json_object_get(object, "dtype");
    if (!json_is_string(dtype))
        return tensor_error(self, name, "dtype is no string", err);
    const type_row *type = find_type(json_string_value(dtype));
    if (!type)
        return error_set(err, ERROR_FAILURE, "%s: tensor '%s': unknown dtype '%.*s'", self->path,
                         name, WEIGHTS_SHOWN_NAME_MAX, json_string_value(dtype));
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

/* Step 3: all tensors */

static int compare_entries(const void *left, const void *right) {
    const entry *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end) /* an empty tensor before the one that starts at its place */
        return a->end < b->end ? -1 : 1;
    return strcmp(a->tensor.name, b->tensor.name);
}

/* The sorted ranges must cover the data without a hole, an overlap or a rest. */
static bool check_cover(const parser *self, size_t data_size, error *err) {
    size_t reached = 0;
    for (size_t i = 0; i < self->count; i++) {
        const entry *e = &self->entries[i];
        if (e->begin != reached)
            return error_set(err, ERROR_FAILURE, "%s: tensor '%s': data begin at %zu, %s %zu",
                             self->path, e->tensor.name, e->begin,
                             e->begin < reached ? "inside a tensor that ends at"
                                                : "leaving a gap from",
                             reached);
        reached = e->end;
    }
    if (reached > data_size)
        return error_set(err, ERROR_FAILURE,
                         "%s: tensor '%s': data end at %zu, but the file holds %zu bytes of data "
                         "(is it truncated?)",
                         self->path, self->entries[self->count - 1].tensor.name, reached,
                         data_size);
    if (reached < data_size)
        return error_set(err, ERROR_FAILURE,
                         "%s: the tensors end at %zu, but the file holds %zu bytes of data",
                         self->path, reached, data_size);
    return true;
}

static bool build_table(parser *self, size_t data_begin, error *err) {
    const size_t keys = json_object_size(self->header);
    self->entries = memory_alloc(keys, sizeof *self->entries, err);
    if (!self->entries)
        return error_set(err, ERROR_MEMORY, "%s: not enough memory for a table of %zu tensors",
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
    return check_cover(self, self->size - data_begin, err);
}

/* All together */

/* Hands the tensors over in the order of their data. */
static bool fill(const parser *self, weights_file *file, size_t data_begin, error *err) {
    for (size_t i = 0; i < self->count; i++) {
        entry *e = &self->entries[i];
        e->tensor.at = data_begin + e->begin;
        if (!weights_file_add(file, &e->tensor, err))
            return false;
    }
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(self->header, METADATA_KEY), key, value) {
        if (!weights_file_add_metadata(file, key, json_string_value(value), err))
            return false;
    }
    return true;
}

bool safetensors_parse(weights_file *file, const char *path, error *err) {
    file_bytes *bytes = weights_file_bytes(file);
    parser self = {.path = path, .bytes = bytes, .size = file_bytes_size(bytes)};
    size_t data_begin = 0;
    const bool ok = parse_header(&self, &data_begin, err) && build_table(&self, data_begin, err) &&
                    fill(&self, file, data_begin, err);
    memory_free(self.entries);
    json_decref(self.header);
    return ok;
}
