# Finds or builds Kokkos; sourced by scripts/setup.
# SPDX-License-Identifier: Apache-2.0

# The source distribution of this package carries the whole of Kokkos in tpls/kokkos.
kokkos_version=4.7.00
kokkos_carrier=pygenten
kokkos_carrier_version=0.1.5
kokkos_sha256=e620f05c742905e2db705d875f1cac92ef0ed453f9e6734e9beda26cc0f9cce7

# Kokkos' name of the GPU to compile for.
gpu_arch() {
  local variant=$1 capability
  if [ -n "${R1_GPU_ARCH:-}" ]; then echo "$R1_GPU_ARCH"; return; fi
  if [ "$variant" = hip ]; then echo AMD_GFX942; return; fi
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 || true)
  case $capability in
    7.5) echo TURING75 ;;
    8.0) echo AMPERE80 ;;
    8.6) echo AMPERE86 ;;
    8.9) echo ADA89 ;;
    10.0) echo BLACKWELL100 ;;
    12.0) echo BLACKWELL120 ;;
    *) echo HOPPER90 ;;
  esac
}

# The options of one kind of Kokkos, one a line.
kokkos_options() {
  printf '%s\n' -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_STANDARD=20 -DCMAKE_CXX_EXTENSIONS=OFF \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DKokkos_ENABLE_SERIAL=ON
  case $1 in
    host) printf '%s\n' -DKokkos_ENABLE_OPENMP=ON -DKokkos_ARCH_NATIVE=ON ;;
    serial) printf '%s\n' -DKokkos_ARCH_NATIVE=ON -DKokkos_ENABLE_DEBUG_BOUNDS_CHECK=ON ;;
    cuda) printf '%s\n' -DKokkos_ENABLE_CUDA=ON "-DKokkos_ARCH_$(gpu_arch cuda)=ON" ;;
    hip) printf '%s\n' -DKokkos_ENABLE_HIP=ON "-DKokkos_ARCH_$(gpu_arch hip)=ON" \
      -DKokkos_ENABLE_ROCTHRUST=OFF -DCMAKE_CXX_COMPILER=hipcc ;;
  esac
}

# Everything that decides whether a Kokkos built earlier fits: 'native' means another thing on another core type.
kokkos_key() {
  {
    echo "$kokkos_version"
    kokkos_options "$1"
    g++ --version | head -n 1
    case $1 in
      host | serial) g++ -march=native -Q --help=target | grep -E '^ +-m(arch|tune)=|\[enabled\]' ;;
      cuda) nvcc --version | tail -n 1; cat "$r1_source/scripts/patches/kokkos-$kokkos_version-cuda13.patch" ;;
      hip) hipcc --version ;;
    esac
  } | sha256sum | cut -c 1-12
}

# The prefix of a Kokkos that find_package finds and that fits the kind of build; nothing where there is none.
find_kokkos() {
  local probe
  probe=$(mktemp -d)
  cat > "$probe/CMakeLists.txt" <<'PROBE'
cmake_minimum_required(VERSION 3.25)
project(probe CXX)
find_package(Kokkos 4.6 QUIET)
if(Kokkos_FOUND)
  cmake_path(GET Kokkos_DIR PARENT_PATH prefix)
  cmake_path(GET prefix PARENT_PATH prefix)
  cmake_path(GET prefix PARENT_PATH prefix)
  string(REPLACE ";" "," devices "${Kokkos_DEVICES}")
  message(STATUS "found:${devices}:${prefix}")
endif()
PROBE
  local found devices
  found=$(cmake -S "$probe" -B "$probe/build" 2>/dev/null | sed -n 's/^-- found://p' || true)
  rm -rf "$probe"
  devices=,${found%%:*},
  case $1 in
    host) [[ $devices == *,OPENMP,* && $devices != *,CUDA,* && $devices != *,HIP,* ]] || return 0 ;;
    serial) [[ $devices == ,SERIAL, ]] || return 0 ;;
    cuda) [[ $devices == *,CUDA,* ]] || return 0 ;;
    hip) [[ $devices == *,HIP,* ]] || return 0 ;;
  esac
  echo "${found#*:}"
}

# The archive with the source of Kokkos, checked; from the cache, else by pip.
fetch_kokkos() {
  local archive=${R1_KOKKOS_ARCHIVE:-$r1_cache/$kokkos_carrier-$kokkos_carrier_version.tar.gz}
  if [ ! -f "$archive" ]; then
    say "fetching the source of Kokkos $kokkos_version ($kokkos_carrier $kokkos_carrier_version from the Python package index)"
    local attempt
    for attempt in 1 2 3; do
      python3 -m pip download --quiet --no-deps --no-binary="$kokkos_carrier" --dest "$r1_cache" \
        "$kokkos_carrier==$kokkos_carrier_version" >&2 && break
      say "attempt $attempt of 3 failed"
      sleep 3
    done
  fi
  [ -f "$archive" ] || die "could not fetch $kokkos_carrier $kokkos_carrier_version; fetch its source archive elsewhere
  and say R1_KOKKOS_ARCHIVE=<file> scripts/setup, or point Kokkos_ROOT at a Kokkos >= 4.6"
  echo "$kokkos_sha256  $archive" | sha256sum --check --quiet >&2 ||
    die "$archive is not the archive that was expected (sha256 $kokkos_sha256); remove it and try again"
  echo "$archive"
}

# Unpacks, patches for CUDA, builds, installs; the marker comes last, so that a killed build is not taken for a whole one.
build_kokkos() (
  variant=$1 prefix=$2
  archive=$(fetch_kokkos)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  carried=$kokkos_carrier-$kokkos_carrier_version/tpls/kokkos
  tar -xzf "$archive" -C "$work" "$carried"
  source=$work/$carried
  mapfile -t options < <(kokkos_options "$variant")
  if [ "$variant" = cuda ]; then
    patch --quiet -d "$source" -p1 < "$r1_source/scripts/patches/kokkos-$kokkos_version-cuda13.patch" >&2
    # Without an -arch, as in CMake's first checks of the compiler, the wrapper asks for one that CUDA 13 has dropped.
    sed -i 's/^default_arch="sm_70"/default_arch="sm_90"/' "$source/bin/nvcc_wrapper"
    options+=("-DCMAKE_CXX_COMPILER=$source/bin/nvcc_wrapper")
  fi
  command -v ccache >/dev/null && options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  say "building Kokkos $kokkos_version ($variant) into $prefix"
  log=$prefix.log
  if ! { cmake -S "$source" -B "$work/build" -G Ninja "-DCMAKE_INSTALL_PREFIX=$prefix" "${options[@]}" &&
    cmake --build "$work/build" --parallel "$(jobs_of_this_machine)" &&
    cmake --install "$work/build"; } > "$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "Kokkos did not build; the whole log is in $log"
  fi
  touch "$prefix/complete"
)

# Prints the prefix of the Kokkos for this kind of build.
prepare_kokkos() {
  local variant=$1 prefix found
  if [ -n "${Kokkos_ROOT:-}" ]; then echo "$Kokkos_ROOT"; return; fi
  prefix=$r1_cache/kokkos-$variant-$(kokkos_key "$variant")
  if [ ! -e "$prefix/complete" ]; then
    found=$(find_kokkos "$variant")
    if [ -n "$found" ]; then echo "$found"; return; fi
    mkdir -p "$r1_cache"
    exec 9> "$prefix.lock"
    flock 9
    if [ ! -e "$prefix/complete" ]; then
      rm -rf "$prefix"
      build_kokkos "$variant" "$prefix"
    fi
    exec 9>&-
  fi
  echo "$prefix"
}
