#!/bin/bash
# gpu_bind.sh PROGRAM ARGUMENTS...
# Gives each rank of a node a GPU of its own, by its node-local rank, and starts the program. Where the node has no GPU, or Slurm
# has bound one already (--gpus-per-task), it only starts the program.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
visible=${CUDA_VISIBLE_DEVICES:-${ROCR_VISIBLE_DEVICES:-}}
if [ -n "${SLURM_LOCALID:-}" ] && [[ $visible == *,* ]]; then
  IFS=, read -ra devices <<<"$visible"
  if [ "$SLURM_LOCALID" -ge "${#devices[@]}" ]; then
    echo "gpu_bind.sh: rank $SLURM_LOCALID of this node has no GPU: it has ${#devices[@]}; use --ntasks-per-node=${#devices[@]}" >&2
    exit 7
  fi
  export CUDA_VISIBLE_DEVICES=${devices[$SLURM_LOCALID]} ROCR_VISIBLE_DEVICES=${devices[$SLURM_LOCALID]}
fi
exec "$@"
