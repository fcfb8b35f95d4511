# Nothing to do is no error: the picture stays as it is.
"$STYLIZE" --no-metadata -s 0 -n 5 -a 0 -b 0 -t 0 --chroma-tv 0 content.png style.png out.png && cmp content.png out.png
