"$JUDGE" --help | head -3
"$JUDGE" --help | awk 'length > 90'
"$JUDGE" --version
"$JUDGE" --help >/dev/full
echo $?
"$JUDGE" content.png style.png content.png >/dev/full
echo $?
