/* SPDX-License-Identifier: MIT
 *
 * Who may do what with a file that takes the place of another: nobody more than before.
 */
#ifndef STYLIZE_IMAGE_OUTPUT_RIGHTS_H
#define STYLIZE_IMAGE_OUTPUT_RIGHTS_H

#include <sys/stat.h>

#include "image/output_place.h"

/* Gives a new file of ours, which only we may open yet, the owner, the group, the permissions and
 * the access control list (POSIX) of the old one, with status `old`, that is still in its place.
 * Where the group or the list cannot be kept, the group and the others get what both had. */
void output_rights_copy(int descriptor, const output_place *place, const struct stat *old);

#endif
