/* SPDX-License-Identifier: MIT
 *
 * What stands before and after the options is written here as the page has it. Texts of the table
 * are plain words: they are escaped, broken into lines (a sentence starts a new one, as the tools
 * that check manual pages want it), and names of options, operands and values are set off.
 */
#include "cli/manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cli/options.h"

#define MANUAL_DATE "2026-11-21" /* of the last change of its words */

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { SOURCE_WIDTH = 76 };

/* ---- the sections ---- */

static const char before_options[] =
    ".SH NAME\n"
    "stylize \\- paint a photograph in the manner of a picture\n"
    ".SH SYNOPSIS\n"
    ".nf\n"
    "\\fBstylize\\fR [\\fIOPTION\\fR]... \\fICONTENT STYLE OUT\\fR\n"
    "\\fBstylize \\-\\-plan\\fR [\\fIOPTION\\fR]... \\fICONTENT STYLE\\fR [\\fIOUT\\fR]\n"
    "\\fBstylize \\-\\-list\\-weights\\fR\n"
    "\\fBstylize \\-\\-print man\\fR|\\fBbash\\fR|\\fBzsh\\fR|\\fBfish\\fR|\\fBweights\\fR\n"
    ".fi\n"
    ".SH DESCRIPTION\n"
    ".B stylize\n"
    "paints what the picture\n"
    ".I CONTENT\n"
    "shows in the manner of the picture\n"
    ".I STYLE\n"
    "and writes the result to\n"
    ".IR OUT ,\n"
    "by the method of Gatys, Ecker and Bethge (2015).\n"
    "A pretrained network, VGG, says what a picture shows and what its brushwork is\n"
    "like; an optimiser changes the pixels until they show the one in the manner of\n"
    "the other.\n"
    "The program works offline and on the processor, with a network that comes with\n"
    "it; the defaults are meant to be enough.\n"
    ".PP\n"
    "Pictures are PNG or JPEG files.\n"
    "They are read by their content, whatever their names, and\n"
    ".I OUT\n"
    "is written by its extension: .png, .jpg or .jpeg.\n"
    ".B \\-\n"
    "is standard input for one of the pictures, and standard output for\n"
    ".IR OUT ,\n"
    "as PNG.\n"
    "A photograph is turned as its EXIF data say.\n"
    "The result keeps the content's colour profile and density, and as PNG its\n"
    "transparency, too, which a JPEG has laid over white, as the network sees it.\n"
    ".I OUT\n"
    "is replaced only by a whole picture and keeps its permissions.\n"
    ".PP\n"
    "On a terminal a line shows how far the run is and how long it will take.\n"
    "The first Ctrl\\-C (or SIGTERM, SIGHUP) ends it after the iteration at work and\n"
    "saves the best picture so far;\n"
    ".B \\-\\-init\n"
    "goes on from there.\n"
    "The second ends it at once and leaves things as they were.\n"
    "A run that needs more memory than there is, is refused before it starts, with\n"
    "the largest\n"
    ".B \\-\\-size\n"
    "that fits.\n"
    ".SH OPTIONS\n"
    "A long option takes its value as\n"
    ".BI \\-\\-size= 640\n"
    "or\n"
    ".B \\-\\-size\n"
    ".IR 640 ,\n"
    "a short one as\n"
    ".B \\-s\n"
    ".I 640\n"
    "or\n"
    ".BI \\-s 640\\fR.\n"
    "Options may stand before, between and after the operands;\n"
    ".B \\-\\-\n"
    "ends them.\n"
    "Of an option given twice the last counts.\n";

