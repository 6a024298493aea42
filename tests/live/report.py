# SPDX-License-Identifier: Apache-2.0
"""What a live run found: counts read from a suite's output, the table at the end, RESULTS.md.

A suite that ends without a count is a failure, never a pass.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
_RAN = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_OUTCOME = re.compile(r"^(?:OK|FAILED)(?: \(([^)]*)\))?$", re.MULTILINE)
_HEAD = ("series", "transport", "suite", "passed", "failed", "skipped", "seconds", "")
_RECORD_HEAD = "| series | addon | transport | passed | failed | skipped | commit | date |"
_RECORD_RULE = "| --- | --- | --- | --- | --- | --- | --- | --- |"


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed and were skipped."""

    passed: int
    failed: int
    skipped: int = 0


@dataclass(frozen=True)
class Row:
    """One suite over one transport of one series."""

    series: str
    transport: str
    suite: str
    counts: Counts
    seconds: float
    note: str = ""


def counts_of(output: str, exit_code: int) -> tuple[Counts, str]:
    """Reads the counts from a suite's output; answers them and a note when they are not to be had.

    The last line 'N passed, N failed[, N skipped]' counts; else unittest's own closing lines. An
    exit code other than 0 without a failed test, or an output without a count, is one failure.
    """
    counts = _plain_counts(output) or _unittest_counts(output)
    if counts is None:
        return Counts(0, 1), f"no count in its output (exit {exit_code})"
    if exit_code != 0 and counts.failed == 0:
        return Counts(counts.passed, 1, counts.skipped), f"exit {exit_code} though none failed"
    if counts.passed + counts.failed + counts.skipped == 0:
        return Counts(0, 1), "it ran no test"
    return counts, ""


def _plain_counts(output: str) -> Counts | None:
    found = _PLAIN.findall(output)
    if not found:
        return None
    passed, failed, skipped = found[-1]
    return Counts(int(passed), int(failed), int(skipped or 0))


def _unittest_counts(output: str) -> Counts | None:
    ran, outcome = _RAN.findall(output), _OUTCOME.findall(output)
    if not ran or not outcome:
        return None
    numbers = dict(
        part.strip().split("=", 1) for part in outcome[-1].split(",") if "=" in part
    )
    bad = sum(int(numbers.get(key, 0)) for key in ("failures", "errors", "unexpected successes"))
    skipped = int(numbers.get("skipped", 0))
    return Counts(max(int(ran[-1]) - bad - skipped, 0), bad, skipped)


def table(rows: Iterable[Row]) -> str:
    """The table that a person reads at the end, with a closing line of the sums."""
    rows = list(rows)
    cells = [
        (
            row.series, row.transport, row.suite, str(row.counts.passed), str(row.counts.failed),
            str(row.counts.skipped), f"{row.seconds:.0f}", row.note,
        )
        for row in rows
    ]
    widths = [max(len(line[n]) for line in [_HEAD, *cells]) for n in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
             for line in [_HEAD, *cells]]
    total = sums(rows)
    lines += ["", f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped"]
    return "\n".join(lines)


def sums(rows: Iterable[Row]) -> Counts:
    """Adds the counts of all rows."""
    rows = list(rows)
    return Counts(
        sum(row.counts.passed for row in rows),
        sum(row.counts.failed for row in rows),
        sum(row.counts.skipped for row in rows),
    )


def record(
    path: pathlib.Path, rows: Iterable[Row], addon: bool, commit: str, day: str
) -> None:
    """Replaces the lines of these series, transports and addon choice in RESULTS.md."""
    per_transport: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        per_transport.setdefault((row.series, row.transport), []).append(row)
    with_addon = "yes" if addon else "no"
    kept: dict[tuple[str, str, str], str] = {}
    text = path.read_text(encoding="utf-8") if path.exists() else _empty_record()
    head, _, body = text.partition(_RECORD_RULE)
    for line in body.splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if len(parts) == 8:
            kept[(parts[0], parts[1], parts[2])] = line
    for (series, transport), group in per_transport.items():
        total = sums(group)
        kept[(series, with_addon, transport)] = (
            f"| {series} | {with_addon} | {transport} | {total.passed} | {total.failed} "
            f"| {total.skipped} | {commit} | {day} |"
        )
    lines = [kept[key] for key in sorted(kept)]
    path.write_text(head + _RECORD_RULE + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _empty_record() -> str:
    return (
        "# Last run against each real Odoo\n\n"
        "Written by `tests/live/run.sh --record`: a line a series, addon choice and transport.\n\n"
        + _RECORD_HEAD + "\n" + _RECORD_RULE + "\n"
    )
