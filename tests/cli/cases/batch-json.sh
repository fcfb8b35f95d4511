# A line of JSON has all that a file of --recipe may have, and what a line of words may; a byte
# order mark is none of the first one.
printf '\357\273\277' >jobs
cat >>jobs <<'END'
{"content": "content.png", "style": "style.png", "out": "json.png", "no_metadata": true, "$schema": "x", "depth": 16, "upscale": false, "save_every": 1, "save_pattern": "way%d.png", "plan": false}
content.png style.png words.png --no-metadata --depth 16
END
"$STYLIZE" batch jobs -q -s 32 -n 1
cmp json.png words.png
"$STYLIZE" show json.png 2>/dev/null || echo no record
printf '\357\273\277content.png style.png marked.png\n' >jobs
"$STYLIZE" batch jobs -q -s 32 -n 1
ls
