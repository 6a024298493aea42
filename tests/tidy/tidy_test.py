# SPDX-License-Identifier: Apache-2.0
"""Style and structure as a test: layers, homes of libraries, sizes, words, licences.

Every rule answers `path:line: what is wrong` and what to do; nothing is changed.
"""
from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LINE_MAX = 100
FILE_LINES_MAX = 700

# What a folder's files may include of the project (server/ARCHITECTURE.md, layers).
L1 = {"server/base"}
L2 = L1 | {"server/model"}
PORTS = L2 | {"server/ports"}
LAYERS: dict[str, set[str]] = {
    "server/base": L1,
    "server/model": L2,
    "server/crypto": L1 | {"server/crypto"},
    "server/ports": PORTS,
    "server/formats": PORTS | {"server/formats"},
    "server/net": PORTS | {"server/crypto", "server/net"} - {"server/model"} | {"server/model"},
    "server/engine": PORTS | {"server/crypto", "server/engine"},
    "server/store": PORTS | {"server/store"},
    "server/security": PORTS | {"server/crypto", "server/security"},
    "server/telemetry": PORTS | {"server/telemetry"},
    "server/screening": PORTS | {"server/crypto", "server/screening"},
    "adapters/odoo": PORTS | {"server/net", "adapters/odoo"},
    "adapters/bank": PORTS | {"server/formats", "server/net", "server/crypto", "adapters/bank"},
    "adapters/expense": PORTS | {"server/net", "server/crypto", "adapters/expense"},
    "server/webhooks": PORTS | {"server/net", "server/crypto", "server/webhooks",
                                "server/engine", "server/security"},
    # formats: linting judges a file by them and asks nobody else
    "server/api": PORTS | {"server/formats", "server/net", "server/crypto", "server/engine",
                           "server/security", "server/webhooks", "server/api", "proto"},
    "sdk/cpp": {"sdk/cpp", "proto"},
    "sdk/cli": {"sdk/cpp", "sdk/cli", "proto"},
}

# Third-party libraries have one home each: include pattern -> folders that may use it.
HOMES: list[tuple[str, tuple[str, ...]]] = [
    (r"soci/|libpq-fe\.h", ("server/store", "tests/store")),
    (r"sqlite3\.h", ("server/store", "tests/store", "tests/bench/import.cc")),
    (r"grpcpp/|grpc/|grpc\.pb\.h", ("server/api", "server/app", "sdk", "tests", "examples")),
    (r"xmlrpc-c/", ("adapters/odoo", "tests")),
    (r"openssl/", ("server/crypto", "server/net", "sdk/cli", "tests")),
    (r"boost/(beast|asio)", ("server/net", "tests")),
    (r"libxml/", ("server/formats", "tests")),
    (r"unicode/", ("server/screening",)),
    (r"curl/", ("server/net", "tests")),
    (r"libssh/", ("adapters/bank",)),
    (r"rnp/", ("server/crypto", "tests")),
    (r"toml\+\+/", ("server/app",)),
    (r"CLI/", ("server/app", "sdk/cli", "tests", "examples")),
    (r"prometheus/|spdlog/", ("server/telemetry",)),
]

BANNED_WORDS = re.compile(
    r"\b(TODO|FIXME)\b|(?i:not implemented|coming soon|hard-?coded)")
# ISO 4217's code for "no currency", where it does not stand in a comment.
BANNED_IN_COMMENTS = re.compile(r"(?://|/\*|^\s*\*|^\s*#|\s#\s).*\b(XXX)\b")
FLOATING = re.compile(r"\b(double|float)\b")
FLOATING_HOMES = ("server/model/", "server/engine/", "adapters/", "sdk/", "server/formats/")
FLOATING_FINE = re.compile(
    r"//.*\b(double|float)\b|</?double>|TYPE_DOUBLE|"
    r"seconds|ratio|score|rate_per|histogram|backoff|jitter|progress")
BANNED_CALLS = re.compile(r"\b(rand|localtime|gmtime|strtod|atof|sprintf|system)\s*\(|std::stod\b")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')

