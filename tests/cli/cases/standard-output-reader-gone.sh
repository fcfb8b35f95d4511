# A reader that goes away is an error like any other, not the end by a signal.
mkfifo pipe
head -c 10 pipe >/dev/null &
"$STYLIZE" -s 300 --upscale -n 0 content.png style.png - >pipe
