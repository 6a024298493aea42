# SPDX-License-Identifier: Apache-2.0
"""Reads gettext catalogues (.pot, .po) and what of an addon's source they must name. No Odoo."""

from __future__ import annotations

import ast
import pathlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

import addon_source as source

# Attributes of views that people read.
SHOWN = ("string", "help", "placeholder", "confirm", "title", "confirm-label", "aria-label")
# Fields of data records that Odoo translates and that stand in them as text.
TRANSLATED = {
    "ir.ui.menu": ("name",),
    "ir.actions.act_window": ("name",),
    "res.groups": ("name", "comment"),
    "ir.module.category": ("name", "description"),
    "mail.activity.type": ("name", "summary"),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Term:
    """One entry of a catalogue."""

    text: str
    translation: str
    line: int
    fuzzy: bool = False


def _unquoted(line: str) -> str:
    found = _STRING.search(line)
    return ast.literal_eval('"' + found.group(1) + '"') if found else ""


def read(path: pathlib.Path) -> list[Term]:
    """The entries of a catalogue without its head, in their order. Errors: OSError."""
    terms: list[Term] = []
    text, translation, start, fuzzy, where = "", "", 0, False, ""
    lines = [*path.read_text(encoding="utf-8").splitlines(), ""]
    for number, line in enumerate(lines, start=1):
        if line.startswith("#,"):
            fuzzy = "fuzzy" in line
        elif line.startswith("msgid "):
            text, translation, start, where = _unquoted(line), "", number, "msgid"
        elif line.startswith("msgstr "):
            translation, where = _unquoted(line), "msgstr"
        elif line.startswith('"') and where == "msgid":
            text += _unquoted(line)
        elif line.startswith('"'):
            translation += _unquoted(line)
        elif not line.strip() and where == "msgstr":
            if text:
                terms.append(Term(text, translation, start, fuzzy))
            fuzzy, where = False, ""
    return terms


def spoken_in_python(addon: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(place, text) of every sentence that Python code says with _()."""
    for path in source.python_files(addon):
        inside = path.relative_to(addon)
        if inside.parts[0] == "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func
            said = isinstance(name, ast.Name) and name.id == "_"
            first = node.args[0]
            if said and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield f"{inside}:{node.lineno}", first.value


def named_in_fields(addon: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(place, text) of every label, help and choice that a field spells out."""
    for path in source.python_files(addon):
        inside = path.relative_to(addon)
        if inside.parts[0] == "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = node.func.value
            if not isinstance(owner, ast.Name) or owner.id != "fields":
                continue
            for keyword in node.keywords:
                value = keyword.value
                if keyword.arg in ("string", "help") and isinstance(value, ast.Constant):
                    yield f"{inside}:{node.lineno}", str(value.value)


def shown_in_views(addon: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(place, text) of what views, menus, actions and groups show."""
    for path in source.xml_files(addon):
        inside = path.relative_to(addon)
        if "static" in inside.parts:
            continue
        root = source.parse(path)
        for arch in source.package.archs(root):
            for element in arch.iter():
                if element.tag in ("xpath", ET.Comment):
                    continue
                for name in SHOWN:
                    text = (element.get(name) or "").strip()
                    if text:
                        yield str(inside), text
        for menu in root.iter("menuitem"):
            if menu.get("name"):
                yield str(inside), menu.get("name", "")
        for model, names in TRANSLATED.items():
            for record in source.package.records(root, model):
                for name in names:
                    for field in source.package.fields(record, name):
                        if (field.text or "").strip():
                            yield str(inside), " ".join((field.text or "").split())


def wanted(addon: pathlib.Path) -> dict[str, str]:
    """{text: place} of all that people read and that the template must name."""
    found: dict[str, str] = {}
    for look in (spoken_in_python, named_in_fields, shown_in_views):
        for place, text in look(addon):
            found.setdefault(text, place)
    return found


def problems_of(addon: pathlib.Path, languages: tuple[str, ...]) -> Iterator[str]:
    """What is untranslated, unknown, or translated with other placeholders."""
    folder = addon / "i18n"
    texts = wanted(addon)
    if not folder.is_dir():
        yield from (f"{place}: no i18n folder for “{text[:60]}”" for text, place in texts.items())
        return
    template = {term.text for term in read(folder / f"{addon.name}.pot")}
    for text, place in sorted(texts.items()):
        if text not in template:
            yield f"{place}: the .pot does not name “{text[:60]}”: export it anew"
    for language in languages:
        yield from _problems_of_language(folder / f"{language}.po", template)


def _problems_of_language(path: pathlib.Path, template: set[str]) -> Iterator[str]:
    if not path.is_file():
        yield f"i18n/{path.name}: it is not there"
        return
    terms = {term.text: term for term in read(path)}
    for text in sorted(template - set(terms)):
        yield f"i18n/{path.name}: it lacks “{text[:60]}”"
    for text, term in sorted(terms.items()):
        place = f"i18n/{path.name}:{term.line}"
        if text not in template:
            yield f"{place}: the .pot has no “{text[:60]}” any more"
        if not term.translation.strip() or term.fuzzy:
            yield f"{place}: “{text[:60]}” is not translated"
        elif sorted(PLACEHOLDER.findall(term.translation)) != sorted(PLACEHOLDER.findall(text)):
            yield f"{place}: other placeholders than “{text[:60]}”"
