# What can never work: exit 2, one line.
try() {
    "$JUDGE" "$@"
    status=$?
    [ $status -eq 2 ] || echo "$*: exit $status"
}
try
try content.png style.png
try --what content.png style.png content.png
try -x content.png style.png content.png
try content.png style.png content.png --at
try --at 15 content.png style.png content.png
try --at 512.5 content.png style.png content.png
try --at 512px content.png style.png content.png
try --weights= content.png style.png content.png
try --pairs list content.png
try --pairs list --against content.png
