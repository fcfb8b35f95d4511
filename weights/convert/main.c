/* SPDX-License-Identifier: MIT
 *
 * stylize-convert: from a pretrained VGG as it is published to a weights file of ours.
 *
 * Reads Keras HDF5, PyTorch's .pth and safetensors; cuts after conv5_1; brings every channel to
 * mean activation 1; stores F16, F32 or 8 bits; writes safetensors with its metadata. For
 * weights/fetch it also tells the hashes of a file and whether stylize can use it. Only this file
 * prints.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "convert/conversion.h"
#include "convert/precision.h"
#include "core/standard_streams.h"
#include "network/vgg.h"
#include "simd/kernels.h"
#include "transfer/stylize.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* ---- the command line ---- */

static const char help[] =
    "Usage: stylize-convert [OPTION]... IN OUT.safetensors\n"
    "       stylize-convert --verify FILE\n"
    "       stylize-convert --hashes FILE\n"
    "Make a weights file for stylize of a pretrained VGG-16 or VGG-19: Keras weights (HDF5,\n"
    ".h5), a PyTorch state dict (.pth) or safetensors, recognised by their content.\n"
    "\n"
    "  --raw              keep the activations as they are; by default every channel is\n"
    "                     scaled to mean activation 1, so that alpha and beta mean the\n"
    "                     same as with the bundled networks\n"
    "  --pictures FOLDER  measure activations over its PNG and JPEG files (default: the\n"
    "                     examples that come with stylize)\n"
    "  --means FILE       divide by the means of FILE in place of measuring any\n"
    "  --means-out FILE   write the means that were measured, for --means\n"
    "  --all              keep the convolutions after conv5_1\n"
    "  --f16, --f32       type of the stored values (default: F16 if it changes the gradient\n"
    "                     of the cost by less than 0.5 %, else F32)\n"
    "  --i8               weights of 8 bits, with a scale for each output channel\n"
    "  --input KIND       what pictures the network was trained with: torchvision (RGB,\n"
    "                     0..1, ImageNet mean and std) or caffe (BGR, 0..255, mean only);\n"
    "                     default: as stated in the file or known of it, else caffe for\n"
    "                     HDF5 and torchvision for others\n"
    "  --source TEXT      where IN comes from, for the metadata (default: its name)\n"
    "  --licence TEXT     its licence (default: that of the published file, if it is one)\n"
    "  --reproducible     leave out of the metadata the hash of IN, which may have the same\n"
    "                     values in another format, and the version of this program\n"
    "  --verify           only check that stylize can use FILE\n"
    "  --hashes           only print the MD5 and SHA-256 of FILE\n"
    "  -q, --quiet        print no summary\n"
    "  -h, --help         print this help\n"
    "      --version      print the version\n"
    "\n"
    "OUT is written completely or not at all. Exit status: 0 done, 1 failure, 2 wrong usage.\n";

