#!/bin/bash
# requeue_test.sh R1MD SOURCE
# Under a real Slurm a job is requeued five times in the middle of its run; in the end no row or frame is missing or there twice, and
# rows and frames are those of a run that was left alone. Skipped (77) with a reason where Slurm cannot be started.
# SPDX-License-Identifier: Apache-2.0
set -eu
r1md=$1 source=$2
. "$(dirname "$0")/environment.sh"
input=(
  "$source/inputs/lj_melt.yaml" --log-level warning --set 'system.lattice.repeat=[5, 5, 5]' --set 'run[0].dynamics.steps=40000'
  --set 'output.thermo.every=20' --set 'output.trajectory.every=400' --set 'output.observables=[]')

rows() { { cat requeued/thermo.csv 2>/dev/null || true; } | wc -l; }
state() { squeue -h -j "$job" -o %T 2>/dev/null || true; }
wait_for() {
  local _
  for _ in $(seq 600); do
    eval "$1" && return
    sleep 0.1
  done
  echo "waited in vain for: $1"
  cat requeued.out 2>/dev/null
  exit 1
}

job=$(R1MD=$r1md R1_SLURM_SCRIPTS=$source/scripts/slurm sbatch --parsable --output=requeued.out \
  --ntasks=2 --time=60 "$source/scripts/slurm/preempt_requeue.sh" "${input[@]}" -o requeued)
for turn in 1 2 3 4 5; do
  before=$(rows)
  wait_for '[ "$(state)" = RUNNING ]'
  wait_for "[ \$(rows) -gt $((before + 20)) ]"
  scontrol requeue "$job"
  wait_for '[ "$(state)" != RUNNING ]'
  echo "turn $turn: requeued after $(rows) rows"
done
wait_for '[ -e requeued/summary.json ]'

srun -n 2 --mpi=pmix "$r1md" "${input[@]}" -o whole
cmp whole/thermo.csv requeued/thermo.csv || { echo "thermo differs"; exit 1; }
cmp whole/trajectory.xyz requeued/trajectory.xyz || { echo "trajectory differs"; exit 1; }
cut -d, -f1 requeued/thermo.csv | tail -n +2 | sort -n -c -u
echo "five requeues: $(rows) rows of thermo.csv and $(grep -c Lattice requeued/trajectory.xyz) frames, those of a run without one"
