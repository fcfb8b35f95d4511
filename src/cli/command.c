/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <float.h>
#include <string.h>

#define OWN(place) .own = true, .offset = offsetof(options, place)

/* clang-format off */
static const char *const precision_words[] = {"auto", "fp32", "bf16", NULL};

#define WEIGHTS                                                                                    \
    {{.name = "weights", .kind = STYLIZE_FIELD_TEXT, .letter = 'w', .argument = "FILE|NAME",       \
      .standard = "auto", .files = STYLIZE_FILES_WEIGHTS,                                          \
      .help = "the network: a file (with a '/' or ending in .safetensors or .pth), or the name "   \
              "of an installed one; auto: vgg16"},                                                 \
     .own = false}

static const command_option units_own[] = {
    {{.name = "layer", .kind = STYLIZE_FIELD_LAYERS, .argument = "LAYER",
      .standard = "relu3_1", .range = "0 or more", .high = 1,
      .help = "the layer whose units are looked at"},
     OWN(layer)},
    {{.name = "pick", .kind = STYLIZE_FIELD_TEXT, .argument = "N|N-M,...", .standard = "1-9",
      .help = "which units, counted from 1, in the order of their blocks in OUT"},
     OWN(pick)},
    {{.name = "size", .kind = STYLIZE_FIELD_INTEGER, .letter = 's', .argument = "PIXELS",
      .standard = "512", .low = 16, .high = 65535, .zero = true, .range = "0, 16 to 65535",
      .help = "longest side at which a picture is looked at, if it is larger; 0 leaves all as they "
              "are"},
     OWN(side)},
    {{.name = "precision", .kind = STYLIZE_FIELD_WORD, .argument = "KIND", .standard = "fp32",
      .words = precision_words,
      .help = "numbers of the network: fp32, bf16 (in which more of them are equal) or auto (bf16 "
              "where the processor multiplies them)"},
     .own = false},
    WEIGHTS,
    {{.name = "verbose", .kind = STYLIZE_FIELD_FLAG, .letter = 'v', .standard = "no",
      .help = "print where each patch is from, and the activation of the unit there"},
     OWN(verbose)},
};

static const command_option again_own[] = {
    {{.name = "content", .kind = STYLIZE_FIELD_TEXT, .argument = "FILE", .standard = "",
      .files = STYLIZE_FILES_PICTURES,
      .help = "where the content is, if it is neither beside PICTURE nor here, or another one"},
     OWN(content_place)},
    {{.name = "style", .kind = STYLIZE_FIELD_TEXT, .argument = "FILE[,...]", .standard = "",
      .files = STYLIZE_FILES_PICTURES, .help = "likewise the styles, all of them"},
     OWN(style_places)},
};

static const command_option layers_own[] = {
    {{.name = "size", .kind = STYLIZE_FIELD_SIZE, .letter = 's', .argument = "PIXELS|WxH",
      .standard = "256", .low = 16, .high = 65535, .zero = true,
      .range = "0, 16 to 65535, or WxH with sides of 16 to 65535",
      .help = "longest side of each picture in OUT, or a frame WxH that it fills; 0 for the size "
              "of PICTURE"},
     .own = false},
    {{.name = "iterations", .kind = STYLIZE_FIELD_COUNTS, .letter = 'n', .argument = "N",
      .standard = "100", .high = 1e9, .range = "0 to 1e9",
      .help = "optimizer steps of each picture"},
     .own = false},
    {{.name = "tv", .kind = STYLIZE_FIELD_NUMBER, .letter = 't', .argument = "NUMBER",
      .standard = "3", .high = DBL_MAX, .range = "0 or more",
      .help = "weight of the smoothness, which decides what a layer leaves open"},
     .own = false},
    {{.name = "chroma-tv", .kind = STYLIZE_FIELD_NUMBER, .argument = "NUMBER",
      .standard = "35", .high = DBL_MAX, .range = "0 or more",
      .help = "weight of the smoothness of the colours alone"},
     .own = false},
    {{.name = "seed", .kind = STYLIZE_FIELD_INTEGER, .argument = "NUMBER", .standard = "0",
      .high = 0x1p53, .range = "0 to 2^53", .help = "seed of the noise that all start from"},
     .own = false},
    WEIGHTS,
    {{.name = "verbose", .kind = STYLIZE_FIELD_FLAG, .letter = 'v', .standard = "no",
      .help = "print the iterations, the time and the cost of each picture"},
     OWN(verbose)},
};

const char *const options_new_weights[OPTIONS_NEW_WEIGHTS] = {"alpha", "beta", "tv", "chroma-tv"};

