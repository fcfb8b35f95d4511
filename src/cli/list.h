/* SPDX-License-Identifier: MIT
 *
 * A list of pictures to paint, each the words of a command line: from a file of one recipe a line,
 * or all pairs of contents and styles.
 *
 * A line is a JSON object (content, style, out, and fields as --recipe has them) or the words of a
 * command line (words.h); empty ones and those that begin with # are none. Names of files are as
 * seen from the current folder.
 */
#ifndef STYLIZE_CLI_LIST_H
#define STYLIZE_CLI_LIST_H

#include "cli/options.h"

#define LIST_OUT "{out}" /* in --checkpoint: OUT of the picture */

typedef struct list_item {
    char **words; /* [count], in one block with what they point into; owned */
    int count;
    int line; /* of the file; 0: there is none */
} list_item;

typedef struct list {
    const options *options; /* of all pictures; borrowed */
    const char *name;       /* of the file, in errors */
    list_item *items;
    int count, room;
    char **common; /* [common_count] painting's options for all; owned, the words borrowed */
    int common_count;
} list;

/* Reads or makes the list that `opts` asks for. False with *err; list_clear follows in any case. */
bool list_make(list *self, const options *opts, stylize_error *err);
void list_clear(list *self);

/* Whether each item can be painted as far as its words tell, and no file that one of them or the
 * log is written to is another one's, an input of any, or the list itself (list_check.c). Nothing
 * is written. False with *err naming the lines. */
bool list_check(const list *self, stylize_error *err);

/* The option that is not for a list, among those given for one or all of its pictures; NULL for
 * none. */
const char *list_refused(const options *opts);

/* The options of a picture, quiet; their strings are the list's or their own. False with *err,
 * naming the line; options_clear follows in any case. */
bool list_options(const list *self, int index, options *opts, stylize_error *err);

/* "JOBS:3: ", or OUT of a pair. */
void list_place(const list *self, int index, char *text, size_t size);

/* Puts the place before the cause; returns false. */
bool list_fail(const list *self, int index, const stylize_error *cause, stylize_error *err);

/* Adds an item of copies of the words. False with *err when memory is short. */
bool list_add(list *self, char *const *words, int count, int line, stylize_error *err);

#endif