static int fail(const error *err) {
    fprintf(stderr, "stylize-convert: %s\n", err->text);
    return err->code == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static bool wrong(error *err, const char *what, const char *which) {
    return error_set(err, ERROR_USAGE, "%s%s; see stylize-convert --help", what, which);
}

enum {
    OPTION_RAW = 256,
    OPTION_PICTURES,
    OPTION_MEANS,
    OPTION_MEANS_OUT,
    OPTION_ALL,
    OPTION_F16,
    OPTION_F32,
    OPTION_I8,
    OPTION_INPUT,
    OPTION_SOURCE,
    OPTION_LICENCE,
    OPTION_REPRODUCIBLE,
    OPTION_VERIFY,
    OPTION_HASHES,
    OPTION_VERSION
};

static const struct option options[] = {
    {"raw", no_argument, NULL, OPTION_RAW},
    {"pictures", required_argument, NULL, OPTION_PICTURES},
    {"means", required_argument, NULL, OPTION_MEANS},
    {"means-out", required_argument, NULL, OPTION_MEANS_OUT},
    {"all", no_argument, NULL, OPTION_ALL},
    {"f16", no_argument, NULL, OPTION_F16},
    {"f32", no_argument, NULL, OPTION_F32},
    {"i8", no_argument, NULL, OPTION_I8},
    {"input", required_argument, NULL, OPTION_INPUT},
    {"source", required_argument, NULL, OPTION_SOURCE},
    {"licence", required_argument, NULL, OPTION_LICENCE},
    {"reproducible", no_argument, NULL, OPTION_REPRODUCIBLE},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"hashes", no_argument, NULL, OPTION_HASHES},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

/* One option; false with *err where it is wrong. */
static bool take_option(settings *self, int option, error *err) {
    switch (option) {
    case OPTION_RAW:
        self->raw = true;
        break;
    case OPTION_PICTURES:
        self->pictures = optarg;
        break;
    case OPTION_MEANS:
        self->means = optarg;
        break;
    case OPTION_MEANS_OUT:
        self->means_out = optarg;
        break;
    case OPTION_ALL:
        self->all = true;
        break;
    case OPTION_F16:
    case OPTION_F32:
    case OPTION_I8:
        self->storage = option == OPTION_F16 ? AS_F16 : option == OPTION_F32 ? AS_F32 : AS_I8;
        break;
    case OPTION_INPUT:
        self->input = !strcmp(optarg, "caffe")         ? &vgg_input_caffe
                      : !strcmp(optarg, "torchvision") ? &vgg_input_torchvision
                                                       : NULL;
        return self->input || wrong(err, "--input: neither torchvision nor caffe: ", optarg);
    case OPTION_SOURCE:
        self->source = optarg;
        break;
    case OPTION_LICENCE:
        self->licence = optarg;
        break;
    case OPTION_REPRODUCIBLE:
        self->reproducible = true;
        break;
    case OPTION_VERIFY:
    case OPTION_HASHES:
        self->action = option == OPTION_VERIFY ? VERIFY : PRINT_HASHES;
        break;
    case 'q':
        self->quiet = true;
        break;
    }
    return true;
}

/* Options that contradict one another. */
static bool check_options(const settings *self, error *err) {
    if (self->means && (self->raw || self->pictures || self->means_out))
        return wrong(err, "--means goes without --raw, --pictures and --means-out", "");
    if (self->means_out && self->raw)
        return wrong(err, "--means-out goes without --raw", "");
    return true;
}

/* Reads argv. On failure false, with *err (ERROR_USAGE). *shown is set where all was said. */
static bool parse(settings *self, int argc, char **argv, bool *shown, error *err) {
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "qh", options, NULL)) != -1;) {
        if (option == '?') {
            const char letter[] = {'-', (char)optopt, '\0'};
            const bool is_letter = optopt > 0 && optopt < OPTION_RAW;
            return wrong(err, "unknown or ambiguous option, or one that lacks its value: ",
                         is_letter ? letter : argv[optind - 1]);
        }
        *shown = option == 'h' || option == OPTION_VERSION;
        if (*shown) {
            fputs(option == 'h' ? help : "stylize-convert " STYLIZE_VERSION "\n", stdout);
            return true;
        }
        if (!take_option(self, option, err))
            return false;
    }
    const int operands = argc - optind;
    const bool converts = self->action == CONVERT;
    if (operands != (converts ? 2 : 1))
        return wrong(err, "expected ", converts ? "IN and OUT" : "one FILE");
    self->in = argv[optind];
    if (!converts)
        return true;
    self->out = argv[optind + 1];
    const char *dot = strrchr(self->out, '.');
    if (!dot || strcmp(dot, ".safetensors") != 0)
        return wrong(err, "OUT must end in .safetensors: ", self->out);
    return check_options(self, err);
}

/* Prints one line, whatever a file or a licence is called. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char line[2 * 4096];
    va_list args;
    va_start(args, format);
    error_write(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "%s\n", line);
}

static void show(const conversion *self) {
    const plain_vgg *net = &self->net;
    static const char *const types[] = {[AS_F32] = "F32", [AS_F16] = "F16", [AS_I8] = "I8"};
    const vgg_conv_name last = vgg_conv_name_of(net->arch, net->conv_count - 1);
    say("%s: %s to %s, %s, %.1f MB, %s 0..%d", self->settings->out, net->arch->name, last.own,
        types[self->stored], (double)self->size / 1e6, net->input.bgr ? "BGR" : "RGB",
        net->input.range);
    if (self->difference >= 0)
        say("F16 changes the gradient by %.2g %% (limit %.2g %%)", 100 * self->difference,
            100 * PRECISION_BAR);
    say("activations: %s", self->normalized ? self->normalized : "unchanged");
    say("from: %s", self->known ? self->known->name : "not a known published file");
    if (self->licence)
        say("licence: %s", self->licence);
    else
        say("licence: unknown; state it with --licence TEXT");
}

/* Ends a program that has printed what it was asked for. */
static int finish_output(void) {
    error err;
    return standard_streams_flush(&err) ? EXIT_DONE : fail(&err);
}

static int run(const settings *s) {
    conversion self = {.settings = s};
    error err;
    const bool ok = conversion_run(&self, &err);
    if (ok && !s->quiet)
        show(&self);
    conversion_clear(&self);
    return ok ? EXIT_DONE : fail(&err);
}

static int verify(const settings *s) {
    error err;
    vgg *network = vgg_load(s->in, kernels_best(), &err);
    if (!network)
        return fail(&err);
    vgg_free(network);
    return EXIT_DONE;
}

static int print_hashes(const settings *s) {
    file_hashes hashes;
    error err;
    if (!file_hashes_read(&hashes, s->in, &err))
        return fail(&err);
    printf("md5:%s\nsha256:%s\n", hashes.md5, hashes.sha256);
    return finish_output();
}

int main(int argc, char **argv) {
    settings self = {0};
    bool shown = false;
    error err;
    if (!standard_streams_occupy(&err) || !parse(&self, argc, argv, &shown, &err))
        return fail(&err);
    if (shown)
        return finish_output();
    stylize_guard_start();
    switch (self.action) {
    case VERIFY:
        return verify(&self);
    case PRINT_HASHES:
        return print_hashes(&self);
    default:
        return run(&self);
    }
}
