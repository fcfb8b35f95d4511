/* SPDX-License-Identifier: MIT
 *
 * The machine: a stack of values, in which NULL is a mark, and a memo of values by number. One
 * table says which instructions there are; each is a function.
 */
#include "weights/pickle.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 256     /* values and items are allocated so many at a time */
#define SHOWN_NAME 60 /* bytes of a name that an error repeats */

/* Before BLOCK values or items. */
typedef union block {
    union block *next;
    max_align_t alignment;
} block;

typedef struct value_list {
    pickle_value **at;
    size_t count, capacity;
} value_list;

struct pickle {
    block *values, *items;
    size_t value_count, item_count;
    value_list persistent;
    const pickle_value *result;
};

typedef struct machine {
    pickle *out;
    const char *path;
    const unsigned char *next, *end; /* what is not read yet */
    const char *const *globals;
    value_list stack, memo; /* NULL is a mark in the one, a free number in the other */
    bool ends_early;
    error *err;
} machine;

/* ---- errors and memory ---- */

static bool fail(const machine *m, const char *what) {
    return error_set(m->err, ERROR_FAILURE, "%s: broken pickle: %s", m->path, what);
}

static bool too_large(const machine *m) {
    return error_set(m->err, ERROR_FAILURE,
                     "%s: the pickle has over %zu values, so it is no state dict", m->path,
                     PICKLE_MOST_VALUES);
}

static bool no_memory(const machine *m) {
    return error_set(m->err, ERROR_MEMORY, "%s: not enough memory for its pickle", m->path);
}

/* Room for one of *count things of a size; NULL with the error set. */
static void *allot(machine *m, block **blocks, size_t *count, size_t size) {
    if (*count == PICKLE_MOST_VALUES) {
        too_large(m);
        return NULL;
    }
    if (*count % BLOCK == 0) {
        block *fresh = malloc(sizeof *fresh + BLOCK * size);
        if (!fresh) {
            no_memory(m);
            return NULL;
        }
        fresh->next = *blocks;
        *blocks = fresh;
    }
    return (unsigned char *)(*blocks + 1) + (*count)++ % BLOCK * size;
}

/* A new value; NULL with the error set. */
static pickle_value *make(machine *m, pickle_kind kind) {
    pickle_value *value = allot(m, &m->out->values, &m->out->value_count, sizeof *value);
    /* analysed: it is part of a block, which the result frees */
    if (value)
        *value = (pickle_value){.kind = kind};
    return value;
}

static bool add_item(machine *m, pickle_value *container, const pickle_value *value) {
    pickle_item *item = allot(m, &m->out->items, &m->out->item_count, sizeof *item);
    /* analysed: likewise */
    if (!item)
        return false;
    *item = (pickle_item){.value = value};
    if (container->last)
        container->last->next = item;
    else
        container->first = item;
    container->last = item;
    container->count++;
    return true;
}

/* Makes list->at[index] exist; what lies between is NULL. */
static bool reserve(machine *m, value_list *list, size_t index) {
    if (index >= PICKLE_MOST_VALUES)
        return too_large(m);
    if (index >= list->capacity) {
        const size_t capacity = 2 * index + BLOCK;
        pickle_value **grown = realloc(list->at, capacity * sizeof(pickle_value *));
        if (!grown)
            return no_memory(m);
        list->at = grown;
        list->capacity = capacity;
    }
    for (; list->count <= index; list->count++)
        list->at[list->count] = NULL;
    return true;
}

static bool append(machine *m, value_list *list, pickle_value *value) {
    /* analysed: what there is of the list stays the list's */
    if (!reserve(m, list, list->count))
        return false;
    list->at[list->count - 1] = value;
    return true;
}

/* ---- the stack and what is read ---- */

/* For the result of make: NULL is its failure. */
static bool push(machine *m, pickle_value *value) {
    return value && append(m, &m->stack, value);
}

/* NULL with the error set where there is none, or only a mark. */
static pickle_value *pop(machine *m) {
    if (m->stack.count && m->stack.at[m->stack.count - 1])
        return m->stack.at[--m->stack.count];
    fail(m, "its stack is empty");
    return NULL;
}

