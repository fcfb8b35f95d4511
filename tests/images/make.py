#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the pictures in this folder: python3 make.py (needs Pillow, and jpegtran of libjpeg-turbo).

PNG files are encoded by hand, because Pillow writes neither every depth nor interlacing. Their
pixels follow the formulas that tests/test_picture_file.c repeats. WebP and TIFF files have the pixels
of PNG files, and are made by hand where Pillow would not write them. JPEG files hold six blocks of 16 x 16
pixels, so that their colours are known in spite of the compression.
"""
import io
import os
import struct
import subprocess
import zlib

from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 7, 5  # odd, so that the Adam7 passes end unevenly
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
NAMES = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}


def save(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)


# ---- PNG ----

def sample(x, y, c, depth):
    value = (x * 37 + y * 59 + c * 83 + 11) % 256
    if depth == 16:
        return value * 256 + (x * 101 + y * 7) % 256
    return value >> (8 - depth)


def index(x, y, depth):
    return (x + 3 * y) % (1 << depth)


def palette(depth):
    entries = range(1 << depth)
    return bytes(v for i in entries
                 for v in ((i * 29 + 5) % 256, (i * 71 + 40) % 256, (i * 113 + 90) % 256))


def pack(values, depth):
    """The samples of one row as bytes, high bits first."""
    if depth == 16:
        return b"".join(struct.pack(">H", v) for v in values)
    bits = "".join(format(v, "0%db" % depth) for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def scanlines(color, depth, interlaced):
    def pixel(x, y):
        if color == PALETTE:
            return [index(x, y, depth)]
        return [sample(x, y, c, depth) for c in range(CHANNELS[color])]
    out = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns = range(x0, WIDTH, dx)
        for y in range(y0, HEIGHT, dy):
            if columns:
                out += b"\0" + pack([v for x in columns for v in pixel(x, y)], depth)
    return out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width, height, depth, color, interlaced=False):
    fields = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", fields)


def png(color, depth, interlaced=False, trns=b"", before=b""):
    """`before` are chunks that stand before all others."""
    data = header(WIDTH, HEIGHT, depth, color, interlaced) + before
    if color == PALETTE:
        data += chunk(b"PLTE", palette(depth))
    if trns:
        data += chunk(b"tRNS", trns)
    data += chunk(b"IDAT", zlib.compress(scanlines(color, depth, interlaced), 9))
    return data + chunk(b"IEND", b"")


def make_png():
    depths = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16),
              RGBA: (8, 16)}
    for color, allowed in depths.items():
        for depth in allowed:
            name = "%s%d" % (NAMES[color], depth)
            save(name + ".png", png(color, depth))
            save(name + "-interlaced.png", png(color, depth, True))
    # The colour of pixel (2, 1) is transparent.
    for color, depth in ((GREY, 2), (GREY, 8), (GREY, 16), (RGB, 8), (RGB, 16)):
        key = [sample(2, 1, c, depth) for c in range(CHANNELS[color])]
        trns = b"".join(struct.pack(">H", v) for v in key)
        save("%s%d-trns.png" % (NAMES[color], depth), png(color, depth, trns=trns))
    alphas = bytes((i * 67 + 10) % 256 for i in range(8))
    save("palette4-trns.png", png(PALETTE, 4, trns=alphas))

    full = b"".join(b"\0" + bytes([9 * y, 90, 200, 255] * WIDTH) for y in range(HEIGHT))
    save("full-alpha.png", header(WIDTH, HEIGHT, 8, RGBA) + chunk(b"IDAT", zlib.compress(full)) +
         chunk(b"IEND", b""))

    one = header(1, 1, 8, RGB) + chunk(b"IDAT", zlib.compress(b"\0\x0a\x80\xf5"))
    save("1x1.png", one + chunk(b"IEND", b""))
    tall = b"".join(b"\0" + bytes([y * 15]) for y in range(17))
    save("1x17.png", header(1, 17, 8, GREY) + chunk(b"IDAT", zlib.compress(tall)) +
         chunk(b"IEND", b""))
    wide = b"\0" + bytes(15 * x for x in range(17))
    save("17x1.png", header(17, 1, 8, GREY) + chunk(b"IDAT", zlib.compress(wide)) +
         chunk(b"IEND", b""))
    for name, size in (("zero-width", (0, 5)), ("zero-height", (5, 0))):
        save(name + ".png", header(*size, 8, RGB) + chunk(b"IDAT", zlib.compress(b"")) +
             chunk(b"IEND", b""))
    whole = png(RGB, 8)
    save("truncated.png", whole[:-20])
    for name, place in (("wrong-crc-header", 32), ("wrong-crc-pixels", -13)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        save(name + ".png", bytes(damaged))
    damaged = bytearray(whole)
    damaged[-24] ^= 0x40
    save("corrupt.png", bytes(damaged))
    save("bomb.png", header(100000, 100000, 8, RGB) + chunk(b"IDAT", zlib.compress(bytes(99))))
    save("png-named.jpg", whole)
    save("empty.png", b"")
    save("text.png", b"This is no picture.\n")


# ---- what goes along with the pixels ----

def profile(space, stated=None):
    """An ICC profile of version 2; `stated` is the size that its header claims."""
    def fixed(*values):
        return struct.pack(">%di" % len(values), *(round(v * 65536) for v in values))

    def curve():
        return b"curv" + struct.pack(">IIHxx", 0, 1, round(1.8 * 256))
    name = b"Test " + space.strip() + b"\0"
    white = (0.9642, 1, 0.8249)
    tags = {b"cprt": b"text\0\0\0\0none\0", b"wtpt": b"XYZ \0\0\0\0" + fixed(*white),
            b"desc": b"desc" + struct.pack(">II", 0, len(name)) + name + bytes(8 + 3 + 67)}
    if space == b"RGB ":
        primaries = {b"rXYZ": (0.6, 0.3, 0.02), b"gXYZ": (0.2642, 0.6, 0.1), b"bXYZ": (0.1, 0.1, 0.7049)}
        for tag, primary in primaries.items():
            tags[tag] = b"XYZ \0\0\0\0" + fixed(*primary)
            tags[tag[:1] + b"TRC"] = curve()
    elif space == b"GRAY":
        tags[b"kTRC"] = curve()
    table, data = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        at = 128 + 4 + 12 * len(tags) + len(data)
        table += tag + struct.pack(">II", at, len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4xI", size if stated is None else stated, 0x02100000)
    head += (b"prtr" if space == b"CMYK" else b"mntr") + space + b"XYZ "
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(*white)
    return head + bytes(128 - len(head)) + table + data


def iccp(data, cut=0):
    packed = zlib.compress(data, 9)
    return chunk(b"iCCP", b"any name\0\0" + packed[:len(packed) - cut])


def phys(across, down, unit):
    return chunk(b"pHYs", struct.pack(">IIB", across, down, unit))


def make_png_properties():
    rgb = profile(b"RGB ")
    gamma = chunk(b"gAMA", struct.pack(">I", 55556))
    primaries = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))
    srgb = chunk(b"sRGB", b"\1") + chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(
        b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
    save("profile.png", png(RGB, 8, before=iccp(rgb) + phys(11811, 5906, 1)))
    save("profile.icc", rgb)
    save("profile-palette.png", png(PALETTE, 4, before=iccp(rgb)))
    save("profile-grey.png", png(GREY, 8, before=iccp(profile(b"GRAY")) + gamma))
    save("profile-cmyk.png", png(RGB, 8, before=iccp(profile(b"CMYK"))))
    save("profile-cut.png", png(RGB, 8, before=iccp(rgb, 20)))
    save("profile-short.png", png(RGB, 8, before=iccp(profile(b"RGB ", len(rgb) + 4))))
    save("profile-bomb.png", png(RGB, 8, before=iccp(profile(b"RGB ", 0x7fffffff))))
    damaged = bytearray(iccp(rgb))
    damaged[-1] ^= 1
    save("profile-wrong-crc.png", png(RGB, 8, before=bytes(damaged)))
    save("srgb-alone.png", png(RGB, 8, before=chunk(b"sRGB", b"\0")))
    save("gamma.png", png(RGB, 16, before=gamma + primaries))
    save("srgb.png", png(GREY, 8, before=srgb + phys(3, 2, 0)))


# ---- JPEG ----

COLORS = [(200, 40, 30), (40, 180, 60), (50, 60, 210), (230, 220, 40), (20, 20, 20),
          (240, 240, 240)]
BLOCK, COLUMNS = 16, 3
BLACK_PAPER = 200  # what the black plate of the CMYK files leaves of the light


def blocks(mode, colors):
    rows = len(colors) // COLUMNS
    picture = Image.new(mode, (COLUMNS * BLOCK, rows * BLOCK))
    for i, color in enumerate(colors):
        x, y = i % COLUMNS * BLOCK, i // COLUMNS * BLOCK
        picture.paste(color, (x, y, x + BLOCK, y + BLOCK))
    return picture


def jpeg(picture, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **{"quality": 98, "subsampling": 0, **options})
    return out.getvalue()


def segment(data, marker):
    """Where the segment of a marker begins and ends."""
    at = 2
    while data[at + 1] != marker:
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return at, at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]


def exif(orientation, order):
    """A TIFF block with one tag before the orientation; `order` is < (Intel) or > (Motorola)."""
    mark = b"II" if order == "<" else b"MM"
    data = mark + struct.pack(order + "HIH", 42, 8, 2)
    data += struct.pack(order + "HHII", 0x10f, 2, 4, 0x414243)
    data += struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0)
    return data + struct.pack(order + "I", 0)


def cmyk(stored):
    """A CMYK file that stores exactly these four values per block; Pillow inverts them."""
    return jpeg(blocks("CMYK", [tuple(255 - v for v in color) for color in stored]))


def ycc(r, g, b):
    return (0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
            128 + 0.5 * r - 0.418688 * g - 0.081312 * b)


def app2(data, number, total):
    content = b"ICC_PROFILE\0" + bytes((number, total)) + data
    return b"\xff\xe2" + struct.pack(">H", len(content) + 2) + content


def add(data, *segments):
    """After the JFIF header, where there is one."""
    at = segment(data, 0xe0)[1] if data[3] == 0xe0 else 2
    return data[:at] + b"".join(segments) + data[at:]


def make_jpeg_properties(whole):
    rgb = profile(b"RGB ")
    parts = [rgb[:100], rgb[100:300], rgb[300:]]
    pieces = [app2(part, i + 1, 3) for i, part in enumerate(parts)]
    save("profile.jpg", add(whole, app2(rgb, 1, 1)))
    save("profile-padded.jpg", add(whole, app2(rgb + bytes(7), 1, 1)))
    save("profile-parts.jpg", add(whole, pieces[1], pieces[2], pieces[0]))
    save("profile-part-missing.jpg", add(whole, pieces[0], pieces[2]))
    save("profile-part-twice.jpg", add(whole, pieces[0], pieces[1], pieces[1], pieces[2]))
    save("profile-short.jpg", add(whole, app2(rgb[:-4], 1, 1)))
    save("profile-grey.jpg", add(jpeg(blocks("L", [color[0] for color in COLORS])),
                                 app2(profile(b"GRAY"), 1, 1)))
    ink = cmyk([color + (BLACK_PAPER,) for color in COLORS])
    save("profile-cmyk.jpg", add(ink, app2(profile(b"CMYK"), 1, 1)))
    save("profile-wrong-cmyk.jpg", add(ink, app2(rgb, 1, 1)))
    small = Image.new("RGB", (9, 7), COLORS[1])
    save("density-inch.jpg", jpeg(small, dpi=(300, 150)))
    metric = bytearray(jpeg(small, dpi=(28, 56)))
    metric[13] = 2  # the unit
    save("density-cm.jpg", bytes(metric))
    metric[13] = 0
    save("density-aspect.jpg", bytes(metric))


def make_cmyk():
    paper = [color + (BLACK_PAPER,) for color in COLORS]
    save("cmyk-adobe.jpg", cmyk(paper))  # Adobe stores what the ink leaves
    ink = cmyk([tuple(255 - v for v in color) for color in paper])
    begin, end = segment(ink, 0xee)
    save("cmyk-plain.jpg", ink[:begin] + ink[end:])
    data = bytearray(cmyk([tuple(round(v) for v in ycc(*(255 - v for v in color[:3])))
                           + color[3:] for color in paper]))
    data[segment(data, 0xee)[1] - 1] = 2  # Adobe's transform: YCCK
    save("ycck-adobe.jpg", bytes(data))


def make_oriented(upright):
    inverse = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
               4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
               6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
               8: Image.Transpose.ROTATE_270}
    for orientation, method in inverse.items():
        stored = upright if method is None else upright.transpose(method)
        tiff = exif(orientation, "<" if orientation % 2 else ">")
        data = jpeg(stored, exif=b"Exif\0\0" + tiff)
        turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        assert turned.size == upright.size and turned.getpixel((5, 5))[0] > 150
        save("orientation-%d.jpg" % orientation, data)
        if orientation in (6, 8):  # in a PNG the chunk may stand before or after the pixels
            rows = b"".join(b"\0" + stored.tobytes()[y * stored.width * 3:][:stored.width * 3]
                            for y in range(stored.height))
            chunks = [chunk(b"eXIf", tiff), chunk(b"IDAT", zlib.compress(rows, 9))]
            if orientation == 6:
                chunks.insert(0, phys(2000, 1000, 1))
            else:
                chunks.reverse()
            save("orientation-%d.png" % orientation, header(*stored.size, 8, RGB) +
                 b"".join(chunks) + chunk(b"IEND", b""))


def make_oriented_alpha(upright):
    """Each block has another alpha, 40 times its number."""
    picture = upright.convert("RGBA")
    for i in range(len(COLORS)):
        x, y = i % COLUMNS * BLOCK, i // COLUMNS * BLOCK
        picture.paste(COLORS[i] + (40 * i,), (x, y, x + BLOCK, y + BLOCK))
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    rows = b"".join(b"\0" + stored.tobytes()[y * stored.width * 4:][:stored.width * 4]
                    for y in range(stored.height))
    save("orientation-6-alpha.png", header(*stored.size, 8, RGBA) + chunk(b"eXIf", exif(6, "<")) +
         chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def make_jpeg():
    picture = blocks("RGB", COLORS)
    whole = jpeg(picture)
    save("ycc444.jpg", whole)
    save("ycc420.jpg", jpeg(picture, subsampling=2))
    save("progressive.jpg", jpeg(picture, progressive=True))
    save("rgb.jpg", jpeg(picture, keep_rgb=True))
    save("grey.jpg", jpeg(blocks("L", [color[0] for color in COLORS])))
    save("1x1.jpg", jpeg(Image.new("RGB", (1, 1), COLORS[3])))
    make_cmyk()
    make_oriented(picture)
    make_oriented_alpha(picture)
    make_jpeg_properties(whole)
    save("arithmetic.jpg", subprocess.run(["jpegtran", "-arithmetic"], input=whole, check=True,
                                          stdout=subprocess.PIPE).stdout)
    frame, _ = segment(whole, 0xc0)
    for name, at, value in (("12-bit", 4, 12), ("lossless", 1, 0xc3), ("zero-height", 6, 0),
                            ("zero-width", 8, 0)):
        data = bytearray(whole)
        data[frame + at] = value
        save(name + ".jpg", bytes(data))
    save("truncated.jpg", whole[:-40])
    bomb = bytearray(whole)
    begin, _ = segment(whole, 0xc0)
    bomb[begin + 5:begin + 9] = struct.pack(">HH", 65500, 65500)
    save("bomb.jpg", bytes(bomb))


# ---- regions ----

def painted(width, height, color, pixel):
    """A PNG file of 8 bits whose pixels are bytes by place."""
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    return (header(width, height, 8, color) + chunk(b"IDAT", zlib.compress(rows, 9)) +
            chunk(b"IEND", b""))


def make_regions():
    """Masks and maps for the content and the style of tests/cli, 48x38 and 48x32."""
    white, black, red, green, blue = b"\xff", b"\0", b"\xff\0\0", b"\0\xff\0", b"\0\0\xff"
    content, style = (48, 38), (48, 32)
    os.makedirs(os.path.join(HERE, "regions"), exist_ok=True)
    save("regions/left.png", painted(*content, GREY, lambda x, y: white if x < 24 else black))
    save("regions/right.png", painted(*content, GREY, lambda x, y: black if x < 24 else white))
    save("regions/edge.png", painted(*content, GREY, lambda x, y: white if x < 6 else black))
    save("regions/black.png", painted(*content, GREY, lambda x, y: black))
    save("regions/upright.png", painted(38, 48, GREY, lambda x, y: white))
    save("regions/content.png", painted(*content, RGB, lambda x, y: red if x < 12 else blue))
    save("regions/style.png", painted(*style, RGB, lambda x, y: red if y < 16 else blue))
    save("regions/other.png", painted(*style, RGB, lambda x, y: red if y < 16 else green))
    save("regions/faded.png", painted(*content, RGBA, lambda x, y: bytes(
        (5 * x, 6 * y, 90, 255 if x < 24 else 0))))


# ---- TIFF: the pixels of the PNG files of the same names ----

SHORT, LONG, UNDEFINED = 3, 4, 7
FIELD = {SHORT: "H", LONG: "I", UNDEFINED: "B"}


def ifd(tags, blocks, at, order="<", big=False, offsets=273, following=0):
    """A directory for a file in which it stands at `at`, and what it points to behind it; the
    blocks stand before it, from byte 16 on."""
    starts = [16 + sum(len(block) for block in blocks[:i]) for i in range(len(blocks))]
    tags = dict(tags)
    tags.setdefault(offsets, (LONG, starts))
    tags.setdefault(offsets + (6 if offsets == 273 else 1), (LONG, [len(block) for block in blocks]))
    word, entry_size = ("Q", 20) if big else ("I", 12)
    size = (8 if big else 2) + entry_size * len(tags) + struct.calcsize(order + word)
    entries, rest = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        data = struct.pack("%s%d%s" % (order, len(values), FIELD[kind]), *values)
        inline = struct.calcsize(word)
        if len(data) > inline:
            place = at + size + len(rest)
            rest += data + bytes(-len(data) % 2)
            data = struct.pack(order + word, place)
        entries += struct.pack(order + "HH" + word, tag, kind, len(values)) + data.ljust(inline, b"\0")
    return (struct.pack(order + ("Q" if big else "H"), len(tags)) + entries +
            struct.pack(order + word, following) + rest)


def tiff(tags, blocks, order="<", big=False, offsets=273):
    mark = b"II" if order == "<" else b"MM"
    data = b"".join(blocks)
    data += bytes(-len(data) % 2)
    at = 16 + len(data)
    head = (struct.pack(order + "HHHQ", 43, 8, 0, at) if big else
            struct.pack(order + "HI8x", 42, at))
    return mark + head + data + ifd(tags, blocks, at, order, big, offsets)


def tags(photometric, depth, samples, width=WIDTH, height=HEIGHT, **more):
    out = {256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [depth] * samples),
           259: (SHORT, [1]), 262: (SHORT, [photometric]), 277: (SHORT, [samples]),
           278: (LONG, [height])}
    out.update({int(tag[1:]): value for tag, value in more.items()})
    return out


def tiff_row(y, color, depth, order="<", planes=None, change=None, width=WIDTH):
    """The samples of a row, or those of `planes` alone; `change` makes others of a pixel's."""
    values = []
    for x in range(width):
        pixel = ([index(x, y, depth)] if color == PALETTE else
                 [sample(x, y, c, depth) for c in range(CHANNELS[color])])
        pixel = change(pixel) if change else pixel
        values += [pixel[c] for c in planes] if planes else pixel
    if depth == 16:
        return struct.pack("%s%dH" % (order, len(values)), *values)
    return pack(values, depth)


