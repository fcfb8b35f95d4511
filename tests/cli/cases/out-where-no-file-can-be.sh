# Noticed before the work, not after it.
[ -d /proc/self ] || { echo "no /proc here"; exit 77; }
"$STYLIZE" -n 1000000 content.png style.png /proc/o.png
