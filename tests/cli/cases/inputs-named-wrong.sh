# A file that is not there, or is a folder: one line with the way out, and nothing is written.
refuse() {
    words=$1
    shift
    "$STYLIZE" "$@" >out 2>err
    status=$?
    [ $status -eq 1 ] && [ ! -s out ] && [ ! -e out.png ] && [ "$(wc -l <err)" -eq 1 ] && grep -q "^stylize: .*$words" err ||
        echo "$*: exit $status, $(cat err)"
}
mkdir folder
cp content.png folder/Photo.PNG
refuse 'none.png: No such file or directory; check the name' none.png style.png out.png
refuse 'content.jpg: No such file or directory; is it content.png?' content.jpg style.png out.png
refuse 'style: No such file or directory; is it style.png?' content.png style out.png
refuse 'folder/photo.jpeg: No such file or directory; is it folder/Photo.PNG?' content.png style.png --init folder/photo.jpeg out.png
refuse 'no/content.png: No such file or directory; check the name' no/content.png style.png out.png
refuse 'content.png/x.png: Not a directory' content.png/x.png style.png out.png
refuse 'folder: it is a folder; name the picture in it, or of styles the pictures, as in folder/\*.jpg' folder style.png out.png
refuse 'folder: it is a folder; name the picture in it, or of styles the pictures, as in folder/\*.jpg' content.png folder out.png
refuse 'folder: it is a folder; name the picture in it, or of styles the pictures, as in folder/\*.jpg' --init folder content.png style.png out.png
refuse '--weights: ./folder is a folder; name a file in it' -w ./folder content.png style.png out.png
refuse '--weights: ./none: No such file or directory; check the path' -w ./none content.png style.png out.png
mkfifo pipe.safetensors
refuse 'pipe.safetensors: not a regular file' -w pipe.safetensors content.png style.png out.png