/* The next `count` bytes; NULL with the error set where they end before. */
static const unsigned char *take(machine *m, size_t count) {
    if (count > (size_t)(m->end - m->next)) {
        m->ends_early = true;
        fail(m, "it ends too early (is the file truncated?)");
        return NULL;
    }
    m->next += count;
    return m->next - count;
}

/* The next bytes as a little-endian number without a sign; bytes <= 8. */
static bool take_number(machine *m, int bytes, uint64_t *number) {
    const unsigned char *p = take(m, (size_t)bytes);
    *number = 0;
    for (int i = bytes - 1; p && i >= 0; i--)
        *number = *number << 8 | p[i];
    return p != NULL;
}

/* In the table, for as many values as are above the last mark. */
#define MARKED (-1)

/* How many values an instruction takes from the top; with a mark below them it is one more place.
 */
static bool count_operands(const machine *m, int wanted, size_t *count) {
    *count = wanted == MARKED ? 0 : (size_t)wanted;
    while (wanted == MARKED && *count < m->stack.count && m->stack.at[m->stack.count - 1 - *count])
        ++*count;
    return *count + (wanted == MARKED) <= m->stack.count || fail(m, "its stack is empty");
}

/* Moves the topmost `count` values into `container`, and removes the mark below them. */
static bool move(machine *m, pickle_value *container, int wanted, size_t count) {
    const size_t begin = m->stack.count - count;
    for (size_t i = begin; i < m->stack.count; i++) {
        if (!m->stack.at[i])
            return fail(m, "a mark is where a value is expected");
        if (!add_item(m, container, m->stack.at[i]))
            return false;
    }
    m->stack.count = begin - (wanted == MARKED);
    return true;
}

/* ---- instructions: each takes the number that stands in the table ---- */

static bool check_protocol(machine *m, int expected) {
    const unsigned char *protocol = take(m, 1);
    if (!protocol || *protocol == expected)
        return protocol != NULL;
    return error_set(
        m->err, ERROR_FAILURE,
        "%s: pickle protocol %d, expected PyTorch's %d; save it without pickle_protocol", m->path,
        *protocol, expected);
}

static bool push_mark(machine *m, int unused) {
    (void)unused;
    return append(m, &m->stack, NULL);
}

static bool push_new(machine *m, int kind) {
    return push(m, make(m, (pickle_kind)kind));
}

static bool push_bool(machine *m, int truth) {
    pickle_value *value = make(m, PICKLE_BOOL);
    if (value)
        value->integer = truth;
    return push(m, value);
}

static bool push_float(machine *m, int bytes) {
    return take(m, (size_t)bytes) && push_new(m, PICKLE_OTHER);
}

static bool push_integer(machine *m, uint64_t bits) {
    pickle_value *value = make(m, PICKLE_INTEGER);
    if (value)
        memcpy(&value->integer, &bits, sizeof bits);
    return push(m, value);
}

static bool push_unsigned(machine *m, int bytes) {
    uint64_t number;
    return take_number(m, bytes, &number) && push_integer(m, number);
}

static bool push_signed(machine *m, int bytes) {
    uint64_t number;
    if (!take_number(m, bytes, &number))
        return false;
    if (bytes > 0 && bytes < 8 && number >> (8 * bytes - 1))
        number |= UINT64_MAX << 8 * bytes;
    return push_integer(m, number);
}

static bool push_long(machine *m, int most_bytes) {
    const unsigned char *bytes = take(m, 1);
    return bytes &&
           (*bytes <= most_bytes ? push_signed(m, *bytes) : fail(m, "a number is too large"));
}

static bool push_string(machine *m, int length_bytes) {
    uint64_t length;
    if (!take_number(m, length_bytes, &length))
        return false;
    const unsigned char *text = take(m, (size_t)length);
    pickle_value *value = text ? make(m, PICKLE_STRING) : NULL;
    if (value) {
        value->text = (const char *)text;
        value->length = (size_t)length;
    }
    return push(m, value);
}

static bool put(machine *m, int number_bytes) {
    uint64_t number;
    if (!take_number(m, number_bytes, &number))
        return false;
    if (!m->stack.count || !m->stack.at[m->stack.count - 1])
        return fail(m, "its stack is empty");
    if (number >= m->memo.count && !reserve(m, &m->memo, (size_t)number))
        return false;
    m->memo.at[number] = m->stack.at[m->stack.count - 1];
    return true;
}

