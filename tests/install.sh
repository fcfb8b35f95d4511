#!/bin/sh
# Installs from a copy of a finished build, tries what was installed as its users do, and takes it away
# again; and looks at what `make dist` and `make deb` give. Prints one line for each test that failed or
# cannot be tried here, and the sum.
#
#     MAKE=make BUILD=build CC=gcc sh tests/install.sh        (make install-test)
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.." || exit 1
project=$PWD
make=${MAKE:-make}
cc=${CC:-cc}
# Threads that wait for each other on a busy machine leave it to the others.
OMP_WAIT_POLICY=passive
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$project/tests/lsan.supp:print_suppressions=0
export OMP_WAIT_POLICY LSAN_OPTIONS
unset XDG_DATA_HOME XDG_CONFIG_HOME DESTDIR

work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-install.XXXXXX") || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
HOME=$work/home
export HOME
mkdir "$HOME"

# A build of its own, so that other folders than the user's can be tried: copied, not made again.
build=$work/build
mkdir "$build"
cp -Rp "${BUILD:-build}/src" "${BUILD:-build}/.flags" "${BUILD:-build}/.libraries" \
    "${BUILD:-build}/.folders" "$build" || exit 1

run_make() {
    "$make" --no-print-directory BUILD="$build" "$@"
}

photo=$project/tests/images/rgb.jpg

# ---- what is where ----

