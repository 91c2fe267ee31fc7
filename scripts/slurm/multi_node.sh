#!/bin/bash
# Several nodes, one rank a GPU where there are GPUs, else one rank a core: sbatch scripts/slurm/multi_node.sh input.yaml
#SBATCH --job-name=r1md
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --output=%x-%j.out
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
input=${1:?usage: sbatch multi_node.sh input.yaml [options of r1md]}
shift
# Slurm runs a copy of this script: its neighbour is found through R1_SLURM_SCRIPTS, else where the job was submitted.
here=${R1_SLURM_SCRIPTS:-${SLURM_SUBMIT_DIR:-.}/scripts/slurm}
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} OMP_PROC_BIND=${OMP_PROC_BIND:-false}
srun --mpi=pmix --cpus-per-task="$OMP_NUM_THREADS" "$here/gpu_bind.sh" "${R1MD:-r1md}" "$input" "$@"
