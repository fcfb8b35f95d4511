# Files are parsed apart: a damaged one is one line, a pipe and a file give the same.
"$STYLIZE" -v --version | sed -n 's/^guard of files: o[nf].*/told/p'
head -c 900 content.png >short.png
"$STYLIZE" -q -n 0 -s 24 short.png style.png out.png
echo "exit $?"
printf '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}' >weights
"$STYLIZE" -q -n 0 -s 24 -w ./weights content.png style.png out.png 2>&1 | sed 's/:.*//'
"$STYLIZE" --no-metadata -q -n 0 -s 24 content.png style.png named.png
"$STYLIZE" --no-metadata -q -n 0 -s 24 - style.png piped.png <content.png
cat content.png | "$STYLIZE" --no-metadata -q -n 0 -s 24 - style.png piped2.png
cmp named.png piped.png && cmp named.png piped2.png && echo same
