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

#include "cli/command.h"
#include "cli/manual_log.h"

#define MANUAL_DATE "2026-11-28" /* of the last change of its words */

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { SOURCE_WIDTH = 76 };

/* ---- the sections ---- */

static const char synopsis[] =
    ".SH NAME\n"
    "stylize \\- paint a photograph in the manner of a picture\n"
    ".SH SYNOPSIS\n"
    ".nf\n"
    "\\fBstylize\\fR [\\fIOPTION\\fR]... \\fICONTENT STYLE\\fR... \\fIOUT\\fR\n"
    "\\fBstylize \\-\\-texture\\fR [\\fIOPTION\\fR]... \\fISTYLE\\fR... \\fIOUT\\fR\n"
    "\\fBstylize \\-\\-plan\\fR [\\fIOPTION\\fR]... \\fICONTENT STYLE\\fR... [\\fIOUT\\fR]\n"
    "\\fBstylize \\-\\-list\\-weights\\fR\n"
    "\\fBstylize \\-\\-print "
    "man\\fR|\\fBbash\\fR|\\fBzsh\\fR|\\fBfish\\fR|\\fBweights\\fR|\\fBschema\\fR\n"
    "\\fBstylize \\-\\-print recipe\\fR [\\fIOPTION\\fR]...\n";

static const char description[] =
    ".fi\n"
    ".SH DESCRIPTION\n"
    ".B stylize\n"
    "paints what the picture\n"
    ".I CONTENT\n"
    "shows in the manner of the picture\n"
    ".IR STYLE ,\n"
    "or of several blended,\n"
    "and writes the result to\n"
    ".IR OUT ,\n"
    "by the method of Gatys, Ecker and Bethge (2015).\n"
    "A pretrained network, VGG, describes what a picture shows and what its\n"
    "brushwork is like; an optimiser changes the pixels until they show the one in\n"
    "the manner of the other.\n"
    "A large picture is painted in stages, from coarse to fine: each starts from the\n"
    "picture of the one before, enlarged.\n"
    "The program works offline and on the processor, with a network that comes with\n"
    "it; the defaults are meant to be enough.\n"
    ".PP\n"
    "Pictures are PNG, JPEG, WebP or TIFF files.\n"
    "Their format is recognised by their content, whatever their names;\n"
    ".I OUT\n"
    "has the format of its extension: .png, .jpg, .jpeg, .webp, .tif or .tiff.\n"
    ".B \\-\n"
    "is standard input for one of the pictures, and standard output for\n"
    ".IR OUT ,\n"
    "as PNG or in the\n"
    ".BR \\-\\-format .\n"
    "Of an animation or a file of several pages the first picture is read.\n"
    "A photograph is rotated as its EXIF data say.\n"
    "The result keeps the content's colour profile and density, and its transparency,\n"
    "too; a JPEG shows it over white, as the network sees it.\n"
    ".I OUT\n"
    "is replaced only by a complete picture and keeps its permissions.\n"
    ".PP\n"
    "On a terminal a line shows the progress of the run and the estimated time left.\n"
    "The first Ctrl\\-C (or SIGTERM, SIGHUP) stops it and saves the best picture so\n"
    "far, at the size of\n"
    ".IR OUT ;\n"
    ".B \\-\\-init\n"
    "continues from there.\n"
    "The second stops it at once and leaves all files as they were.\n"
    "A run that needs more memory than is available is refused before it starts, and\n"
    "the largest\n"
    ".B \\-\\-size\n"
    "that fits is reported.\n"
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
    "If an option is given twice, the last one counts.\n"
    "The settings that decide the picture are called its recipe:\n"
    ".B \\-\\-print recipe\n"
    "prints that of the options given as JSON, and\n"
    ".B \\-\\-recipe\n"
    "reads it, or that of a picture.\n"
    "Less than these count the user's own defaults, which\n"
    ".B \\-\\-no\\-defaults\n"
    "leaves out, and all options count more.\n"
    ".BI \\-\\-no\\- NAME\n"
    "takes back a flag that a file sets.\n";

static const char after_options[] =
    ".SS Layers\n"
    "A\n"
    ".I LIST\n"
    "of layers names layers of VGG\\-19 that the network has:\n"
    ".BI conv b _ i\n"
    "before and\n"
    ".BI relu b _ i\n"
    "after the rectifier, for the convolutions 1_1, 1_2, 2_1, 2_2, 3_1 to 3_4, 4_1\n"
    "to 4_4 and 5_1 to 5_4, and\n"
    ".B pool1\n"
    "to\n"
    ".BR pool5 .\n"
    "The first ones respond to colour and grain, the last ones to large forms.\n"
    ".SS Stages\n"
    "A small picture is painted in one stage.\n"
    "A larger one begins with a small size, and each further stage is up to twice as\n"
    "large, until the last one has the final size;\n"
    ".B \\-\\-plan\n"
    "lists them.\n"
    "A stage with 0 iterations is left out.\n"
    "With a picture in\n"
    ".B \\-\\-init\n"
    "there is one stage unless\n"
    ".B \\-\\-scales\n"
    "says otherwise.\n"
    "Where\n"
    ".B \\-\\-weights\n"
    "lists more networks than there are stages, the first ones are not used.\n";

