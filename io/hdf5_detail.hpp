// Inside of the HDF5 layer: the one lock, silence on stderr, the library's error stack as an IoError.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/hdf5.hpp"

#include <hdf5.h>

#include <memory>
#include <string>
#include <string_view>

namespace r1::io::hdf5 {

static_assert(sizeof(hid_t) == sizeof(Id) && std::is_same_v<std::make_signed_t<hid_t>, Id>,
              "hid_t is the 64-bit integer that io/hdf5.hpp promises");

/// Held around every use of the library: locks it and keeps it from printing its errors. May be nested.
class Guard {
 public:
  Guard();
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// Throws IoError "<file>: <doing> '<object>': <what the library says>". To be called right after the call that failed.
[[noreturn]] void fail(const std::string& file, const std::string& object, std::string_view doing);

/// Returns `result` if it is no failure (negative).
template <class R>
R check(R result, const std::string& file, const std::string& object, std::string_view doing) {
  if (result < 0) fail(file, object, doing);
  return result;
}

Id file_type(Element element);    // as stored
Id memory_type(Element element);  // as in this machine's memory; both belong to the library

/// The element whose values `element` can hold that the stored type is, or an IoError: sizes and signs must fit.
void require_readable(Id stored_type, Element element, const std::string& file,
                      const std::string& object);

}  // namespace r1::io::hdf5
