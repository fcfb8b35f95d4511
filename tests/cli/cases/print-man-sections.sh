# The manual has every section, and every option of --help with its default.
"$STYLIZE" --print man | sed 's/\\-/-/g; s/\\f[BIR]//g' >manual
sed -n 's/^\.SH //p' manual
# Both as lines: the option's name, and its default where it has one.
"$STYLIZE" --help | sed '/^Examples:/,$d' | awk '
    /^(  -., |      )--/ { match($0, /--[a-z-]+/); name = substr($0, RSTART, RLENGTH); print name }
    { text = text " " $0 }
    match(text, /\(default: [^)]*\)/) {
        value = substr(text, RSTART + 10, RLENGTH - 11)
        gsub(/ /, "", value)
        print name, value
        text = ""
    }' >help-options
awk '
    /^\.SS Layers/ { exit }
    tagged { match($0, /--[a-z-]+/); name = substr($0, RSTART, RLENGTH); print name }
    { tagged = /^\.TP/; text = (tagged ? "" : text) " " $0 }
    match(text, /default: [^)]*\)/) {
        value = substr(text, RSTART + 9, RLENGTH - 10)
        gsub(/ /, "", value)
        print name, value
        text = ""
    }' manual >manual-options
diff help-options manual-options
