# Records that are damaged or lie are refused on one line.
write() { # PICTURE SED-SCRIPT: changes the record of a JPEG, whose marker tells its length
    python3 - "$1" "$2" <<'END'
import sys
whole = open('out.jpg', 'rb').read()
at = whole.index(b'stylize {')
length = int.from_bytes(whole[at - 2:at], 'big')
text = whole[at + 8:at - 2 + length]
a, b = sys.argv[2].split('>', 1)
assert a.encode() in text, a
text = text.replace(a.encode(), b.encode(), 1)
open(sys.argv[1], 'wb').write(
    whole[:at - 2] + (len(text) + 10).to_bytes(2, 'big') + b'stylize ' + text + whole[at - 2 + length:])
END
}
command -v python3 >/dev/null || {
    echo no python3 here
    exit 77
}
"$STYLIZE" -q -s 48 -n 0 -w vgg19-slim content.png style.png out.jpg || exit
for change in '"format":1>"format":2' '"format":1>"form":1' '{"format">["format"' '"recipe":{>"recipe":[],"r":{' \
    '"name":"content.png">"name":"../content.png"' '"name":"content.png">"name":"-"' \
    '"name":"content.png">"name":7' '"role":"style">"role":"stile"' '"init":"content">"init":"/etc/passwd"' \
    '"init":"content">"init":"./-"' '"init":"content">"init":"content.png"' '"init":"content">"init":[]' \
    '"depth":8>"depth":[8]' '"depth":8>"depth":7' '"quality":95>"quality":1e999' '"quality":95>"quality":1000' \
    '"quality":95>"dots":95' '"strength":5>"strength":50' '"strength":5>"strong":5' '"name":"vgg19-slim.safetensors">"name":"/x"' \
    '"version":">"version":"\u001b[2J' '"networks":[>"networks":[[],' '"inputs":[>"inputs":{},"i":[' \
    '"seed":0>"seed":0,"seed":0' '"weights":"vgg19-slim">"weights":"/dev/stdin"'; do
    write bad.jpg "$change" || exit
    "$STYLIZE" again bad.jpg no.png
    echo $?
done
write bad.jpg '"stop":">"stop":"\u009b\u001b[2J' && "$STYLIZE" show bad.jpg | grep stop
write bad.jpg '{"format">["format"' && "$STYLIZE" show bad.jpg
ls no.png 2>/dev/null
exit 0
