#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A list of pictures as a Slurm job array, one shard a task:
#
#     sbatch --array=1-8 slurm.sh JOBS [OPTION]...
#
# Submit it from the folder that the names in JOBS are seen from. Memory and processors of a task: see
# docs/clusters.md. A task that is killed, or whose node fails, is queued again and goes on with what
# its shard lacks, from the checkpoints of the pictures at work; so does the same line once more. Of
# eight tasks the third alone:
#
#     SHARDS=8 sbatch --array=3 slurm.sh JOBS [OPTION]...
#SBATCH --job-name=stylize
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60

jobs=$1
shift
# The program gets its signals itself: SIGTERM a minute before the end saves what is at work.
exec "${STYLIZE:-stylize}" batch "$jobs" --shard "$SLURM_ARRAY_TASK_ID/${SHARDS:-$SLURM_ARRAY_TASK_COUNT}" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --checkpoint '{out}.checkpoint' "$@"
