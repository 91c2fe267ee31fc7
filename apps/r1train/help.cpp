// SPDX-License-Identifier: Apache-2.0
#include "apps/r1train/help.hpp"

namespace r1::apps {

// Long: one screen of text.
std::string train_help_text() {
  return R"(r1train: trains neural networks

  r1train mnist.yaml                   train it; results go to the folder mnist
  r1train --template cnn > mnist.yaml  a commented input to start from: cnn, gpt, table
  r1train --validate mnist.yaml        look for mistakes: input, data files, shapes
  r1train --dry-run mnist.yaml         memory and time that it will take
  r1train mnist.yaml -o slow --set schedule.constant=1e-4

Usage: r1train [options] input.yaml

What to do, instead of training
      --validate           check the input, its data and the shapes in the model; exit code 0 or 3
      --dry-run            plan everything, tell parameters, memory and time
      --print-config       every value of the input, with where it comes from
      --template cnn|gpt|table  write a commented starter input
      --schema[=markdown]  the JSON Schema of inputs, for editors; or its description
      --version [--json]   version, compiler, libraries
  -h, --help               this text

Training
  -o, --output DIR         folder of the results; default: the input's name without suffix
      --overwrite          replace results that are there already
      --set PATH=VALUE     change a value of the input; repeatable. PATH: training.batch_size
      --threads N          threads; default: OMP_NUM_THREADS, else all cores
      --log-level LEVEL    trace | debug | info | warning | error; default: info
      --color WHEN         auto | always | never; NO_COLOR is honoured

Results go to the standard output and the results folder, progress and messages to the
standard error. A guide: docs/training.md; all keys of an input: docs/train_config.md.

Exit codes: 0 done, 1 internal error, 2 command line, 3 invalid input, 4 numerics (a loss or
gradient that is not finite), 5 files, 7 environment (MPI, launcher, GPU).
)";
}

}  // namespace r1::apps
