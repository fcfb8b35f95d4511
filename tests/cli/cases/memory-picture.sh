# A picture that is too large for the memory is refused by its header, before a pixel is read, and the
# way out that is named helps: not a smaller result, but a smaller picture. 279 KB of file, 245 MB of it.
python3 - <<'END' || { echo "no python3 to make a large picture with"; exit 77; }
import struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
pack, side = zlib.compressobj(9), 16000
rows = b"".join(pack.compress(bytes(side + 1)) for _ in range(side)) + pack.flush()
with open("large.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0)) +
               chunk(b"IDAT", rows) + chunk(b"IEND", b""))
END
limit=250000
version=$(exec 2>/dev/null; ulimit -v $limit; "$STYLIZE" --version; :)
[ -n "$version" ] || { echo "the program cannot even start in so little (sanitizers)"; exit 77; }
ulimit -v $limit
"$STYLIZE" -w vgg19-slim -j 1 -s 64 --plan large.png style.png
"$STYLIZE" -w vgg19-slim -j 1 -s 64 content.png large.png -