# Into a folder whose name has spaces, with a umask that would keep it from others; builds first.
installs_what_is_promised() {
    tree=$work/with\ spaces/tree
    version=$(sed -n 's/^#define STYLIZE_VERSION "\(.*\)"$/\1/p' src/transfer/stylize.h)
    (umask 077 && run_make install PREFIX=/opt/paint DESTDIR="$tree") || return
    cat >"$work/expected" <<END
-rw-r--r-- include/stylize.h
-rw-r--r-- include/stylize_cache.h
-rw-r--r-- include/stylize_formats.h
-rw-r--r-- include/stylize_guard.h
-rw-r--r-- include/stylize_output.h
-rw-r--r-- include/stylize_record.h
-rw-r--r-- include/stylize_saved.h
-rw-r--r-- include/stylize_units.h
-rw-r--r-- lib/libstylize.a
-rw-r--r-- lib/libstylize.so.$version
-rw-r--r-- lib/pkgconfig/stylize.pc
-rw-r--r-- share/bash-completion/completions/stylize
-rw-r--r-- share/doc/stylize/LICENSE
-rw-r--r-- share/doc/stylize/README.md
-rw-r--r-- share/doc/stylize/examples/README.md
-rw-r--r-- share/doc/stylize/examples/content-harbour.jpg
-rw-r--r-- share/doc/stylize/examples/content-portrait.jpg
-rw-r--r-- share/doc/stylize/examples/content-still-life.jpg
-rw-r--r-- share/doc/stylize/examples/library.c
-rw-r--r-- share/doc/stylize/examples/library.py
-rw-r--r-- share/doc/stylize/examples/regions/map-mosaic.png
-rw-r--r-- share/doc/stylize/examples/regions/map-portrait.png
-rw-r--r-- share/doc/stylize/examples/regions/mask-portrait.png
-rw-r--r-- share/doc/stylize/examples/style-garden.jpg
-rw-r--r-- share/doc/stylize/examples/style-mosaic.jpg
-rw-r--r-- share/doc/stylize/examples/style-storm.jpg
-rw-r--r-- share/doc/stylize/weights/README.md
-rw-r--r-- share/fish/vendor_completions.d/stylize.fish
-rw-r--r-- share/man/man1/stylize.1
-rw-r--r-- share/stylize/vgg16.safetensors
-rw-r--r-- share/stylize/vgg19-slim.safetensors
-rw-r--r-- share/zsh/site-functions/_stylize
-rwxr-xr-x bin/stylize
-rwxr-xr-x share/doc/stylize/examples/cluster/parallel.sh
-rwxr-xr-x share/doc/stylize/examples/cluster/slurm.sh
lrwxrwxrwx lib/libstylize.so -> libstylize.so.0
lrwxrwxrwx lib/libstylize.so.0 -> libstylize.so.$version
END
    (cd "$tree/opt/paint" && find . ! -type d -exec ls -l {} + | sed 's/^\([-lrwx]*\).* \.\//\1 /') |
        sort >"$work/found"
    ls docs/*.md docs/*.jpg | sed 's,^,-rw-r--r-- share/doc/stylize/,' | sort - "$work/expected" |
        diff - "$work/found" || return
    # Nothing beside it, and folders that everybody may enter.
    [ "$(find "$work/with spaces" ! -type d | wc -l)" = "$(wc -l <"$work/found")" ] || return
    find "$tree" -type d ! -perm 755 | grep . && return 1
    for pair in bash:bash-completion/completions/stylize zsh:zsh/site-functions/_stylize \
        fish:fish/vendor_completions.d/stylize.fish; do
        "$build/stylize" --print "${pair%%:*}" | cmp - "$tree/opt/paint/share/${pair#*:}" || return
    done
    # Where the tests below go on: moved, under a name without spaces, which pkg-config cannot have.
    mv "$tree/opt/paint" "$work/moved"
}

runs_wherever_it_is_moved() {
    (cd / && "$work/moved/bin/stylize" -q -n 0 -s 32 "$photo" "$photo" "$work/out.png") &&
        [ -s "$work/out.png" ] &&
        ln -s "$work/moved/bin/stylize" "$work/link" &&
        [ "$("$work/link" --print weights | paste -s -)" = "vgg16	vgg19-slim" ]
}

# Folders anywhere; the program knows its data's by itself where they are not beside it.
honours_the_standard_variables() {
    run_make install prefix="$work/p" bindir="$work/b/bin" libdir="$work/p/lib/triplet" \
        includedir="$work/i" datadir="$work/d" mandir="$work/m" docdir="$work/doc" || return
    [ -f "$work/p/lib/triplet/libstylize.a" ] && [ -f "$work/p/lib/triplet/libstylize.so" ] &&
        [ -f "$work/i/stylize.h" ] &&
        [ -f "$work/d/stylize/vgg19-slim.safetensors" ] && [ -f "$work/m/man1/stylize.1" ] &&
        [ -f "$work/doc/README.md" ] || return
    [ "$("$work/b/bin/stylize" --print weights | paste -s -)" = "vgg16	vgg19-slim" ] || return
    # Not every shell makes a home of ~ here.
    run_make install PREFIX='~/local' && [ -x "$HOME/local/bin/stylize" ] || return
    command -v pkg-config >/dev/null || return 0
    PKG_CONFIG_PATH=$work/p/lib/triplet/pkgconfig pkg-config --cflags --libs stylize |
        grep "^-I$work/i .*-L[^ ]*/p/lib/triplet/pkgconfig/../../../lib/triplet -lstylize"
}

links_lead_somewhere() {
    find "$work/moved/share/doc/stylize" -name '*.md' >"$work/pages"
    [ "$(wc -l <"$work/pages")" -gt 3 ] || return
    while read -r page; do
        grep -o ']([^)#]*\.[a-z]*)' "$page" | sed 's/^](//; s/)$//' | while read -r link; do
            case $link in
            *://*) ;;
            *) [ -e "$(dirname "$page")/$link" ] || echo "$page: no $link" ;;
            esac
        done
    done <"$work/pages" | grep . && return 1
    return 0
}

