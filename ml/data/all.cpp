// SPDX-License-Identifier: Apache-2.0
#include "ml/data/dataset.hpp"

namespace r1::ml {

DatasetRegistry builtin_datasets() {
  DatasetRegistry registry;
  add_csv(registry);
  add_idx(registry);
  add_text(registry);
  return registry;
}

}  // namespace r1::ml
