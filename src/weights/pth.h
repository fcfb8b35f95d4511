/* SPDX-License-Identifier: MIT
 *
 * PyTorch's files, as torch.save writes a state dict: a pickle that says which tensor lies how in
 * which storage, and the storages. In the ZIP format (since PyTorch 1.6) both are entries of an
 * archive; in the legacy format before it pickles and storages follow one another.
 *
 * The pickle is not run but read (pickle.h), and what it claims is checked: storages have the size
 * that their type and length say and lie in the file, every tensor lies in its storage by offset,
 * shape and strides and has no more elements than that. Tensors may share storages. Refused, saying
 * so: whole models, big-endian files, views of storages, tensors of unknown kinds. Entries of the
 * state dict that are no tensors are left out.
 */
#ifndef STYLIZE_WEIGHTS_PTH_H
#define STYLIZE_WEIGHTS_PTH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "weights/weights_file.h"

/* Fill the table of `file` from its bytes, which start with a ZIP's mark or a pickle's. False with
 * *err naming `path` and what is wrong. */
bool pth_parse_zip(weights_file *file, const char *path, error *err);
bool pth_parse_legacy(weights_file *file, const char *path, error *err);

#endif
