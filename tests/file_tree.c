/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include "file_tree.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

char *file_tree_new(void) {
    char root[] = "/tmp/stylize-tree-XXXXXX";
    assert_non_null(mkdtemp(root));
    char *copy = malloc(sizeof root);
    assert_non_null(copy);
    memcpy(copy, root, sizeof root);
    return copy;
}

void file_tree_write(const char *root, const char *path, const char *text) {
    char full[6000];
    const int length = snprintf(full, sizeof full, "%s/%s", root, path);
    assert_in_range(length, 1, sizeof full - 1);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        assert_true(mkdir(full, 0777) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void file_tree_remove(char *root) {
    assert_int_equal(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(root);
}
