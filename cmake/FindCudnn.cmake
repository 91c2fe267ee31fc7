# cuDNN, beside the CUDA toolkit or where CUDNN_ROOT says. Defines Cudnn::Cudnn.
# SPDX-License-Identifier: Apache-2.0
find_package(CUDAToolkit REQUIRED)
find_path(Cudnn_INCLUDE_DIR cudnn.h HINTS ENV CUDNN_ROOT ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include)
find_library(Cudnn_LIBRARY cudnn HINTS ENV CUDNN_ROOT ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64)
mark_as_advanced(Cudnn_INCLUDE_DIR Cudnn_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Cudnn REQUIRED_VARS Cudnn_LIBRARY Cudnn_INCLUDE_DIR)
if(Cudnn_FOUND AND NOT TARGET Cudnn::Cudnn)
  add_library(Cudnn::Cudnn UNKNOWN IMPORTED)
  set_target_properties(Cudnn::Cudnn PROPERTIES
    IMPORTED_LOCATION ${Cudnn_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Cudnn_INCLUDE_DIR})
endif()
