# A named pipe is written to and stays.
mkfifo pipe pipe.jpg
cat pipe >copy &
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png pipe && wait && [ -p pipe ] && cmp content.png copy
cat pipe.jpg >copy &
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png pipe.jpg && wait && [ -p pipe.jpg ] && od -An -tx1 -N 3 copy
