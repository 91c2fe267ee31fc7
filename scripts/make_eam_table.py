#!/usr/bin/env python3
# Writes an embedded-atom table for copper (setfl) from its published analytic form; the same bytes every time.
#   scripts/make_eam_table.py > inputs/Cu_demo.eam.alloy
# Form and parameters: X. W. Zhou, R. A. Johnson, H. N. G. Wadley, Phys. Rev. B 69, 144113 (2004), equations 2 to 5, table III.
# Units: eV, Å. The form has no end; here density and pair energy are taken smoothly to zero from 5.14 Å on, behind the fourth
# shell of the crystal, to the cutoff at sqrt(10)/2 lattice constants (5.72 Å), so that forces are continuous.
# SPDX-License-Identifier: Apache-2.0
import math
import sys

LATTICE = 3.615
R_E, F_E = 2.556162, 1.554485
RHO_E, RHO_S = 21.175871, 21.175395
ALPHA, BETA = 8.127620, 4.334731
A, B = 0.396620, 0.548085
KAPPA, LAMBDA = 0.308782, 0.756515
F_N = (-2.170269, -0.263788, 1.088878, -0.817603)      # rho < 0.85 rho_e
F_0 = (-2.19, 0.0, 0.561830, -2.100595)                # 0.85 rho_e <= rho < 1.15 rho_e
ETA, F_S = 0.310490, -2.186568                         # 1.15 rho_e <= rho
RHO_N = 0.85 * RHO_E

POINTS = 1000
CUTOFF = LATTICE * math.sqrt(10.0) / 2.0
D_R = CUTOFF / (POINTS - 1)
D_RHO = 2.5 * RHO_E / (POINTS - 1)                     # twice and a half the density of the perfect crystal


def damped(amplitude, decay, shift, r):
    """amplitude exp(-decay (r/r_e - 1)) / (1 + (r/r_e - shift)^20)"""
    x = r / R_E
    return amplitude * math.exp(-decay * (x - 1.0)) / (1.0 + (x - shift) ** 20)


def switched(r):
    """1 up to 0.9 cutoffs, 0 from the cutoff on, with continuous second derivatives."""
    t = min(max((r / CUTOFF - 0.9) / 0.1, 0.0), 1.0)
    return 1.0 - t ** 3 * (10.0 - 15.0 * t + 6.0 * t * t)


def density(r):
    return switched(r) * damped(F_E, BETA, LAMBDA, r)


def pair_energy(r):
    return switched(r) * (damped(A, ALPHA, KAPPA, r) - damped(B, BETA, LAMBDA, r))


def embedding(rho):
    if rho < RHO_N:
        x = rho / RHO_N - 1.0
        return sum(c * x ** k for k, c in enumerate(F_N))
    if rho < 1.15 * RHO_E:
        x = rho / RHO_E - 1.0
        return sum(c * x ** k for k, c in enumerate(F_0))
    x = (rho / RHO_S) ** ETA
    return F_S * (1.0 - math.log(x)) * x


def table(function, spacing):
    lines = []
    for first in range(0, POINTS, 5):
        values = (function(k * spacing) for k in range(first, min(first + 5, POINTS)))
        lines.append(" ".join(f"{value:.15e}" for value in values))
    return "\n".join(lines) + "\n"


def main():
    write = sys.stdout.write
    write("Copper UNITS: metal made by scripts/make_eam_table.py\n")
    write("Analytic form: X. W. Zhou, R. A. Johnson, H. N. G. Wadley, Phys. Rev. B 69, 144113 (2004)\n")
    write("F(rho), rho(r), r phi(r)\n")
    write("1 Cu\n")
    write(f"{POINTS} {D_RHO!r} {POINTS} {D_R!r} {CUTOFF!r}\n")
    write(f"29 63.546 {LATTICE} fcc\n")
    write(table(embedding, D_RHO))
    write(table(density, D_R))
    write(table(lambda r: r * pair_energy(r), D_R))


if __name__ == "__main__":
    main()
