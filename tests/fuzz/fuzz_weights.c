/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the weights reader. Whatever the bytes, it must refuse or yield tensors that can be
 * read to the last value; run it with the address and undefined sanitizers. How
 * it is run: replay.h.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "replay.h"
#include "weights/weights_file.h"
#include "weights/weights_open.h"

static void check_error(const error *err) {
    check(err->code == ERROR_FAILURE && err->text[0], "refused without an error");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

/* Scales that suit an I8 tensor: those of any name that have their shape; or NULL. */
static const weights_tensor *find_scales(const weights_file *self, const weights_tensor *tensor) {
    for (size_t i = 0; tensor->type == WEIGHTS_I8 && i < weights_file_count(self); i++) {
        const weights_tensor *scales = weights_file_at(self, i);
        if (scales->type == WEIGHTS_F32 && scales->rank == 1 && tensor->rank > 0 &&
            scales->shape[0] == tensor->shape[0])
            return scales;
    }
    return NULL;
}

/* Takes what was opened; `err` where nothing was. */
static void read_all(weights_file *self, error *err) {
    if (!self) {
        check_error(err);
        return;
    }
    for (size_t i = 0; i < weights_file_count(self); i++) {
        const weights_tensor *tensor = weights_file_at(self, i);
        check(weights_file_find(self, tensor->name) == tensor, "a tensor is not found by name");
        if (tensor->type == WEIGHTS_OTHER)
            continue;
        const weights_tensor *scales = find_scales(self, tensor);
        if (tensor->type == WEIGHTS_I8 && !scales)
            continue;
        /* count is bounded by the file's size */
        float *values = malloc(tensor->count * sizeof *values + 1);
        check(values, "out of memory");
        if (!(scales ? weights_file_read_scaled(self, tensor, scales, values, err)
                     : weights_file_read(self, tensor, values, err)))
            check_error(err);
        free(values);
    }
    weights_file_metadata(self, "arch");
    weights_file_free(self);
}

/* From memory, where the sanitizers see a read past the end; what is read of a file has the rest
 * of its last page behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    error err = {0};
    read_all(weights_open_memory(data, size, "bytes", &err), &err);
    return 0;
}

/* The same from a file, which is mapped. */
void replay_more(const char *path, const uint8_t *data, size_t size) {
    error err = {0};
    (void)data, (void)size;
    if (path)
        read_all(weights_open(path, &err), &err);
}
