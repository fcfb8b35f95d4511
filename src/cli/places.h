/* SPDX-License-Identifier: MIT
 *
 * Where the files of a run are written: found and checked before the work, and kept by their paths
 * until they are written, so that what others put there meanwhile leads nowhere else. Of a long
 * list only the latest are kept; a path that is not kept is looked up again. Threads may call all
 * this at once.
 */
#ifndef STYLIZE_CLI_PLACES_H
#define STYLIZE_CLI_PLACES_H

#include "transfer/stylize.h"

/* Keeps the place of a path; `whole`: a new file must be possible in its folder, too. */
bool places_keep(const char *path, bool whole, stylize_error *err);

/* Lets go of one that is kept, such as that of a picture of a list which is done: each takes a
 * descriptor. */
void places_drop(const char *path);

/* Whether something is there that is no file, such as a pipe. */
bool places_is_special(const char *path);

/* As stylize_file_write and stylize_file_compose. */
bool places_write(const char *path, const void *data, size_t size, bool (*abandoned)(void),
                  stylize_error *err);
bool places_compose(const char *path, stylize_composer *compose, void *user,
                    bool (*abandoned)(void), stylize_error *err);

/* As open; never by a link that was not there when the place was found. */
int places_open(const char *path, int flags);

#endif
