# cuBLASLt of the CUDA toolkit. Defines CublasLt::CublasLt.
# SPDX-License-Identifier: Apache-2.0
find_package(CUDAToolkit REQUIRED)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CublasLt REQUIRED_VARS CUDA_cublasLt_LIBRARY)
if(CublasLt_FOUND AND NOT TARGET CublasLt::CublasLt)
  add_library(CublasLt::CublasLt ALIAS CUDA::cublasLt)
endif()