# The converter and what fetches networks for it, where it was built; moved, and with data elsewhere.
brings_the_converter_that_was_built() {
    [ -x "${BUILD:-build}/stylize-convert" ] || {
        echo "stylize-convert is not built"
        return 77
    }
    cp -Rp "$build" "$work/converting" &&
        cp -Rp "${BUILD:-build}/weights" "${BUILD:-build}/stylize-convert" "$work/converting" || return
    run_make BUILD="$work/converting" install PREFIX="$work/c" &&
        run_make BUILD="$work/converting" install PREFIX="$work/e" datadir="$work/elsewhere" || return
    [ -s "$work/c/share/man/man1/stylize-convert.1" ] && [ -s "$work/c/share/man/man1/stylize-fetch.1" ] || return
    mv "$work/c" "$work/c-moved" && ln -s "$work/c-moved/bin/stylize-fetch" "$work/fetch" || return
    for fetch in "$work/fetch" "$work/e/bin/stylize-fetch"; do
        "$fetch" --dir "$work/fetched" --from "$photo" vgg16 >"$work/said" 2>&1 && return 1
        grep 'not one of the published files for vgg16' "$work/said" || return
    done
    network=$project/tests/networks/keras-notop.h5
    hash=$("$work/c-moved/bin/stylize-convert" --hashes "$network" | head -1)
    echo "vgg19 $hash https://localhost/keras.h5" >"$work/list"
    "$work/fetch" --sources "$work/list" --dir "$work/fetched" --from "$network" vgg19 || return
    [ -s "$work/fetched/vgg19.safetensors" ] || return
    run_make BUILD="$work/converting" uninstall PREFIX="$work/e" datadir="$work/elsewhere" || return
    find "$work/e" "$work/elsewhere" -name '*stylize*' | grep . && return 1
    return 0
}

# What others put into its folders stays, and folders that were there keep their mode.
uninstall_takes_what_install_brought() {
    tree=$work/taken
    mkdir -p "$tree/usr/share/stylize" "$tree/usr/share/doc/other"
    chmod 700 "$tree/usr/share/stylize"
    touch "$tree/usr/share/stylize/mine.safetensors" "$tree/usr/share/doc/other/README"
    find "$tree" -type f | sort >"$work/before"
    run_make install PREFIX=/usr DESTDIR="$tree" && run_make uninstall PREFIX=/usr DESTDIR="$tree" ||
        return
    find "$tree" -type f | sort | diff "$work/before" - || return
    [ "$(find "$tree/usr/share/stylize" -prune -perm 700)" ] || return
    find "$tree" -path '*doc/stylize*' | grep . && return 1
    rm "$tree/usr/share/stylize/mine.safetensors"
    run_make install PREFIX=/usr DESTDIR="$tree" && run_make uninstall PREFIX=/usr DESTDIR="$tree" &&
        run_make uninstall PREFIX=/usr DESTDIR="$tree" || return
    find "$tree" -name '*stylize*' | grep . && return 1
    return 0
}

# Root tries it as nobody.
needs_no_root() {
    user=
    if [ "$(id -u)" = 0 ]; then
        user="setpriv --reuid=65534 --regid=65534 --clear-groups"
        chmod 755 "$work" && mkdir "$work/nobody" && chown -R 65534:65534 "$build" "$work/nobody" ||
            return
        $user test -r "$project/Makefile" -a -w "$work/nobody" 2>/dev/null || {
            echo "root, and nobody cannot read the project"
            return 77
        }
    fi
    $user "$make" --no-print-directory BUILD="$build" install PREFIX="$work/nobody/local" || return
    "$work/nobody/local/bin/stylize" --version
}

# Neither does it install what is missing: it says so.
installs_no_dependencies() {
    run_make install BUILD="$work/none" DESTDIR="$work/none" PKG_CONFIG=false >"$work/said" 2>&1 && return 1
    grep 'run make deps' "$work/said"
}

# ---- the library ----

has_pkg_config() {
    command -v pkg-config >/dev/null || {
        echo "no pkg-config here"
        return 77
    }
    PKG_CONFIG_PATH=$work/moved/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    export PKG_CONFIG_PATH
}

# links SOURCE PROGRAM: compiles with what pkg-config says, as any program of others; the second takes
# the static library, which needs more.
links() {
    # shellcheck disable=SC2046
    "$cc" -std=c99 -Wall -Wextra -pedantic -Werror "$1" -o "$2" $(pkg-config --cflags --libs stylize) -lm
}

