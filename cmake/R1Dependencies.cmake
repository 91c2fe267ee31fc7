# Everything that is found on the machine. scripts/setup installs what is missing.
# SPDX-License-Identifier: Apache-2.0

include(CheckCXXSourceCompiles)

find_package(Kokkos 4.6 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(Random123 REQUIRED)
find_package(xxHash REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED)  # the library that writes the wire format; no compiler of messages
# Chooses between io/plot.cpp and io/no_plot.cpp. ThreadSanitizer does not see the locks of the threads that load fonts.
if(NOT R1_SANITIZE MATCHES "thread")
  find_package(PLplot)
endif()
if(R1_ENABLE_MPI)
  find_package(MPI REQUIRED COMPONENTS C)
  # Without the old C++ bindings, which mpi.h (and a parallel hdf5.h) brings along and a C library does not define.
  add_compile_definitions(OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
  set(HDF5_PREFER_PARALLEL ON)  # either flavour does: trajectories are written by one rank where HDF5 is serial
endif()
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(Python3 REQUIRED COMPONENTS Interpreter)  # lints; sorts sources for nvcc
if(R1_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()

# Is the device of this build the host? Chooses between *_host.cpp and *_device.cpp.
set(R1_DEVICE_IS_HOST ON)
foreach(device CUDA HIP SYCL)
  if(device IN_LIST Kokkos_DEVICES)
    set(R1_DEVICE_IS_HOST OFF)
    set(R1_DEVICE ${device})
  endif()
endforeach()
if(R1_DEVICE STREQUAL "CUDA")
  # fmt 9.1 and spdlog 1.10 fail under nvcc 13 in C++20 without this.
  add_compile_definitions(FMT_USE_CONSTEXPR=1)
endif()
# Products of matrices and convolutions. Threads of the libraries for CPUs mean nothing to ThreadSanitizer.
set(R1_DENSE_LIBRARIES)
if(R1_DEVICE_IS_HOST AND NOT R1_SANITIZE MATCHES "thread")
  set(R1_DENSE_LIBRARIES Dnnl OpenBlasOpenMP)
elseif(R1_DEVICE STREQUAL "CUDA")
  set(R1_DENSE_LIBRARIES CublasLt)
  find_package(Cudnn)
  if(Cudnn_FOUND)
    list(APPEND R1_DENSE_LIBRARIES Cudnn)
  else()
    message(WARNING "cuDNN is not here (CUDNN_ROOT says where): convolutions are computed by plain loops, which are slow")
  endif()
endif()
foreach(library IN LISTS R1_DENSE_LIBRARIES)
  find_package(${library} REQUIRED)
endforeach()
if(R1_DEVICE_IS_HOST)
  list(APPEND R1_WARNINGS ${R1_HOST_WARNINGS})
  # Kokkos says for which processor is compiled. Chooses between *_avx2.cpp and *_any.cpp.
  set(CMAKE_REQUIRED_LIBRARIES Kokkos::kokkos)
  check_cxx_source_compiles("#include <immintrin.h>
    int main() { return _mm256_movemask_epi8(_mm256_abs_epi8(_mm256_setzero_si256())); }" R1_HOST_HAS_AVX2)
  unset(CMAKE_REQUIRED_LIBRARIES)
endif()
