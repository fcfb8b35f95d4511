# SPDX-License-Identifier: MIT
"""libstylize from Python by ctypes, pictures being numpy arrays [height, width, channels]:
python3 library.py WEIGHTS STYLE OUT.png [LIBRARY]"""
import ctypes as c
import sys
import numpy as np

assert len(sys.argv) > 3, __doc__
lib = c.CDLL(sys.argv[4] if len(sys.argv) > 4 else "libstylize.so.0")
lib.stylize_session_picture.restype = c.c_void_p
SAMPLES = {"uint8": 0, "uint16": 1, "float32": 2}  # enum stylize_sample
MORE = 1  # of enum stylize_progress

class Error(c.Structure):
    _fields_ = [("status", c.c_int), ("text", c.c_char * 1024)]

def call(name, *arguments, result=c.c_bool):
    """stylize_NAME(..., &err): raises where that returns false, NULL or STYLIZE_FAILED."""
    function, err = lib["stylize_" + name], Error()
    function.restype = result
    value = function(*arguments, c.byref(err))
    if not value:
        raise RuntimeError(err.text.decode())
    return c.c_void_p(value) if result is c.c_void_p else value

def image_of(array):
    array, (height, width, channels) = np.ascontiguousarray(array), array.shape
    return call("image_from_pixels", c.c_void_p(array.ctypes.data), width, height,
                c.c_size_t(array.strides[0]), channels, SAMPLES[array.dtype.name], result=c.c_void_p)

def array_of(image, channels=3, dtype="float32"):
    width, height = c.c_int(), c.c_int()
    lib.stylize_image_size(image, c.byref(width), c.byref(height))
    array = np.empty((height.value, width.value, channels), dtype)
    call("image_to_pixels", image, c.c_void_p(array.ctypes.data), c.c_size_t(array.strides[0]),
         channels, SAMPLES[dtype])
    return array

def paint(network, content, style, **fields):
    """Yields the array of every picture on the way, and last that of the result."""
    recipe = call("recipe_new", result=c.c_void_p)
    for name, value in fields.items():
        call("recipe_set", recipe, name.replace("_", "-").encode(), str(value).encode())
    session = call("session_new", recipe, result=c.c_void_p)
    lib.stylize_session_set_content(session, content)
    lib.stylize_session_set_style(session, style)
    call("session_add_network", session, network)
    while call("session_step", session, result=c.c_int) == MORE:
        yield array_of(c.c_void_p(lib.stylize_session_picture(session)))
    yield array_of(call("session_result", session, result=c.c_void_p))  # all is freed at the exit

if __name__ == "__main__":
    weights, style, out = (argument.encode() for argument in sys.argv[1:4])
    y, x = np.mgrid[-1:1:192j, -1.3:1.3:256j].astype("float32")
    content = np.stack([x * x + y * y < 0.5, 0.5 - y / 2, 0.7 - x / 5], axis=-1).astype("float32")
    network = call("network_load", weights, result=c.c_void_p)
    style = call("image_read", style, 1 << 26, result=c.c_void_p)
    for picture in paint(network, image_of(content), style, size=256, iterations=60):
        print("x".join(map(str, picture.shape[1::-1])), "mean colour", picture.mean((0, 1)))
    call("image_write", image_of(picture), out, 0, 0)
