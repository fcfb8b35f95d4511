/* SPDX-License-Identifier: MIT
 *
 * Where the weights are: from what -w says to a file.
 *
 * A value with a '/' or ending in .safetensors, .pth, .pt or .h5 is a FILE and stands for itself,
 * and what it holds shows when it is read. Anything else is a NAME: NAME.safetensors is looked for
 * in the folders below, in their order, and the first hit is taken. The working directory is never
 * searched, so a NAME means the same wherever one stands.
 *
 *     <executable's folder>/../weights            built from source
 *     <executable's folder>/../share/stylize      installed, wherever that was moved to
 *     <executable's folder>/share/stylize         built elsewhere: a link
 *     $XDG_DATA_HOME/stylize                      the user's own (~/.local/share/stylize)
 *     STYLIZE_DATA                                installed, as the build was configured
 */
#ifndef STYLIZE_CLI_WEIGHTS_PATH_H
#define STYLIZE_CLI_WEIGHTS_PATH_H

#include <stdbool.h>
#include <stdio.h>

#include "transfer/stylize.h"

#define WEIGHTS_FOLDERS 5

/* The name of the larger network that can be fetched, and a format of what downloads one. */
#define WEIGHTS_FULL "vgg19"
#define WEIGHTS_FETCH "weights/fetch %s (installed: stylize-fetch %s)"

typedef struct weights_folders {
    char *paths[WEIGHTS_FOLDERS]; /* owned */
    int count;
} weights_folders;

/* The folders above, of this process: the executable's own place and the environment. Folders that
 * cannot be found out are left out. The caller clears. */
void weights_folders_init(weights_folders *self);
void weights_folders_clear(weights_folders *self);

/* Whether `value` is a FILE; among these are some that are refused when they are read. */
bool weights_path_is_file(const char *value);

/* The path of the weights that `value` names; the caller frees it. NULL with *err (STYLIZE_FAILURE)
 * when there is no such file, saying where it was looked for and how to have others. */
char *weights_path_find(const char *value, const weights_folders *folders, stylize_error *err);

/* Is called for each file that a NAME could mean; `hidden` where an earlier folder has that name.
 */
typedef void weights_visitor(void *user, const char *name, const char *path, bool hidden);

/* Calls it for all of them, folder by folder, by name within each. */
void weights_path_visit(const weights_folders *folders, weights_visitor *visit, void *user);

/* Writes every NAME that weights_path_find finds, one a line, folder by folder. */
void weights_path_print_names(const weights_folders *folders, FILE *file);

#endif
