# A plan that does not fit is printed all the same.
version=$(exec 2>/dev/null; ulimit -v 150000; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
ulimit -v 200000
"$STYLIZE" -w vgg19-slim --plan -j 1 -s 4000 --upscale content.png style.png >plan
status=$?
sed 's/^stage 1\/[0-9]*: .* MB$/stages/; /^stage [0-9]/d' plan
exit $status
