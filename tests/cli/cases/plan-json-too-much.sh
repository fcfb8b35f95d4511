# A plan that does not fit is printed as JSON, too, and is a failure.
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
ulimit -v 200000
"$STYLIZE" -w vgg19-slim --plan --json -j 1 -s 4000 --upscale content.png style.png >plan
status=$?
sed 's/.*\("fits"\)/\1/; s/[0-9][0-9]*/N/g; s/"larger_in.*/.../' plan
exit $status
