/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <string.h>

#include "cli/options.h"

enum { WIDTH = 80, COLUMN = 29 };

/* Prints `text` broken at spaces, from `column` on; it starts at `indent`, and further lines do. */
static void print_wrapped(FILE *file, const char *text, int column, int indent) {
    fprintf(file, "%*s", column < indent ? indent - column : 0, "");
    if (column > 0 && column > indent - 1)
        fprintf(file, "\n%*s", indent, "");
    column = indent;
    while (*text) {
        const int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(file, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(file, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
        text += *text == ' ';
    }
    fputc('\n', file);
}

static void print_option(FILE *file, const stylize_field *field) {
    char text[1200];
    int column = fprintf(file, field->letter ? "  -%c, " : "      ", field->letter);
    column += fprintf(file, "--%s%s%s", field->name, field->argument ? " " : "",
                      field->argument ? field->argument : "");
    const bool has_default = field->kind != STYLIZE_FIELD_FLAG && *field->standard;
    snprintf(text, sizeof text, has_default ? "%s (default: %s)" : "%s", field->help,
             field->standard);
    print_wrapped(file, text, column, COLUMN);
}

static void print_painting(FILE *file) {
    const char *group = "";
    const command *way;
    option entry;
    fputs("Usage: stylize [OPTION]... CONTENT STYLE... OUT\n"
          "       stylize --texture [OPTION]... STYLE... OUT\n",
          file);
    for (size_t i = 0; (way = command_at(i)); i++)
        fprintf(file, "       stylize %s [OPTION]... %s\n", way->name, way->operands);
    fputs("Paint CONTENT in the manner of STYLE, or of several blended, and write the\n"
          "picture to OUT.\n"
          "Pictures are PNG, JPEG, WebP or TIFF files; OUT ends in .png, .jpg, .jpeg,\n"
          ".webp, .tif or .tiff. A - stands for standard input (one picture) or, as OUT,\n"
          "for standard output (PNG, or --format).\n"
          "Each command has a --help of its own: stylize batch --help. --no- before a\n"
          "flag's name takes it back, where a file of settings has set it.\n",
          file);
    for (size_t i = 0; options_at(i, &entry); i++) {
        if (strcmp(group, entry.field->group) != 0)
            fprintf(file, "\n%s:\n", entry.field->group);
        group = entry.field->group;
        print_option(file, entry.field);
    }
    fputs("\nExamples:\n"
          "  stylize photo.jpg painting.jpg out.png\n"
          "  stylize -s 1024 --style-scale 2 --beta 100 photo.jpg painting.jpg out.jpg\n"
          "  stylize -s 2560x1440 --upscale photo.jpg painting.jpg wallpaper.png\n"
          "  stylize --init out.png -n 100 --log costs.jsonl photo.jpg painting.jpg out.png\n"
          "\n"
          "Ctrl-C saves the best picture so far. Exit status: 0 done, 1 failure, 2 wrong\n"
          "usage, 130 interrupted after saving.\n",
          file);
}

static void print_command(FILE *file, const command *of) {
    option entry;
    fprintf(file, "Usage: stylize %s [OPTION]... %s\n", of->name, of->operands);
    print_wrapped(file, of->help, 0, 0);
    fputs("\nOptions:\n", file);
    for (size_t i = 0; command_option_at(of, i, &entry); i++)
        print_option(file, entry.field);
    fprintf(file, "\nExample:\n  %s\n", of->example);
}

void help_print(FILE *file, const command *of) {
    if (of)
        print_command(file, of);
    else
        print_painting(file);
}
