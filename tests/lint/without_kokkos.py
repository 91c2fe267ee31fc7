"""Of the sources named on stdin, prints those that reach no Kokkos header through our own includes.

Usage: without_kokkos.py < paths relative to the root
SPDX-License-Identifier: Apache-2.0
"""

import functools
import pathlib
import sys

import arrows
import sources

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.lru_cache(maxsize=None)
def reaches_kokkos(path):
    if not (ROOT / path).is_file():
        return False
    includes = [match.group(2) for match in arrows.INCLUDE.finditer(sources.read(ROOT, path))]
    return any(name.startswith("Kokkos_") or reaches_kokkos(name) for name in includes)


for line in sys.stdin:
    if line.strip() and not reaches_kokkos(line.strip()):
        print(line.strip())