links_statically() {
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    # What the libraries themselves are made of, which a program does not need: zimg's is in C++.
    "$cc" "$work/empty.c" -o "$work/empty" -lstdc++ -lz || {
        echo "no libstdc++ or zlib to link with here"
        return 77
    }
    # shellcheck disable=SC2046
    "$cc" -std=c99 -Wall -Wextra -pedantic -Werror "$1" -o "$2" \
        $(pkg-config --static --cflags --libs stylize | sed 's/ -lstylize/ -l:libstylize.a/g') -lm
}

# Runs a program with the shared library as it was installed.
with_library() {
    LD_LIBRARY_PATH=$work/moved/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$@"
}

needs_library() {
    with_library ldd "$1" | grep -q "libstylize.so.0 => $work/moved/lib"
}

# try_example COMMAND...: takes weights, a style and what to write.
try_example() {
    rm -f "$work/painted"*
    with_library "$@" "$work/moved/share/stylize/vgg19-slim.safetensors" "$photo" "$painted" >"$work/said" ||
        return
    [ -s "$painted" ] && [ "$(wc -l <"$work/said")" -gt 20 ] || return
    with_library "$@" missing.safetensors "$photo" "$painted" && return 1
    return 0
}

programs_link_with_pkg_config() {
    has_pkg_config || return
    [ "stylize $(pkg-config --modversion stylize)" = "$("$work/moved/bin/stylize" --version)" ] || return
    links "$work/moved/share/doc/stylize/examples/library.c" "$work/library" &&
        needs_library "$work/library" || return
    painted=$work/painted.ppm
    try_example "$work/library" && head -c 15 "$painted" | grep '^P6 256 192 255$'
}

programs_link_with_static() {
    has_pkg_config || return
    links_statically examples/library.c "$work/library-static" || return
    needs_library "$work/library-static" && return 1
    "$work/library-static" 2>"$work/said"
    [ $? -eq 2 ] && grep 'usage:' "$work/said"
}

# The example's whole way, and that its result is what it says.
python_drives_the_library() {
    python3 -c 'import ctypes, numpy' || {
        echo "no python3 with numpy here"
        return 77
    }
    grep fsanitize "$work/moved/lib/pkgconfig/stylize.pc" && {
        echo "a sanitized library does not load into python"
        return 77
    }
    painted=$work/painted.png
    try_example python3 "$work/moved/share/doc/stylize/examples/library.py" || return
    grep '^256x192 mean colour' "$work/said" || return
    "$work/moved/bin/stylize" -q -n 0 -s 32 "$painted" "$photo" "$work/out.png"
}

# Of the library's names only those in its header can be seen; all others are free for programs. (Names
# with a dot, such as clang gives the locks of OpenMP, no program can have.)
shows_only_the_names_of_its_header() {
    command -v nm >/dev/null || {
        echo "no nm here"
        return 77
    }
    sed -n '/^STYLIZE_API/s/.*[ *]\(stylize_[a-z0-9_]*\)(.*/\1/p' "$work/moved/include/"*.h |
        sort >"$work/header"
    [ "$(wc -l <"$work/header")" -gt 10 ] || return
    nm -g --defined-only "$work/moved/lib/libstylize.a" | awk 'NF == 3 && !/\./ { print $3 }' | sort |
        diff "$work/header" -
}

leaves_its_inner_names_to_programs() {
    has_pkg_config || return
    cat >"$work/own.c" <<END
#include <stylize.h>
typedef int image, vgg, error;
struct tensor { int of_mine; };
int picture_file_read(void), error_set(void), cpu_count(void), memory_alloc(void);
int picture_file_read(void) { return 1; }
int error_set(void) { return 1; }
int cpu_count(void) { return 1; }
int memory_alloc(void) { return 1; }
int main(int argc, char **argv) {
    stylize_error err;
    stylize_image *picture = argc > 1 ? stylize_image_read(argv[1], 1000000, &err) : 0;
    image good = picture != 0 && picture_file_read() && error_set() && cpu_count() && memory_alloc();
    stylize_image_free(picture);
    return !good;
}
END
    links "$work/own.c" "$work/own" && with_library "$work/own" "$photo" || return
    links_statically "$work/own.c" "$work/own" && "$work/own" "$photo"
}

