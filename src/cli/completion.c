/* SPDX-License-Identifier: MIT
 *
 * Each script is a part that stands here as the shell reads it and a part printed from the table.
 * Weights are asked of the program when they are wanted (--print weights): what is installed may
 * change. Letters with their value attached (-s640) are left alone.
 */
#include "cli/completion.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cli/command.h"
#include "cli/layer_names.h"

/* ---- what all of them need ---- */

enum { SUMMARY = 200 };

/* What an option is for, in few words: its help without what stands in parentheses, up to the first
 * semicolon or colon. */
static void summarize(const stylize_field *field, char text[SUMMARY]) {
    size_t used = 0;
    int depth = 0;
    for (const char *c = field->help; *c && used < SUMMARY - 1; c++) {
        if (depth == 0 && (*c == ';' || *c == ':') && c[1] == ' ')
            break;
        const bool opens = *c == ' ' && c[1] == '(';
        depth += opens;
        if (depth == 0)
            text[used++] = *c;
        depth -= depth > 0 && *c == ')';
    }
    text[used] = '\0';
}

/* Writes text, a backslash before each of the characters in `special`. */
static void print_escaped(FILE *file, const char *text, const char *special) {
    for (; *text; text++)
        fprintf(file, strchr(special, *text) ? "\\%c" : "%c", *text);
}

/* Writes every layer of VGG-19 between `before` and `after`. */
static void print_layer_names(FILE *file, const char *before, const char *after) {
    char name[LAYER_NAME];
    for (int i = 0; layer_name_at(i, name); i++)
        fprintf(file, "%s%s%s", before, name, after);
}

/* The words that a value may be: an array that ends with NULL, NULL when there are none. */
static const char *const *words_of(const stylize_field *field) {
    static const char *const automatic[] = {"auto", NULL};
    return field->automatic ? automatic : field->words;
}

static void print_words(FILE *file, const stylize_field *field) {
    const char *const *words = words_of(field);
    for (int i = 0; words && words[i]; i++)
        fprintf(file, "%s%s", i ? " " : "", words[i]);
}

/* The names of the commands, with blanks between them. */
static void print_commands(FILE *file) {
    const command *way;
    for (size_t i = 0; (way = command_at(i)); i++)
        fprintf(file, "%s%s", i ? " " : "", way->name);
}

/* The options of a command that painting has not; false past the last. */
static bool next_of_command(size_t *way, size_t *index, option *entry) {
    for (const command *of; (of = command_at(*way)); (*way)++, *index = 0) {
        while (command_option_at(of, (*index)++, entry)) {
            bool is_new = true;
            option other;
            for (size_t i = 0; is_new && options_at(i, &other); i++)
                is_new = strcmp(other.field->name, entry->field->name) != 0;
            if (is_new)
                return true;
        }
    }
    return false;
}

/* ---- bash ---- */

