"$STYLIZE" -s 48 -n 2 --log log.jsonl content.png style.png out.png || exit
wc -l <log.jsonl | tr -d ' '
sed 's/:{[^{}]*}/:0/g; s/:{[^{}]*}/:0/g; s/\[[^]]*\]/[]/g; s/"\([a-z_0-9]*\)":[^,}]*/\1/g; s/^{//; s/}$//' log.jsonl
sed -n '1s/.*"weights_sha256":"\([^"]*\)".*/\1/p' log.jsonl >found
sha256sum "$(sed -n '1s/.*"weights":"\([^"]*\)".*/\1/p' log.jsonl)" | cut -d ' ' -f 1 | cmp - found
grep -o '"tv":[0-9.e-]*' log.jsonl | sed -n 2p | grep -v ':0.0$' | grep -c tv
# What was read is known by its digest, also beside the content and the style; numbers are numbers.
SOURCE_DATE_EPOCH=1000000000 "$STYLIZE" -s 48 -n 1 --init content.png --depth 16 -j 1 --log log.jsonl content.png - out.png <style.png
head -1 log.jsonl | grep -o '"\(date\|depth\|quality\|save_every\|save_pattern\|threads\)":[^,}]*' | sort -u
for picture in content.png content.png; do
    sha256sum $picture | cut -d ' ' -f 1
done >wanted
head -1 log.jsonl | grep -o '"name":"content.png","sha256":"[^"]*"' | cut -d '"' -f 8 | cmp - wanted
head -1 log.jsonl | grep -o '"role":"[a-z]*"' | tr '\n' ' '
head -1 log.jsonl | grep -c '"role":"style","name":null,"sha256":null'
SOURCE_DATE_EPOCH=today "$STYLIZE" -s 48 -n 0 --log log.jsonl content.png style.png out.png
grep -c "\"date\":\"$(date -u +%Y)-[-0-9]*T[0-9:]*Z\"" log.jsonl