def strip(color, depth, **options):
    return b"".join(tiff_row(y, color, depth, **options) for y in range(HEIGHT))


def tile(color, planes=None):
    rows = [tiff_row(y, color, 8, planes=planes, width=16) for y in range(16)]
    return b"".join(rows)


def make_tiff():
    unassociated, associated, unspecified = (SHORT, [2]), (SHORT, [1]), (SHORT, [0])
    for depth in (1, 2, 4, 8, 16):
        save("grey%d.tif" % depth, tiff(tags(1, depth, 1), [strip(GREY, depth)]))
    save("white8.tif", tiff(tags(0, 8, 1), [strip(GREY, 8, change=lambda p: [255 - p[0]])]))
    for depth in (1, 4, 8):
        entries = palette(depth)
        colors = [257 * v for c in range(3) for v in entries[c::3]]
        save("palette%d.tif" % depth,
             tiff(tags(3, depth, 1, t320=(SHORT, colors)), [strip(PALETTE, depth)]))
    save("rgb8.tif", tiff(tags(2, 8, 3), [strip(RGB, 8)]))
    rows = [tiff_row(y, RGB, 16, ">") for y in range(HEIGHT)]
    save("rgb16.tif", tiff(tags(2, 16, 3, t278=(LONG, [2])),
                           [rows[0] + rows[1], rows[2] + rows[3], rows[4]], ">"))
    save("rgb16-big.tif", tiff(tags(2, 16, 3), [strip(RGB, 16)], big=True))
    save("rgb8-apart.tif", tiff(tags(2, 8, 3, t284=(SHORT, [2])),
                                [strip(RGB, 8, planes=[c]) for c in range(3)]))
    tiled = {"t322": (SHORT, [16]), "t323": (SHORT, [16])}
    whole = tags(2, 8, 3, **tiled)
    del whole[278]
    save("rgb8-tiled.tif", tiff(whole, [tile(RGB)], offsets=324))
    save("rgb8-tiled-apart.tif", tiff({**whole, 284: (SHORT, [2])},
                                      [tile(RGB, [c]) for c in range(3)], offsets=324))
    save("rgba8.tif", tiff(tags(2, 8, 4, t338=unassociated), [strip(RGBA, 8)]))
    save("rgba16.tif", tiff(tags(2, 16, 4, t338=unassociated), [strip(RGBA, 16)]))
    save("grey-alpha8.tif", tiff(tags(1, 8, 2, t338=unassociated), [strip(GREY_ALPHA, 8)]))
    save("associated16.tif", tiff(tags(2, 16, 4, t338=associated), [strip(RGBA, 16, change=lambda p: [
        round(v * p[3] / 65535) for v in p[:3]] + p[3:])]))
    save("unspecified8.tif", tiff(tags(2, 8, 4, t338=unspecified),
                                  [strip(RGB, 8, change=lambda p: p + [7])]))
    for depth in (8, 16):
        save("cmyk%d.tif" % depth, tiff(tags(5, depth, 4), [strip(RGBA, depth)]))
    with Image.open(os.path.join(HERE, "rgb8.png")) as picture:
        for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "lzma"):
            picture.save(os.path.join(HERE, "rgb8-%s.tif" % name.replace("tiff_", "")), compression=name)
    with Image.open(os.path.join(HERE, "grey1.png")) as picture:
        picture.save(os.path.join(HERE, "grey1-group4.tif"), compression="group4")
    picture = blocks("RGB", COLORS)
    picture.save(os.path.join(HERE, "ycc.tif"), compression="jpeg", quality=98)
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    save("orientation-6.tif", tiff({**tags(2, 8, 3, *stored.size), 274: (SHORT, [6])}, [stored.tobytes()]))
    profiled = profile(b"RGB ")
    save("profile.tif", tiff(tags(2, 8, 3, t34675=(UNDEFINED, profiled)), [strip(RGB, 8)]))
    save("profile-cmyk.tif", tiff(tags(5, 8, 4, t34675=(UNDEFINED, profiled)), [strip(RGBA, 8)]))
    page = strip(RGB, 8)
    at = 16 + len(page) + len(page) % 2
    second = at + len(ifd(tags(2, 8, 3), [page], at))
    first = ifd(tags(2, 8, 3), [page], at, following=second)
    save("pages.tif", tiff(tags(2, 8, 3), [page])[:at] + first +
         ifd(tags(1, 8, 1), [page], second))
    make_hostile_tiff()


