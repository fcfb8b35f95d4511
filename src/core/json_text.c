/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "core/json_text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Found without an allocation, which would end the process where it fails. */
#ifdef __GLIBC__
#define AT_HAND __attribute__((tls_model("initial-exec")))
#else
#define AT_HAND
#endif

/* jansson's functions know no context, so what they note has to stand here: for each thread whether
 * an allocation failed since it last looked, and once for all what to allocate with. */
static _Thread_local bool failed AT_HAND;
static pthread_once_t watched = PTHREAD_ONCE_INIT;
static json_malloc_t allocate;
static json_free_t release;

static void *watched_malloc(size_t size) {
    void *block = allocate(size);
    failed |= !block;
    return block;
}

static void watch(void) {
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(watched_malloc, release);
}

static void begin(void) {
    pthread_once(&watched, watch);
    failed = false;
}

/* The value, unless something of it is missing. */
static json_t *whole(json_t *json) {
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}

json_t *json_text_load(const char *text, size_t length, size_t flags, json_error_t *problem) {
    json_error_t unused;
    if (!problem)
        problem = &unused;
    begin();
    json_t *json = whole(json_loadb(text, length, flags, problem));
    if (failed) {
        snprintf(problem->text, sizeof problem->text, "not enough memory");
        problem->text[sizeof problem->text - 1] = json_error_out_of_memory;
    } else if (!json && !*problem->text) {
        snprintf(problem->text, sizeof problem->text - 1, "no JSON");
    }
    return json;
}

bool json_text_lacks_memory(const json_error_t *problem) {
    return json_error_code(problem) == json_error_out_of_memory;
}

/* Bytes of the control character at `text` that JSON lets stand: DEL, and those of UTF-8 from
 * U+0080 to U+009F; 0 where there is none. */
static int control(const unsigned char *text) {
    return text[0] == 0x7f ? 1 : text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0 ? 2 : 0;
}

/* A copy with those escaped; NULL when memory is short. */
static char *escape(const char *text) {
    size_t controls = 0;
    for (const char *at = text; *at; at++)
        controls += control((const unsigned char *)at) > 0;
    char *clean = malloc(strlen(text) + controls * strlen("\\u0000") + 1), *to = clean;
    for (const char *at = text; clean && *at;) {
        const int length = control((const unsigned char *)at);
        if (length)
            to += snprintf(to, sizeof "\\u0000", "\\u%04X", (unsigned char)at[length - 1]);
        else
            *to++ = *at;
        at += length ? length : 1;
    }
    if (clean)
        *to = '\0';
    return clean;
}

/* jansson's own text may be of an allocator whose blocks are not free's. */
char *json_text_dump(const json_t *json, size_t flags) {
    begin();
    char *text = json_dumps(json, flags);
    char *copy = text && !failed ? escape(text) : NULL;
    if (text)
        release(text);
    return copy;
}

json_t *json_text_string(const char *text, bool *lacks_memory) {
    begin();
    json_t *json = json_string(text);
    *lacks_memory = failed;
    return json;
}

json_t *json_text_copy(json_t *json) {
    begin();
    return whole(json_copy(json));
}
