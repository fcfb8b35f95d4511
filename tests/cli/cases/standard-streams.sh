# "-" is standard input for one picture and standard output for OUT.
"$STYLIZE" --no-metadata -n 0 -s 0 - style.png - <content.png | cmp content.png - || echo "CONTENT and OUT"
cat content.png | "$STYLIZE" --no-metadata -n 0 -s 0 - style.png out.png && cmp content.png out.png || echo "CONTENT from a pipe"
"$STYLIZE" --no-metadata -n 1 -s 48 content.png style.png a.png && "$STYLIZE" --no-metadata -n 1 -s 48 content.png - b.png <style.png &&
    cmp a.png b.png || echo "STYLE"
"$STYLIZE" --no-metadata -n 0 -s 0 --init - content.png style.png c.png <content.png && cmp content.png c.png || echo "--init"
printf 'before ' >appended
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png - >>appended && tail -c +8 appended | cmp content.png - || echo "appended"
"$STYLIZE" --no-metadata --plan -s 48 -n 1 - style.png - <content.png | sed -n 1p
[ ! -e ./- ]
