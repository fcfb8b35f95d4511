/* SPDX-License-Identifier: MIT
 *
 * Made-up trees of small files, as stand-ins for /proc and /sys.
 */
#ifndef STYLIZE_TESTS_FILE_TREE_H
#define STYLIZE_TESTS_FILE_TREE_H

/* A new, empty folder; the test fails where none can be made. The caller frees the path with
 * file_tree_remove. */
char *file_tree_new(void);

/* Writes text to the file root/path, whose folders are made as needed. */
void file_tree_write(const char *root, const char *path, const char *text);

/* Removes the folder with all that is in it, and frees the path. */
void file_tree_remove(char *root);

#endif
