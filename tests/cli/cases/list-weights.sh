# The table, with the program in a folder of its own: networks beside it, in share and of the user's.
# Names with blanks, hidden files, and files that are no networks; rows of other places are left out.
grep -q memcheck.sh "$STYLIZE" && { echo "what is copied here is not the program"; exit 77; }
mkdir -p bin weights share/stylize data/stylize
cp "$STYLIZE" bin/stylize
cp "$ROOT/weights/vgg16.safetensors" "$ROOT/weights/vgg19-slim.safetensors" weights/
cp "$TESTS/networks/tiny.safetensors" "share/stylize/with blanks.safetensors"
cp "$TESTS/networks/tiny.safetensors" data/stylize/vgg19-slim.safetensors
cp "$TESTS/hostile/header-deep.safetensors" data/stylize/broken.safetensors
touch data/stylize/empty.safetensors data/stylize/other.txt
mkfifo data/stylize/pipe.safetensors
mkdir data/stylize/folder.safetensors
XDG_DATA_HOME=$PWD/data bin/stylize --list-weights 2>problems |
    sed -e "s,$PWD/,./," -e 's/   */  /g' | grep -v '  /'
sed "s,$PWD/,./," problems >&2
