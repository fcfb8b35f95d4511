# Each stage has a line with its sizes and its network; iterations are counted over all of them.
"$STYLIZE" --scales 24,48 -n 3,2 --log log.jsonl content.png style.png out.png || exit
sed 's/,"weights".*"}$/}/; s/,"evaluations".*/}/; s/"options":.*/.../' log.jsonl
grep -c '"weights":"/.*/vgg16.safetensors","weights_sha256":"[0-9a-f]\{64\}","precision":"[a-z0-9]*"}$' log.jsonl
# The first iteration of a stage is its start, so one with 0 iterations is left out.
"$STYLIZE" --scales 24,48 -n 0,1 --log - content.png style.png out.png | grep -c '"event":"stage"'
"$STYLIZE" --scales 2 -n 1,2,3 content.png style.png out.png
