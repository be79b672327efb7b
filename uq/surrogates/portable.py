"""Sums of kernels in arithmetic that gives the same bits in every language, and so in every exported surrogate.

The weights of a process without noise reach 1e8 of its spread, and their sum cancels: the last bit of one kernel
value is worth 1e-8 of the output.  A library's exponential differs in that bit from another's, and so do sums in
another order.  IEEE 754 fixes +, -, *, / and sqrt, so everything here is made of these, in a stated order, and sums
keep what rounding takes from them.  Exported Python holds this very text; C and JavaScript repeat it line by line.

Sources: Baker & Graves-Morris (1996), *Pade Approximants*, section 1.2 (exponential); Cody & Waite (1980), *Software
Manual for the Elementary Functions* (log 2 in two parts); Rump, Ogita & Oishi (2008), doi:10.1137/050645671 (sums).
"""

from __future__ import annotations

from typing import Any

import numpy as np

# What an exported file holds begins here.
LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238  # its last 21 bits are zero: multiples up to 2^20 are exact
LN2_LOW = 1.9082149292705877e-10
SMALLEST = -700.0  # exp of less than that counts as exp of that, 1e-304
BLOCK = 16384  # elements of a work array: a handful of them fit the second-level cache
TOGETHER = 8


def exponential(x: Any) -> Any:
    """exp(x) of x <= 0, within two units in the last place: 2^n r, r by the Pade approximant of order 6 / 6."""
    r = np.maximum(x, SMALLEST)
    n = LOG2_E * r
    n += 0.5
    np.floor(n, out=n)
    r -= LN2_HIGH * n
    r -= LN2_LOW * n
    t = r * r
    even = t + 840.0
    even *= t
    even += 75600.0
    even *= t
    even += 665280.0
    odd = 42.0 * t
    odd += 10080.0
    odd *= t
    odd += 332640.0
    odd *= r
    np.subtract(even, odd, out=t)
    even += odd
    even /= t
    return np.ldexp(even, n.astype(np.intc), out=even)


