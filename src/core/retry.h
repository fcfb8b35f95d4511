/* SPDX-License-Identifier: MIT
 *
 * Calls of the system for files, made again where a signal interrupts them (EINTR): on some file
 * systems (networks, FUSE) even a signal that only stops and continues the process does that. What
 * they take and return is otherwise what the functions without "retry_" do.
 */
#ifndef STYLIZE_CORE_RETRY_H
#define STYLIZE_CORE_RETRY_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

FILE *retry_fopen(const char *path, const char *mode);

/* Of less than asked for feof or ferror tells the reason, which is not a signal. */
size_t retry_fread(void *bytes, size_t size, size_t count, FILE *file);

int retry_getc(FILE *file);
ssize_t retry_getline(char **line, size_t *room, FILE *file);

/* Closes once, as retry_close does; for files of which nothing waits to be written. */
int retry_fclose(FILE *file);

int retry_open(const char *path, int flags, mode_t mode);
int retry_openat(int folder, const char *path, int flags, mode_t mode);
int retry_stat(const char *path, struct stat *status);
int retry_fstat(int file, struct stat *status);
int retry_fstatat(int folder, const char *path, struct stat *status, int flags);
int retry_flock(int file, int operation);
int retry_fsync(int file);
int retry_ftruncate(int file, off_t size);

/* Both names in one folder. */
int retry_renameat(int folder, const char *from, const char *to);

/* Closes once: where a signal interrupts that, the file is closed all the same. */
int retry_close(int file);

/* All of the bytes, from the file's position or up to its end. False with errno: EIO where the
 * system takes none without saying why. */
bool retry_write(int file, const void *bytes, size_t count);

#endif
