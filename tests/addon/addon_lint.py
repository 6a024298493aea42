# SPDX-License-Identifier: Apache-2.0
"""What can be said of the Odoo addons without an Odoo. Every problem is `file: what is wrong`.

pylint-odoo and ruff run too where they are installed (tests/setup/lint_tools.sh puts them into the
build folder); where not, that is said, loudly.
"""

from __future__ import annotations

import ast
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import addon_source as source
from addon_source import package

HERE = pathlib.Path(__file__).resolve().parent
DATA_FOLDERS = ("data", "security", "views", "wizards", "report", "menus")
TOOL_TIMEOUT_SECONDS = 280
MANIFEST_KEYS = {"name", "version", "license", "author", "depends", "data", "summary", "category"}
# pylint-odoo's rules for OCA's own addons; one that 17 cannot keep, since it has no env._; and one
# against models that are spread over several small files.
NOT_OURS = ("manifest-required-author", "missing-readme", "prefer-env-translation",
            "consider-merging-classes-inherited")
# Reached by group_kontor_reader or no group at all would be too much for rows that change.
OPEN_GROUPS = ("", "base.group_public", "base.group_portal", "base.group_user")


def check_manifest(addon: pathlib.Path) -> Iterator[str]:
    """The manifest is complete and names all data files there are, and none that is not."""
    manifest = source.manifest_of(addon)
    for key in sorted(MANIFEST_KEYS - set(manifest)):
        yield f"__manifest__.py: no {key}"
    if manifest.get("license") != "LGPL-3":
        yield "__manifest__.py: the licence is LGPL-3"
    if not str(manifest.get("version", "")).startswith(package.SOURCE_SERIES + "."):
        yield f"__manifest__.py: the version begins with {package.SOURCE_SERIES}"
    named = [*manifest.get("data", []), *manifest.get("demo", [])]
    for name in named:
        if not (addon / name).is_file():
            yield f"__manifest__.py: {name} is not there"
    if len(set(named)) != len(named):
        yield "__manifest__.py: a data file is named twice"
    for path in sorted(addon.rglob("*")):
        inside = path.relative_to(addon)
        if path.suffix not in (".xml", ".csv") or inside.parts[0] not in DATA_FOLDERS:
            continue
        plain, _series = package.variant(path)
        if inside.with_name(plain).as_posix() not in named:
            yield f"{inside}: no manifest names it"


def check_access(addon: pathlib.Path) -> Iterator[str]:
    """Every model of ours has access rows, and every row a model and a group of ours."""
    rows = source.access_rows(addon)
    models = {model.external_id: model for model in source.models_of(addon)}
    ids = source.external_ids(addon)
    with_rows = {row["model_id:id"] for row in rows}
    for name, model in sorted(models.items()):
        if model.kind != "AbstractModel" and name not in with_rows:
            yield f"{model.path.name}:{model.line}: {model.name} has no access rows"
        if model.kind == "AbstractModel" and name in with_rows:
            yield f"ir.model.access.csv: {model.name} is abstract and needs no row"
    names = [row["id"] for row in rows]
    if len(set(names)) != len(names):
        yield "ir.model.access.csv: an id is there twice"
    for row in rows:
        model, group = row["model_id:id"], row["group_id:id"]
        if "." not in model and model not in models:
            yield f"ir.model.access.csv: {row['id']}: no model {model} here"
        if group and "." not in group and group not in ids:
            yield f"ir.model.access.csv: {row['id']}: no group {group} here"
        changes = any(row[f"perm_{right}"] == "1" for right in ("write", "create", "unlink"))
        if changes and group in OPEN_GROUPS:
            yield f"ir.model.access.csv: {row['id']}: everybody may change it"


def check_rules(addon: pathlib.Path) -> Iterator[str]:
    """What belongs to a company is seen by that company alone."""
    ruled = set()
    for path in source.xml_files(addon):
        if path.relative_to(addon).parts[0] != "security":
            continue
        for record in source.parse(path).iter("record"):
            if record.get("model") == "ir.rule":
                ruled |= {field.get("ref") for field in record.iter("field")}
    for model in source.models_of(addon):
        has_rows = model.kind == "Model"
        if has_rows and "company_id" in model.fields and model.external_id not in ruled:
            yield f"{model.path.name}:{model.line}: {model.name} has no record rule"


def check_xml(addon: pathlib.Path) -> Iterator[str]:
    """XML is well formed and written for the source series."""
    for path in source.xml_files(addon):
        inside = path.relative_to(addon)
        try:
            root = source.parse(path)
        except ET.ParseError as error:
            yield f"{inside}: {error}"
            continue
        _plain, series = package.variant(path)
        if inside.parts[0] == "static" or series:
            continue
        if any(True for _tree in root.iter("tree")):
            yield f"{inside}: <list>, not <tree>: package.sh makes trees for 17"
        for element in root.iter():
            for name in ("attrs", "states"):
                if element.get(name) is not None:
                    yield f"{inside}: {name} is gone since 17"


