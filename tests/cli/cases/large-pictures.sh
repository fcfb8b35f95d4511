# A large picture that is painted small takes hardly more memory than its samples have bytes: 8000 x
# 8000 pixels are 61 MB in grey, 183 MB in RGB, in the program and where it is decoded.
grep -q memcheck.sh "$STYLIZE" && { echo "valgrind takes memory of its own"; exit 77; }
python3 - <<'END' || { echo "no python3 to make large pictures with"; exit 77; }
import struct, zlib
side = 8000
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
def png(name, kind, row):
    pack = zlib.compressobj(1)
    rows = b"".join(pack.compress(b"\0" + row) for _ in range(side)) + pack.flush()
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, kind, 0, 0, 0)) +
                   chunk(b"IDAT", rows) + chunk(b"IEND", b""))
def segment(marker, data):
    return struct.pack(">2BH", 255, marker, 2 + len(data)) + data
def jpeg(name, channels):
    """Flat: each block is the word for no difference, and the one for its end, both one bit, 0."""
    of_each = b"".join(bytes((1 + c, 0x11, 0)) for c in range(channels))
    table = bytes((1,)) + bytes(15) + bytes(1)
    with open(name, "wb") as file:
        file.write(b"\xff\xd8" + segment(0xdb, bytes(1) + bytes((1,)) * 64) +
                   segment(0xc0, struct.pack(">B2HB", 8, side, side, channels) + of_each) +
                   segment(0xc4, b"\x00" + table) + segment(0xc4, b"\x10" + table) +
                   segment(0xda, bytes((channels,)) + b"".join(bytes((1 + c, 0)) for c in range(channels)) +
                           b"\x00\x3f\x00") + bytes(channels * (side // 8) ** 2 // 4) + b"\xff\xd9")
shades = bytes(x // 64 for x in range(side))
png("grey.png", 0, shades)
png("rgb.png", 2, bytes(3 * side // 2) + bytes((255, 128, 0)) * (side // 2))
jpeg("grey.jpg", 1)
jpeg("rgb.jpg", 3)
END
start=150000
version=$(exec 2>/dev/null; ulimit -v $start; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
# paint LIMIT PICTURE: as a content and in KB for each process.
paint() (
    ulimit -v "$1"
    "$STYLIZE" -q --no-metadata -w vgg19-slim -j 1 -n 0 -s 64 "$2" style.png "$2.out.png" || echo "$2: exit $?"
    [ -s "$2.out.png" ]
) || echo "$2: nothing painted"
paint 230000 grey.png
paint 230000 grey.jpg
paint 360000 rgb.png
paint 360000 rgb.jpg
