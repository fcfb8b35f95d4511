# Mutants of C files, evenly over them, of the same seed and code always the same.
#     awk -v seed=1 -v count=160 -f mutants.awk FILE...
# prints one a line, fields parted by tabs: file, line, column, length of what is replaced, by what,
# and what that is called. They come in rounds, one of each file, so that any beginning of them is even.
# Code counts alone: comments, literals, assertions and lines of the preprocessor stay.

function random(limit) { # exact in doubles, so that every awk has the same numbers
    state = (state * 16807) % 2147483647
    return int(state / 2147483647 * limit)
}

# Each file has numbers of its own, so that a change of one leaves the mutants of the others as they are.
function begin_random(name,    i) {
    state = seed * 2 + 1
    for (i = 1; i <= length(name); i++)
        state = (state * 31 + index(letters, substr(name, i, 1))) % 2147483646
    state++
    for (i = 1; i <= 20; i++)
        random(2)
}

function add(column, size, text, name) {
    files[file, ++counts[file]] = file "\t" FNR "\t" column "\t" size "\t" text "\t" name
}

function name_of(text) {
    gsub(/^ +| +$/, "", text)
    return text
}

# Each place of `old` in the code, which is replaced by `new`.
function swap(old, new,    at, from) {
    from = 1
    while ((at = index(substr(code, from), old)) > 0) {
        add(from + at - 1, length(old), new, name_of(old) " to " name_of(new))
        from += at
    }
}

function numbers(    at, from) {
    from = 1
    while (match(substr(code, from), /[^A-Za-z0-9_.][01]f?[^A-Za-z0-9_.]/)) {
        at = from + RSTART
        add(at, 1, 1 - substr(code, at, 1), substr(code, at, 1) " to " 1 - substr(code, at, 1))
        from = at
    }
}

# The code of a line: literals and comments as blanks.
function plain(line,    out) {
    out = ""
    while (line != "") {
        if (comment) {
            if (match(line, /\*\//)) {
                out = out sprintf("%" (RSTART + 1) "s", "")
                line = substr(line, RSTART + 2)
                comment = 0
            } else {
                return out
            }
        } else if (match(line, /\/\*|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) {
            out = out substr(line, 1, RSTART - 1)
            if (substr(line, RSTART, 2) == "/*") {
                comment = 1
                out = out "  "
                line = substr(line, RSTART + 2)
            } else {
                out = out sprintf("%" RLENGTH "s", "")
                line = substr(line, RSTART + RLENGTH)
            }
        } else {
            return out line
        }
    }
    return out
}

# The end of the parenthesis that is opened at `at`, if on this line.
function closed(at,    depth, i, c) {
    depth = 0
    for (i = at; i <= length(code); i++) {
        c = substr(code, i, 1)
        depth += (c == "(") - (c == ")")
        if (depth == 0)
            return i
    }
    return 0
}

function condition(    at, end) {
    if (!match(code, /if \(/))
        return
    at = RSTART + 3
    end = closed(at)
    if (end)
        add(at, end - at + 1, "(!" substr($0, at, end - at + 1) ")", "condition negated")
}

function statement(    at) {
    match(code, /^ */)
    at = RLENGTH + 1
    if (code ~ /^ +[a-z_0-9]+\(.*\);$/ || code ~ /^ +[a-z_0-9.>-]+(\[[^]]*\])* [-+*\/|&]?= .*;$/)
        add(at, length($0) - at + 1, ";", "statement removed")
}

FNR == 1 { file = FILENAME; order[++file_count] = file; inside = 0; comment = 0 }
{ code = plain($0) }
/^[a-zA-Z].*\) \{$/ || /^ .*\) \{$/ && !inside { inside = 1; next }
/^}/ { inside = 0 }
!inside || /^#/ || code ~ /^ *$/ { next }
code ~ /^ *assert\(/ { next } # of what callers promise each other, which no test can break
{
    swap(" < ", " <= "); swap(" <= ", " < "); swap(" > ", " >= "); swap(" >= ", " > ")
    swap(" == ", " != "); swap(" != ", " == ")
    swap(" + ", " - "); swap(" - ", " + "); swap(" * ", " / "); swap(" / ", " * ")
    swap(" += ", " -= "); swap(" -= ", " += "); swap(" *= ", " /= ")
    swap(" && ", " || "); swap(" || ", " && ")
    swap("return true;", "return false;"); swap("return false;", "return true;")
    swap("(!", "(")
    numbers(); condition(); statement()
}
END {
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
    for (f = 1; f <= file_count; f++) { # shuffled
        file = order[f]
        begin_random(file)
        for (i = counts[file]; i > 1; i--) {
            j = 1 + random(i)
            held = files[file, i]; files[file, i] = files[file, j]; files[file, j] = held
        }
    }
    for (round = 1; left > 0 || round == 1; round++) {
        left = 0
        for (f = 1; f <= file_count && made < count; f++)
            if (round <= counts[order[f]]) {
                print files[order[f], round]
                made++
                left++
            }
    }
}
