// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dnnl.hpp"

#include <string>

namespace r1::ml::dnnl {

void check(dnnl_status_t status, const char* call) {
  if (status != dnnl_success)
    throw Error(std::string("oneDNN: ") + call + " failed with status " + std::to_string(status));
}

dnnl_engine_t engine() {
  static const dnnl_engine_t cpu = [] {
    dnnl_engine_t made = nullptr;
    check(dnnl_engine_create(&made, dnnl_cpu, 0), "engine_create");
    return made;
  }();
  return cpu;
}

dnnl_stream_t stream() {
  static const dnnl_stream_t in_order = [] {
    dnnl_stream_t made = nullptr;
    check(dnnl_stream_create(&made, engine(), dnnl_stream_in_order), "stream_create");
    return made;
  }();
  return in_order;
}

Attributes user_scratch() {
  dnnl_primitive_attr_t made = nullptr;
  check(dnnl_primitive_attr_create(&made), "primitive_attr_create");
  Attributes attributes(made);
  check(dnnl_primitive_attr_set_scratchpad_mode(made, dnnl_scratchpad_mode_user),
        "primitive_attr_set_scratchpad_mode");
  return attributes;
}

dnnl_memory_desc_t strided(const std::vector<dnnl_dim_t>& extents,
                           const std::vector<dnnl_dim_t>& strides, dnnl_data_type_t type) {
  dnnl_memory_desc_t description;
  check(dnnl_memory_desc_init_by_strides(&description, static_cast<int>(extents.size()),
                                         extents.data(), type, strides.data()),
        "memory_desc_init_by_strides");
  return description;
}

Execution::Execution(PrimitiveDesc description,
                     const std::vector<std::pair<int, dnnl_memory_desc_t>>& arguments)
    : description_(std::move(description)) {
  dnnl_primitive_t primitive = nullptr;
  check(dnnl_primitive_create(&primitive, description_.get()), "primitive_create");
  primitive_ = Primitive(primitive);
  auto all = arguments;
  const auto* scratch =
      dnnl_primitive_desc_query_md(description_.get(), dnnl_query_scratchpad_md, 0);
  scratch_bytes_ = dnnl_memory_desc_get_size(scratch);
  all.emplace_back(DNNL_ARG_SCRATCHPAD, *scratch);
  for (const auto& [name, memory_description] : all) {
    dnnl_memory_t memory = nullptr;
    check(dnnl_memory_create(&memory, &memory_description, engine(), DNNL_MEMORY_NONE),
          "memory_create");
    memories_.emplace_back(memory);
    arguments_.push_back({name, memory});
  }
}

void Execution::run(std::initializer_list<const void*> addresses, void* scratch) const {
  std::size_t k = 0;
  for (const void* address : addresses)
    // The library takes read and written memory alike.
    check(dnnl_memory_set_data_handle(memories_[k++].get(), const_cast<void*>(address)),
          "memory_set_data_handle");
  check(dnnl_memory_set_data_handle(memories_[k].get(), scratch), "memory_set_data_handle");
  check(dnnl_primitive_execute(primitive_.get(), stream(), static_cast<int>(arguments_.size()),
                               arguments_.data()),
        "primitive_execute");
}

}  // namespace r1::ml::dnnl
