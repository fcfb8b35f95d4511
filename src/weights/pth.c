/* SPDX-License-Identifier: MIT
 *
 * Both formats come down to one thing: a state dict, and a list of the storages that it names with
 * their places. Only how the places are found differs.
 */
#include "weights/pth.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "weights/pickle.h"
#include "weights/zip.h"

/* ---- what a pickle may name ---- */

typedef enum global {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    REBUILD_PARAMETER,
    PARAMETER,
    FIRST_STORAGE, /* the rest are storages */
} global;

static const char *const globals[] = {
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "torch.nn.parameter.Parameter",
    "torch.FloatStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.DoubleStorage",
    "torch.LongStorage",
    "torch.IntStorage",
    "torch.ShortStorage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.BoolStorage",
    NULL,
};

typedef struct element {
    size_t bytes;
    weights_type type;
} element;

/* In the order of the storages above. */
static const element elements[] = {
    {4, WEIGHTS_F32},   {2, WEIGHTS_F16},   {2, WEIGHTS_OTHER}, {8, WEIGHTS_OTHER},
    {8, WEIGHTS_OTHER}, {4, WEIGHTS_OTHER}, {2, WEIGHTS_OTHER}, {1, WEIGHTS_OTHER},
    {1, WEIGHTS_OTHER}, {1, WEIGHTS_OTHER},
};

typedef struct storage {
    const char *key; /* [key_length], borrowed from the file */
    size_t key_length;
    element element;
    size_t count; /* elements */
    size_t bytes; /* of all */
    size_t at;    /* in the file, once it is placed */
    bool placed;
} storage;

typedef struct parser {
    weights_file *file;
    const char *path;
    pickle *pickle;
    storage *storages; /* [storage_count] by key */
    size_t storage_count;
    error *err;
} parser;

static bool fail(const parser *self, const char *what) {
    return error_set(self->err, ERROR_FAILURE, "%s: %s", self->path, what);
}

/* ---- storages ---- */

static bool is_size(const pickle_value *value) {
    return value && value->kind == PICKLE_INTEGER && value->integer >= 0 &&
           (uint64_t)value->integer <= SIZE_MAX;
}

/* ("storage", its type, its key, where it was, how many elements) and in the legacy format the view
 * that is meant, or None. A pickle can name one storage often at little cost: comparing keys must
 * cost little, too, or sorting them would not come to an end. */
static bool parse_storage(const parser *self, const pickle_value *value, storage *out) {
    const pickle_value *name = value->arguments, *type = pickle_at(name, 1);
    const pickle_value *key = pickle_at(name, 2), *count = pickle_at(name, 4);
    if (!pickle_is_text(pickle_at(name, 0), "storage") || !type || type->kind != PICKLE_GLOBAL ||
        type->integer < FIRST_STORAGE || !key || key->kind != PICKLE_STRING ||
        key->length > WEIGHTS_NAME_MAX || !is_size(count))
        return fail(self, "its pickle describes a storage unlike PyTorch");
    const pickle_value *view = pickle_at(name, 5);
    if (view && view->kind != PICKLE_OTHER)
        return fail(self,
                    "a tensor is a view of a storage, which is not supported; load and save it "
                    "with a newer PyTorch first");
    *out = (storage){.key = key->text,
                     .key_length = key->length,
                     .element = elements[type->integer - FIRST_STORAGE],
                     .count = (size_t)count->integer};
    return memory_multiply(out->count, out->element.bytes, &out->bytes) ||
           fail(self, "the size of a storage overflows");
}

static int compare_storages(const void *left, const void *right) {
    const storage *a = left, *b = right;
    if (a->key_length != b->key_length)
        return a->key_length < b->key_length ? -1 : 1;
    return memcmp(a->key, b->key, a->key_length);
}

/* Every storage that the pickle names, once. */
static bool list_storages(parser *self) {
    size_t count = 0;
    while (pickle_persistent(self->pickle, count))
        count++;
    self->storages = calloc(count + 1, sizeof *self->storages);
    if (!self->storages)
        return error_set(self->err, ERROR_MEMORY, "%s: not enough memory for its storages",
                         self->path);
    for (size_t i = 0; i < count; i++) {
        if (!parse_storage(self, pickle_persistent(self->pickle, i), &self->storages[i]))
            return false;
    }
    qsort(self->storages, count, sizeof *self->storages, compare_storages);
    for (size_t i = 0; i < count; i++) {
        const storage *last = self->storage_count ? &self->storages[self->storage_count - 1] : NULL;
        const storage *next = &self->storages[i];
        if (!last || compare_storages(last, next))
            self->storages[self->storage_count++] = *next;
        else if (last->count != next->count || last->element.bytes != next->element.bytes ||
                 last->element.type != next->element.type)
            return fail(self, "one storage has two types or sizes");
    }
    return true;
}

