#!/bin/bash
# srun_test.sh R1MD SOURCE
# `srun -n 4 r1md inputs/lj_melt.yaml` under a real Slurm gives the same thermo as 4 ranks of mpirun, bit for bit, and so does the
# batch script. Skipped (77) with a reason where Slurm cannot be started.
# SPDX-License-Identifier: Apache-2.0
set -eu
r1md=$1 source=$2
. "$(dirname "$0")/environment.sh"

run() { "$@" "$r1md" "$source/inputs/lj_melt.yaml" --log-level warning -o "$name"; }
name=by_mpirun run mpirun --bind-to none -n 4
name=by_srun run srun -n 4 --mpi=pmix
name=over_nodes run srun -N 4 -n 4 --mpi=pmix
for other in by_srun over_nodes; do
  cmp by_mpirun/thermo.csv "$other/thermo.csv" || { echo "thermo differs: $other"; exit 1; }
done
R1MD=$r1md R1_SLURM_SCRIPTS=$source/scripts/slurm sbatch --wait --output=batch.out --nodes=2 --ntasks-per-node=2 \
  "$source/scripts/slurm/multi_node.sh" "$source/inputs/lj_melt.yaml" --log-level warning -o by_sbatch || { cat batch.out; exit 1; }
cmp by_mpirun/thermo.csv by_sbatch/thermo.csv || { echo "thermo differs: by_sbatch"; exit 1; }

# A launcher that does not reach MPI starts four copies of one rank: refused, with advice.
if srun -n 2 --mpi=none "$r1md" "$source/inputs/lj_melt.yaml" -o copies >copies.out 2>&1; then
  echo "two copies without MPI between them were accepted"
  exit 1
fi
grep -q -- '--mpi=' copies.out || { cat copies.out; exit 1; }
echo "srun, over four nodes and sbatch: $(wc -l <by_srun/thermo.csv) lines of thermo.csv, the same as mpirun's"