static const char bash_functions[] =
    "# Completion of stylize for bash, printed by stylize --print bash.\n"
    "\n"
    "# Adds to COMPREPLY those of the words after $1 that begin with it.\n"
    "_stylize_words() {\n"
    "    local line\n"
    "    while IFS= read -r line; do\n"
    "        COMPREPLY+=(\"$line\")\n"
    "    done < <(compgen -W \"${*:2}\" -- \"$1\")\n"
    "}\n"
    "\n"
    "# Adds to COMPREPLY the folders that begin with $1 and the files that match one of the other\n"
    "# patterns, too.\n"
    "_stylize_files() {\n"
    "    local start=$1 pattern line\n"
    "    shift\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    while IFS= read -r line; do\n"
    "        COMPREPLY+=(\"$line\")\n"
    "    done < <(\n"
    "        compgen -d -- \"$start\"\n"
    "        for pattern; do\n"
    "            compgen -f -X \"!$pattern\" -- \"$start\"\n"
    "        done\n"
    "    )\n"
    "}\n"
    "\n"
    "_stylize_pictures() {\n"
    "    _stylize_files \"$1\" '*.[pP][nN][gG]' '*.[jJ][pP][gG]' '*.[jJ][pP][eE][gG]' \\\n"
    "        '*.[wW][eE][bB][pP]' '*.[tT][iI][fF]' '*.[tT][iI][fF][fF]'\n"
    "}\n"
    "\n"
    "# Completes the last item of the list $2 from the weights that the program $1 knows, and "
    "files.\n"
    "_stylize_weights() {\n"
    "    local item=${2##*,} i\n"
    "    _stylize_words \"$item\" \"$(\"$1\" --print weights 2>/dev/null)\"\n"
    "    _stylize_files \"$item\" '*.safetensors' '*.pth'\n"
    "    for i in \"${!COMPREPLY[@]}\"; do\n"
    "        COMPREPLY[i]=${2%\"$item\"}${COMPREPLY[i]}\n"
    "    done\n"
    "}\n"
    "\n"
    "# Completes the last item of the list $1 from the layers after it.\n"
    "_stylize_layers() {\n"
    "    local list=$1 item=${1##*,} layer\n"
    "    shift\n"
    "    compopt -o nospace 2>/dev/null\n"
    "    for layer; do\n"
    "        [[ ,$list == *,${layer}[,:]* || $layer != \"$item\"* ]] ||\n"
    "            COMPREPLY+=(\"${list%\"$item\"}$layer\")\n"
    "    done\n"
    "}\n"
    "\n"
    "_stylize() {\n"
    "    local at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} last option value i\n"
    "    last=$word\n"
    "    [[ $last == [=:] ]] && last=\n"
    "    # bash cuts words at = and :, too.\n"
    "    while ((at > 1)) && [[ ${COMP_WORDS[at]} == [=:] || ${COMP_WORDS[at - 1]} == [=:] ]]; do\n"
    "        at=$((at - 1))\n"
    "        word=${COMP_WORDS[at]}$word\n"
    "    done\n"
    "    option=${COMP_WORDS[at - 1]} value=$word\n"
    "    [[ $word == --*=* ]] && option=${word%%=*} value=${word#*=}\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < at; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} == -- ]] && option=--\n"
    "    done\n";

static const char bash_end[] = "    --) $operands \"$value\" '*' ;;\n"
                               "    *)\n"
                               "        if [[ $word == -* ]]; then\n"
                               "            _stylize_words \"$word\" \"$options\"\n"
                               "        else\n"
                               "            $operands \"$value\" '*'\n"
                               "            ((at > 1)) || _stylize_words \"$value\" \"$commands\"\n"
                               "        fi\n"
                               "        ;;\n"
                               "    esac\n"
                               "    # What bash replaces is the last piece alone.\n"
                               "    local whole=${word%\"$value\"} kept=${word%\"$last\"}\n"
                               "    for i in \"${!COMPREPLY[@]}\"; do\n"
                               "        COMPREPLY[i]=$whole${COMPREPLY[i]}\n"
                               "        COMPREPLY[i]=${COMPREPLY[i]#\"$kept\"}\n"
                               "    done\n"
                               "}\n"
                               "\n"
                               "complete -F _stylize stylize\n";

/* The branch that completes the value of an option. */
static void print_bash_value(FILE *file, const stylize_field *field) {
    fprintf(file, "    --%s", field->name);
    if (field->letter)
        fprintf(file, " | -%c", field->letter);
    fputs(")\n", file);
    if (words_of(field)) {
        fputs("        _stylize_words \"$value\" ", file);
        print_words(file, field);
        fputc('\n', file);
    }
    if (field->kind == STYLIZE_FIELD_LAYERS) {
        fputs("        _stylize_layers \"$value\"", file);
        print_layer_names(file, " ", "");
        fputc('\n', file);
    } else if (field->kind == STYLIZE_FIELD_TEXT && field->files == STYLIZE_FILES_ANY) {
        fputs("        _stylize_files \"$value\" '*'\n", file);
    } else if (field->kind == STYLIZE_FIELD_TEXT && field->files == STYLIZE_FILES_PICTURES) {
        fputs("        _stylize_pictures \"$value\"\n", file);
    } else if (field->kind == STYLIZE_FIELD_TEXT) {
        fputs("        _stylize_weights \"$1\" \"$value\"\n", file);
    }
    fputs("        ;;\n", file);
}

static void print_bash_names(FILE *file, const command *way) {
    option entry;
    fputs("options='", file);
    for (size_t i = 0; command_option_at(way, i, &entry); i++) {
        if (entry.field->letter)
            fprintf(file, "-%c ", entry.field->letter);
        fprintf(file, "--%s ", entry.field->name);
    }
    fputs("'", file);
}

