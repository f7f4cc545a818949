"""From measurements to the figures that are compared: medians, slopes, ratios, and the tables that show them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any, Final

from rich.table import Table

PEERS: Final = ("naive", "duckdb")
_MILLION: Final = 1e6
_GIB: Final = 2**30


@dataclass(frozen=True)
class Case:
    """What is run: its name, the messages in it, and whether it belongs to the line of growing sizes."""

    name: str
    messages: int
    is_size: bool = False


@dataclass(frozen=True)
class Measured:
    """What one run of a variant took; of several, the medians."""

    variant: str
    case: str
    wall_s: float
    cpu_s: float
    peak_bytes: float
    files: float
    written_bytes: float


@dataclass(frozen=True)
class Growth:
    """CPU seconds of a variant for each further million of messages; its ratio to each peer, if that took part.

    `off_line` is how far the point farthest from the straight line lies from it, as a share of what the line says.
    """

    variant: str
    cpu_s_per_million: float
    off_line: float
    ratios: Mapping[str, float]


def medians(runs: Sequence[Measured]) -> list[Measured]:
    """Take the runs of each variant and case to one, in the order in which they first came."""
    groups: dict[tuple[str, str], list[Measured]] = {}
    for run in runs:
        groups.setdefault((run.variant, run.case), []).append(run)
    return [
        Measured(
            variant,
            case,
            median(run.wall_s for run in group),
            median(run.cpu_s for run in group),
            median(run.peak_bytes for run in group),
            median(run.files for run in group),
            median(run.written_bytes for run in group),
        )
        for (variant, case), group in groups.items()
    ]


def line_through(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the slope and the start of the straight line with the least squares of distances to the points."""
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return slope, mean_y - slope * mean_x


def growths(figures: Sequence[Measured], cases: Sequence[Case]) -> list[Growth]:
    """Return what each variant takes for a further million; needs two sizes or more, else there is none."""
    millions = {case.name: case.messages / _MILLION for case in cases if case.is_size}
    if len(millions) < 2:  # noqa: PLR2004 - through one point goes any line
        return []
    points: dict[str, list[tuple[float, float]]] = {}
    for figure in figures:
        if figure.case in millions:
            points.setdefault(figure.variant, []).append((millions[figure.case], figure.cpu_s))
    lines = {variant: line_through(found) for variant, found in points.items()}
    slopes = {variant: slope for variant, (slope, _) in lines.items()}
    return [
        Growth(
            variant,
            slope,
            max(abs(y - (start + slope * x)) / (start + slope * x) for x, y in points[variant]),
            {peer: slope / slopes[peer] for peer in PEERS if peer in slopes},
        )
        for variant, (slope, start) in lines.items()
    ]


def ratios(figures: Sequence[Measured], field: str = "cpu_s") -> dict[tuple[str, str], dict[str, float]]:
    """Return the ratio of each variant's figure to each peer's in the same case, by variant and case."""
    known = {(figure.variant, figure.case): float(getattr(figure, field)) for figure in figures}
    return {
        (variant, case): {peer: value / known[peer, case] for peer in PEERS if (peer, case) in known}
        for (variant, case), value in known.items()
    }


def between_cases(figures: Sequence[Measured], case: str, base: str) -> dict[str, float]:
    """Return, by variant, how many times the CPU of one case another takes."""
    known = {(figure.variant, figure.case): figure.cpu_s for figure in figures}
    names = dict.fromkeys(variant for variant, _ in known)
    return {
        name: known[name, case] / known[name, base]
        for name in names
        if (name, case) in known and (name, base) in known
    }


def tables(figures: Sequence[Measured], cases: Sequence[Case]) -> list[Table]:
    """Return a table of all cases, and one of what growth costs where there are sizes to tell."""
    found = [_cases_table(figures, cases)]
    if grown := growths(figures, cases):
        found.append(_growth_table(grown))
    return found


def _cases_table(figures: Sequence[Measured], cases: Sequence[Case]) -> Table:
    table = Table(title="medians")
    for name in ("case", "variant"):
        table.add_column(name)
    for name in ("wall s", "CPU s", *(f"of {peer}" for peer in PEERS), "peak GiB", "files", "MB"):
        table.add_column(name, justify="right")
    shares = ratios(figures)
    for case in cases:
        table.add_section()
        for figure in figures:
            if figure.case == case.name:
                share = shares[figure.variant, figure.case]
                table.add_row(
                    f"{case.name}, {case.messages:,}",
                    figure.variant,
                    f"{figure.wall_s:.1f}",
                    f"{figure.cpu_s:.1f}",
                    *(_ratio(share.get(peer)) for peer in PEERS),
                    f"{figure.peak_bytes / _GIB:.2f}",
                    f"{figure.files:.0f}",
                    f"{figure.written_bytes / _MILLION:.1f}",
                )
    return table


def _growth_table(grown: Sequence[Growth]) -> Table:
    table = Table(title="CPU per further million of messages")
    table.add_column("variant")
    for name in ("s", *(f"of {peer}" for peer in PEERS), "off the line"):
        table.add_column(name, justify="right")
    for growth in grown:
        shares = (_ratio(growth.ratios.get(peer)) for peer in PEERS)
        table.add_row(growth.variant, f"{growth.cpu_s_per_million:.2f}", *shares, f"{growth.off_line:.1%}")
    return table


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"  # noqa: RUF001 - a dash where there is no number


def as_json(runs: Sequence[Measured], cases: Sequence[Case]) -> dict[str, Any]:
    """Return all that was measured, and what follows from it."""
    figures = medians(runs)
    return {
        "cases": [asdict(case) for case in cases],
        "runs": [asdict(run) for run in runs],
        "medians": [asdict(figure) for figure in figures],
        "growth": [asdict(growth) for growth in growths(figures, cases)],
        "cpu_ratios": [
            {"variant": variant, "case": case, **shares}
            for (variant, case), shares in ratios(figures).items()
        ],
    }