static bool get(machine *m, int number_bytes) {
    uint64_t number;
    if (!take_number(m, number_bytes, &number))
        return false;
    if (number >= m->memo.count || !m->memo.at[number])
        return fail(m, "it refers to an unset memo entry");
    return push(m, m->memo.at[number]);
}

static bool make_tuple(machine *m, int wanted) {
    size_t count;
    if (!count_operands(m, wanted, &count))
        return false;
    pickle_value *tuple = make(m, PICKLE_TUPLE);
    return tuple && move(m, tuple, wanted, count) && push(m, tuple);
}

/* The value under `depth` others if it can have items as a dict has; NULL with the error set. */
static pickle_value *find_dict(machine *m, size_t depth) {
    pickle_value *value = m->stack.count > depth ? m->stack.at[m->stack.count - 1 - depth] : NULL;
    if (value && (value->kind == PICKLE_DICT || value->kind == PICKLE_CALL))
        return value;
    fail(m, "it sets items of something that is not a dict");
    return NULL;
}

static bool set_items(machine *m, int wanted) {
    size_t count;
    if (!count_operands(m, wanted, &count))
        return false;
    pickle_value *dict = find_dict(m, count + (wanted == MARKED));
    if (dict && count % 2)
        return fail(m, "a key has no value");
    return dict && move(m, dict, wanted, count);
}

static bool append_items(machine *m, int wanted) {
    size_t count;
    if (!count_operands(m, wanted, &count))
        return false;
    const size_t depth = count + (wanted == MARKED);
    pickle_value *list = m->stack.count > depth ? m->stack.at[m->stack.count - 1 - depth] : NULL;
    if (!list || list->kind != PICKLE_LIST)
        return fail(m, "it appends to something that is not a list");
    return move(m, list, wanted, count);
}

/* Two lines: a module and a name in it. */
static bool push_global(machine *m, int unused) {
    (void)unused;
    const unsigned char *parts[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        const unsigned char *newline = memchr(m->next, '\n', (size_t)(m->end - m->next));
        parts[i] = m->next;
        m->ends_early = !newline;
        if (!newline)
            return fail(m, "a name does not end (is the file truncated?)");
        lengths[i] = (size_t)(newline - m->next);
        m->next = newline + 1;
    }
    for (int i = 0; m->globals[i]; i++) {
        const char *known = m->globals[i];
        if (strlen(known) != lengths[0] + 1 + lengths[1] || known[lengths[0]] != '.' ||
            memcmp(known, parts[0], lengths[0]) != 0 ||
            memcmp(known + lengths[0] + 1, parts[1], lengths[1]) != 0)
            continue;
        pickle_value *value = make(m, PICKLE_GLOBAL);
        if (value)
            value->integer = i;
        return push(m, value);
    }
    int shown[2];
    for (int i = 0; i < 2; i++)
        shown[i] = lengths[i] < SHOWN_NAME ? (int)lengths[i] : SHOWN_NAME;
    return error_set(
        m->err, ERROR_FAILURE,
        "%s: refuses to run code: its pickle calls %.*s.%.*s, which weights never need "
        "(in PyTorch save model.state_dict(), not the model)",
        m->path, shown[0], (const char *)parts[0], shown[1], (const char *)parts[1]);
}

/* Does not call: makes a value that says what was to be called. */
static bool note_call(machine *m, int unused) {
    (void)unused;
    const pickle_value *arguments = pop(m);
    const pickle_value *callable = arguments ? pop(m) : NULL;
    if (!callable)
        return false;
    if (callable->kind != PICKLE_GLOBAL || arguments->kind != PICKLE_TUPLE)
        return fail(m, "it calls something that is not a function");
    pickle_value *call = make(m, PICKLE_CALL);
    if (call) {
        call->integer = callable->integer;
        call->arguments = arguments;
    }
    return push(m, call);
}

/* Attributes of an object (such as _metadata of a state dict): none counts. */
static bool drop_attributes(machine *m, int unused) {
    (void)unused;
    return pop(m) && find_dict(m, 0);
}