void completion_print_bash(FILE *file) {
    const command *way;
    option entry;
    fputs(bash_functions, file);
    fputs("    local commands='", file);
    print_commands(file);
    fputs("'\n    local ", file);
    print_bash_names(file, NULL);
    fputs(" operands=_stylize_pictures", file);
    fputs("\n    ((at > 1)) && case ${COMP_WORDS[1]} in\n", file);
    for (size_t i = 0; (way = command_at(i)); i++) {
        fprintf(file, "    %s) ", way->name);
        print_bash_names(file, way);
        fputs(way->pictures ? " ;;\n" : " operands=_stylize_files ;;\n", file);
    }
    fputs("    esac\n    case $option in\n", file);
    for (size_t i = 0; options_at(i, &entry); i++) {
        if (entry.field->kind != STYLIZE_FIELD_FLAG)
            print_bash_value(file, entry.field);
    }
    for (size_t of = 0, i = 0; next_of_command(&of, &i, &entry);)
        print_bash_value(file, entry.field);
    fputs(bash_end, file);
}

/* ---- zsh ---- */

static const char zsh_functions[] =
    "_stylize_pictures() {\n"
    "    _files -g '*.(#i)(png|jpg|jpeg|webp|tif|tiff)(-.)'\n"
    "}\n"
    "\n"
    "_stylize_weights() {\n"
    "    local -a names\n"
    "    names=(${(f)\"$(_call_program weights $words[1] --print weights 2>/dev/null)\"})\n"
    "    _alternative 'names:name:compadd -a names' 'files:file:_files -g "
    "\"*.(safetensors|pth)(-.)\"'\n"
    "}\n"
    "\n";

/* The action for a value: what _arguments expects behind the second colon. */
static void print_zsh_action(FILE *file, const stylize_field *field) {
    if (field->kind == STYLIZE_FIELD_LAYERS) {
        fputs("_stylize_layers", file);
    } else if (field->kind == STYLIZE_FIELD_TEXT && words_of(field)) {
        fputs(" _alternative \"words\\:word\\:(", file); /* the space: without arguments added */
        print_words(file, field);
        fputs(")\" \"files\\:picture\\:_stylize_pictures\"", file);
    } else if (words_of(field)) {
        fputc('(', file);
        print_words(file, field);
        fputc(')', file);
    } else if (field->kind == STYLIZE_FIELD_TEXT) {
        static const char *const actions[] = {"_files", "_stylize_pictures", "_stylize_weights"};
        fputs(actions[field->files], file);
    } else {
        fputc(' ', file);
    }
}

static void print_zsh_option(FILE *file, const stylize_field *field) {
    const char *const sign = field->argument ? "=" : "";
    char text[SUMMARY];
    summarize(field, text);
    if (field->letter)
        fprintf(file, "    '(-%c --%s)'{-%c%s,--%s%s}'[", field->letter, field->name, field->letter,
                field->argument ? "+" : "", field->name, sign);
    else
        fprintf(file, "    '--%s%s[", field->name, sign);
    print_escaped(file, text, "[]:\\");
    fputc(']', file);
    if (field->argument) {
        fputc(':', file);
        print_escaped(file, field->argument, ":\\");
        fputc(':', file);
        print_zsh_action(file, field);
    }
    fputs("' \\\n", file);
}

/* What _arguments is told of painting, or of a command. */
static void print_zsh_options(FILE *file, const command *way) {
    option entry;
    fputs("_arguments -s -S \\\n", file);
    for (size_t i = 0; command_option_at(way, i, &entry); i++)
        print_zsh_option(file, entry.field);
}

