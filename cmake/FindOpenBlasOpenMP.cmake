# OpenBLAS built for OpenMP, so that one runtime owns the threads: by path, because a machine may have other builds beside it, which
# the name alone finds first. Defines OpenBlasOpenMP::OpenBlasOpenMP.
# SPDX-License-Identifier: Apache-2.0
find_path(OpenBlasOpenMP_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas-openmp ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp)
find_library(OpenBlasOpenMP_LIBRARY openblas PATH_SUFFIXES openblas-openmp)
mark_as_advanced(OpenBlasOpenMP_INCLUDE_DIR OpenBlasOpenMP_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBlasOpenMP REQUIRED_VARS OpenBlasOpenMP_LIBRARY OpenBlasOpenMP_INCLUDE_DIR)
if(OpenBlasOpenMP_FOUND AND NOT TARGET OpenBlasOpenMP::OpenBlasOpenMP)
  add_library(OpenBlasOpenMP::OpenBlasOpenMP UNKNOWN IMPORTED)
  set_target_properties(OpenBlasOpenMP::OpenBlasOpenMP PROPERTIES
    IMPORTED_LOCATION ${OpenBlasOpenMP_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${OpenBlasOpenMP_INCLUDE_DIR})
endif()