static storage *find_storage(const parser *self, const char *key, size_t length) {
    const storage wanted = {.key = key, .key_length = length};
    return self->storage_count ? bsearch(&wanted, self->storages, self->storage_count,
                                         sizeof wanted, compare_storages)
                               : NULL;
}

/* ---- tensors ---- */

/* Offset, shape and strides of a call of _rebuild_tensor and _rebuild_tensor_v2, which have them at
 * the same places. */
static bool parse_layout(const parser *self, const pickle_value *call, const storage *from,
                         weights_tensor *tensor) {
    const pickle_value *offset = pickle_at(call->arguments, 1);
    const pickle_value *shape = pickle_at(call->arguments, 2);
    const pickle_value *strides = pickle_at(call->arguments, 3);
    if (!is_size(offset) || !shape || shape->kind != PICKLE_TUPLE || !strides ||
        strides->kind != PICKLE_TUPLE || shape->count != strides->count)
        return error_set(self->err, ERROR_FAILURE,
                         "%s: tensor '%s': invalid offset, shape or strides", self->path,
                         tensor->name);
    if (shape->count > WEIGHTS_MAX_RANK)
        return error_set(self->err, ERROR_FAILURE, "%s: tensor '%s': %zu dimensions, over %d",
                         self->path, tensor->name, shape->count, WEIGHTS_MAX_RANK);
    tensor->rank = (int)shape->count;
    tensor->count = 1;
    size_t last = (size_t)offset->integer; /* the place of the last element */
    bool fits = true;
    for (size_t i = 0; i < shape->count; i++) {
        const pickle_value *n = pickle_at(shape, i), *stride = pickle_at(strides, i);
        size_t span = 0;
        if (!is_size(n) || !is_size(stride))
            return error_set(self->err, ERROR_FAILURE,
                             "%s: tensor '%s': shape or strides are not whole numbers >= 0",
                             self->path, tensor->name);
        tensor->shape[i] = (size_t)n->integer;
        tensor->strides[i] = (size_t)stride->integer;
        fits =
            fits && memory_multiply(tensor->count, tensor->shape[i], &tensor->count) &&
            (!tensor->shape[i] || memory_multiply(tensor->shape[i] - 1, tensor->strides[i], &span));
        last = memory_add(last, span);
    }
    if (!fits || tensor->count > from->count || (tensor->count && last >= from->count))
        return error_set(self->err, ERROR_FAILURE,
                         "%s: tensor '%s' extends past its storage of %zu elements", self->path,
                         tensor->name, from->count);
    tensor->type = from->element.type;
    tensor->at = from->at;
    if (tensor->count)
        tensor->at += (size_t)offset->integer * from->element.bytes;
    return true;
}

/* The call that makes the tensor which `value` is, without the parameters that it may be wrapped
 * in; or NULL. */
static const pickle_value *unwrap(const pickle_value *value) {
    enum { MOST_WRAPPERS = 4 };
    for (int i = 0; i < MOST_WRAPPERS && value && value->kind == PICKLE_CALL; i++) {
        if (value->integer == REBUILD_TENSOR || value->integer == REBUILD_TENSOR_V2)
            return value;
        if (value->integer != REBUILD_PARAMETER && value->integer != PARAMETER)
            return NULL;
        value = pickle_at(value->arguments, 0);
    }
    return NULL;
}

static bool add_tensor(const parser *self, const pickle_value *key, const pickle_value *call) {
    char name[WEIGHTS_NAME_MAX + 2]; /* one more than fits shows that it is too long */
    size_t length = key->length < sizeof name ? key->length : sizeof name - 1;
    memcpy(name, key->text, length);
    name[length] = '\0';
    if (strlen(name) != length)
        return fail(self, "the name of a tensor contains a NUL");
    weights_tensor tensor = {.name = name};
    const pickle_value *from = pickle_at(call->arguments, 0);
    if (!from || from->kind != PICKLE_PERSISTENT)
        return error_set(self->err, ERROR_FAILURE, "%s: tensor '%s' has no storage", self->path,
                         name);
    const pickle_value *id = pickle_at(from->arguments, 2);
    return parse_layout(self, call, find_storage(self, id->text, id->length), &tensor) &&
           weights_file_add(self->file, &tensor, self->err);
}