#define NEW_WEIGHT(what, place)                                                                    \
    {{.name = what, .kind = STYLIZE_FIELD_TEXT, .argument = "NUMBER", .standard = "",              \
      .help = "another " what " from there on"},                                                   \
     OWN(new_weights[place])}

static const command_option resume_own[] = {
    {{.name = "iterations", .kind = STYLIZE_FIELD_INTEGER, .letter = 'n', .argument = "MORE",
      .standard = "0", .high = 1e9, .range = "0 to 1e9",
      .help = "so many iterations more of the last stage than were asked for"},
     OWN(more)},
    NEW_WEIGHT("alpha", 0),
    NEW_WEIGHT("beta", 1),
    NEW_WEIGHT("tv", 2),
    NEW_WEIGHT("chroma-tv", 3),
};

static const command_option batch_own[] = {
    {{.name = "contents", .kind = STYLIZE_FIELD_TEXT, .argument = "PATTERN", .standard = "",
      .help = "in place of JOBS: all pictures of these names, such as 'photos/*.jpg', ..."},
     OWN(contents)},
    {{.name = "styles", .kind = STYLIZE_FIELD_TEXT, .argument = "PATTERN", .standard = "",
      .help = "... each in the manner of each of these"},
     OWN(style_pictures)},
    {{.name = "out", .kind = STYLIZE_FIELD_TEXT, .argument = "NAME", .standard = "",
      .help = "names of their results, with {content} and {style} for the pictures' own, as in "
              "'out/{content}-{style}.png'; missing folders are made"},
     OWN(out_pattern)},
    {{.name = "force", .kind = STYLIZE_FIELD_FLAG, .standard = "no",
      .help = "paint again what is done already"},
     OWN(force)},
    {{.name = "jobs", .kind = STYLIZE_FIELD_INTEGER, .argument = "COUNT", .standard = "0",
      .low = 1, .high = 256, .zero = true, .range = "0 to 256",
      .help = "pictures at a time, among which --threads are shared out, as far as there is memory "
              "for them; 0 for as many as suit the machine"},
     OWN(jobs)},
    {{.name = "shard", .kind = STYLIZE_FIELD_TEXT, .argument = "N/COUNT", .standard = "1/1",
      .help = "paint only every COUNTth picture, from the Nth on: for machines that share no "
              "folder"},
     OWN(shard)},
};
/* clang-format on */

static const char *const units_shared[] = {"pool",        "max-pixels", "quality", "format",
                                           "dpi",         "threads",    "quiet",   "progress",
                                           "no-defaults", "help",       NULL};
static const char *const layers_shared[] = {
    "style-cost", "optimizer", "pool",  "precision", "max-pixels",  "quality", "format",
    "dpi",        "threads",   "quiet", "progress",  "no-defaults", "help",    NULL};

static const char *const plot_shared[] = {"help", NULL};

static const char *const show_shared[] = {"help", NULL};
static const char *const again_without[] = {"recipe", "version", "list-weights", "print", NULL};

static const char *const resume_shared[] = {"checkpoint", "threads", "quiet", "progress",
                                            "verbose",    "help",    NULL};

enum {
    AGAIN_OWN = sizeof again_own / sizeof *again_own,
    RESUME_OWN = sizeof resume_own / sizeof *resume_own,
    UNITS_OWN = sizeof units_own / sizeof *units_own,
    LAYERS_OWN = sizeof layers_own / sizeof *layers_own,
    BATCH_OWN = sizeof batch_own / sizeof *batch_own,
};

