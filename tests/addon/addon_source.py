# SPDX-License-Identifier: Apache-2.0
"""Reads an addon's source without Odoo: manifest, models, access rows. Imports none of it."""

from __future__ import annotations

import ast
import csv
import pathlib
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDONS = ROOT / "odoo_addon"
sys.path.insert(0, str(ADDONS))

import package  # noqa: E402

KINDS = ("Model", "TransientModel", "AbstractModel")


@dataclass(frozen=True)
class OdooModel:
    """A model that an addon makes (not one that it extends)."""

    name: str
    kind: str
    path: pathlib.Path
    line: int
    fields: frozenset[str]

    @property
    def external_id(self) -> str:
        """The name that access rows call it by."""
        return "model_" + self.name.replace(".", "_")


def manifest_of(addon: pathlib.Path) -> dict:
    """The manifest, read as the literal that it is."""
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def python_files(addon: pathlib.Path) -> list[pathlib.Path]:
    """All Python files of an addon."""
    return sorted(path for path in addon.rglob("*.py") if "__pycache__" not in path.parts)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _assigned(body: list[ast.stmt], name: str) -> ast.expr | None:
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return statement.value
    return None


def _kind(node: ast.ClassDef) -> str:
    for base in node.bases:
        if isinstance(base, ast.Attribute) and base.attr in KINDS:
            return base.attr
    return ""


def _is_field(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Assign) else None
    function = value.func if isinstance(value, ast.Call) else None
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "fields"
    )


def models_of(addon: pathlib.Path) -> list[OdooModel]:
    """The models that an addon makes, abstract ones too."""
    found = []
    for path in python_files(addon):
        if "tests" in path.relative_to(addon).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef) or not _kind(node):
                continue
            named = _assigned(node.body, "_name")
            name = _text(named) if named is not None else ""
            inherited = _assigned(node.body, "_inherit")
            parents = [_text(inherited)] if inherited is not None else []
            if isinstance(inherited, (ast.List, ast.Tuple)):
                parents = [_text(one) for one in inherited.elts]
            if not name or name in parents:
                continue
            names = frozenset(
                target.id
                for statement in node.body
                if _is_field(statement)
                for target in statement.targets  # type: ignore[attr-defined]
                if isinstance(target, ast.Name)
            )
            found.append(OdooModel(name, _kind(node), path, node.lineno, names))
    return found


def access_rows(addon: pathlib.Path) -> list[dict[str, str]]:
    """The rows of ir.model.access.csv; empty when there is none."""
    path = addon / "security" / "ir.model.access.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def xml_files(addon: pathlib.Path) -> list[pathlib.Path]:
    """All XML files of an addon."""
    return sorted(addon.rglob("*.xml"))


def parse(path: pathlib.Path) -> ET.Element:
    """The root of an XML file; raises ET.ParseError."""
    return ET.fromstring(path.read_text(encoding="utf-8"))


def external_ids(addon: pathlib.Path) -> set[str]:
    """The ids of all records and menus of an addon's data files."""
    ids = set()
    for path in xml_files(addon):
        if "static" in path.relative_to(addon).parts:
            continue
        for element in parse(path).iter():
            if element.get("id") and element.tag in ("record", "menuitem", "template"):
                ids.add(element.get("id", ""))
    return ids
