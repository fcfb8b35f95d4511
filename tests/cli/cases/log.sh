"$STYLIZE" -s 48 -n 2 --log log.jsonl content.png style.png out.png || exit
wc -l <log.jsonl | tr -d ' '
sed 's/:{[^{}]*}/:0/g; s/:{[^{}]*}/:0/g; s/\[[^]]*\]/[]/g; s/"\([a-z_0-9]*\)":[^,}]*/\1/g; s/^{//; s/}$//' log.jsonl
sed -n '1s/.*"weights_sha256":"\([^"]*\)".*/\1/p' log.jsonl >found
sha256sum "$ROOT/weights/vgg16.safetensors" | cut -d ' ' -f 1 | cmp - found
grep -o '"tv":[0-9.e-]*' log.jsonl | sed -n 2p | grep -v ':0.0$' | grep -c tv
