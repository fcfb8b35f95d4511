# Without a %d one file is written over and over: it holds the last of these pictures.
"$STYLIZE" -n 10 --save-every 4 --save-pattern %d.png content.png style.png out.png
"$STYLIZE" -n 10 --save-every 4 --save-pattern live.png content.png style.png out.png
cmp live.png 8.png
rm 4.png 8.png
ls
# Never a file of the run, though nothing is saved before it is painted.
for file in content.png ./out.png style.png; do
    "$STYLIZE" -n 10 --save-every 4 --save-pattern "$file" content.png style.png out.png 2>&1
    echo "exit $?"
done
