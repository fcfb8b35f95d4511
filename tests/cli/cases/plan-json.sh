# The plan as one object on a line: numbers are numbers, and what is not known is null.
"$STYLIZE" --plan --json -j 1 -s 48 --scales 24,48 -n 3,2 content.png style.png style.png - >plan || exit
wc -l <plan | tr -d ' '
sed 's/"weights": "[^"]*vgg16.safetensors"/"weights": W/g; s/\("[a-z_]*seconds"\): [0-9.e-]*/\1: N/g
    s/\("[a-z_]*bytes"\): [0-9]\{6,\}/\1: N/g; s/\("[a-z_0-9]*"\): "[^"]*"/\1: T/g; s/"larger_in.*/.../' plan
# Nothing is printed of what fails.
"$STYLIZE" --plan --json content.png none.png >plan
echo $?
cat plan
"$STYLIZE" --json content.png style.png out.png
echo $?
