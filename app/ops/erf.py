"""The error function to the last digit, for arrays: the approximations of FreeBSD's msun, `s_erf.c` (Sun, 1993).

The page's own erf is written from the same tables.
"""

import math
from typing import Any

import numpy as np

from app.ops.algebra import Array

# Coefficients from the constant term up. Below 0.84375: erf x = x + x·P(x²)/Q(x²); below 1.25: 0.845… + P(s)/Q(s) with
# s = |x| − 1; beyond: 1 − e^(−x² − 0.5625 + P(s)/Q(s))/x with s = 1/x², one table below 1/0.35 and one to 6.
SMALL = (
    (1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
     -2.37630166566501626084e-05),
    (1.0, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
     1.32494738004321644526e-04,
     -3.96022827877536812320e-06),
)  # fmt: skip
NEAR_ONE = 8.45062911510467529297e-01
MIDDLE = (
    (-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01, 3.18346619901161753674e-01,
     -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03),
    (1.0, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
     1.26171219808761642112e-01,
     1.36370839120290507362e-02, 1.19844998467991074170e-02),
)  # fmt: skip
FAR = (
    (-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01, -6.23753324503260060396e+01,
     -1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01,
     -9.81432934416914548592e+00),
    (1.0, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
     6.45387271733267880336e+02,
     4.29008140027567833386e+02, 1.08635005541779435134e+02, 6.57024977031928170135e+00, -6.04244152148580987438e-02),
)  # fmt: skip
FARTHER = (
    (-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01, -1.60636384855821916062e+02,
     -6.37566443368389627722e+02, -1.02509513161107724954e+03, -4.83519191608651397019e+02),
    (1.0, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
     3.19985821950859553908e+03,
     2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01),
)  # fmt: skip

FEW = 4096  # elements below which `math.erf`, one by one, is as fast
Table = tuple[tuple[float, ...], tuple[float, ...]]


def _polynomial(coefficients: tuple[float, ...], s: Array) -> Array:
    total = s * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total += c
        total *= s
    total += coefficients[0]
    return total


def _ratio(table: Table, s: Array) -> Array:
    above, below = table
    return _polynomial(above, s) / _polynomial(below, s)


def _tail(x: Array, table: Table) -> Array:
    z = x.astype(np.float32).astype(np.float64)  # so that z² is exact
    return 1 - np.exp(-z * z - 0.5625) * np.exp((z - x) * (z + x) + _ratio(table, 1 / (x * x))) / x


def erf_of(x: Any) -> Any:
    """erf of each element, in the array's type."""
    values = np.asarray(x)
    if values.size < FEW:
        found = np.fromiter(map(math.erf, values.ravel().tolist()), np.float64, values.size)
        return found.reshape(values.shape).astype(values.dtype, copy=False)
    size = np.abs(values, dtype=np.float64)
    result = np.where(size >= 6, 1.0, size)  # NaN stays
    for low, high, rule in (
        (0.0, 0.84375, lambda s: s + s * _ratio(SMALL, s * s)),
        (0.84375, 1.25, lambda s: NEAR_ONE + _ratio(MIDDLE, s - 1)),
        (1.25, 1 / 0.35, lambda s: _tail(s, FAR)),
        (1 / 0.35, 6.0, lambda s: _tail(s, FARTHER)),
    ):
        inside = (size >= low) & (size < high)
        if inside.all():
            result = rule(size)
        elif inside.any():
            result[inside] = rule(size[inside])
    return np.copysign(result, values).astype(values.dtype, copy=False)
