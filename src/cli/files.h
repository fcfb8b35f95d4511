/* SPDX-License-Identifier: MIT
 *
 * The files that a run writes: OUT, the log, the recipe.
 *
 * Before any work is done they are checked: that they can be written, and that none would overwrite
 * an input or another one. The file system may of course change meanwhile; whoever writes checks
 * again.
 */
#ifndef STYLIZE_CLI_FILES_H
#define STYLIZE_CLI_FILES_H

#include "cli/options.h"

/* What follows the last slash of a path. */
const char *files_base(const char *path);

/* The path from the root without links, dots and empty names, as far as it is there; what is not is
 * taken as it is written. The caller frees it; NULL when memory is short. */
char *files_whole_path(const char *path);

/* Whether two paths lead to one file, or would once they are made. Of devices nothing is lost. */
bool files_same(const char *a, const char *b);

/* Whether `path` is the file of one of paths [count]. */
bool files_among(const char *path, char *const *paths, int count);

/* Checks what `self` names to be written against the file system and against the other files;
 * `weights` [count] are the files that the networks come from. */
bool files_check(const options *self, char *const *weights, int count, stylize_error *err);

/* Whether OUT's name and the options tell one format that this program writes. No file is made. */
bool files_check_name(const options *self, stylize_error *err);

/* The format that a picture gets at `path`: that of its extension, or else of --format; what has
 * neither is PNG where it is standard output, a device or a pipe. */
stylize_format files_format(const options *self, const char *path);

/* Whether a picture can be written to `path`, which has a format, and at that size. */
bool files_check_picture(const char *path, const options *self, stylize_error *err);
bool files_check_size(const options *self, const char *path, int width, int height,
                      stylize_error *err);

/* Whether a file can be written to `path`; and whether one can that `what`, an option, names and
 * that is none of the others of the run. */
bool files_check_new(const char *path, stylize_error *err);
bool files_check_beside(const options *self, const char *what, const char *path,
                        char *const *weights, int count, stylize_error *err);

/* Bytes for each pixel that files_save takes at most; `path` may be NULL. */
int files_save_memory(const options *self, const char *path);

/* Writes a picture to `path` as the options say: "-" is standard output. A signal that ends the
 * program ends it at once, leaving no temporary file. */
bool files_save(const stylize_image *picture, const char *path, const options *self,
                stylize_error *err);

/* Likewise to OUT, with the density of --dpi. */
bool files_save_out(stylize_image *picture, const options *self, stylize_error *err);

/* Writes data [size] to a file likewise, whole or not at all. */
bool files_write(const char *path, const char *data, size_t size, stylize_error *err);

#endif
