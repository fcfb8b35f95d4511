# What makes no names is refused before anything is read, in one line.
for pattern in '' x x%.png x%s.png x%n.png x%5d.png x%00d.png x%010d.png x%0d.png x%d%d.png x%%d.png \
    x%d.gif x%d x%d.png/ %d/x.png; do
    "$STYLIZE" --save-every 2 --save-pattern "$pattern" none.png style.png out.png 2>&1
    echo "exit $?"
done
"$STYLIZE" --save-pattern %d.png none.png style.png out.png 2>&1
"$STYLIZE" --save-every 2 none.png style.png - 2>&1 | cat
# Where they go is looked at when it is known how many there will be.
"$STYLIZE" --save-every 2 --save-pattern no/such/%d.png content.png style.png out.png 2>&1
"$STYLIZE" --save-every 2 --save-pattern %d.jpg --depth 16 content.png style.png out.png 2>&1
ls
