# Like --version: alone or with other options and operands, which are not looked at; mistakes come first.
mkdir bin
cp "$STYLIZE" bin/stylize
XDG_DATA_HOME=$PWD/none
export XDG_DATA_HOME
bin/stylize --list-weights | grep -c 'The full network, vgg19, is downloaded by weights/fetch vgg19 (installed: stylize-fetch vgg19)'
bin/stylize -w none --list-weights nothing.png | grep -c 'The full network'
bin/stylize --list-weights --version
bin/stylize --list-weights=yes
echo $?
bin/stylize --list-weights extra --wat
echo $?