header_is_cplusplus_too() {
    cxx=
    for candidate in "${CXX:-c++}" g++ clang++; do
        command -v "$candidate" >/dev/null && cxx=$candidate && break
    done
    [ -n "$cxx" ] || {
        echo "no C++ compiler here"
        return 77
    }
    cat >"$work/own.cc" <<END
#include <stylize.h>
class image {};
int main() {
    stylize_error err;
    stylize_recipe *recipe = stylize_recipe_new(&err);
    return stylize_recipe_set(recipe, "size", "64", &err) && err.status == STYLIZE_OK ? 0 : 1;
}
END
    "$cxx" -fsyntax-only -Wall -Wextra -pedantic -Werror -I "$work/moved/include" "$work/own.cc"
}

examples_are_made() {
    run_make examples && "$build/examples/library" 2>"$work/said"
    [ $? -eq 2 ] && grep 'usage:' "$work/said"
}

# ---- building ----

# Objects of each kind, made in folders of two names; below, all of it is put together in another one.
objects_are_the_same_in_every_folder() {
    for folder in a another/folder; do
        mkdir -p "$work/$folder" && cp -R src Makefile "$work/$folder" && (
            cd "$work/$folder" && mkdir build && cp "$build/.libraries" build &&
                "$make" --no-print-directory BUILD=build CFLAGS='-O1 -g' build/src/core/error.o \
                    build/src/cli/weights_path.o build/src/simd/generic.o
        ) || return
    done
    diff -r "$work/a/build/src" "$work/another/folder/build/src" &&
        ! grep -rl "$work" "$work/a/build/src" --include='*.o'
}

# The build of this test is outside of the project, or as good as that.
finds_the_networks_from_elsewhere() {
    [ "$(cd / && "$build/stylize" --print weights | paste -s -)" = "vgg16	vgg19-slim" ] &&
        [ "$(cd "$build/share/stylize" && pwd -P)" = "$(cd weights && pwd -P)" ] || return
    # Built where programs are built, it finds them beside its folder, without a link.
    mkdir "$work/here" && cp -Rp src Makefile weights "$work/here" && cp -Rp "$build" "$work/here/build" &&
        rm -r "$work/here/build/share" "$work/here/build/stylize" || return
    (cd "$work/here" && "$make" --no-print-directory BUILD=build build/stylize) &&
        [ ! -e "$work/here/build/share" ] &&
        [ "$("$work/here/build/stylize" --print weights | paste -s -)" = "vgg16	vgg19-slim" ]
}

# Nothing is made for these lines; what is shown with V=1 is what runs without.
shows_what_it_does() {
    run_make BUILD="$work/untouched" help >"$work/said" && [ ! -e "$work/untouched" ] || return
    for target in deps check install uninstall clean distclean help dist deb; do
        grep "make $target" "$work/said" || return
    done
    touch "$build/src/core/error.o"
    run_make V=1 "$build/parts.a" >"$work/said" && grep -q "^[^ ]*ar rcs $build/parts.a .*error.o" "$work/said" || return
    grep '^  AR' "$work/said" && return 1
    touch "$build/src/core/error.o"
    run_make "$build/parts.a" >"$work/said" && [ "$(cat "$work/said")" = "  AR $build/parts.a" ]
}