def check_python(addon: pathlib.Path) -> Iterator[str]:
    """Python parses, and every file of models, wizards and tests is imported."""
    for path in source.python_files(addon):
        text = path.read_text(encoding="utf-8")
        try:
            ast.parse(text)
        except SyntaxError as error:
            yield f"{path.relative_to(addon)}:{error.lineno}: {error.msg}"
    for folder in ("models", "wizards", "tests", "controllers"):
        init = addon / folder / "__init__.py"
        if not init.is_file():
            continue
        reached = imported_from(addon / folder)
        for path in sorted((addon / folder).glob("*.py")):
            if path.stem not in reached and path.stem not in ("__init__", "common"):
                yield f"{folder}/{path.name}: nobody imports it"


def imported_from(folder: pathlib.Path) -> set[str]:
    """Names of modules of a folder that its files import."""
    names: set[str] = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names |= {node.module} if node.module else {one.name for one in node.names}
    return names


def check_packages(addon: pathlib.Path) -> Iterator[str]:
    """The packages of all series are made, and well formed."""
    with tempfile.TemporaryDirectory() as folder:
        for series in package.SERIES:
            try:
                tree = package.package(series, addon, pathlib.Path(folder))
            except package.PackageError as error:
                yield f"{series}: {error}"
                continue
            yield from (f"{series}: {problem}" for problem in check_package(series, tree))


def check_package(series: str, tree: pathlib.Path) -> Iterator[str]:
    """One generated tree."""
    version = source.manifest_of(tree)["version"]
    if not version.startswith(series + "."):
        yield f"the version is {version}"
    for path in source.python_files(tree):
        try:
            ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            yield f"{path.name}: {error.msg}"
    for path in source.xml_files(tree):
        try:
            root = source.parse(path)
        except ET.ParseError as error:
            yield f"{path.name}: {error}"
            continue
        unwanted = "list" if series == "17.0" else "tree"
        for arch in package.archs(root):
            if any(True for _one in arch.iter(unwanted)):
                yield f"{path.name}: a <{unwanted}> on {series}"
    if not list(tree.parent.glob(f"{tree.name}-{version}.zip")):
        yield "no zip"


CHECKS = (check_manifest, check_access, check_rules, check_xml, check_python, check_packages)


def tool_problems(command: list[str]) -> list[str]:
    """The lines that a tool complains with."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=TOOL_TIMEOUT_SECONDS, check=False,
        cwd=source.ROOT,
    )
    if done.returncode == 0:
        return []
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][:60]


def tool(name: str) -> str:
    """The program in the build folder, else on the PATH; "" when it is in neither."""
    build = pathlib.Path(os.environ.get("KONTOR_BUILD_DIR", source.ROOT / "build"))
    beside = build / "lint-tools" / "bin" / name
    return str(beside) if beside.is_file() else shutil.which(name) or ""


def has_pylint_odoo() -> bool:
    """Whether pylint is there with the plugin: without it, it would check nothing and pass."""
    if not tool("pylint"):
        return False
    done = subprocess.run(
        [tool("pylint"), "--load-plugins=pylint_odoo", "--list-msgs"],
        capture_output=True, text=True, timeout=TOOL_TIMEOUT_SECONDS, check=False,
    )
    return "manifest-required-author" in done.stdout


def check_with_tools() -> list[str]:
    """ruff and pylint-odoo, where they are installed."""
    problems = []
    addons = [str(addon.relative_to(source.ROOT)) for addon in package.addons()]
    if tool("ruff"):
        config = str(HERE / "ruff.toml")
        problems += tool_problems(
            [tool("ruff"), "check", "--no-cache", "--output-format=concise", "--config", config,
             *addons]
        )
    else:
        print("SKIPPED: ruff is not installed, so it checked nothing")
    if has_pylint_odoo():
        problems += tool_problems(
            [tool("pylint"), "--load-plugins=pylint_odoo", "--disable=all", "--enable=odoolint",
             f"--disable={','.join(NOT_OURS)}", "--score=n", *addons]
        )
    else:
        print("SKIPPED: pylint-odoo is not installed, so it checked nothing")
    return problems


def main() -> int:
    """Checks all addons; answers 1 when there is a problem."""
    problems = []
    addons = package.addons()
    if not addons:
        problems.append("odoo_addon: no addon is there")
    for addon in addons:
        problems += [f"{addon.name}/{said}" for check in CHECKS for said in check(addon)]
    problems += check_with_tools()
    for problem in problems:
        print(problem)
    print(f"addon lint: {len(addons)} addons, {len(CHECKS)} checks, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
