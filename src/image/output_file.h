/* SPDX-License-Identifier: MIT
 *
 * A file that is written completely or not at all.
 *
 * Its content is complete in memory before anything on the disk is touched, or is composed piece
 * by piece. Where it goes is said in output_place.h. A new or regular file is written under a
 * temporary name in the folder where it will be and renamed when it is complete and on the disk
 * (fsync of the file before and of the folder after); one that was there keeps its permissions,
 * its access control list, and its owner and group where the process may say so, or gives others
 * less (output_rights.h); a new one gets those of any new file. Whatever else exists (a device, a
 * pipe) is written to in place. So is, as the last resort, a file that can be written but not
 * replaced, such as one that is a mount of its own: the temporary file stays until that is done,
 * and where it fails, in which case it is named, until the next attempt.
 *
 * Temporary files of the same name and user that killed processes have left behind are removed,
 * where the file system has locks to tell them (output_temporary.h).
 */
#ifndef STYLIZE_IMAGE_OUTPUT_FILE_H
#define STYLIZE_IMAGE_OUTPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "image/output_place.h"

/* Whether `path` can be written as things are: a temporary file is made where it will be needed,
 * and removed. Nothing that is written to in place is opened: a pipe would wait for its reader. */
bool output_file_check(const char *path, error *err);
bool output_file_check_at(const output_place *place, error *err);

/* Whether something is there that is written to in place. */
bool output_file_in_place(const char *path);

/* Writes data [size]. `abandoned`, unless NULL, is asked between pieces as long as there is a
 * temporary file; true gives up. On failure *err names the path, an existing file is untouched and
 * no temporary one is left. */
bool output_file_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                       error *err);
bool output_file_write_at(const output_place *place, const void *data, size_t size,
                          bool (*abandoned)(void), error *err);

typedef struct output_pieces output_pieces;

/* Appends bytes; false with *err, after which nothing more is to be put. */
bool output_file_put(output_pieces *to, const void *bytes, size_t count, error *err);

/* Writes likewise what `compose` puts. It is called once more where the file turns out to be one
 * that can be written but not replaced; its own failure is that of the whole. */
bool output_file_compose(const char *path,
                         bool (*compose)(void *user, output_pieces *to, error *err), void *user,
                         bool (*abandoned)(void), error *err);
bool output_file_compose_at(const output_place *place,
                            bool (*compose)(void *user, output_pieces *to, error *err), void *user,
                            bool (*abandoned)(void), error *err);

#endif
