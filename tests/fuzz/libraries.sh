#!/bin/sh
# Builds the libraries that read what comes from others with the sanitizers and libFuzzer's eyes, so that
# the fuzz programs see into them too: libpng, libjpeg-turbo and jansson, from the sources of this
# distribution (Debian, Ubuntu), of the version that its packages have.
#     libraries.sh FOLDER
# Prints how the fuzz programs are made with them. The system stays as it is: lists and sources are kept
# in FOLDER. What undefined behaviour the libraries have is only told of ("runtime error" in the log), not
# the end of a run; what address finds is.
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 1 ] || { echo "usage: libraries.sh FOLDER" >&2; exit 2; }
for tool in apt-get dpkg-source cmake clang; do
    command -v $tool >/dev/null || { echo "libraries.sh: $tool is missing" >&2; exit 1; }
done
mkdir -p "$1/apt/parts" "$1/apt/lists/partial" "$1/apt/cache/archives/partial" "$1/source" "$1/build"
folder=$(cd "$1" && pwd)

# The distribution's own places, as sources.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources; do
    [ ! -f $file ] || sed 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' $file >"$folder/apt/parts/$(basename $file)"
done
[ ! -f "$folder/apt/parts/sources.list" ] || mv "$folder/apt/parts/sources.list" "$folder/apt/parts/of.list"
cat >"$folder/apt/conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$folder/apt/parts";
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt/cache";
END
export APT_CONFIG="$folder/apt/conf"
# The newest version that is served.
get() { # PACKAGE
    for version in $(apt-cache showsrc "$1" | sed -n 's/^Version: //p' | sort -rV); do
        (cd "$folder/source" && apt-get source "$1=$version") && return
    done
    return 1
}
packages='libpng1.6 libjpeg-turbo jansson'
[ -e "$folder/source/done" ] || {
    apt-get update && for package in $packages; do get "$package" || exit; done && touch "$folder/source/done"
} >"$folder/source.log" 2>&1 || { echo "libraries.sh: no sources; see $folder/source.log" >&2; exit 1; }

# Writes JPEG by macros within macros, which takes clang many minutes to see through.
echo 'src:*/jchuff.c' >"$folder/ignored"
flags="-fsanitize=address,undefined,fuzzer-no-link -fsanitize-ignorelist=$folder/ignored"
flags="$flags -fsanitize-coverage-ignorelist=$folder/ignored -fno-omit-frame-pointer -g -O1"

build() { # SOURCE OPTION...
    name=$1
    shift
    from=$(find "$folder/source" -maxdepth 1 -type d -name "$name-[0-9]*" | head -n 1)
    cmake -S "$from" -B "$folder/build/$name" -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_FLAGS="$flags" "$@" &&
        cmake --build "$folder/build/$name" -j "${JOBS:-2}" &&
        cmake --install "$folder/build/$name"
}
{
    # Without assembly, which no sanitizer sees into.
    build libpng1.6 -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_EXECUTABLES=OFF -DPNG_HARDWARE_OPTIMIZATIONS=OFF &&
        build libjpeg-turbo -DCMAKE_INSTALL_LIBDIR="$folder/lib" -DENABLE_SHARED=OFF -DWITH_SIMD=OFF -DWITH_TURBOJPEG=OFF &&
        build jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_EXAMPLES=OFF -DJANSSON_WITHOUT_TESTS=ON
} >"$folder/build.log" 2>&1 || { echo "libraries.sh: not built; see $folder/build.log" >&2; exit 1; }
# A static libpng needs what a shared one brings along.
sed -i 's/^Libs:.*/& -lz -lm/' "$folder/lib/pkgconfig/libpng16.pc"
[ -e "$folder/lib/pkgconfig/libpng.pc" ] || cp "$folder/lib/pkgconfig/libpng16.pc" "$folder/lib/pkgconfig/libpng.pc"

echo "PKG_CONFIG_PATH=$folder/lib/pkgconfig make fuzz-programs FUZZ_BUILD=$folder/fuzz"
echo "sh tests/fuzz/campaign.sh -b $folder/fuzz FOLDER MINUTES [TARGET...]"
