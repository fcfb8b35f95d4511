#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A list of pictures on several machines by GNU parallel, one shard each:
#
#     sh parallel.sh HOSTS JOBS [OPTION]...
#
# HOSTS are names as of ssh with commas between them; ":" is this machine. All are to see the current
# folder under the same name. Shards whose machine fails are tried again elsewhere, up to three times.
set -u
[ $# -ge 2 ] || {
    echo 'usage: parallel.sh HOSTS JOBS [OPTION]...' >&2
    exit 2
}
hosts=$1
jobs=$2
shift 2
shards=$(echo "$hosts" | awk -F, '{ print NF }')
seq "$shards" | parallel --quote --wd . --sshlogin "$hosts" --jobs 1 --retries 3 --line-buffer --tag \
    "${STYLIZE:-stylize}" batch "$jobs" --shard "{}/$shards" "$@"
