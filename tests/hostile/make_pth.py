#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes hostile PyTorch files beside this script: one defect each; needs nothing but Python.

pth.txt gets a line for each: its name and the text that it must be refused with, by which
tests/test_pth.c goes. The names that start with read- open well; their tensor cannot be read.
"""
import os
import struct

FOLDER = os.path.dirname(os.path.abspath(__file__))
EXPECTED = []


def write(name, content, text):
    with open(os.path.join(FOLDER, name + ".pth"), "wb") as file:
        file.write(content)
    EXPECTED.append("%s %s\n" % (name, text))


# ---- pickles ----


def pickle(content):
    return b"\x80\x02" + content + b"."


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def number(value):
    return b"\x8a\x08" + struct.pack("<q", value)


def numbers(values):
    return b"(" + b"".join(number(value) for value in values) + b"t"


def name_of(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def storage_id(kind, key, count, more=b""):
    return b"(" + text("storage") + kind + key + text("cpu") + number(count) + more + b"tQ"


def storage(count=4, key="0", kind="FloatStorage", more=b""):
    return storage_id(name_of("torch", kind), text(key), count, more)


def tensor(offset=0, shape=(4,), strides=(1,), of=None):
    call = name_of("torch._utils", "_rebuild_tensor_v2")
    place = (storage() if of is None else of) + number(offset) + numbers(shape) + numbers(strides)
    return call + b"(" + place + b"\x89}tR"


def state(*items):
    """A state dict of names and tensors in turn."""
    return pickle(b"}(" + b"".join(items) + b"u")


# ---- ZIP archives ----


def archive(entries, method=0, flags=0, claim=None, count=None, end=True, end64=b""):
    """Entries (name, content); `claim` is the size of the first that the directory tells."""
    body, directory = b"", b""
    for i, (name, content) in enumerate(entries):
        size = claim if claim is not None and i == 0 else len(content)
        fields = struct.pack("<HHHHIII", flags, method, 0, 0, 0, size, size)
        lengths = struct.pack("<HH", len(name), 0)
        directory += b"PK\1\2\0\0\0\0" + fields + lengths
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4\0\0" + fields + lengths + name.encode() + content
    count = len(entries) if count is None else count
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end64 + (tail if end else b"")


def zipped(data_pkl, data=b"\0" * 16, order=b"little", **more):
    return archive([("a/data.pkl", data_pkl), ("a/byteorder", order), ("a/data/0", data)], **more)


GOOD = state(text("t"), tensor())


def in_zip(name, data_pkl, expected, **more):
    write(name, zipped(data_pkl, **more), expected)


def one_tensor(name, expected, **more):
    in_zip(name, state(text("t"), tensor(**more)), expected)


BROKEN = "broken ZIP archive: "
write("zip-cut-short", zipped(GOOD)[:-30], BROKEN + "its directory is missing (is it truncated?)")
write("zip-without-directory", zipped(GOOD, end=False), BROKEN + "its directory is missing")
write("zip-head-only", b"PK\3\4\0\0\0\0\0\0", BROKEN + "its directory is missing")
in_zip("zip-compressed", GOOD, "is compressed or encrypted, which a state dict never is", method=8)
in_zip("zip-encrypted", GOOD, "is compressed or encrypted", flags=1)
in_zip("zip-entry-past-end", GOOD, "'a/data.pkl' extends past the end of the file", claim=1 << 30)
in_zip("zip-size-in-no-extra", GOOD, "'a/data.pkl' extends past the end of the file", claim=2**32 - 1)
in_zip("zip-more-entries", GOOD, BROKEN + "an entry of its directory is missing", count=4)
in_zip("zip-many-entries", GOOD, BROKEN + "its directory has more entries than fit", count=65535)
TWICE = [("a/data.pkl", GOOD), ("a/data.pkl", GOOD), ("a/data/0", b"\0" * 16)]
write("zip-name-twice", archive(TWICE), BROKEN + "two entries have the same name")
LOCATOR = b"PK\6\7" + struct.pack("<IQI", 0, 1 << 40, 1)
in_zip("zip64-far", GOOD, BROKEN + "its ZIP64 directory is missing", end64=LOCATOR)
END64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 60, 1 << 60, 0, 0)
AT = len(zipped(GOOD, end=False))
LOCATOR = b"PK\6\7" + struct.pack("<IQI", 0, AT, 1)
in_zip(
    "zip64-many-entries",
    GOOD,
    BROKEN + "its directory has more entries than fit",
    end64=END64 + LOCATOR,
)
write(
    "zip-without-pickle",
    archive([("a/data/0", b"")]),
    "a ZIP archive without data.pkl, so not a PyTorch file",
)
in_zip("zip-big-endian", GOOD, "written on a big-endian machine", order=b"big")
in_zip("zip-storage-short", GOOD, "a storage has 15 bytes, but the pickle says 16", data=b"\0" * 15)
in_zip("zip-storage-long", GOOD, "a storage has 17 bytes, but the pickle says 16", data=b"\0" * 17)
write(
    "zip-storage-missing",
    archive([("a/data.pkl", GOOD)]),
    "a storage that its pickle names is not in the archive",
)

# ---- code ----

RUN = "refuses to run code: its pickle "
in_zip(
    "code-os-system",
    pickle(name_of("os", "system") + text("touch /tmp/stylize-was-here") + b"\x85R"),
    RUN + "calls os.system,",
)
in_zip(
    "code-eval",
    pickle(name_of("builtins", "eval") + text("1") + b"\x85R"),
    RUN + "calls builtins.eval,",
)
in_zip(
    "code-getattr", pickle(name_of("__builtin__", "getattr")), RUN + "calls __builtin__.getattr,"
)
in_zip(
    "code-in-tensor",
    state(text("t"), name_of("torch", "load") + text("x") + b"\x85R"),
    RUN + "calls torch.load,",
)
in_zip(
    "code-model",
    pickle(name_of("torchvision.models.vgg", "VGG") + b")\x81"),
    RUN + "calls torchvision.models.vgg.VGG,",
)
in_zip(
    "code-almost-known",
    pickle(name_of("torch", "FloatStorage.x")),
    RUN + "calls torch.FloatStorage.x,",
)
in_zip(
    "code-split-name",
    pickle(name_of("collections.OrderedDict", "")),
    RUN + "calls collections.OrderedDict.,",
)
in_zip("code-long-name", pickle(name_of("x" * 3000, "y" * 3000)), RUN + "calls xxx")
for name, code in (
    ("inst", b"(ios\nsystem\n"),
    ("obj", b"(o"),
    ("ext1", b"\x82\1"),
    ("stack-global", b"\x93"),
    ("newobj-ex", b"\x92"),
    ("string", b"S'x'\n"),
    ("frame", b"\x95"),
    ("persid", b"Px\n"),
):
    byte = code[1] if code[:1] == b"(" else code[0]
    in_zip("code-" + name, pickle(code), RUN + "has opcode 0x%02x," % byte)

# ---- the machine ----

BAD = "broken pickle: "
in_zip("pickle-empty", b"", BAD + "it ends too early")
in_zip("pickle-without-stop", pickle(b"}")[:-1], BAD + "it ends too early")
in_zip("pickle-protocol-4", b"\x80\x04}.", "pickle protocol 4, expected PyTorch's 2")
in_zip("pickle-stop-at-once", pickle(b""), BAD + "its stack is empty")
in_zip("pickle-stop-at-mark", pickle(b"("), BAD + "its stack is empty")
in_zip("pickle-memo-far", pickle(b"}r\xff\xff\xff\xff"), "the pickle has over 262144 values")
in_zip("pickle-memo-of-nothing", pickle(b"q\0"), BAD + "its stack is empty")
in_zip("pickle-memo-unknown", pickle(b"h\7"), BAD + "it refers to an unset memo entry")
in_zip(
    "pickle-memo-unknown-far",
    pickle(b"j\xff\xff\xff\xff"),
    BAD + "it refers to an unset memo entry",
)
in_zip("pickle-string-past-end", pickle(b"X\xff\xff\xff\xffabc"), BAD + "it ends too early")
in_zip("pickle-name-without-end", pickle(b"ctorch\nFloatStorage"), BAD + "a name does not end")
in_zip("pickle-long-number", pickle(b"\x8a\x09" + b"\1" * 9), BAD + "a number is too large")
in_zip("pickle-tuple-of-too-few", pickle(b"K\1\x86"), BAD + "its stack is empty")
in_zip("pickle-tuple-over-mark", pickle(b"K\1(K\1\x87"), BAD + "a mark is where a value is expected")
in_zip("pickle-tuple-without-mark", pickle(b"K\1t"), BAD + "its stack is empty")
in_zip("pickle-call-of-number", pickle(b"K\1)R"), BAD + "it calls something that is not a function")
in_zip(
    "pickle-call-with-number",
    pickle(name_of("collections", "OrderedDict") + b"K\1R"),
    BAD + "it calls something that is not a function",
)
in_zip("pickle-append-to-number", pickle(b"K\1K\1a"), BAD + "it appends to something that is not a list")
in_zip("pickle-append-without-mark", pickle(b"]K\1e"), BAD + "its stack is empty")
in_zip("pickle-items-of-list", pickle(b"]K\1K\1s"), BAD + "it sets items of something that is not a dict")
in_zip("pickle-key-without-value", pickle(b"}(K\1u"), BAD + "a key has no value")
in_zip("pickle-attributes-of-list", pickle(b"]}b"), BAD + "it sets items of something that is not a dict")
in_zip("pickle-id-is-number", pickle(b"K\1Q"), BAD + "a persistent id is invalid")

# ---- what it says ----

NO_STATE = "no state dict: in PyTorch save model.state_dict()"
in_zip("state-number", pickle(b"K\1"), NO_STATE)
in_zip("state-tensor", pickle(tensor()), NO_STATE)
in_zip("state-deep", pickle(b")" + b"\x85" * 9000), NO_STATE)
in_zip("state-in-itself", pickle(b"]q\0h\0a"), NO_STATE)
PAIRS = name_of("collections", "OrderedDict") + b"]q\0h\0a\x85R"
in_zip("state-of-pairs-in-itself", pickle(PAIRS), "not a VGG: no conv1_1.weight")
in_zip(
    "state-of-tuple-pairs",
    pickle(name_of("collections", "OrderedDict") + b"](K\1" + text("x") + b"\x85Ne\x85R"),
    "not a VGG: no conv1_1.weight",
)
in_zip("state-without-tensors", state(text("t"), number(1)), "not a VGG: no conv1_1.weight")
PARAMETER = name_of("torch.nn.parameter", "Parameter")
in_zip(
    "state-parameter-of-nothing",
    state(text("t"), PARAMETER + PARAMETER + b")R\x85R"),
    "not a VGG: no conv1_1.weight",
)
in_zip("name-number", state(number(1), tensor()), "a tensor of its state dict has no name")
in_zip("name-with-nul", state(text("t\0"), tensor()), "the name of a tensor contains a NUL")
in_zip(
    "name-too-long",
    state(text("n" * 256), tensor()),
    "tensor '%s...': name over 255 bytes" % ("n" * 40),
)
in_zip("name-twice", state(text("t"), tensor(), text("t"), tensor()), "tensor 't' occurs twice")

WRONG_STORAGE = "its pickle describes a storage unlike PyTorch"
one_tensor("storage-id-empty", WRONG_STORAGE, of=b")Q")
one_tensor("storage-id-other", WRONG_STORAGE, of=b"(" + text("module") + b"tQ")
one_tensor(
    "storage-type-other",
    WRONG_STORAGE,
    of=storage_id(name_of("collections", "OrderedDict"), text("0"), 4),
)
one_tensor(
    "storage-type-unknown",
    RUN + "calls torch.ComplexFloatStorage,",
    of=storage(kind="ComplexFloatStorage"),
)
one_tensor(
    "storage-key-number",
    WRONG_STORAGE,
    of=storage_id(name_of("torch", "FloatStorage"), number(0), 4),
)
one_tensor("storage-negative", WRONG_STORAGE, of=storage(count=-4))
one_tensor("storage-overflows", "the size of a storage overflows", of=storage(count=2**62 + 4))
one_tensor(
    "storage-of-other-size", "a storage has 16 bytes, but the pickle says 20", of=storage(count=5)
)
one_tensor(
    "storage-key-of-folder",
    "a storage that its pickle names is not in the archive",
    of=storage(key="../data/0"),
)
one_tensor(
    "storage-key-long",
    "its pickle describes a storage unlike PyTorch",
    of=storage(key="0" * 5000),
)
one_tensor("storage-none", "tensor 't' has no storage", of=b"N")
in_zip(
    "storage-of-two-types",
    state(text("t"), tensor(), text("u"), tensor(of=storage(kind="IntStorage"))),
    "one storage has two types or sizes",
)
in_zip(
    "storage-of-two-sizes",
    state(text("t"), tensor(), text("u"), tensor(of=storage(count=2))),
    "one storage has two types or sizes",
)

OUTSIDE = "tensor 't' extends past its storage of 4 elements"
one_tensor("tensor-too-long", OUTSIDE, shape=(5,))
one_tensor("tensor-offset-too-far", OUTSIDE, offset=1)
one_tensor("tensor-offset-far", OUTSIDE, offset=2**62, shape=(1,))
one_tensor("tensor-stride-too-far", OUTSIDE, shape=(2,), strides=(4,))
one_tensor("tensor-strides-too-far", OUTSIDE, shape=(2, 2), strides=(2, 2))
one_tensor("tensor-stride-wraps", OUTSIDE, shape=(3,), strides=(2**63 - 1,))
one_tensor("tensor-strides-wrap", OUTSIDE, shape=(2, 2, 2, 1), strides=(2**63 - 1, 2**63 - 1, 2, 1))
one_tensor("tensor-expanded", OUTSIDE, shape=(1000,), strides=(0,))
one_tensor("tensor-shape-wraps", OUTSIDE, shape=(2**32, 2**32), strides=(0, 0))
SIZES = "tensor 't': shape or strides are not whole numbers >= 0"
one_tensor("tensor-shape-negative", SIZES, shape=(-1,))
one_tensor("tensor-stride-negative", SIZES, strides=(-1,))
LAYOUT = "tensor 't': invalid offset, shape or strides"
one_tensor("tensor-offset-negative", LAYOUT, offset=-1)
one_tensor("tensor-strides-too-few", LAYOUT, shape=(2, 2))
one_tensor("tensor-rank-5", "tensor 't': 5 dimensions, over 4", shape=(1,) * 5, strides=(1,) * 5)
in_zip(
    "tensor-without-arguments",
    state(text("t"), name_of("torch._utils", "_rebuild_tensor") + b")R"),
    "tensor 't' has no storage",
)

# ---- values and types that open but cannot be read ----

in_zip(
    "read-double",
    state(text("t"), tensor(of=storage(count=2, kind="DoubleStorage"), shape=(2,))),
    "tensor 't': dtype is neither F32 nor F16",
)
in_zip(
    "read-nan",
    GOOD,
    "tensor 't': value 2 is NaN or infinite",
    data=struct.pack("<ffff", 1, 2, float("nan"), 4),
)

# ---- the legacy format ----

MAGIC = pickle(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19")
VERSION = pickle(b"M\xe9\x03")
SYSTEM = pickle(b"}" + text("little_endian") + b"\x88s")
LEGACY = state(text("t"), tensor(of=storage(more=b"N")))
KEYS = pickle(b"](" + text("0") + b"e")
DATA = struct.pack("<q", 4) + b"\0" * 16


def legacy(name, expected, **parts):
    whole = {"magic": MAGIC, "version": VERSION, "system": SYSTEM}
    whole.update({"state": LEGACY, "keys": KEYS, "data": DATA})
    write(name, b"".join({**whole, **parts}.values()), expected)


legacy(
    "legacy-other-pickle",
    "a pickle, but not a PyTorch file",
    magic=b"",
    version=b"",
    system=b"",
)
legacy("legacy-version", "a PyTorch file of an unknown version", version=pickle(b"M\xea\x03"))
legacy("legacy-system-number", "a PyTorch file of an unknown version", system=pickle(b"K\1"))
legacy(
    "legacy-big-endian",
    "written on a big-endian machine",
    system=pickle(b"}" + text("little_endian") + b"\x89s"),
)
legacy("legacy-endian-unsaid", "written on a big-endian machine", system=pickle(b"}"))
legacy("legacy-code-in-system", RUN + "calls os.system,", system=pickle(name_of("os", "system")))
legacy("legacy-code-in-keys", RUN + "calls os.system,", keys=pickle(name_of("os", "system")))
legacy("legacy-without-keys", BAD + "it ends too early", keys=b"", data=b"")
legacy("legacy-keys-number", "its list of storages is not a list", keys=pickle(b"K\1"))
legacy(
    "legacy-keys-of-numbers",
    "its list of storages does not match its pickle",
    keys=pickle(b"]K\1a"),
)
legacy(
    "legacy-key-unknown",
    "its list of storages does not match its pickle",
    keys=pickle(b"]" + text("1") + b"a"),
)
legacy(
    "legacy-key-twice",
    "its list of storages does not match its pickle",
    keys=pickle(b"](" + text("0") * 2 + b"e"),
    data=DATA * 2,
)
legacy(
    "legacy-key-missing", "a storage that its pickle names is not in its list", keys=pickle(b"]")
)
legacy("legacy-storage-missing", "a storage is missing", data=b"\4")
legacy("legacy-storage-cut-short", "a storage extends past the end of the file", data=DATA[:-1])
legacy(
    "legacy-storage-of-other-length",
    "the length of a storage differs from the pickle's",
    data=struct.pack("<q", -1) + DATA[8:],
)
VIEW = b"(" + text("1") + number(0) + number(4) + b"t"
legacy(
    "legacy-view",
    "a tensor is a view of a storage, which is not supported",
    state=state(text("t"), tensor(of=storage(more=VIEW))),
)

# ---- other formats ----

write(
    "other-tar",
    b"storages\0".ljust(257, b"\0") + b"ustar  \0".ljust(255, b"\0"),
    "the tar format of PyTorch before 2017 is not supported",
)
write(
    "other-hdf5",
    b"\x89HDF\r\n\x1a\n" + b"\0" * 100,
    "Keras weights (HDF5); convert them first: stylize-convert ",
)

with open(os.path.join(FOLDER, "pth.txt"), "w") as file:
    file.writelines(EXPECTED)