static const command commands[] = {
    {.name = "show",
     .operands = "PICTURE",
     .pictures = true,
     .least = 1,
     .most = 1,
     .help =
         "Print, as JSON, what PICTURE says of how it was made: the settings, the names and the "
         "SHA-256 of its inputs and networks, the costs. It may say anything: who has changed "
         "it cannot be told.",
     .example = "stylize show out.png",
     .shared = show_shared},
    {.name = "again",
     .operands = "PICTURE OUT",
     .pictures = true,
     .least = 2,
     .most = 2,
     .help = "Paint PICTURE again, by what it says of how it was made, with the options that are "
             "given in place of its own. Its content, styles and other inputs are looked for "
             "beside PICTURE and in the working directory, by name; a note says which of them has "
             "changed. With the same version and instruction set, inputs and network, OUT has the "
             "same pixels.",
     .example = "stylize again --size 2048 out.png large.png",
     .own = again_own,
     .own_count = AGAIN_OWN,
     .without = again_without},
    {.name = "units",
     .operands = "PICTURE... OUT",
     .pictures = true,
     .least = 2,
     .help = "Show what units (channels) of a layer of the network respond to: for each a block of "
             "the nine patches of the PICTUREs that excite it most, the best one first, enlarged "
             "where they are small. A patch is what the unit sees, its receptive field; patches of "
             "one PICTURE do not overlap, and lie inside it where it is large enough. Cells that "
             "nothing excites are grey.",
     .example = "stylize units --layer relu3_1 --pick 1-9 photos/*.jpg units.png",
     .own = units_own,
     .own_count = UNITS_OWN,
     .shared = units_shared},
    {.name = "layers",
     .operands = "PICTURE OUT",
     .pictures = true,
     .least = 2,
     .most = 2,
     .help = "Show what the layers of the network know of PICTURE, each column one of relu1_1, "
             "relu2_1, relu3_1, relu4_1 and relu5_1: above, PICTURE reconstructed from noise by "
             "its activations there; below, a texture with the Gram matrices that it has there "
             "and in the columns before.",
     .example = "stylize layers photo.jpg layers.png",
     .own = layers_own,
     .own_count = LAYERS_OWN,
     .shared = layers_shared},
    {.name = "resume",
     .operands = "FILE [OUT]",
     .no_out = true,
     .least = 1,
     .most = 2,
     .help =
         "Go on with a run that wrote the checkpoint FILE (--checkpoint), and write the OUT that "
         "was asked for, or another: to the bit what it would have come to without a stop. The "
         "log and the pictures on the way go on, too, and so do the checkpoints, in FILE. Names "
         "of files belong to the folder in which the run was started; pictures and networks "
         "must be the same as then. A run that is done can be given more iterations.",
     .example = "stylize resume run.checkpoint -n 100",
     .own = resume_own,
     .own_count = RESUME_OWN,
     .shared = resume_shared},
    {.name = "batch",
     .operands = "[JOBS]",
     .most = 1,
     .no_out = true,
     .help = "Paint many pictures, in one process that reads networks once and learns each style "
             "once. JOBS is a file (- for standard input) of one picture a line: a JSON object of "
             "content, style (or an array of them), out and fields as in the file of --recipe, or "
             "the words of a command line; or --contents, --styles and --out make all pairs. "
             "Options count for all; names are as seen from the current folder. What is there "
             "already, made of the same files with the same settings, is skipped; a picture that "
             "fails is named, and the others are painted all the same. Several processes may work "
             "through one list in one folder, each picture is painted by one.",
     .example = "stylize batch --contents 'photos/*.jpg' --styles 'art/*.jpg' --out "
                "'out/{content}-{style}.png'",
     .own = batch_own,
     .own_count = BATCH_OWN},
    {.name = "plot",
     .operands = "LOG... OUT",
     .least = 2,
     .help = "Draw the costs of runs over their iterations from their logs (--log), as a chart in "
             "OUT, a .svg, .png or .pdf: of one LOG each layer's, of several the total, the "
             "content and the style of each. Axes of costs are logarithmic, and where a stage "
             "begins there is a mark with its size. A LOG may be - for standard input, and may be "
             "that of a run at work.",
     .example = "stylize plot day.jsonl night.jsonl costs.svg",
     .shared = plot_shared},
};

const command *command_at(size_t index) {
    return index < sizeof commands / sizeof *commands ? &commands[index] : NULL;
}

const command *command_named(const char *name) {
    const command *self;
    for (size_t i = 0; (self = command_at(i)); i++) {
        if (!strcmp(self->name, name))
            return self;
    }
    return NULL;
}

/* Painting's options but those that the command does without. */
static bool other_option_at(const command *self, size_t index, option *entry) {
    for (size_t i = 0; options_at(i, entry); i++) {
        bool left_out = false;
        for (const char *const *name = self->without; *name && !left_out; name++)
            left_out = !strcmp(*name, entry->field->name);
        if (!left_out && index-- == 0)
            return true;
    }
    return false;
}

bool command_option_at(const command *self, size_t index, option *entry) {
    if (!self)
        return options_at(index, entry);
    if (index < self->own_count) {
        const command_option *row = &self->own[index];
        *entry =
            (option){.field = &row->field, .own = row->own, .offset = row->offset, .run = true};
        return true;
    }
    if (self->without)
        return other_option_at(self, index - self->own_count, entry);
    if (!self->shared)
        return options_at(index - self->own_count, entry);
    const char *const name = self->shared[index - self->own_count];
    for (size_t i = 0; name && options_at(i, entry); i++) {
        if (!strcmp(entry->field->name, name))
            return true;
    }
    return false;
}
