# A mistake comes before --help and --version, wherever it stands.
for line in "--help --nope" "--nope --help" "--version -z" "-h -s"; do
    "$STYLIZE" $line >out 2>err
    status=$?
    [ $status -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || echo "$line: exit $status, $(cat err)"
done
"$STYLIZE" --version --help | sed -n 1p
