# On a terminal: iteration, cost, time for each, time left.
script -qec true /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal here"; exit 77; }
script -qec '"$STYLIZE" -s 48 -n 150 content.png style.png out.png' /dev/null |
    grep -aEq 'iteration [0-9]+/150 +cost [0-9.e+-]+ +[0-9.e-]+ s/iteration +[0-9]+ s left' && echo live
