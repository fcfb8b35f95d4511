# Who misses the networks that can be fetched is told how: vgg16 where it does not come along.
[ "$(head -c 2 "$STYLIZE")" = "#!" ] && { echo "a script that runs the program cannot be moved for it"; exit 77; }
mkdir -p away/bin
cp "$STYLIZE" away/bin/stylize
for program in "$STYLIZE":vgg19 away/bin/stylize:vgg16; do
    XDG_DATA_HOME=$PWD/none "${program%:*}" -w "${program##*:}" content.png style.png out.png
    [ $? -eq 1 ] || echo "$program: exit"
done