cleans_what_it_has_made() {
    tree=$work/cleaned
    mkdir -p "$tree/build/src" "$tree/elsewhere" "$tree/examples/__pycache__" && cp Makefile "$tree" || return
    (cd "$tree" && "$make" BUILD=elsewhere clean && [ ! -e elsewhere ] && [ -d build ] &&
        "$make" BUILD=elsewhere distclean && [ "$(find . -type f)" = ./Makefile ] &&
        [ ! -e build ] && [ ! -e examples/__pycache__ ])
}

# ---- packages ----

is_checkout() {
    git ls-files --error-unmatch Makefile >/dev/null 2>&1 || {
        echo "no git checkout here"
        return 77
    }
}

dist_is_reproducible() {
    is_checkout || return
    dist=$build/$("$build/stylize" --version | tr ' ' -).tar.gz
    run_make dist && mv "$dist" "$work/first.tar.gz" || return
    run_make dist && cmp "$dist" "$work/first.tar.gz" || return
    # What git tracks, of one owner and time.
    folder=$(basename "$dist" .tar.gz)
    git ls-files | sed "s,^,$folder/," | sort >"$work/tracked"
    tar -tzf "$dist" | sort | diff "$work/tracked" - || return
    [ "$(tar --numeric-owner -tvzf "$dist" | awk '{ print $2, $4, $5 }' | sort -u | wc -l)" = 1 ] || return
    SOURCE_DATE_EPOCH=86400 run_make dist && cp "$dist" "$work/old.tar.gz" || return
    TZ=UTC tar --numeric-owner -tvzf "$dist" | grep -v ' 0/0 .* 1970-01-02 00:00 ' && return 1
    return 0
}

# Unpacked, without git; the objects are copied and newer than these sources, so this is quick.
dist_builds_by_itself() {
    is_checkout || return
    run_make all && mkdir "$work/unpacked" && tar -xzf "$work/old.tar.gz" -C "$work/unpacked" --strip-components=1 &&
        cp -Rp "$build" "$work/unpacked/build" && rm "$work/unpacked/build/stylize" "$work/unpacked/build/"libstylize.* || return
    (cd "$work/unpacked" && GIT_DIR=/nowhere "$make" --no-print-directory BUILD=build all lint &&
        STYLIZE=$PWD/build/stylize sh tests/cli/run.sh help options-anywhere print-man) || return
    for file in stylize libstylize.a libstylize.so; do
        cmp "$build/$file" "$work/unpacked/build/$file" || return
    done
    (cd "$work/unpacked" && GIT_DIR=/nowhere "$make" BUILD=build dist) >"$work/said" 2>&1 && return 1
    grep 'no git checkout' "$work/said"
}

deb_says_what_is_missing() {
    mkdir "$work/bin" && ln -s "$(command -v dirname)" "$work/bin" || return
    PATH=$work/bin /bin/sh .debian/build "$work/deb" 1 >"$work/said" 2>&1 && return 1
    [ "$(wc -l <"$work/said")" -eq 1 ] && grep 'apt-get install dpkg-dev debhelper' "$work/said"
}

# ---- all of them ----

passed=0
failed=0
skipped=0
for test in installs_what_is_promised runs_wherever_it_is_moved honours_the_standard_variables \
    brings_the_converter_that_was_built links_lead_somewhere uninstall_takes_what_install_brought installs_no_dependencies \
    programs_link_with_pkg_config programs_link_with_static python_drives_the_library shows_only_the_names_of_its_header \
    leaves_its_inner_names_to_programs header_is_cplusplus_too examples_are_made \
    objects_are_the_same_in_every_folder finds_the_networks_from_elsewhere shows_what_it_does cleans_what_it_has_made \
    dist_is_reproducible dist_builds_by_itself deb_says_what_is_missing needs_no_root; do
    ("$test") >"$work/log" 2>&1
    case $? in
    0) passed=$((passed + 1)) ;;
    77)
        skipped=$((skipped + 1))
        echo "install: $test skipped: $(tail -1 "$work/log")"
        ;;
    *)
        failed=$((failed + 1))
        echo "install: $test failed:"
        tail -20 "$work/log"
        ;;
    esac
done
echo "install tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
