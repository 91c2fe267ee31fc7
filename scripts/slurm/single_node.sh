#!/bin/bash
# One node, one rank a core: sbatch scripts/slurm/single_node.sh input.yaml
# On a GPU node add: --gpus-per-node=4 --ntasks-per-node=4, and start the program through gpu_bind.sh as multi_node.sh does.
#SBATCH --job-name=r1md
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=4
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
#SBATCH --output=%x-%j.out
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
input=${1:?usage: sbatch single_node.sh input.yaml [options of r1md]}
shift
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} OMP_PROC_BIND=${OMP_PROC_BIND:-false}
# Slurm hands a job's own --cpus-per-task to its steps only where it is named again.
srun --mpi=pmix --cpus-per-task="$OMP_NUM_THREADS" "${R1MD:-r1md}" "$input" "$@"