static const char after_commands[] =
    ".SH EXIT STATUS\n"
    ".TP\n"
    ".B 0\n"
    "The picture and all that was asked for beside it (a log, a chart, pictures on the way)\n"
    "were written, or the requested output was printed.\n"
    ".TP\n"
    ".B 1\n"
    "A file could not be read or written, memory ran out, or the data are invalid.\n"
    "One line on standard error says what is wrong.\n"
    "Where it ends in \\(dqis saved\\(dq, the picture was written, and only something beside\n"
    "it was not; otherwise an existing\n"
    ".I OUT\n"
    "is left as it was.\n"
    ".TP\n"
    ".B 2\n"
    "The command line is wrong.\n"
    ".TP\n"
    ".B 130\n"
    "The run was interrupted, and the best picture so far was saved.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".B XDG_CONFIG_HOME\n"
    "The folder of the user's settings, instead of\n"
    ".BR $HOME/.config ;\n"
    "its file\n"
    ".B stylize/defaults.json\n"
    "is read before all others.\n"
    ".TP\n"
    ".B SOURCE_DATE_EPOCH\n"
    "Seconds since 1970, for the date in a log instead of that of today.\n"
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
    "If it is not set, the program sets it to\n"
    ".B passive\n"
    "and, if that is not set either, GOMP_SPINCOUNT to 5000: threads spin briefly and then sleep,\n"
    "which on a busy machine is several times faster than spinning for long.\n"
    "So several processes at once share the processors well: two on two cores are done sooner "
    "than\n"
    "one after the other.\n"
    "With more than that, give each its part with\n"
    ".BR \\-\\-threads ,\n"
    "or paint the pictures in one process with\n"
    ".BR \"stylize batch\" .\n"
    ".TP\n"
    ".B STYLIZE_ISA\n"
    "The instruction set to use, such as\n"
    ".BR generic ,\n"
    "instead of the best one that the processor has.\n"
    "The same command gives the same bits with any number of threads, but slightly others with\n"
    "another instruction set, which rounds sums in another order; iterations make more of that.\n"
    ".B stylize \\-\\-version \\-v\n"
    "lists them.\n"
    ".SH FILES\n"
    "Weights called\n"
    ".I NAME\n"
    "are the first\n"
    ".IR NAME .safetensors\n"
    "in these folders; the first three are relative to the folder of the executable:\n"
    ".TP\n"
    ".I ../weights\n"
    "of a program built from source\n"
    ".TP\n"
    ".I ../share/stylize\n"
    "of an installed program; the whole tree may be moved\n"
    ".TP\n"
    ".I share/stylize\n"
    "of a program built in a folder elsewhere, which has a link there\n"
    ".TP\n"
    ".I $XDG_DATA_HOME/stylize\n"
    "the user's own,\n"
    ".I ~/.local/share/stylize\n"
    "unless that variable is set\n"
    ".TP\n"
    ".I /usr/local/share/stylize\n"
    "or the folder that the program was built for\n"
    ".PP\n"
    "Settings:\n"
    ".TP\n"
    ".I $XDG_CONFIG_HOME/stylize/defaults.json\n"
    "the user's own defaults,\n"
    ".I ~/.config/stylize/defaults.json\n"
    "unless that variable is set: a JSON object as\n"
    ".B \\-\\-print schema\n"
    "describes it\n"
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
    "Estimate the memory and time of that before starting it:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-plan \\-s 1024 photo.jpg painting.jpg\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "A wallpaper of exactly that size:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-s 2560x1440 \\-\\-upscale photo.jpg painting.jpg wallpaper.png\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Save the settings of a picture, and paint another one with them:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-style\\-scale 2 \\-\\-beta 100 \\-\\-save\\-recipe soft.json \\\\\n"
    "    photo.jpg painting.jpg out.jpg\n"
    "stylize \\-\\-recipe soft.json other.jpg painting.jpg out.jpg\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Continue from an earlier result, and log the costs of every iteration:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-init out.png \\-n 100 \\-\\-log costs.jsonl photo.jpg painting.jpg out.png\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "Show how the picture comes about, in a browser, and as a video by ffmpeg(1), for\n"
    "which all frames get the same size, of even numbers:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-animation film.webp photo.jpg painting.jpg out.png\n"
    "stylize \\-\\-save\\-every 1 \\-\\-save\\-pattern 'frame\\-%04d.png' photo.jpg painting.jpg "
    "out.png\n"
    "ffmpeg \\-framerate 12 \\-pattern_type glob \\-i 'frame\\-*.png' \\\\\n"
    "    \\-vf scale=512:384:flags=lanczos \\-pix_fmt yuv420p film.mp4\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "A TIFF for print, with 16 bits a colour and 300 pixels per inch:\n"
    ".PP\n"
    ".RS\n"
    ".nf\n"
    "stylize \\-\\-preset print \\-\\-depth 16 \\-\\-dpi 300 photo.jpg painting.jpg print.tif\n"
    ".fi\n"
    ".RE\n"
    ".PP\n"
    "As many courses teach it, by plain gradient descent from noise with the cost as\n"
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
    "What exactly is computed is described in\n"
    ".IR share/doc/stylize/docs/method.md ,\n"
    "and lists of pictures in\n"
    ".IR share/doc/stylize/docs/batch.md .\n"
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
    const char *const places[] = {"CONTENT", "STYLE", "PICTURE", "OUT", argument};
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

