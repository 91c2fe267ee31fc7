# Sourced by the tests under Slurm: starts one_machine.sh in a scratch folder, goes there, and removes all in the end. `source` and
# `r1md` are theirs. Exit code 77 where Slurm cannot be started.
# SPDX-License-Identifier: Apache-2.0
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
chmod 755 "$scratch"   # munged runs as a user of its own
cluster=$scratch/cluster
clean() {
  "$here/one_machine.sh" stop "$cluster" || true
  rm -rf "$scratch"
}
trap clean EXIT
"$here/one_machine.sh" start "$cluster" || exit $?
export SLURM_CONF=$cluster/slurm.conf
# The emulated nodes share one host name and /dev/shm, which the shared-memory transport cannot know.
export OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=lo
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 OMP_PROC_BIND=false
cd "$scratch"
