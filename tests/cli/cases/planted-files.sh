# Files and pipes that others have put into a folder like /tmp are refused before the work, whatever
# would be written there.
[ "$(id -u)" = 0 ] || { echo "only root can plant files of others"; exit 77; }
mkdir shared && chmod 1777 shared
for name in file pipe; do
    if [ $name = pipe ]; then mkfifo shared/$name; else echo "precious" >shared/$name; fi
    chown 12345 shared/$name
    chmod 666 shared/$name
done
try() {
    "$STYLIZE" -q -s 32 -n 1 --scales 1 "$@" 2>&1
    echo "exit $?"
}
for name in file pipe; do
    try --log shared/$name content.png style.png out.png
    try --checkpoint shared/$name content.png style.png out.png
    try --save-recipe shared/$name content.png style.png out.png
done
mv shared/file shared/file.png
try content.png style.png shared/file.png
cat shared/file.png
[ ! -e out.png ] || echo "out.png was written"
