# The picture is finished without the reader, but the log was not.
mkfifo pipe
sed '/"iteration":/q' pipe >/dev/null &
"$STYLIZE" -s 48 -n 30 --log - content.png style.png out.png >pipe
status=$?
[ -s out.png ] || echo "no picture"
exit $status
