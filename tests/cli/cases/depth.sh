# 16 bits hold what 8 bits do, and what 16 bits did; without an iteration nothing else happens.
"$STYLIZE" --no-metadata -q -n 0 -s 0 --depth 16 content.png style.png deep.png || exit
od -An -tu1 -j 24 -N 2 deep.png
"$STYLIZE" --no-metadata -q -n 0 -s 0 --depth 16 deep.png style.png out.png && cmp deep.png out.png
"$STYLIZE" --no-metadata -q -n 0 -s 0 deep.png style.png out.png && cmp content.png out.png
"$STYLIZE" --no-metadata -q -n 1 -s 32 --depth 16 deep.png style.png out.png && od -An -tu1 -j 24 -N 2 out.png
