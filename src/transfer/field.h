/* SPDX-License-Identifier: MIT
 *
 * Values of fields: read from what one types or from numbers, checked, printed.
 *
 * Whatever way a value comes, it becomes a field_value here, and one check is for all of them, so
 * that a setting is refused in the same words from the command line, from JSON and from C. What
 * field_print prints reads back as the same value; of equal values it prints the same text.
 */
#ifndef STYLIZE_TRANSFER_FIELD_H
#define STYLIZE_TRANSFER_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/recipe.h"

/* Of a list, one more than any field takes. */
#define FIELD_MOST_NUMBERS (RECIPE_MOST_STAGES + 1)
_Static_assert(RECIPE_MOST_STYLES <= RECIPE_MOST_STAGES, "a number for each style fits");

typedef struct field_value {
    double number;          /* FLAG, NUMBER, INTEGER; the index of a WORD, of a TEXT also -1 */
    const char *text;       /* a TEXT that is no word; borrowed */
    recipe_numbers numbers; /* COUNTS, SCALES; SIZE: both of recipe.size */
    recipe_layers layers;   /* LAYERS */
    recipe_amounts amounts; /* NUMBERS */
} field_value;

/* A number on its way into a field. */
typedef struct field_number {
    double value;
    const char *typed; /* how it was written, for errors and for what a double cannot tell, */
    int length;        /* and its length; NULL where it never was a text */
} field_number;

/* Reads a value as one types it. False with *err (STYLIZE_USAGE) naming the field. The text must
 * outlive the value of a TEXT. */
bool field_read(const stylize_field *self, const char *text, field_value *value,
                stylize_error *err);

/* Makes a value of numbers [count], at most FIELD_MOST_NUMBERS, of which a field of NUMBER or
 * INTEGER takes one, of SIZE one or two, of COUNTS, SCALES and NUMBERS several; the other kinds
 * take none and must not come here. False with *err likewise. */
bool field_accept_numbers(const stylize_field *self, const field_number *numbers, int count,
                          field_value *value, stylize_error *err);

#define FIELD_AUTO (-1) /* in a number that may be 0, and in recipe.size[0] */

/* The value that "auto" is. False with *err where the field has none. */
bool field_accept_auto(const stylize_field *self, field_value *value, stylize_error *err);

/* Whether its values are lists of whole numbers. */
bool field_is_list(const stylize_field *self);

/* Whether a value is the one that "auto" is. */
bool field_is_auto(const stylize_field *self, const field_value *value);

/* Adds a layer to the list of a value. False with *err for an unknown layer, a second time the same
 * one or a weight below 0. */
bool field_add_layer(const stylize_field *self, const char *name, size_t length, double weight,
                     field_value *value, stylize_error *err);

/* Prints a value as one types it, as snprintf would: cut to `size`, returning the whole length. */
int field_print(const stylize_field *self, const field_value *value, char *text, size_t size);

/* How many words a field has. */
int field_word_count(const stylize_field *self);

#endif