/* One entry of the state dict. */
static bool add_entry(const parser *self, const pickle_value *key, const pickle_value *value) {
    const pickle_value *call = unwrap(value);
    if (!call)
        return true;
    if (!key || key->kind != PICKLE_STRING)
        return fail(self, "a tensor of its state dict has no name");
    return add_tensor(self, key, call);
}

/* An OrderedDict may have been made of a list of pairs, besides the items that were set. */
static bool add_pairs(const parser *self, const pickle_value *dict) {
    const pickle_value *list = dict->arguments ? pickle_at(dict->arguments, 0) : NULL;
    for (const pickle_item *item = list ? list->first : NULL; item; item = item->next) {
        if (!add_entry(self, pickle_at(item->value, 0), pickle_at(item->value, 1)))
            return false;
    }
    return true;
}

/* The storages are in their places. */
static bool add_tensors(const parser *self) {
    const pickle_value *dict = pickle_result(self->pickle);
    if (dict->kind != PICKLE_DICT && (dict->kind != PICKLE_CALL || dict->integer != ORDERED_DICT))
        return fail(self, "no state dict: in PyTorch save model.state_dict()");
    if (!add_pairs(self, dict))
        return false;
    for (const pickle_item *key = dict->first; key; key = key->next->next) {
        if (!add_entry(self, key->value, key->next->value))
            return false;
    }
    return true;
}

static void clear(parser *self) {
    pickle_free(self->pickle);
    free(self->storages);
}

/* ---- the ZIP format ---- */

#define PICKLE_NAME "/data.pkl"
#define ORDER_NAME "/byteorder"
#define DATA_NAME "/data/"

/* The entry of the folder that the archive has everything in. */
static const zip_entry *find_entry(const zip_archive *archive, const zip_entry *data_pkl,
                                   const char *name, const char *more, size_t more_length) {
    char full[2 * WEIGHTS_NAME_MAX];
    const size_t folder = data_pkl->name_length - strlen(PICKLE_NAME), length = strlen(name);
    if (folder + length + more_length > sizeof full)
        return NULL;
    memcpy(full, data_pkl->name, folder);
    memcpy(full + folder, name, length);
    memcpy(full + folder + length, more, more_length);
    return zip_archive_find(archive, full, folder + length + more_length);
}

static const zip_entry *find_pickle(const zip_archive *archive) {
    const size_t length = strlen(PICKLE_NAME);
    for (size_t i = 0; i < archive->count; i++) {
        const zip_entry *entry = &archive->entries[i];
        if (entry->name_length > length &&
            !memcmp(entry->name + entry->name_length - length, PICKLE_NAME, length))
            return entry;
    }
    return NULL;
}

static bool place_zip_storages(parser *self, const zip_archive *archive,
                               const zip_entry *data_pkl) {
    for (size_t i = 0; i < self->storage_count; i++) {
        storage *s = &self->storages[i];
        const zip_entry *entry = find_entry(archive, data_pkl, DATA_NAME, s->key, s->key_length);
        if (!entry)
            return fail(self, "a storage that its pickle names is not in the archive");
        if (entry->size != s->bytes)
            return error_set(self->err, ERROR_FAILURE,
                             "%s: a storage has %zu bytes, but the pickle says %zu", self->path,
                             entry->size, s->bytes);
        s->at = entry->at;
    }
    return true;
}

static bool parse_archive(parser *self, file_bytes *bytes, const zip_archive *archive) {
    size_t used;
    const zip_entry *data_pkl = find_pickle(archive);
    if (!data_pkl)
        return fail(self, "a ZIP archive without data.pkl, so not a PyTorch file");
    const zip_entry *order = find_entry(archive, data_pkl, ORDER_NAME, "", 0);
    const unsigned char *text = order ? file_bytes_view(bytes, order->at, order->size) : NULL;
    if (order && (!text || order->size != 6 || memcmp(text, "little", 6) != 0))
        return fail(self, "written on a big-endian machine, which is not supported");
    text = file_bytes_view(bytes, data_pkl->at, data_pkl->size);
    if (!text)
        return fail(self, "its data.pkl cannot be read");
    self->pickle = pickle_read(self->path, text, data_pkl->size, globals, &used, self->err);
    return self->pickle && list_storages(self) && place_zip_storages(self, archive, data_pkl) &&
           add_tensors(self);
}

bool pth_parse_zip(weights_file *file, const char *path, error *err) {
    file_bytes *bytes = weights_file_bytes(file);
    parser self = {.file = file, .path = path, .err = err};
    zip_archive archive;
    const bool ok =
        zip_archive_init(&archive, path, bytes, err) && parse_archive(&self, bytes, &archive);
    zip_archive_clear(&archive);
    clear(&self);
    return ok;
}

