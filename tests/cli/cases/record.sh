# OUT says how it was made, in PNG and JPEG, without folders; the pixels are those of --no-metadata.
mkdir folder
cp content.png folder/photo.png
"$STYLIZE" -q -s 48 -n 1 -w vgg19-slim --mask "$PWD/folder/photo.png" folder/photo.png "$PWD/style.png" out.png || exit
"$STYLIZE" show out.png >shown || exit
grep -c -e / shown
grep -e '"name"' -e '"role"' -e '"mask"' -e '"stop"' -e '"iterations"' -e '"depth"' shown
for file in folder/photo.png style.png "$ROOT/weights/vgg19-slim.safetensors"; do
    grep -c "\"$(sha256sum <"$file" | cut -d ' ' -f 1)\"" shown
done
"$STYLIZE" -q -s 48 -n 1 -w vgg19-slim --mask folder/photo.png folder/photo.png style.png out.jpg || exit
"$STYLIZE" show out.jpg | cmp - shown && echo the same in both
"$STYLIZE" -q -s 48 -n 1 -w vgg19-slim --no-metadata --mask folder/photo.png folder/photo.png style.png bare.png || exit
"$STYLIZE" show bare.png
echo $?
# A result of which OUT is the content has its own record, or none.
"$STYLIZE" -q -s 48 -n 1 -w vgg19-slim --no-metadata out.png style.png second.png || exit
"$STYLIZE" show second.png 2>&1
echo $?
"$STYLIZE" -q -s 48 -n 0 -w vgg19-slim - style.png piped.png <content.png || exit
"$STYLIZE" show piped.png | tr -d ' \n' | grep -o '"role":"content"[^}]*'
# The same pixels: painted with no iterations, both come out as themselves.
"$STYLIZE" -q -s 0 -n 0 --no-metadata out.png style.png a.png
"$STYLIZE" -q -s 0 -n 0 --no-metadata bare.png style.png b.png
cmp a.png b.png
