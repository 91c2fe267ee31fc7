// Of devices whose launches cost nothing, or that record none.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/runtime/launch_record.hpp"

namespace r1::ml {

struct LaunchRecord::Recorded {};

LaunchRecord::LaunchRecord() = default;
LaunchRecord::~LaunchRecord() = default;
LaunchRecord::LaunchRecord(LaunchRecord&&) noexcept = default;
LaunchRecord& LaunchRecord::operator=(LaunchRecord&&) noexcept = default;

bool LaunchRecord::available() { return false; }

void LaunchRecord::record(const Exec&, const std::function<void()>&) {
  throw Error("launches of this device are not recorded");
}
void LaunchRecord::run(const Exec&) const { throw Error("nothing was recorded"); }

}  // namespace r1::ml
