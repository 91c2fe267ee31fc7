// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/help.hpp"

namespace r1::apps {

// Long: one screen of text.
std::string help_text() {
  return R"(r1md: molecular dynamics on any number of ranks, threads and GPUs

  r1md melt.yaml                       run it; results go to the folder melt
  mpirun -n 4 r1md melt.yaml           the same on four ranks; after a stop: goes on
  r1md --template lj > melt.yaml       a commented input to start from: lj, eam
  r1md --validate melt.yaml            look for mistakes, in less than a second
  r1md --dry-run melt.yaml             memory and time that it will take
  r1md --status melt                   where the run in that folder is
  r1md melt.yaml -o hot --set system.velocities.temperature=2.0

Usage: r1md [options] input.yaml

What to do, instead of a run
      --validate           check the input and the beginnings of its files; exit code 0 or 3
      --dry-run            build the system on all ranks, tell memory, decomposition and time
      --status             of a results folder: where its run is, what is left, how it does
      --print-config       every value of the input, with where it comes from
      --template lj|eam    write a commented starter input
      --schema[=markdown]  the JSON Schema of inputs, for editors; or its description
      --version [--json]   version, compiler, libraries
  -h, --help               this text

A run
  -o, --output DIR         folder of the results; default: the input's name without suffix
      --restart WHAT       auto (the default): go on from the newest checkpoint in that folder;
                           none; or the path of a checkpoint
      --overwrite          replace results that are there already
      --walltime TIME      save the state and leave in time: HH:MM:SS; auto: ask Slurm; none
      --set PATH=VALUE     change a value of the input; repeatable. PATH: run[0].dynamics.steps
      --reproducible       the same bits on any number of ranks and threads; a little slower
      --threads N          threads of each rank; default: OMP_NUM_THREADS, else all cores for
                           a rank that is alone on its host, and 1 for one that is not
      --share-gpu          let ranks share a GPU
      --log-level LEVEL    trace | debug | info | warning | error; default: info
      --color WHEN         auto | always | never; NO_COLOR is honoured

Results go to the standard output and the results folder, progress and messages to the
standard error. What the files hold: docs/formats.md; all keys of an input: docs/config.md.

Exit codes: 0 done, 1 internal error, 2 command line, 3 invalid input, 4 physics or numerics
(not-a-number, lost atoms), 5 files, 6 no usable checkpoint, 7 environment (MPI, launcher,
GPU), 75 stopped early with a valid checkpoint: the same command goes on.
)";
}

}  // namespace r1::apps