void completion_print_zsh(FILE *file) {
    const command *way;
    fputs("#compdef stylize\n"
          "# Completion of stylize for zsh, printed by stylize --print zsh.\n\n",
          file);
    fputs(zsh_functions, file);
    fputs("_stylize_first() {\n    _alternative 'commands:command:(", file);
    print_commands(file);
    fputs(")' 'pictures:picture:_stylize_pictures'\n}\n\n", file);
    fputs("_stylize_layers() {\n    _values -s , -S : layer", file);
    print_layer_names(file, " \\\n        '", "::weight: '");
    fputs("\n}\n\n", file);
    for (size_t i = 0; (way = command_at(i)); i++) {
        fprintf(file, "if (( CURRENT > 2 )) && [[ $words[2] == %s ]]; then\n", way->name);
        print_zsh_options(file, way);
        fprintf(file, "    '1:command:(%s)' '*:%s'\nreturn\nfi\n", way->name,
                way->pictures ? "picture:_stylize_pictures" : "file:_files");
    }
    print_zsh_options(file, NULL);
    fputs("    '1:picture:_stylize_first' '*:picture:_stylize_pictures'\n", file);
}

/* ---- fish ---- */

static const char fish_functions[] =
    "# Whether the first word is one of the arguments.\n"
    "function __stylize_command\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and contains -- $words[2] $argv\n"
    "end\n"
    "\n"
    "# The folders, and the files whose names end in one of the extensions given.\n"
    "function __stylize_files\n"
    "    set -l endings (string join '|' $argv)\n"
    "    set -l word (commandline -ct | string replace -r -- '^--[^=]*=' '')\n"
    "    # Any command without completions of its own completes files.\n"
    "    complete -C \"__stylize_any_command $word\" \\\n"
    "        | string match -ri \"^[^\\t]*(?:/|\\.(?:$endings))(?:\\t.*)?\\$\"\n"
    "end\n"
    "\n"
    "function __stylize_weights\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] --print weights 2>/dev/null\n"
    "    __stylize_files safetensors pth\n"
    "end\n"
    "\n";

/* An option of painting, or of a command. */
static void print_fish_option(FILE *file, const command *way, const stylize_field *field) {
    char text[SUMMARY];
    summarize(field, text);
    fputs("complete -c stylize -n '", file);
    if (way)
        fprintf(file, "__stylize_command %s'", way->name);
    else
        fputs("not __stylize_command $__stylize_commands'", file);
    if (field->letter)
        fprintf(file, " -s %c", field->letter);
    fprintf(file, " -l %s -d '", field->name);
    print_escaped(file, text, "'\\");
    fputc('\'', file);
    if (field->kind == STYLIZE_FIELD_LAYERS) {
        fputs(" -x -a '(__fish_complete_list , \"string join \\\\n $__stylize_layers\")'", file);
    } else if (field->kind == STYLIZE_FIELD_TEXT && field->files == STYLIZE_FILES_ANY) {
        fputs(" -r -F", file);
    } else if (field->kind == STYLIZE_FIELD_TEXT) {
        fputs(" -x -a '", file);
        print_words(file, field);
        fprintf(file, "%s'",
                field->files == STYLIZE_FILES_PICTURES ? " (__stylize_files $__stylize_pictures)"
                                                       : " (__stylize_weights)");
    } else if (field->argument) {
        fputs(" -x", file);
        if (words_of(field)) {
            fputs(" -a '", file);
            print_words(file, field);
            fputc('\'', file);
        }
    }
    fputc('\n', file);
}

void completion_print_fish(FILE *file) {
    const command *way;
    option entry;
    fputs("# Completion of stylize for fish, printed by stylize --print fish.\n\n"
          "set -g __stylize_pictures png jpg jpeg webp tif tiff\n"
          "set -g __stylize_commands ",
          file);
    print_commands(file);
    fputs("\nset -g __stylize_layers", file);
    print_layer_names(file, " ", "");
    fputs("\n\n", file);
    fputs(fish_functions, file);
    fputs("complete -c stylize -n 'not __stylize_command", file);
    for (size_t i = 0; (way = command_at(i)); i++) {
        if (!way->pictures)
            fprintf(file, " %s", way->name);
    }
    fputs("' -f -a '(__stylize_files $__stylize_pictures)'\n", file);
    fputs("complete -c stylize -n 'test (count (commandline -opc)) -eq 1' -f -a "
          "\"$__stylize_commands\"\n",
          file);
    for (size_t i = 0; options_at(i, &entry); i++)
        print_fish_option(file, NULL, entry.field);
    for (size_t i = 0; (way = command_at(i)); i++) {
        for (size_t j = 0; command_option_at(way, j, &entry); j++)
            print_fish_option(file, way, entry.field);
    }
}
