# The source behind core/version.hpp. Only this one file is compiled again when the commit changes.
# SPDX-License-Identifier: Apache-2.0

# r1_version_source(result): a source that defines r1::build_info(); its target must depend on r1_commit.
function(r1_version_source result)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  set(R1_FLAGS_TEXT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
  if(R1_SANITIZE)
    string(APPEND R1_FLAGS_TEXT " -fsanitize=${R1_SANITIZE}")
  endif()
  string(STRIP "${R1_FLAGS_TEXT}" R1_FLAGS_TEXT)
  foreach(fact HDF5_PARALLEL MPI)
    set(R1_${fact}_TEXT false)
  endforeach()
  if(HDF5_IS_PARALLEL)
    set(R1_HDF5_PARALLEL_TEXT true)
  endif()
  if(R1_ENABLE_MPI)
    set(R1_MPI_TEXT true)
  endif()
  set(folder ${PROJECT_BINARY_DIR}/generated)
  configure_file(${PROJECT_SOURCE_DIR}/core/version.cpp.in ${folder}/version.cpp @ONLY)
  add_custom_target(r1_commit
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D OUTPUT=${folder}/r1_commit.inc
            -P ${PROJECT_SOURCE_DIR}/cmake/write_commit.cmake
    BYPRODUCTS ${folder}/r1_commit.inc
    COMMENT "Asking git for the commit")
  set(${result} ${folder}/version.cpp PARENT_SCOPE)
endfunction()
