# A read-only file system is noticed before the work; a full one costs neither the old picture nor
# leaves half a new one; a log that fills it does not cost the picture; a file that is a mount of its
# own, which cannot be replaced, is written over.
unshare -m true 2>/dev/null || { echo "no mounts of our own here"; exit 77; }
unshare -m sh <<'END'
mkdir small fixed
mount -t tmpfs -o size=16k none small && mount -t tmpfs none fixed || { echo "no tmpfs here"; exit 77; }
say() {
    status=$?
    echo "$1: exit $status"
    ls -A small fixed | grep tmp
}
echo old >small/out.png
"$STYLIZE" --no-metadata -n 0 -s 96 --upscale content.png style.png small/out.png
say "full"
cat small/out.png
"$STYLIZE" --no-metadata -n 60 -s 48 --log small/log.jsonl content.png style.png out.png
say "full for the log"
[ -s out.png ] && rm out.png

mount -o remount,ro fixed
"$STYLIZE" --no-metadata --precision fp32 -n 1000000 content.png style.png fixed/out.png
say "read-only"
"$STYLIZE" --no-metadata --precision fp32 -n 1000000 --log fixed/log.jsonl content.png style.png out.png
say "read-only for the log"
[ ! -e out.png ] || echo "out.png was written"

echo old >old
: >mounted.png
mount --bind old mounted.png
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png mounted.png
say "mounted file"
cmp content.png old

# Whoever has mounted it has said that it is to be written to, also where others may plant files.
echo old >old && chown 12345 old
mkdir shared && chmod 1777 shared && : >shared/out.png
mount --bind old shared/out.png
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png shared/out.png
say "mounted file of another"
cmp content.png old
END
