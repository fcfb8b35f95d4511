# Threads whose stacks alone are too much are not started, which would end the program.
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
"$STYLIZE" -j 64 -s 48 --plan content.png style.png | grep -q '^threads: 64$' || { echo "no threads in this build"; exit 77; }
ulimit -v 300000
"$STYLIZE" -j 64 -s 48 content.png style.png out.png
