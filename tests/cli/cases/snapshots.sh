# Pictures on the way have the name of OUT with the iteration: each is what a shorter run would give.
"$STYLIZE" --no-metadata -n 7 --save-every 3 content.png style.png out.png
"$STYLIZE" --no-metadata -n 3 content.png style.png three.png
"$STYLIZE" --no-metadata -n 6 content.png style.png six.png
cmp out-0003.png three.png
cmp out-0006.png six.png
ls out*
# As often as never is never, and more seldom than there are iterations, too.
"$STYLIZE" --no-metadata -n 3 --save-every 0 content.png style.png none.png
"$STYLIZE" --no-metadata -n 3 --save-every 4 content.png style.png none.png
ls none*