def make_hostile_tiff():
    whole = tags(2, 8, 3)
    pixels = strip(RGB, 8)

    def refused(name, change, blocks=None, **options):
        save(name + ".tif", tiff({**whole, **change}, blocks or [pixels], **options))
    refused("floats", {258: (SHORT, [32] * 3), 339: (SHORT, [3] * 3)}, [4 * pixels])
    refused("signed", {339: (SHORT, [2] * 3)})
    refused("bits12", {258: (SHORT, [12] * 3)}, [2 * pixels])
    refused("lab", {262: (SHORT, [8])})
    refused("ycc-plain", {262: (SHORT, [6])})
    refused("inks", {262: (SHORT, [5]), 277: (SHORT, [4]), 258: (SHORT, [8] * 4), 332: (SHORT, [2])},
            [2 * pixels])
    refused("thumbnail", {254: (LONG, [1])})
    refused("compression", {259: (SHORT, [32809])})
    refused("bomb", {256: (LONG, [100000]), 257: (LONG, [100000]), 278: (LONG, [100000])})
    refused("zero-width", {256: (LONG, [0])})
    refused("channels", {277: (SHORT, [5000]), 258: (SHORT, [8])})
    refused("no-palette", {262: (SHORT, [3]), 277: (SHORT, [1]), 258: (SHORT, [4])})
    refused("few-bytes", {259: (SHORT, [8])}, [zlib.compress(pixels[:-9], 9)])
    tiled = {322: (LONG, [65536]), 323: (LONG, [65536])}
    refused("tile-bomb", tiled, offsets=324)
    data = tiff(whole, [pixels])
    save("truncated.tif", data[:-30])
    save("no-directory.tif", data[:60])
    packed = bytearray(zlib.compress(pixels, 9))
    packed[len(packed) // 2] ^= 0x55
    refused("corrupt", {259: (SHORT, [8])}, [bytes(packed)])


# ---- WebP ----

def riff(*chunks, claim=0):
    data = b"WEBP" + b"".join(name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
                              for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(data) + claim) + data


def vp8x(flags, width, height):
    return (b"VP8X", bytes((flags, 0, 0, 0)) + struct.pack("<I", width - 1)[:3] +
            struct.pack("<I", height - 1)[:3])


def make_webp():
    def webp(picture, **options):
        out = io.BytesIO()
        picture.save(out, "WEBP", **{"lossless": True, "exact": True, **options})
        return out.getvalue()

    def load(name):
        with Image.open(os.path.join(HERE, name)) as picture:
            return picture.copy()
    icc, alpha_flag, exif_flag, animated = 0x20, 0x10, 8, 2
    small, picture = load("rgb8.png"), blocks("RGB", COLORS)
    plain = webp(small)
    save("rgb8.webp", plain)
    save("rgba8.webp", webp(load("rgba8.png")))
    save("lossy.webp", webp(picture, lossless=False, quality=95))
    save("lossy-alpha.webp", webp(load("rgba8.png").resize((40, 24)), lossless=False, quality=90))
    save("orientation-6.webp", webp(picture.transpose(Image.Transpose.ROTATE_90), exif=exif(6, ">")))
    save("profile.webp", webp(small, icc_profile=profile(b"RGB ")))
    frames = [Image.new("RGBA", (12, 10), color + (255,)) for color in COLORS[:3]]
    save("animated.webp", webp(frames[0], save_all=True, append_images=frames[1:], duration=50))
    coded = plain[12:]
    part = (b"ANMF", struct.pack("<I", 2)[:3] + struct.pack("<I", 1)[:3] + struct.pack("<I", WIDTH - 1)[:3] +
            struct.pack("<I", HEIGHT - 1)[:3] + struct.pack("<I", 50)[:3] + b"\0" + coded)
    save("animated-part.webp", riff(vp8x(animated | alpha_flag, 12, 10), (b"ANIM", bytes(6)), part))
    save("outside.webp", riff(vp8x(animated, 6, 4), (b"ANIM", bytes(6)), part))
    save("bomb.webp", riff(vp8x(0, 65536, 65535), (b"VP8L", coded[8:])))
    save("canvas-wrong.webp", riff(vp8x(0, 9, 9), (b"VP8L", coded[8:])))
    save("truncated.webp", plain[:-6])
    save("header-cut.webp", plain[:18])
    save("claims-more.webp", riff((b"VP8L", coded[8:]), claim=1 << 30))
    save("wave.webp", b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt " + bytes(32))
    damaged = bytearray(webp(picture, lossless=False, quality=95))
    damaged[20:23] = b"\xff\xff\xff"
    save("corrupt.webp", bytes(damaged))
    save("profile-cut.webp", riff(vp8x(icc, WIDTH, HEIGHT), (b"ICCP", profile(b"RGB ")[:90]),
                                  (b"VP8L", coded[8:])))
    save("exif-cut.webp", riff(vp8x(exif_flag, WIDTH, HEIGHT), (b"VP8L", coded[8:]),
                               (b"EXIF", exif(6, "<")[:20])))


make_png()
make_png_properties()
make_jpeg()
make_tiff()
make_webp()
make_regions()
