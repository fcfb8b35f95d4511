/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* fchown */
#include "image/output_rights.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif

#include "core/retry.h"

#ifdef __linux__

#define LIST "system.posix_acl_access"
enum { LIST_SIZE = 1 << 14 }; /* bytes, of 2000 entries */

/* The old file, open to be asked; negative when it can be neither read nor written, or is gone. */
static int open_old(const output_place *place, const struct stat *old) {
    static const int ways[] = {O_RDONLY, O_WRONLY};
    struct stat status;
    int descriptor = -1;
    for (int i = 0; descriptor < 0 && i < 2; i++)
        descriptor = retry_openat(place->folder, place->name,
                                  ways[i] | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (descriptor < 0 || (retry_fstat(descriptor, &status) == 0 && status.st_dev == old->st_dev &&
                           status.st_ino == old->st_ino))
        return descriptor;
    close(descriptor);
    return -1;
}

static bool has_no_list(void) {
    return errno == ENODATA || errno == ENOTSUP;
}

/* Gives the new file the list of the old one, and none that it has of its folder where the old one
 * has none. False where that cannot be. */
static bool copy_list(int descriptor, const output_place *place, const struct stat *old) {
    char list[LIST_SIZE];
    const int from = open_old(place, old);
    if (from < 0)
        return false;
    const ssize_t size = fgetxattr(from, LIST, list, sizeof list);
    bool ok = size >= 0;
    if (ok)
        ok = fsetxattr(descriptor, LIST, list, (size_t)size, 0) == 0;
    else if (has_no_list())
        ok = fremovexattr(descriptor, LIST) == 0 || has_no_list();
    close(from);
    return ok;
}

#else

static bool copy_list(int descriptor, const output_place *place, const struct stat *old) {
    (void)descriptor;
    (void)place;
    (void)old;
    return true;
}

#endif

void output_rights_copy(int descriptor, const output_place *place, const struct stat *old) {
    /* Only root may give files away; others may choose among their groups, or not even that. */
    const bool group_kept = fchown(descriptor, old->st_uid, old->st_gid) == 0 ||
                            fchown(descriptor, (uid_t)-1, old->st_gid) == 0;
    mode_t mode = old->st_mode & 0777;
    /* With a list the bits of the group are the most that anybody in the list gets. */
    if (!copy_list(descriptor, place, old) || !group_kept) {
        const mode_t both = mode >> 3 & mode & 07;
        mode = (mode & 0700) | both << 3 | both;
    }
    fchmod(descriptor, mode);
}