/* The text of --help, then in parentheses what is accepted and the default. */
static void print_option(FILE *file, const stylize_field *field) {
    char text[2000], roff[6000];
    const char *argument = field->argument ? field->argument : "";
    const bool is_list = field->kind == STYLIZE_FIELD_LAYERS; /* whose range is that of a weight */
    const char *range = field->range && argument[0] && !is_list ? field->range : "";
    const char *value = field->kind == STYLIZE_FIELD_FLAG ? "" : field->standard;
    const bool more = *range || *value;
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", field->help, more ? " (" : "", range,
             *range && *value ? "; " : "", *value ? "default: " : "", value, more ? ")" : "");

    fputs(".TP\n", file);
    if (field->letter)
        fprintf(file, "\\fB\\-%c\\fR, ", field->letter);
    make_roff(field->name, NULL, roff, sizeof roff);
    fprintf(file, "\\fB\\-\\-%s\\fR%s", roff, *argument ? " " : "");
    make_roff(argument, argument, roff, sizeof roff);
    fprintf(file, "%s\n", roff);
    make_roff(text, argument, roff, sizeof roff);
    print_lines(file, roff);
}

/* ---- the commands ---- */

static void print_synopsis(FILE *file, const command *way) {
    char roff[200];
    make_roff(way->operands, NULL, roff, sizeof roff);
    fprintf(file, "\\fBstylize %s\\fR [\\fIOPTION\\fR]... %s\n", way->name, roff);
}

/* Options that are described with it, then the names of those that are described before. */
static void print_command(FILE *file, const command *way) {
    char text[2000], roff[6000];
    option entry;
    size_t used = 0;
    fprintf(file, ".SS stylize %s\n", way->name);
    make_roff(way->help, NULL, roff, sizeof roff);
    print_lines(file, roff);
    for (size_t i = 0; i < way->own_count; i++)
        print_option(file, &way->own[i].field);
    for (size_t i = way->own_count; command_option_at(way, i, &entry); i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s--%s", used ? ", " : "",
                                 entry.field->name);
    snprintf(text + used, sizeof text - used, " are as above.");
    fputs(".PP\n", file);
    make_roff(text, NULL, roff, sizeof roff);
    print_lines(file, roff);
}

void manual_print(FILE *file) {
    const command *way;
    const char *group = "";
    option entry;
    fputs(".\\\" SPDX-License-Identifier: MIT\n"
          ".\\\" Printed by stylize --print man.\n",
          file);
    fprintf(file, ".TH STYLIZE 1 %s \"stylize %s\" \"User Commands\"\n", MANUAL_DATE,
            stylize_version());
    fputs(synopsis, file);
    for (size_t i = 0; (way = command_at(i)); i++)
        print_synopsis(file, way);
    fputs(description, file);
    for (size_t i = 0; options_at(i, &entry); i++) {
        if (strcmp(group, entry.field->group) != 0)
            fprintf(file, ".SS %s\n", entry.field->group);
        group = entry.field->group;
        print_option(file, entry.field);
    }
    fputs(after_options, file);
    fputs(
        ".SH COMMANDS\n"
        "If the first operand is one of these words, the program does something else than paint.\n"
        "A picture of such a name is\n"
        ".BR ./units .\n"
        "A command that is interrupted writes nothing, but for\n"
        ".BR again .\n",
        file);
    for (size_t i = 0; (way = command_at(i)); i++)
        print_command(file, way);
    manual_log_print(file);
    fputs(after_commands, file);
}