static const char after_options[] =
    ".SS Layers\n"
    "A\n"
    ".I LIST\n"
    "of layers names those of VGG\\-19, as far as the network has them:\n"
    ".BI conv b _ i\n"
    "before and\n"
    ".BI relu b _ i\n"
    "after the rectifier, for the convolutions 1_1, 1_2, 2_1, 2_2, 3_1 to 3_4, 4_1\n"
    "to 4_4 and 5_1 to 5_4, and\n"
    ".B pool1\n"
    "to\n"
    ".BR pool5 .\n"
    "The first ones see colour and grain, the last ones large forms.\n"
    ".SH EXIT STATUS\n"
    ".TP\n"
    ".B 0\n"
    "The picture is written, or what was asked for is printed.\n"
    ".TP\n"
    ".B 1\n"
    "It failed: files, memory, data.\n"
    "One line on standard error says why; an\n"
    ".I OUT\n"
    "that there was is as it was.\n"
    ".TP\n"
    ".B 2\n"
    "The command line can never work as it is written.\n"
    ".TP\n"
    ".B 130\n"
    "The run was interrupted, and the best picture so far is saved.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".B XDG_DATA_HOME\n"
    "The folder of the user's own data, instead of\n"
    ".BR $HOME/.local/share ;\n"
    "its folder\n"
    ".B stylize\n"
    "is searched for weights.\n"
    ".TP\n"
    ".B OMP_WAIT_POLICY\n"
    "What threads do while they wait.\n"
    "Unless it is set the program sets it to\n"
    ".B passive\n"
    "and, unless that is set, GOMP_SPINCOUNT to 5000: they spin for a moment and then sleep,\n"
    "which on a busy machine is several times faster than spinning for long.\n"
    ".TP\n"
    ".B STYLIZE_ISA\n"
    "The instruction set to use, such as\n"
    ".BR generic ,\n"
    "where the best one that the processor has is not wanted.\n"
    ".B stylize \\-\\-version \\-v\n"
    "tells them.\n"
    ".SH FILES\n"
    "Weights called\n"
    ".I NAME\n"
    "are the first\n"
    ".IR NAME .safetensors\n"
    "in these folders, the program's own place being where its executable lies:\n"
    ".TP\n"
    ".I ../weights\n"
    "beside the program, where it was built from source\n"
    ".TP\n"
    ".I ../share/stylize\n"
    "beside the program, where it was installed; the whole tree may be moved\n"
    ".TP\n"
    ".I $XDG_DATA_HOME/stylize\n"
    "the user's own,\n"
    ".I ~/.local/share/stylize\n"
    "unless that variable is set\n"
    ".TP\n"
    ".I /usr/local/share/stylize\n"
    "or what else the program was built for\n"
    ".SH EXAMPLES\n"
    "Paint a photograph in the manner of a painting:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize photo.jpg painting.jpg out.png\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Larger, with brush strokes of twice the size and less of the style:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-s 1024 \\-\\-style\\-scale 2 \\-\\-beta 100 photo.jpg painting.jpg out.jpg\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "See what that would take, before it is begun:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-plan \\-s 1024 photo.jpg painting.jpg\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Go on from an earlier result, and keep every cost of every iteration:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-init out.png \\-n 100 \\-\\-log costs.jsonl photo.jpg painting.jpg out.png\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "The recipe of many courses, plain gradient descent from noise with the cost as\n"
    "first published:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-init random \\-\\-optimizer gd \\-\\-cost gatys \\-\\-alpha 1e\\-5 \\\\\n"
    "    photo.jpg painting.jpg out.png\n"
    ".fi\n"
    ".RE\n"
    ".SH SEE ALSO\n"
    ".BR stylize\\-fetch (1)\n"
    "downloads VGG\\-19 and VGG\\-16, and\n"
    ".BR stylize\\-convert (1)\n"
    "makes weights files of other networks.\n"
    ".PP\n"
    "What exactly is computed is told in\n"
    ".IR share/doc/stylize/docs/method.md ,\n"
    "and a script for a whole folder of photographs is beside it,\n"
    ".IR share/doc/stylize/examples/folder.sh .\n"
    ".PP\n"
    "L. A. Gatys, A. S. Ecker, M. Bethge: \\(lqA Neural Algorithm of Artistic\n"
    "Style\\(rq, 2015, arXiv:1508.06576.\n";

/* ---- plain text as roff ---- */

/* How many bytes at `text` are the name of an option, with its dashes. */
static size_t option_length(const char *text) {
    const bool is_option = !strncmp(text, "--", 2) && islower((unsigned char)text[2]);
    return is_option ? strspn(text, "-abcdefghijklmnopqrstuvwxyz") : 0;
}

