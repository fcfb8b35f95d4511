/* SPDX-License-Identifier: MIT */
#include "core/layout.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"

/* Blocks of this size and more begin at a page: loops that go through several long vectors at once
 * were measured to take 3 to 10 % longer where these begin at different places of a page. */
#define LARGE 32768
#define PAGE 4096

layout layout_measure(void) {
    return (layout){0};
}

bool layout_place(layout *self, size_t bytes, error *err) {
    *self = (layout){.base = memory_alloc(bytes, 1, err)};
    return self->base != NULL;
}

void layout_free(layout *self) {
    memory_free(self->base);
    *self = (layout){0};
}

/* Bytes of a block, in whole lines; SIZE_MAX when they overflow. */
static size_t block_bytes(size_t count, size_t size) {
    size_t bytes;
    if (!memory_multiply(count, size, &bytes) || bytes > SIZE_MAX - MEMORY_ALIGNMENT)
        return SIZE_MAX;
    return (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

void *layout_take(layout *self, size_t count, size_t size) {
    const size_t bytes = block_bytes(count, size), used = self->used;
    const size_t at = bytes < LARGE ? used : memory_add(used, PAGE - 1) / PAGE * PAGE;
    const size_t end = memory_add(at, bytes);
    unsigned char *block = self->base ? self->base + at : NULL;
    assert(!block || end != SIZE_MAX);
    /* The block came zeroed; what has been in use before is zeroed again. */
    if (block && at < self->most)
        memset(block, 0, (end < self->most ? end : self->most) - at);
    self->used = end;
    self->most = end > self->most ? end : self->most;
    return block;
}

size_t layout_mark(const layout *self) {
    return self->used;
}

void layout_rewind(layout *self, size_t mark) {
    assert(mark <= self->used);
    self->used = self->most == SIZE_MAX ? SIZE_MAX : mark;
}

size_t layout_bytes(const layout *self) {
    return self->most;
}

bool layout_make(layout *self, void (*walk)(void *part, layout *to), void *part, error *err) {
    layout measured = layout_measure();
    walk(part, &measured);
    if (!layout_place(self, layout_bytes(&measured), err))
        return false;
    walk(part, self);
    assert(self->most == measured.most);
    return true;
}
