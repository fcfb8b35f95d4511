/* SPDX-License-Identifier: MIT
 *
 * Fuzz entry of the command line. The bytes are words, apart by zero bytes or ends of lines.
 * Whatever they are, they must be refused on one line as wrong usage, or be options whose values
 * are in range, and which mean the same when they are printed and read again. No file may be opened
 * meanwhile, which a test looks after. Run it with the address and undefined sanitizers. How it is
 * run: replay.h.
 */
#define _DEFAULT_SOURCE /* fork, syscall */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/sweep_axis.h"
#include "replay.h"

enum { MOST_WORDS = 200, MOST_INSERTED = 80 };

/* ---- words ---- */

typedef struct words {
    char *text;                  /* owned */
    char *argv[MOST_WORDS + 2]; /* the program's name first, NULL last */
    int argc;
} words;

static void split(words *self, const uint8_t *data, size_t size) {
    static char program[] = "stylize";
    *self = (words){.text = malloc(size + 1), .argv = {program}, .argc = 1};
    check(self->text, "out of memory");
    if (size)
        memcpy(self->text, data, size);
    self->text[size] = '\0';
    for (char *at = self->text; at < self->text + size && self->argc <= MOST_WORDS;) {
        self->argv[self->argc++] = at;
        at[strcspn(at, "\n")] = '\0';
        at += strlen(at) + 1;
    }
}

/* ---- what is read ---- */

static void check_refusal(const stylize_error *err) {
    check(err->status == STYLIZE_USAGE && err->text[0], "refused without an error of usage");
    check(!strchr(err->text, '\n'), "an error of several lines");
}

static void check_names(const name_list *list) {
    check(list->count >= 0 && list->count <= STYLIZE_MOST_STYLES, "too many names");
    for (int i = 0; i < list->count; i++)
        check(list->items[i] && list->items[i][0], "an empty name");
}

static void check_ranges(const options *self) {
    check(self->depth >= 0 && self->depth <= 1, "depth");
    check(self->quality >= 1 && self->quality <= 100, "quality");
    check(self->format >= -1 && self->format <= 3, "format");
    check(self->dpi >= 0 && self->dpi <= 100000, "dpi");
    check(self->threads >= 0 && self->threads <= 1024, "threads");
    check(self->save_every >= 0 && self->save_every <= 1000000000, "save-every");
    check(self->print >= PRINT_NOTHING && self->print <= PRINT_SCHEMA, "print");
    check(self->sweep_size == 0 || (self->sweep_size >= 16 && self->sweep_size <= 65535),
          "sweep-size");
    check(self->sweeps.count <= OPTIONS_MOST_TIMES && self->compared.count <= OPTIONS_MOST_TIMES,
          "too many sheets");
    check_names(&self->init);
    check_names(&self->mask);
    check_names(&self->content_map);
    check_names(&self->style_map);
    check_names(&self->content_weight_map);
}

/* Whether the operands need not be there. */
static bool asks(const options *self) {
    return self->help || self->version || self->list_weights || self->print != PRINT_NOTHING;
}

static void check_operands(const options *self) {
    const command *way = self->command;
    check(self->style_count >= 0 && self->style_count <= STYLIZE_MOST_STYLES, "too many styles");
    for (int i = 0; i < self->style_count; i++)
        check(self->styles[i] && self->styles[i][0], "an empty style");
    if (way) {
        const int count = self->operand_count + !way->no_out;
        check(self->help || (count >= way->least && (!way->most || count <= way->most)),
              "the number of operands");
        for (int i = 0; i < self->operand_count; i++)
            check(self->operands[i] && self->operands[i][0], "an empty operand");
    } else if (!asks(self) && !options_have_files(self)) {
        check(self->style_count > 0 && (self->out || self->plan), "an operand is missing");
    }
}

static void check_files(const options *self) {
    input_name name;
    int standard = 0;
    for (int i = 0; options_input_at(self, i, &name); i++) {
        check(name.role && name.path && name.path[0], "an input without a name");
        standard += !strcmp(name.path, "-");
    }
    check(standard <= 1 || (!self->command && asks(self)) || self->help,
          "two inputs from standard input");
    for (int i = 0; options_output_at(self, i, &name); i++)
        check(name.role && name.path && name.path[0], "an output without a name");
}

/* What an option is, printed, must be an option's value that is printed in the same way. */
static void check_printed(const options *self) {
    option entry;
    options back;
    stylize_error err = {0};
    check(options_init(&back, &err), "no options");
    for (size_t i = 0; command_option_at(self->command, i, &entry); i++) {
        char *text = option_text(&entry, self);
        check(text, "out of memory");
        if (*text && !entry.list) {
            check(option_set(&entry, &back, text, &err), "what is printed is refused");
            char *again = option_text(&entry, &back);
            check(again && !strcmp(text, again), "printed in another way");
            free(again);
        }
        free(text);
    }
    options_clear(&back);
}