/* How many bytes at `text` are an operand's name, or a value's that stands in `argument`. */
static size_t name_length(const char *text, const char *argument) {
    const size_t length = strspn(text, CAPITALS);
    const char *const places[] = {"CONTENT", "STYLE", "OUT", argument};
    for (size_t i = 0; i < sizeof places / sizeof *places && length > 1; i++) {
        for (const char *found = places[i]; found && *found; found++) {
            if (strspn(found, CAPITALS) == length && !strncmp(found, text, length))
                return length;
        }
    }
    return 0;
}

/* The escape that makes a character come out as it is; NULL where it does by itself. */
static const char *escape(char c) {
    static const struct {
        char plain;
        const char *roff;
    } escapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"},
                   {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].plain == c)
            return escapes[i].roff;
    }
    return NULL;
}

/* Makes roff of plain text: characters escaped, names set off. What has no room is cut. */
static void make_roff(const char *text, const char *argument, char *roff, size_t size) {
    size_t used = 0, left_in_name = 0;
    *roff = '\0';
    while (*text && used < size) {
        const char *font = "", *end = "";
        if (left_in_name == 0 && (left_in_name = option_length(text)) > 0)
            font = "\\fB";
        else if (left_in_name == 0 && (left_in_name = name_length(text, argument)) > 0)
            font = "\\fI";
        if (left_in_name > 0 && --left_in_name == 0)
            end = "\\fR";
        const char plain[] = {*text, '\0'}, *escaped = escape(*text);
        used += (size_t)snprintf(roff + used, size - used, "%s%s%s", font,
                                 escaped ? escaped : plain, end);
        text++;
    }
}

/* Writes roff in lines of at most SOURCE_WIDTH bytes where its words allow. */
static void print_lines(FILE *file, const char *roff) {
    size_t column = 0;
    bool sentence = false; /* the last word ended one */
    while (*roff) {
        const size_t length = strcspn(roff, " ");
        if (column > 0 && (sentence || column + 1 + length > SOURCE_WIDTH)) {
            fputc('\n', file);
            column = 0;
        }
        if (column == 0 && *roff == '.') /* not a request */
            fputs("\\&", file);
        column += (size_t)fprintf(file, "%s%.*s", column > 0 ? " " : "", (int)length, roff);
        sentence = length > 0 && roff[length - 1] == '.';
        roff += length;
        roff += *roff == ' ';
    }
    fputc('\n', file);
}

/* ---- the options ---- */

/* The text of --help, then in parentheses what is accepted and what holds by itself. */
static void print_option(FILE *file, const option *entry, const options *defaults) {
    char value[1300] = "", text[2000], roff[6000];
    const char *argument = entry->argument ? entry->argument : "";
    const char *range = entry->range ? entry->range : "";
    if (entry->run && entry->kind != OPTION_FLAG)
        option_print(entry, defaults, value, sizeof value);
    const bool more = *range || *value;
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", entry->help, more ? " (" : "", range,
             *range && *value ? "; " : "", *value ? "default: " : "", value, more ? ")" : "");

    fputs(".TP\n", file);
    if (entry->letter)
        fprintf(file, "\\fB\\-%c\\fR, ", entry->letter);
    make_roff(entry->name, NULL, roff, sizeof roff);
    fprintf(file, "\\fB\\-\\-%s\\fR%s", roff, *argument ? " " : "");
    make_roff(argument, argument, roff, sizeof roff);
    fprintf(file, "%s\n", roff);
    make_roff(text, argument, roff, sizeof roff);
    print_lines(file, roff);
}

void manual_print(FILE *file) {
    const options defaults = options_default();
    size_t count;
    const option *table = options_table(&count);
    fputs(".\\\" SPDX-License-Identifier: MIT\n"
          ".\\\" Printed by stylize --print man.\n",
          file);
    fprintf(file, ".TH STYLIZE 1 %s \"stylize %s\" \"User Commands\"\n", MANUAL_DATE,
            STYLIZE_VERSION);
    fputs(before_options, file);
    for (size_t i = 0; i < count; i++) {
        if (table[i].kind == OPTION_HEADING)
            fprintf(file, ".SS %s\n", table[i].help);
        else
            print_option(file, &table[i], &defaults);
    }
    fputs(after_options, file);
}
