# Root may write anything, so root tries it as nobody.
user=
if [ "$(id -u)" = 0 ]; then
    chmod 755 .. .
    user="setpriv --reuid=65534 --regid=65534 --clear-groups"
    $user "$STYLIZE" --version >/dev/null 2>&1 || { echo "root, and nobody cannot run it"; exit 77; }
fi
mkdir folder
chmod a-w folder
$user "$STYLIZE" content.png style.png folder/out.png
