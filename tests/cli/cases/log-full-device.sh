# A log that cannot even be begun stops the run before the first step.
[ -e /dev/full ] || { echo "stylize: --log: cannot write /dev/full: No space left on device" >&2; exit 1; }
"$STYLIZE" -s 48 -n 1000000 --log /dev/full content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status
