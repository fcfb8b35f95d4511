#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes hostile Keras files (HDF5) beside this script: one defect each; needs h5py.

h5.txt gets a line for each: its name and the text that it must be refused with, by which
tests/convert/test_keras.c goes.
"""
import os

import h5py
import numpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
EXPECTED = []


def place(name):
    return os.path.join(FOLDER, name + ".h5")


def defect(name, expected):
    """For functions that fill a file in which everything else is right."""

    def write(fill):
        with h5py.File(place(name), "w", libver="latest") as file:
            fill(file)
        EXPECTED.append("%s %s\n" % (name, expected))

    return write


def conv(file, name="block1_conv1", channels=3, width=2, kernel=None, bias=None, **how):
    group = file.create_group(name)
    kernel = numpy.full((3, 3, channels, width), 0.5, "f4") if kernel is None else kernel
    bias = numpy.zeros(width, "f4") if bias is None else bias
    group.create_dataset("kernel:0", data=kernel, **how)
    group.create_dataset("bias:0", data=bias)
    return group


def of_kernel(name, expected, kernel, **how):
    defect(name, expected)(lambda file: conv(file, kernel=kernel, **how))


# Which layers there are.
EMPTY = "not a VGG of Keras: no block1_conv1"
defect("h5-empty", EMPTY)(lambda file: None)
defect("h5-other-names", EMPTY)(lambda file: conv(file, "conv2d"))
defect("h5-without-first", "block1_conv1: is missing")(lambda file: conv(file, "block1_conv2", 2))


@defect("h5-with-gap", "block2_conv1: is missing")
def _(file):
    conv(file)
    conv(file, "block1_conv2", 2)
    conv(file, "block2_conv2", 2)


@defect("h5-layer-is-dataset", "block1_conv1: is not a group of this file")
def _(file):
    file.create_dataset("block1_conv1", data=numpy.zeros(2, "f4"))


# Shapes.
ODD = "block1_conv1: is not a 3x3 convolution [3, 3, in, out]"
of_kernel("h5-kernel-5x5", ODD, numpy.zeros((5, 5, 3, 2), "f4"))
of_kernel("h5-kernel-torch", ODD, numpy.zeros((2, 3, 3, 4), "f4"))
NEITHER = "block1_conv1: holds something that is neither a kernel nor a bias"
of_kernel("h5-kernel-rank-3", NEITHER, numpy.zeros((3, 3, 2), "f4"))
of_kernel("h5-kernel-scalar", NEITHER, numpy.float32(1))
CHANNELS = "block1_conv1: its input channels do not match the layer before it"
of_kernel("h5-kernel-of-four", CHANNELS, numpy.zeros((3, 3, 4, 2), "f4"))
WIDTH = "block1_conv1: has an invalid number of output channels or of biases"
of_kernel("h5-kernel-of-none", WIDTH, numpy.zeros((3, 3, 3, 0), "f4"), bias=numpy.zeros(0, "f4"))
defect("h5-bias-too-long", WIDTH)(lambda file: conv(file, bias=numpy.zeros(3, "f4")))


def huge(name, width):
    @defect(name, WIDTH)
    def _(file):
        group = file.create_group("block1_conv1")
        group.create_dataset("k", (3, 3, 3, width), "f4", chunks=(3, 3, 3, 64))
        group.create_dataset("b", (width,), "f4", chunks=(64,))


huge("h5-huge", 2**40)
huge("h5-too-wide", 65537)


@defect("h5-without-kernel", "block1_conv1: has no kernel")
def _(file):
    file.create_dataset("block1_conv1/bias", data=numpy.zeros(2, "f4"))


@defect("h5-without-bias", "block1_conv1: has no bias")
def _(file):
    file.create_dataset("block1_conv1/kernel", data=numpy.zeros((3, 3, 3, 2), "f4"))


@defect("h5-two-kernels", "block1_conv1: has two kernels")
def _(file):
    conv(file).create_dataset("kernel:1", data=numpy.zeros((3, 3, 3, 2), "f4"))


@defect("h5-two-biases", "block1_conv1: has two biases")
def _(file):
    conv(file).create_dataset("x/bias:0", data=numpy.zeros(2, "f4"))


@defect("h5-named-type", NEITHER)
def _(file):
    conv(file)["type"] = numpy.dtype("f4")


# Values.
FLOATS = "block1_conv1: its values are not floating-point numbers"
of_kernel("h5-integers", FLOATS, numpy.zeros((3, 3, 3, 2), "i4"))
of_kernel("h5-strings", FLOATS, numpy.full((3, 3, 3, 2), b"x", "S4"))
FINITE = "block1_conv1: has a value that is infinite or not a number"
of_kernel("h5-nan", FINITE, numpy.full((3, 3, 3, 2), numpy.nan, "f4"))
of_kernel("h5-too-large-for-floats", FINITE, numpy.full((3, 3, 3, 2), 1e300, "f8"))
FILTER = "block1_conv1: its values are packed with an unsupported filter"
defect("h5-filter", FILTER)(lambda file: conv(file, compression="lzf"))

# Links, and data elsewhere.
LINK = "block1_conv1: a link is broken, or leads out of the file"
ELSEWHERE = "block1_conv1: its values are in another file"


@defect("h5-soft-link", LINK)
def _(file):
    conv(file)["more"] = h5py.SoftLink("/block1_conv1")


@defect("h5-external-link", LINK)
def _(file):
    conv(file)["more"] = h5py.ExternalLink("/etc/passwd", "/")


@defect("h5-layer-elsewhere", "block1_conv1: is not a group of this file")
def _(file):
    file["block1_conv1"] = h5py.ExternalLink("h5-nan.h5", "/block1_conv1")


@defect("h5-external-data", ELSEWHERE)
def _(file):
    group = file.create_group("block1_conv1")
    group.create_dataset("k", (3, 3, 3, 2), "f4", external=[("/etc/passwd", 0, 216)])
    group.create_dataset("b", data=numpy.zeros(2, "f4"))


@defect("h5-virtual-data", ELSEWHERE)
def _(file):
    group = file.create_group("block1_conv1")
    layout = h5py.VirtualLayout((3, 3, 3, 2), "f4")
    layout[:] = h5py.VirtualSource("h5-nan.h5", "block1_conv1/kernel:0", (3, 3, 3, 2))
    group.create_virtual_dataset("k", layout)
    group.create_dataset("b", data=numpy.zeros(2, "f4"))


NESTED = "block1_conv1: its groups are nested or filled unlike those of any weights"


@defect("h5-group-in-itself", NESTED)
def _(file):
    group = file.create_group("block1_conv1")
    group["again"] = group


@defect("h5-deep", NESTED)
def _(file):
    file.create_group("block1_conv1/a/b/c/d")


@defect("h5-many-links", NESTED)
def _(file):
    group = file.create_group("block1_conv1")
    for i in range(65):
        group["%d" % i] = h5py.SoftLink("/")


@defect("h5-long-name", "block1_conv1: a name is too long or cannot be read")
def _(file):
    file.create_group("block1_conv1/" + "n" * 300)


# Broken files.
def broken(name, content):
    with open(place(name), "wb") as file:
        file.write(content)
    EXPECTED.append("%s broken HDF5 file (is it truncated?)\n" % name)


with open(place("h5-nan"), "rb") as good:
    CONTENT = good.read()
broken("h5-mark-only", CONTENT[:8])
broken("h5-cut-short", CONTENT[: len(CONTENT) // 2])
broken("h5-version", CONTENT[:8] + b"\x77" + CONTENT[9:])

with open(os.path.join(FOLDER, "h5.txt"), "w") as file:
    file.writelines(EXPECTED)
