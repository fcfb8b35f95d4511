# The picture is finished without the reader, but the log was not.
mkfifo pipe
head -n 1 pipe >/dev/null &
"$STYLIZE" -s 48 -n 30 --log - content.png style.png out.png >pipe
status=$?
[ -s out.png ] && exit $status