def logarithm(x: Any) -> Any:
    """log(x) of x > 0, within two units in the last place: n log 2 + 2 atanh s, s in +- 0.172; else no number."""
    m, n = np.frexp(np.where((x > 0.0) & (x < np.inf), x, np.nan))
    low = m < 0.7071067811865476
    m, n = np.where(low, 2.0 * m, m), n - low
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    series = 0.0 * t
    for k in (21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
        series = (series + 1.0 / k) * t
    return LN2_HIGH * n + (2.0 * (s + s * series) + LN2_LOW * n)


def total(terms: Any) -> Any:
    """Sums along the last axis as if in twice the digits: the leading bits of all terms add up exactly."""
    largest = np.abs(terms).max(axis=-1, keepdims=True)
    grid = np.ldexp(1.0, np.frexp(largest)[1] + terms.shape[-1].bit_length())
    leading = (terms + grid) - grid
    return leading.sum(axis=-1) + (terms - leading).sum(axis=-1)


def weighted(k: Any, weights: Any) -> Any:
    """As `total` of weights_i k_i, for correlations k (n, size), none of which exceeds 1."""
    out, step = np.empty(len(k)), max(1, BLOCK // len(weights))
    grid = np.ldexp(1.0, np.frexp(np.abs(weights).max())[1] + len(weights).bit_length())
    for first in range(0, len(k), step):
        terms = k[first : first + step] * weights
        leading = terms + grid
        leading -= grid
        terms -= leading
        out[first : first + step] = leading.sum(axis=-1) + terms.sum(axis=-1)
    return out


def profile(name: str, squares: Any) -> tuple[Any, Any]:
    """A kernel f(t) and f'(t) / t of t^2 (`uq.surrogates.gaussian_process.kernels`)."""
    if name == "squared_exponential":
        f = exponential(-0.5 * squares)
        return f, -f
    if name == "rational_quadratic":
        a = 1.0 / (1.0 + 0.25 * squares)
        f = a * a
        return f, -(f * a)
    if name == "matern_5_2":
        a = np.sqrt(5.0 * squares)
        e = exponential(-a)
        slope = (1.0 + a) * e
        return slope + 5.0 / 3.0 * squares * e, -5.0 / 3.0 * slope
    a = np.sqrt(3.0 * squares)
    e = exponential(-a)
    return (1.0 + a) * e, -3.0 * e


def correlations(structure: str, name: str, a: Any, b: Any, shares: Any) -> Any:
    """A kernel (n_a, n_b) of profile `name` between points a (n_a, d) and b (d, n_b) in units of its lengths.

    `shares` (d,) are 1 but for ANOVA kernels.
    """
    out = np.ones((len(a), b.shape[1]))
    step = max(1, BLOCK // b.shape[1])
    for first in range(0, len(a), step):
        rows, k = a[first : first + step], out[first : first + step]
        if structure == "radial":
            squares, t = np.zeros(k.shape), np.empty(k.shape)
            for j, column in enumerate(b):
                np.subtract(rows[:, j, None], column, out=t)
                t *= t
                squares += t
            k[...] = profile(name, squares)[0]
        elif name == "rational_quadratic":
            rational_product(0.5 * rows, 0.5 * b, shares, k)
        else:
            for j, column in enumerate(b):
                t = rows[:, j, None] - column
                k *= (1.0 - shares[j]) + shares[j] * profile(name, t * t)[0]
    return out


def rational_product(a: Any, b: Any, shares: Any, out: Any) -> None:
    """out *= prod_j (1 - v_j + v_j / u_j^2), u_j = 1 + (a_j - b_j)^2, of a (n_a, d) and b (d, n_b): the products of
    u_j^2 + v_j / (1 - v_j) and of u_j^2 share one division, for so many inputs as stay below overflow up to differences
    of 4e9, which is 8e9 lengths; beyond, the product is 0 or no number."""
    above, below, factor = np.empty_like(out), np.empty_like(out), np.empty_like(out)
    for first in range(0, len(b), TOGETHER):
        inputs, start = range(first, min(first + TOGETHER, len(b))), 1.0
        for j in inputs:
            start *= 1.0 - shares[j] if shares[j] < 1.0 else 1.0
        above.fill(start)
        below.fill(1.0)
        for j in inputs:
            np.subtract(a[:, j, None], b[j], out=factor)
            np.multiply(factor, factor, out=factor)
            factor += 1.0
            np.multiply(factor, factor, out=factor)
            below *= factor
            if shares[j] < 1.0:
                factor += shares[j] / (1.0 - shares[j])
                above *= factor
        out *= above
        out /= below


def kernel_sums(
    z: Any, structure: str, name: str, rows: Any, lengths: Any, shares: Any, weights: Any
) -> tuple[Any, Any]:
    """sum_i weights_i k(z / lengths, rows_i) at z (n, d): (n,), and its derivatives by z (n, d)."""
    value, slopes = np.empty(len(z)), np.empty(z.shape)
    columns = np.ascontiguousarray(rows.T)
    step = max(1, 4 * BLOCK // columns.size)
    for first in range(0, len(z), step):
        block = slice(first, first + step)
        scaled = z[block] / lengths
        t = scaled[:, :, None] - columns
        if structure == "radial":
            squares = np.zeros((len(scaled), len(weights)))
            for j in range(len(columns)):
                squares += t[:, j] * t[:, j]
            k, steepness = profile(name, squares)
            t *= (weights * steepness)[:, None, :]
        else:
            f, steepness = profile(name, t * t)
            factor = (1.0 - shares[:, None]) + shares[:, None] * f
            t *= steepness
            t /= factor
            k = np.ones((len(scaled), len(weights)))
            if name == "rational_quadratic":
                rational_product(0.5 * scaled, 0.5 * columns, shares, k)
            else:
                for j in range(len(columns)):
                    k *= factor[:, j]
            t *= (weights * k)[:, None, :]
        value[block] = weighted(k, weights)
        slopes[block] = total(t) * shares / lengths
    return value, slopes