/* ---- the legacy format ---- */

/* The pickle of the number that these files start with. */
static const unsigned char magic[] = {0x80, 2,    0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                      0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
#define VERSION 1001
#define LENGTH_BYTES 8 /* of a storage's length, before its data */

#define FIRST_VIEW 65536 /* bytes in which a pickle is looked for */

/* Reads the pickle at *at, which moves past it. Nothing says where it ends: where it does not in
 * what is viewed, more of the file is. */
static pickle *read_next(const parser *self, file_bytes *bytes, size_t *at) {
    const size_t rest = file_bytes_size(bytes) - *at;
    for (size_t size = FIRST_VIEW;; size *= 4) {
        const bool all = size >= rest;
        const size_t length = all ? rest : size;
        const unsigned char *text = file_bytes_view(bytes, *at, length);
        size_t used;
        pickle *next =
            text ? pickle_read(self->path, text, length, globals, &used, self->err) : NULL;
        if (next)
            *at += used;
        if (next || !text || all || used != length)
            return next;
    }
}

/* Version and system: a number, and a dict in which little_endian must be true. */
static bool check_system(const parser *self, file_bytes *bytes, size_t *at) {
    pickle *version = read_next(self, bytes, at);
    pickle *system = version ? read_next(self, bytes, at) : NULL;
    bool ok = false;
    if (!system)
        goto done;
    const pickle_value *number = pickle_result(version), *dict = pickle_result(system);
    if (number->kind != PICKLE_INTEGER || number->integer != VERSION || dict->kind != PICKLE_DICT) {
        fail(self, "a PyTorch file of an unknown version");
        goto done;
    }
    for (const pickle_item *key = dict->first; key; key = key->next->next) {
        const pickle_value *value = key->next->value;
        if (pickle_is_text(key->value, "little_endian"))
            ok = value->kind == PICKLE_BOOL && value->integer;
    }
    if (!ok)
        fail(self, "written on a big-endian machine, which is not supported");
done:
    pickle_free(version);
    pickle_free(system);
    return ok;
}

/* Storages follow one another in the order of `keys`: length and data. */
static bool place_legacy_storages(parser *self, const pickle_value *keys,
                                  file_bytes *bytes, size_t at) {
    if (keys->kind != PICKLE_LIST)
        return fail(self, "its list of storages is not a list");
    for (const pickle_item *item = keys->first; item; item = item->next) {
        const pickle_value *key = item->value;
        storage *s = key->kind == PICKLE_STRING ? find_storage(self, key->text, key->length) : NULL;
        if (!s || s->placed)
            return fail(self, "its list of storages does not match its pickle");
        uint64_t count = 0;
        const unsigned char *length = file_bytes_view(bytes, at, LENGTH_BYTES);
        if (!length)
            return fail(self, "a storage is missing (is the file truncated?)");
        for (int i = LENGTH_BYTES - 1; i >= 0; i--)
            count = count << 8 | length[i];
        at += LENGTH_BYTES;
        if (count != s->count)
            return fail(self, "the length of a storage differs from the pickle's");
        if (s->bytes > file_bytes_size(bytes) - at)
            return fail(self, "a storage extends past the end of the file (is it truncated?)");
        s->at = at;
        s->placed = true;
        at += s->bytes;
    }
    for (size_t i = 0; i < self->storage_count; i++) {
        if (!self->storages[i].placed)
            return fail(self, "a storage that its pickle names is not in its list");
    }
    return true;
}

bool pth_parse_legacy(weights_file *file, const char *path, error *err) {
    file_bytes *bytes = weights_file_bytes(file);
    parser self = {.file = file, .path = path, .err = err};
    const unsigned char *start = file_bytes_view(bytes, 0, sizeof magic);
    size_t at = sizeof magic;
    pickle *keys = NULL;
    bool ok = false;
    if (!start || memcmp(start, magic, sizeof magic) != 0)
        return fail(&self, "a pickle, but not a PyTorch file");
    if (!check_system(&self, bytes, &at))
        return false;
    self.pickle = read_next(&self, bytes, &at);
    keys = self.pickle ? read_next(&self, bytes, &at) : NULL;
    ok = keys && list_storages(&self) &&
         place_legacy_storages(&self, pickle_result(keys), bytes, at) && add_tensors(&self);
    pickle_free(keys);
    clear(&self);
    return ok;
}