static bool push_persistent(machine *m, int unused) {
    (void)unused;
    const pickle_value *name = pop(m);
    if (!name)
        return false;
    if (name->kind != PICKLE_TUPLE)
        return fail(m, "a persistent id is invalid");
    pickle_value *value = make(m, PICKLE_PERSISTENT);
    if (value)
        value->arguments = name;
    return value && append(m, &m->out->persistent, value) && push(m, value);
}

static bool stop(machine *m, int unused) {
    (void)unused;
    m->out->result = pop(m);
    return m->out->result != NULL;
}

#define STOP '.'

/* clang-format off */
static const struct {
    unsigned char code;
    bool (*run)(machine *m, int number);
    int number;
} instructions[] = {
    {0x80, check_protocol, 2}, {STOP, stop, 0}, {'(', push_mark, 0},
    {'q', put, 1}, {'r', put, 4}, {'h', get, 1}, {'j', get, 4},
    {'N', push_new, PICKLE_OTHER}, {0x88, push_bool, 1}, {0x89, push_bool, 0},
    {'K', push_unsigned, 1}, {'M', push_unsigned, 2}, {'J', push_signed, 4},
    {0x8a, push_long, 8}, {'G', push_float, 8},
    {'X', push_string, 4}, {'U', push_string, 1}, {'T', push_string, 4}, /* two of Python 2 */
    {')', push_new, PICKLE_TUPLE}, {0x85, make_tuple, 1}, {0x86, make_tuple, 2},
    {0x87, make_tuple, 3}, {'t', make_tuple, MARKED},
    {']', push_new, PICKLE_LIST}, {'a', append_items, 1}, {'e', append_items, MARKED},
    {'}', push_new, PICKLE_DICT}, {'s', set_items, 2}, {'u', set_items, MARKED},
    {'c', push_global, 0}, {'R', note_call, 0}, {0x81, note_call, 0}, {'b', drop_attributes, 0},
    {'Q', push_persistent, 0},
};
/* clang-format on */

static bool run(machine *m) {
    while (!m->out->result) {
        const unsigned char *code = take(m, 1);
        size_t i = 0;
        if (!code)
            return false;
        while (i < sizeof instructions / sizeof *instructions && instructions[i].code != *code)
            i++;
        if (i == sizeof instructions / sizeof *instructions)
            return error_set(
                m->err, ERROR_FAILURE,
                "%s: refuses to run code: its pickle has opcode 0x%02x, which "
                "weights never need (in PyTorch save model.state_dict(), not the model)",
                m->path, *code);
        if (!instructions[i].run(m, instructions[i].number))
            return false;
    }
    return true;
}

/* ---- the public functions ---- */

static void free_blocks(block *blocks) {
    while (blocks) {
        block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

void pickle_free(pickle *self) {
    if (!self)
        return;
    free_blocks(self->values);
    free_blocks(self->items);
    free(self->persistent.at);
    free(self);
}

pickle *pickle_read(const char *path, const unsigned char *bytes, size_t size,
                    const char *const *globals, size_t *used, error *err) {
    pickle *self = calloc(1, sizeof *self);
    machine m = {.out = self,
                 .path = path,
                 .next = bytes,
                 .end = bytes + size,
                 .globals = globals,
                 .err = err};
    *used = 0;
    if (!self) {
        no_memory(&m);
        return NULL;
    }
    const bool ok = run(&m);
    free(m.stack.at);
    free(m.memo.at);
    if (!ok) {
        pickle_free(self);
        *used = m.ends_early ? size : 0;
        return NULL;
    }
    *used = (size_t)(m.next - bytes);
    return self;
}

const pickle_value *pickle_result(const pickle *self) {
    return self->result;
}

const pickle_value *pickle_persistent(const pickle *self, size_t n) {
    return n < self->persistent.count ? self->persistent.at[n] : NULL;
}

const pickle_value *pickle_at(const pickle_value *self, size_t n) {
    const pickle_item *item = self->first;
    while (item && n--)
        item = item->next;
    return item ? item->value : NULL;
}

bool pickle_is_text(const pickle_value *self, const char *text) {
    return self && self->kind == PICKLE_STRING && self->length == strlen(text) &&
           !memcmp(self->text, text, self->length);
}
