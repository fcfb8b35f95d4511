# Mistakes are found before anything is painted.
mkdir photos
cp content.png photos
try() {
    sh "$ROOT/examples/folder.sh" "$@"
    echo "exit $?"
}
try style.png photos
try style.png photos out --bet 3
try missing.png photos out
try style.png missing out
try style.png photos photos/../photos
ls -A
