#!/bin/bash
# A run that may be interrupted: preempted, requeued or out of time, it saves its state and goes on when the job starts again.
#   sbatch scripts/slurm/preempt_requeue.sh input.yaml [options of r1md]
#SBATCH --job-name=r1md
#SBATCH --nodes=1
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail
input=${1:?usage: sbatch preempt_requeue.sh input.yaml [options of r1md]}
shift
here=${R1_SLURM_SCRIPTS:-${SLURM_SUBMIT_DIR:-.}/scripts/slurm}
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} OMP_PROC_BIND=${OMP_PROC_BIND:-false}
# In the background, so that this shell can hear a signal; srun passes TERM on to all ranks by itself.
trap : TERM
srun --mpi=pmix --cpus-per-task="$OMP_NUM_THREADS" "$here/gpu_bind.sh" "${R1MD:-r1md}" "$input" --walltime auto "$@" &
srun=$!
code=0
wait $srun || code=$?
# The shell's wait ends at a signal; the ranks are still writing.
while kill -0 $srun 2>/dev/null; do wait $srun || code=$?; done
# 75: stopped with a valid checkpoint. Out of time, the job asks for its next turn itself.
if [ $code -eq 75 ] && [ "$(squeue -h -j "$SLURM_JOB_ID" -o %T)" = RUNNING ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit $code
