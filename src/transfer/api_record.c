/* SPDX-License-Identifier: MIT
 *
 * The public API: records of pictures.
 */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "image/picture_file.h"
#include "transfer/api_error.h"
#include "transfer/stylize.h"

_Static_assert(STYLIZE_MOST_RECORD == RECORD_MOST, "the public bound is the inner one");

bool stylize_image_set_record(stylize_image *self, const char *text, stylize_error *err) {
    error e;
    if (!api_given(self, "stylize_image_set_record: self", err))
        return false;
    if (text && !record_text_is_valid(text, strlen(text)))
        return stylize_error_set(err, STYLIZE_USAGE,
                                 "stylize_image_set_record: the text is empty, over %d bytes, or "
                                 "not UTF-8",
                                 STYLIZE_MOST_RECORD);
    return record_text_set(&self->record, text ? text : "", text ? strlen(text) : 0, &e) ||
           api_error(&e, err);
}

const char *stylize_image_record(const stylize_image *self) {
    return self ? self->record : NULL;
}

bool stylize_record_read(const char *path, char **record, stylize_error *err) {
    error e;
    char *found = NULL;
    if (!api_given(path, "stylize_record_read: path", err) ||
        !api_given(record, "stylize_record_read: record", err))
        return false;
    *record = NULL;
    if (!picture_file_read_record(path, &found, &e))
        return api_error(&e, err);
    if (!found)
        return true;
    const size_t size = strlen(found) + 1;
    *record = malloc(size);
    if (*record)
        memcpy(*record, found, size);
    memory_free(found);
    return *record || stylize_error_set(err, STYLIZE_FAILURE, "%s: out of memory", path);
}
