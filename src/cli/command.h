/* SPDX-License-Identifier: MIT
 *
 * Ways to use the program beside painting: `stylize NAME ...`, where NAME is the first operand (a
 * picture of that name is ./NAME). Each has operands of its own, and takes some of the options of
 * painting and a few of its own: a new one is a row of the table in command.c.
 */
#ifndef STYLIZE_CLI_COMMAND_H
#define STYLIZE_CLI_COMMAND_H

#include <stddef.h>

#include "cli/options.h"

/* An option of a command alone, or one of painting that is described otherwise for it. */
typedef struct command_option {
    stylize_field field;
    bool own;      /* the program's; else the recipe's */
    size_t offset; /* of an own one's value in struct options */
} command_option;

struct command {
    const char *name;
    const char *operands;      /* such as "PICTURE... OUT": the last one is OUT */
    bool pictures;             /* all of them are pictures; else any files */
    int least, most;           /* how many there are; most is 0 where there is no limit */
    const char *help;          /* what it does, in sentences */
    const char *example;       /* a command line */
    const command_option *own; /* [own_count] */
    size_t own_count;
    const char *const *shared;  /* names of painting's options that it takes, too; ends with NULL,
                                 * which alone stands for all */
    bool no_out;                /* there is no OUT among the operands */
    const char *const *without; /* it takes all of painting's but these, which ends with NULL, and
                                 * paints; NULL: those that are shared */
};

/* The commands in the order of --help, NULL past the last; and the one of that name, or NULL. */
const command *command_at(size_t index);
const command *command_named(const char *name);

/* The options of a command, its own first; of NULL those of painting. False past the last. */
bool command_option_at(const command *self, size_t index, option *entry);

#endif
