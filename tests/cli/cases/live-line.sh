# On a terminal: the phases, then iteration, cost, time for each, time left; cleared at the end.
script -qec true /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal here"; exit 77; }
script -qec '"$STYLIZE" -s 48 -n 150 content.png style.png out.png' /dev/null | tr '\r' '\n' >found
grep -aE '^(reading|resizing|analysing|optimising)' found | sed 's/ *$//'
grep -aEq '^iteration [0-9]+/150 +cost [0-9.e+-]+ +[0-9.e-]+ s/iteration +([0-9]+ min )?[0-9]+ s left *$' found && echo live
# The last line but that of the result is blank.
tail -n 3 found | sed 's/^  *$/cleared/; s/, \([0-9]* min \)*[0-9]* s$/, some time/'
