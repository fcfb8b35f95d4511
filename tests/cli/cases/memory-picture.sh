# A picture that is too large for the memory is refused by its header, before a pixel is read, and the
# way out that is named helps: not a smaller result, but a smaller picture. One of which there is room for
# the bytes of its file, but not for floats, is painted with.
python3 - <<'END' || { echo "no python3 to make a large picture with"; exit 77; }
import struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
def make(name, side, color, channels):
    pack = zlib.compressobj(1)
    rows = b"".join(pack.compress(bytes(side * channels + 1)) for _ in range(side)) + pack.flush()
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, color, 0, 0, 0)) +
                   chunk(b"IDAT", rows) + chunk(b"IEND", b""))
make("large.png", 14000, 2, 3)
make("grey.png", 10000, 0, 1)
END
limit=500000
version=$(exec 2>/dev/null; ulimit -v $limit; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
ulimit -v $limit
"$STYLIZE" -q -w vgg19-slim -j 1 -s 48 -n 1 content.png grey.png out.png && [ -s out.png ] || echo "grey: exit $?"
"$STYLIZE" -w vgg19-slim -j 1 -s 64 --plan large.png style.png
"$STYLIZE" -w vgg19-slim -j 1 -s 64 content.png large.png -