Problem = tuple[str, int, str]


def tracked() -> list[str]:
    """Files of the checkout, new ones too, without what git ignores."""
    out = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"],
        check=True, capture_output=True, text=True).stdout
    return [name for name in out.splitlines() if (ROOT / name).is_file()]


def lines_of(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def is_cpp(name: str) -> bool:
    return name.endswith((".cc", ".h"))


def layer_of(name: str) -> str | None:
    return next((folder for folder in LAYERS if name.startswith(folder + "/")), None)


def folder_of(included: str) -> str | None:
    if included.startswith("kontor/v1/"):
        return "proto"
    if not included.startswith(("server/", "adapters/", "sdk/", "tests/", "examples/")):
        return None
    return "/".join(included.split("/")[:2])


def check_layers(name: str) -> Iterator[Problem]:
    layer = layer_of(name)
    if layer is None or not is_cpp(name):
        return
    for number, line in enumerate(lines_of(name), 1):
        found = INCLUDE.match(line)
        folder = folder_of(found.group(1) or found.group(2)) if found else None
        if folder is not None and folder not in LAYERS[layer]:
            yield name, number, f"{layer} must not see {folder} (server/ARCHITECTURE.md, layers)"


def check_homes(name: str) -> Iterator[Problem]:
    if not is_cpp(name):
        return
    for number, line in enumerate(lines_of(name), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        included = found.group(1) or found.group(2)
        for pattern, homes in HOMES:
            if re.search(pattern, included) and not name.startswith(homes):
                yield name, number, f"{included} belongs to {', '.join(homes)}"


def check_private_headers(name: str) -> Iterator[Problem]:
    if not is_cpp(name):
        return
    for number, line in enumerate(lines_of(name), 1):
        found = INCLUDE.match(line)
        included = (found.group(1) or "") if found else ""
        owner = included.split("/internal/")[0] if "/internal/" in included else None
        if owner == "kontor/sdk":  # the SDK's headers are included as they are installed
            owner = "sdk/cpp/include/kontor/sdk"
        if owner and not name.startswith((owner + "/", "sdk/cpp/src/", "tests/")):
            yield name, number, f"{included} is private to {owner}"


def check_licence(name: str) -> Iterator[Problem]:
    if not name.endswith((".cc", ".h", ".py", ".sh", ".proto", ".cmake", "CMakeLists.txt")):
        return
    licence = "LGPL-3.0-or-later" if name.startswith("odoo_addon/") else "Apache-2.0"
    head = lines_of(name)[:3]
    if not any(f"SPDX-License-Identifier: {licence}" in line for line in head):
        yield name, 1, f"begin with SPDX-License-Identifier: {licence}"


def check_lines(name: str) -> Iterator[Problem]:
    if not name.endswith((".cc", ".h", ".py", ".sh", ".proto", ".def")):
        return
    lines = lines_of(name)
    if len(lines) > FILE_LINES_MAX:
        yield name, len(lines), f"more than {FILE_LINES_MAX} lines: could it be two rooms?"
    if name.endswith(".def"):
        return
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            yield name, number, f"{len(line)} columns, {LINE_MAX} are allowed"


def check_words(name: str) -> Iterator[Problem]:
    parts = ("server/", "sdk/", "proto/", "odoo_addon/", "adapters/", "examples/", "README.md")
    if not name.startswith(parts) or name.endswith((".png", ".svg", ".po", ".pot")):
        return
    for number, line in enumerate(lines_of(name), 1):
        found = BANNED_WORDS.search(line)
        word = found.group(0) if found else "XXX" if BANNED_IN_COMMENTS.search(line) else ""
        if word:
            yield name, number, f'"{word}" tells of unfinished work: finish or remove it'


def check_money(name: str) -> Iterator[Problem]:
    if not is_cpp(name) or not name.startswith(FLOATING_HOMES):
        return
    for number, line in enumerate(lines_of(name), 1):
        if FLOATING.search(line) and not FLOATING_FINE.search(line):
            yield name, number, "no floating point near money: base::Decimal or model::Money"


def check_calls(name: str) -> Iterator[Problem]:
    if not is_cpp(name) or name.startswith("tests/"):
        return
    for number, line in enumerate(lines_of(name), 1):
        found = BANNED_CALLS.search(line.split("//")[0])
        if found:
            yield name, number, f"{found.group(0)}…) is banned: time, numbers and ids are injected"


MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_])/(?:work|root|farm)/")


