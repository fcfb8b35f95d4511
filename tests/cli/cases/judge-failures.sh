# What fails: exit 1, one line that names the file; pictures before it have been told of.
try() {
    "$JUDGE" "$@"
    status=$?
    [ $status -eq 1 ] || echo "$*: exit $status"
}
echo 'content.png style.png' >list
try nothing.png style.png content.png
try content.png nothing.png content.png
try content.png style.png content.png list >table
wc -l <table
try --at 16 content.png style.png content.png
try --against nothing.png content.png style.png content.png
try -w nothing.safetensors content.png style.png content.png
try -w nothing content.png style.png content.png
try -w "$TESTS/hostile/read-nan.pth" content.png style.png content.png
try --pairs nothing
try --pairs list
