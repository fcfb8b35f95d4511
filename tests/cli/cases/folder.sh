# Every photograph is painted, whatever its name; one that fails stops no other; what is there stays.
mkdir photos photos/below photos/folder.png
cp content.png photos/plain.png
cp content.png 'photos/ with  spaces .PNG'
cp content.png 'photos/-s.png'
cp content.png 'photos/*.png'
cp content.png "photos/it's \"\$HOME\".jpg" # by its content
cp content.png "photos/two
lines.jpeg"
cp content.png photos/below/deeper.png
echo text >photos/readme.txt
echo text >photos/broken.jpg
sh "$ROOT/examples/folder.sh" style.png photos 'out side' -q -s 40 -n 1 2>said
echo "exit $?"
tail -3 said
ls -A1q 'out side'
# Options got through: 40 pixels.
"$STYLIZE" --plan -s 0 'out side/*.png' style.png | head -1
echo mine >'out side/plain.png'
rm -r photos/folder.png
cp content.png photos/broken.jpg
mv photos ./-photos
sh "$ROOT/examples/folder.sh" style.png -photos/ 'out side' -q -s 40 -n 1 2>said
echo "exit $?"
cat said
cat 'out side/plain.png'