static void check_sheets(const options *self) {
    char label[60];
    for (int i = 0; i < self->sweeps.count + self->compared.count; i++) {
        sweep_axis axis = {0};
        stylize_error err = {0};
        const bool ok =
            i < self->sweeps.count
                ? sweep_axis_read(&axis, self->sweeps.items[i], &err)
                : sweep_axis_add_recipes(&axis, self->compared.items[i - self->sweeps.count], &err);
        if (ok) {
            check(axis.count >= 1 && axis.count <= SWEEP_MOST_CELLS, "no values");
            for (int k = 0; k < axis.count; k++)
                sweep_axis_label(&axis, k, label, sizeof label);
        } else {
            check_refusal(&err);
        }
        sweep_axis_clear(&axis);
    }
}

/* ---- over files ---- */

static bool leave(void *user, options *self, stylize_error *err) {
    (void)err;
    self->command = ((const options *)user)->command;
    return true;
}

/* As if files of settings had been read, which say nothing. */
static void parse_again(options *before) {
    options self;
    stylize_error err = {0};
    if (options_parse_over(&self, before, leave, before, &err)) {
        check_ranges(&self);
        check_operands(&self);
    } else {
        check_refusal(&err);
    }
    options_clear(&self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    words given;
    options self;
    stylize_error err = {0};
    char *kept[MOST_WORDS + 2];
    split(&given, data, size);
    check(options_init(&self, &err), "no options");
    if (options_parse(&self, given.argc, given.argv, &err)) {
        check_ranges(&self);
        check_operands(&self);
        check_files(&self);
        check_printed(&self);
        check_sheets(&self);
        if (self.command)
            check(options_of_painting(&self, kept) < given.argc, "more words than there were");
        parse_again(&self);
    } else {
        check_refusal(&err);
    }
    options_clear(&self);
    free(given.text);
    return 0;
}

/* ---- mutations ---- */

/* Writes one of the options, sometimes with a value that suits it, or the name of a command. */
static size_t write_word(char word[MOST_INSERTED], unsigned seed) {
    static const char *const values[] = {
        "1",    "0",     "16", "1e9",         "-1", "a.png,b.png",
        "auto", "64x48", "-",  "beta=1..9x3", "",   "relu1_1:2",
    };
    size_t count = 0;
    option entry;
    const command *way = command_at(seed % 16); /* NULL for most */
    const unsigned which = seed / 16, value = seed / 4096;
    while (command_option_at(way, count, &entry))
        count++;
    if (way && which % 4 == 0)
        return (size_t)snprintf(word, MOST_INSERTED, "%s\n", way->name);
    if (!command_option_at(way, which % count, &entry))
        return 0;
    const char *const *own = entry.field->words;
    size_t own_count = 0;
    while (own && own[own_count])
        own_count++;
    const char *text = own_count && value % 2 ? own[value / 2 % own_count]
                       : value % 4 == 2 && entry.field->standard
                           ? entry.field->standard
                           : values[value / 4 % (sizeof values / sizeof *values)];
    const int length =
        entry.field->kind == STYLIZE_FIELD_FLAG
            ? snprintf(word, MOST_INSERTED, "--%s%s\n", value % 8 ? "" : "no-", entry.field->name)
            : snprintf(word, MOST_INSERTED, "--%s%c%s\n", entry.field->name, value % 8 ? '=' : '\n',
                       text);
    return length < MOST_INSERTED ? (size_t)length : 0;
}

/* At the beginning of the word that one place lies in. */
static size_t insert_word(uint8_t *data, size_t size, size_t most, unsigned seed) {
    char word[MOST_INSERTED];
    const size_t length = write_word(word, seed);
    size_t at = size ? (seed * 2654435761u >> 8) % size : 0;
    while (at > 0 && data[at - 1] != '\n' && data[at - 1] != '\0')
        at--;
    if (length > most - size)
        return size;
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, word, length);
    return size + length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    return seed % 3 ? LLVMFuzzerMutate(data, size, most)
                    : insert_word(data, size, most, seed / 3);
}

/* ---- files ---- */

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define LOAD_NUMBER                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define FATAL(number)                                                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                           \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

/* Ends this process as soon as it opens, makes, renames or removes a file, or starts a program.
 * False where the system has no such filter. */
static bool forbid_files(void) {
    struct sock_filter rules[] = {
        LOAD_NUMBER,
#ifdef __NR_open
        FATAL(__NR_open),
        FATAL(__NR_creat),
        FATAL(__NR_unlink),
        FATAL(__NR_rename),
        FATAL(__NR_mkdir),
#endif
        FATAL(__NR_openat),
        FATAL(__NR_unlinkat),
        FATAL(__NR_renameat),
        FATAL(__NR_mkdirat),
        FATAL(__NR_execve),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
#else
static bool forbid_files(void) {
    return false;
}
#endif

/* The same where it may open no file. */
void replay_more(const char *path, const uint8_t *data, size_t size) {
    int status = 0;
    const pid_t child = path ? fork() : -1;
    if (child < 0)
        return;
    if (!child) {
        if (forbid_files())
            LLVMFuzzerTestOneInput(data, size);
        _exit(0);
    }
    check(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
          "a file was opened, or it ended otherwise");
}
