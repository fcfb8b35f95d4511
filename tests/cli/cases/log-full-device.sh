# A log that cannot even be begun stops the run before the first step.
[ -e /dev/full ] || { echo "no /dev/full here"; exit 77; }
"$STYLIZE" -s 48 --precision fp32 -n 1000000 --log /dev/full content.png style.png out.png
status=$?
[ ! -e out.png ] && exit $status