def check_machine_paths(name: str) -> Iterator[Problem]:
    if name.endswith((".png", ".pdf", ".zip")) or name == "tests/tidy/tidy_test.py":
        return
    try:
        lines = lines_of(name)
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            yield name, number, "a path of one machine"


def check_top_level() -> Iterator[Problem]:
    allowed = {"CMakeLists.txt", "server", "sdk", "proto", "odoo_addon", "adapters", "tests",
               "examples", "README.md", "LICENSE", "CHANGELOG.md", "CMakePresets.json"}
    for top in sorted({name.split("/")[0] for name in tracked()}):
        if top not in allowed and not top.startswith("."):
            yield top, 1, "the top level is closed"


def check_reasons_in_proto() -> Iterator[Problem]:
    """Reasons that the contract names must be in the catalogue."""
    catalogue = set(re.findall(r"^KONTOR_ERROR\(\w+, (\w+),",
                               (ROOT / "server/base/errors.def").read_text(), re.MULTILINE))
    codes = {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND", "ALREADY_EXISTS", "ABORTED",
             "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "UNAVAILABLE",
             "DEADLINE_EXCEEDED", "INTERNAL", "DATA_LOSS", "OUT_OF_RANGE", "UNIMPLEMENTED",
             "CANCELLED"}
    for name in tracked():
        if not name.endswith(".proto"):
            continue
        for number, line in enumerate(lines_of(name), 1):
            if "//" not in line or "Errors" not in line and "(" not in line:
                continue
            for word in re.findall(r"\(([A-Z][A-Z_]{6,}(?:, [A-Z][A-Z_]{6,})*)\)", line):
                for reason in word.split(", "):
                    if reason not in catalogue | codes and not reason.startswith("KONTOR"):
                        yield name, number, f"{reason} is not in server/base/errors.def"


def check_reasons_are_raised() -> Iterator[Problem]:
    """Reasons that nothing raises promise callers what never comes."""
    sources = [name for name in tracked()
               if is_cpp(name) and name.startswith(("server/", "adapters/", "sdk/"))]
    raised = set(re.findall(r"\bReason::k(\w+)", "\n".join(
        "\n".join(lines_of(name)) for name in sources)))
    catalogue = "server/base/errors.def"
    for number, line in enumerate(lines_of(catalogue), 1):
        entry = re.match(r"KONTOR_ERROR\((\w+), (\w+),", line)
        if entry and entry.group(1) not in raised:
            yield catalogue, number, f"nothing raises {entry.group(2)}: raise or remove it"


def check_scripts(name: str) -> Iterator[Problem]:
    if name.endswith(".sh") and not (ROOT / name).stat().st_mode & 0o100:
        yield name, 1, "a script needs its run bit"


PER_FILE: list[Callable[[str], Iterator[Problem]]] = [
    check_layers, check_homes, check_private_headers, check_licence, check_lines, check_words,
    check_money, check_calls, check_machine_paths, check_scripts]
WHOLE: list[Callable[[], Iterator[Problem]]] = [
    check_top_level, check_reasons_in_proto, check_reasons_are_raised]


def main() -> int:
    if not (ROOT / ".git").exists():
        print("SKIPPED: not a git checkout, so there is no list of files")
        return 77
    names = tracked()
    problems = [problem for rule in PER_FILE for name in names for problem in rule(name)]
    problems += [problem for rule in WHOLE for problem in rule()]
    for name, number, what in sorted(problems):
        print(f"{name}:{number}: {what}")
    rules = len(PER_FILE) + len(WHOLE)
    print(f"tidy: {len(names)} files, {rules} rules, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
