# Shared by the scripts of this folder; sourced, never run.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

r1_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
r1_cache=${R1_CACHE:-$HOME/.cache/r1}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# A job per core, as far as memory goes: a device kernel takes up to 1.5 GB to compile. R1_JOBS overrides.
jobs_of_this_machine() {
  local cores free
  cores=$(nproc)
  free=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  [ "$free" -lt "$cores" ] && cores=$free
  [ "$cores" -lt 1 ] && cores=1
  printf '%s\n' "${R1_JOBS:-$cores}"
}

# Puts the CUDA toolkit on PATH; false where there is none.
find_nvcc() {
  command -v nvcc >/dev/null && return 0
  local bin
  for bin in "${CUDA_HOME:-/nowhere}/bin" /usr/local/cuda/bin; do
    if [ -x "$bin/nvcc" ]; then
      PATH=$bin:$PATH
      return 0
    fi
  done
  return 1
}

# What scripts/setup prepares for a preset.
kokkos_variant_of() {
  case $1 in
    release | debug) echo host ;;
    asan | tsan) echo serial ;;
    fuzz | cuda | hip) echo "$1" ;;
    *) die "unknown preset '$1'; there are release, debug, asan, tsan, fuzz, cuda, hip" ;;
  esac
}

# ccache finds objects again from another checkout of the same tree.
export CCACHE_BASEDIR=$r1_source CCACHE_NOHASHDIR=1
# MPI started by hand from these scripts: root may do it (containers), ranks may outnumber cores and are not bound.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
