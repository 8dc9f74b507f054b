"""What an HS3 document says (HEP Statistics Serialization Standard 0.2, and what ROOT 6.40 writes), as records.

Names of parameters, observables, functions and distributions are texts; where a number may stand for one, an operand is
either.
"""

from __future__ import annotations

from collections.abc import Mapping

from hzdsl.records import dataclass
from hzdsl.stats.documents import Value
from hzdsl.stats.parameters import Vector

Operand = str | float

# ---- distributions ----


@dataclass(frozen=True)
class Gaussian:
    """exp(-½((x - mean)/sigma)²)."""

    name: str
    x: Operand
    mean: Operand
    sigma: Operand


@dataclass(frozen=True)
class Poisson:
    """Mean^x exp(-mean) / Γ(x + 1)."""

    name: str
    x: Operand
    mean: Operand


@dataclass(frozen=True)
class Exponential:
    """exp(-c x): ROOT's RooExponential has the other sign, which it writes as a function."""

    name: str
    x: Operand
    c: Operand


@dataclass(frozen=True)
class Lognormal:
    """exp(-½((ln x - mu)/sigma)²) / x."""

    name: str
    x: Operand
    mu: Operand
    sigma: Operand


@dataclass(frozen=True)
class Landau:
    """Landau's density, of RooLandau."""

    name: str
    x: Operand
    mean: Operand
    sigma: Operand


@dataclass(frozen=True)
class CrystalBall:
    """A Gaussian core with power laws on both sides, which may differ in all that they have."""

    name: str
    x: Operand
    mean: Operand
    sigma_left: Operand
    sigma_right: Operand
    alpha_left: Operand
    alpha_right: Operand
    n_left: Operand
    n_right: Operand


@dataclass(frozen=True)
class OneSidedCrystalBall:
    """RooCBShape: the power law is below the core for alpha > 0, above it else."""

    name: str
    x: Operand
    mean: Operand
    sigma: Operand
    alpha: Operand
    n: Operand


@dataclass(frozen=True)
class Argus:
    """m (1 - (m/resonance)²)^power exp(slope (1 - (m/resonance)²))."""

    name: str
    x: Operand
    resonance: Operand
    slope: Operand
    power: Operand


@dataclass(frozen=True)
class Uniform:
    """A constant."""

    name: str
    x: tuple[Operand, ...]


@dataclass(frozen=True)
class Polynomial:
    """Σ c_k x^k, from k = 0."""

    name: str
    x: Operand
    coefficients: tuple[Operand, ...]


@dataclass(frozen=True)
class Chebychev:
    """1 + Σ c_k T_k, from k = 1, of x on the range of the observable mapped to [-1, 1]."""

    name: str
    x: Operand
    coefficients: tuple[Operand, ...]


@dataclass(frozen=True)
class Bernstein:
    """Σ c_k B_k, of x on the range of the observable mapped to [0, 1]."""

    name: str
    x: Operand
    coefficients: tuple[Operand, ...]


@dataclass(frozen=True)
class Generic:
    """An expression of the names that stand in it (TFormula's language), normalised over the observables."""

    name: str
    expression: str


@dataclass(frozen=True)
class Mixture:
    """Distributions, added: `coefficients` are yields where `extended`, else fractions, the last one left over."""

    name: str
    summands: tuple[str, ...]
    coefficients: tuple[Operand, ...]
    extended: bool


@dataclass(frozen=True)
class Product:
    """Distributions, multiplied: of other observables, or constraints."""

    name: str
    factors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class HistFactory:
    """A channel of HistFactory; its samples are decoded by `channels.py`, which knows the rest of the document."""

    name: str
    axes: tuple[Axis, ...]
    at: Value


Distribution = (
    Gaussian
    | Poisson
    | Exponential
    | Lognormal
    | Landau
    | CrystalBall
    | OneSidedCrystalBall
    | Argus
    | Uniform
    | Polynomial
    | Chebychev
    | Bernstein
    | Generic
    | Mixture
    | Product
    | HistFactory
)

# ---- functions ----


@dataclass(frozen=True)
class SumOf:
    """Σ summands."""

    name: str
    summands: tuple[Operand, ...]


@dataclass(frozen=True)
class ProductOf:
    """Π factors."""

    name: str
    factors: tuple[Operand, ...]


@dataclass(frozen=True)
class GenericFunction:
    """An expression of the names that stand in it."""

    name: str
    expression: str


@dataclass(frozen=True)
class Interpolation:
    """ROOT's FlexibleInterpVar: a number that is `nominal`, and `low` and `high` at -1 and +1 of each parameter.

    It is decoded, as all that is valid, and refused only where a channel needs it: documents of ROOT hold some that
    none does. The same is true of ProcessNormalization with asymmetric κ.
    """

    name: str
    parameters: tuple[Operand, ...]
    nominal: Operand
    low: tuple[Operand, ...]
    high: tuple[Operand, ...]
    codes: tuple[int, ...]


@dataclass(frozen=True)
class ProcessNormalization:
    """Combine's yield: nominal · Π κ^θ · Π asymmetric κ · Π factors (STATS §3.2); logarithms of κ are stored."""

    name: str
    nominal: Operand
    log_kappas: tuple[Operand, ...]
    thetas: tuple[Operand, ...]
    asymmetric_log_kappas: tuple[tuple[float, float], ...]
    asymmetric_thetas: tuple[Operand, ...]
    factors: tuple[Operand, ...]


Function = SumOf | ProductOf | GenericFunction | Interpolation | ProcessNormalization

# ---- data ----


@dataclass(frozen=True, eq=False)
class Axis:
    """An observable or a parameter: its range, infinite where it has none, and the edges of its bins."""

    name: str
    low: float
    high: float
    edges: Vector | None = None


@dataclass(frozen=True, eq=False)
class Binned:
    """Contents of bins; of several axes the last one is the fastest."""

    name: str
    axes: tuple[Axis, ...]
    contents: Vector
    errors: Vector | None


@dataclass(frozen=True, eq=False)
class Unbinned:
    """Rows of values, of shape (rows, axes), and their weights."""

    name: str
    axes: tuple[Axis, ...]
    entries: Vector
    weights: Vector | None


@dataclass(frozen=True)
class Point:
    """One measured value."""

    name: str
    value: float
    error: float | None


Data = Binned | Unbinned | Point

# ---- what is done with them ----


@dataclass(frozen=True)
class Setting:
    """A value of a parameter, whether it is kept there, and the bounds that ROOT writes beside it."""

    value: float
    fixed: bool
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Likelihood:
    """Distributions, each with data, and distributions of parameters alone."""

    name: str
    distributions: tuple[str, ...]
    data: tuple[Operand, ...]
    constraints: tuple[str, ...]


@dataclass(frozen=True)
class Analysis:
    """A likelihood, which parameters are of interest, where they may go, and where they start."""

    name: str
    likelihood: str
    interest: tuple[str, ...]
    domains: tuple[str, ...]
    init: str | None


@dataclass(frozen=True, eq=False)
class Workspace:
    """All of a document, by names.

    `constants` are parameters that ROOT marks as constant in what it keeps for itself; `writers` the packages that
    wrote the document.
    """

    distributions: Mapping[str, Distribution]
    functions: Mapping[str, Function]
    domains: Mapping[str, Mapping[str, Axis]]
    points: Mapping[str, Mapping[str, Setting]]
    data: Mapping[str, Data]
    likelihoods: Mapping[str, Likelihood]
    analyses: Mapping[str, Analysis]
    constants: frozenset[str]
    writers: tuple[str, ...]
    at: Value
