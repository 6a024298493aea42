# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes the addons of one Odoo series from the one source, which is written for 18.

What is changed, and nothing else:

- `name.<series>.ext` takes the place of `name.ext` on that series and is left out on others;
- the series in the manifest's version;
- XML, element by element (see RULES): lists are trees on 17, chatter and crons are spelt out there;
  groups have another field name on 19, and search groups no attributes.

Python needs no change: `compat.py` of the addon asks which series it runs on.
"""

from __future__ import annotations

import argparse
import ast
import pathlib
import shutil
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator

HERE = pathlib.Path(__file__).resolve().parent
SERIES = ("17.0", "18.0", "19.0")
SOURCE_SERIES = "18.0"
LEFT_OUT = ("__pycache__", ".pytest_cache")
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
FIELDS_OF_VIEW_MODES = ("view_mode", "mode")


class PackageError(RuntimeError):
    """The source cannot be packaged; the text names the file."""


# ---------------------------------------------------------------------- XML


def records(root: ET.Element, *models: str) -> Iterator[ET.Element]:
    """The <record> elements of those models; a model that ends with . takes all under it."""
    for record in root.iter("record"):
        model = record.get("model", "")
        if any(model == one or (one.endswith(".") and model.startswith(one)) for one in models):
            yield record


def fields(record: ET.Element, name: str) -> Iterator[ET.Element]:
    """The <field> children of a record with that name."""
    return (field for field in record.findall("field") if field.get("name") == name)


def archs(root: ET.Element) -> Iterator[ET.Element]:
    """The arch of each view."""
    for record in records(root, "ir.ui.view"):
        yield from fields(record, "arch")


def renamed_words(text: str, old: str, new: str) -> str:
    """Words separated by commas, one of them renamed."""
    return ",".join(new if word.strip() == old else word for word in text.split(","))


def renamed_steps(path: str, old: str, new: str) -> str:
    """An XPath whose steps to elements of one name go to another."""
    steps = []
    for step in path.split("/"):
        name, bracket, rest = step.partition("[")
        steps.append((new if name == old else name) + bracket + rest)
    return "/".join(steps)


def lists_to_trees(root: ET.Element) -> None:
    """17 calls a list view a tree."""
    for arch in archs(root):
        for element in arch.iter():
            if element.tag == "list":
                element.tag = "tree"
            if element.tag == "xpath":
                element.set("expr", renamed_steps(element.get("expr", ""), "list", "tree"))
            if element.tag == "field" and element.get("mode"):
                element.set("mode", renamed_words(element.get("mode", ""), "list", "tree"))
    for record in records(root, "ir.actions.act_window", "ir.actions.act_window.view"):
        for field in fields(record, "view_mode"):
            field.text = renamed_words(field.text or "", "list", "tree")


def spell_out_chatter(root: ET.Element) -> None:
    """17 has no <chatter/>."""
    for arch in archs(root):
        for element in arch.iter("chatter"):
            element.tag = "div"
            element.attrib.clear()
            element.set("class", "oe_chatter")
            for name in ("message_follower_ids", "activity_ids", "message_ids"):
                ET.SubElement(element, "field", {"name": name})


def crons_without_end(root: ET.Element) -> None:
    """17 counts the calls of a cron down from one unless told otherwise."""
    for record in records(root, "ir.cron"):
        if not list(fields(record, "numbercall")):
            field = ET.SubElement(record, "field", {"name": "numbercall"})
            field.text = "-1"


def groups_of_19(root: ET.Element) -> None:
    """19 renamed the groups of users, menus, views and actions, and the users of groups."""
    for record in records(root, "res.users", "ir.ui.menu", "ir.ui.view", "ir.actions."):
        for field in fields(record, "groups_id"):
            field.set("name", "group_ids")
    for record in records(root, "res.groups"):
        for field in fields(record, "users"):
            field.set("name", "user_ids")


def plain_search_groups(root: ET.Element) -> None:
    """19 refuses attributes on a <group> of a search view."""
    for arch in archs(root):
        for search in arch.iter("search"):
            for group in search.iter("group"):
                for name in ("expand", "string"):
                    group.attrib.pop(name, None)


RULES: dict[str, tuple[Callable[[ET.Element], None], ...]] = {
    "17.0": (lists_to_trees, spell_out_chatter, crons_without_end),
    "18.0": (),
    "19.0": (groups_of_19, plain_search_groups),
}


def xml_for(series: str, text: str, name: str) -> str:
    """A data file of the addon for a series. Errors: PackageError when it is no XML."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    try:
        root = ET.fromstring(text, parser=parser)
    except ET.ParseError as error:
        raise PackageError(f"{name}: {error}") from error
    if root.tag != "odoo" or not RULES[series]:
        return text
    for rule in RULES[series]:
        rule(root)
    prologue = text[: text.index("<odoo")]
    return prologue + ET.tostring(root, encoding="unicode") + "\n"


# ---------------------------------------------------------------------- manifest


def manifest_for(series: str, text: str, name: str) -> str:
    """The manifest with the series' version; every other character stays."""
    node = ast.parse(text).body[-1]
    value = getattr(node, "value", None)
    if not isinstance(value, ast.Dict):
        raise PackageError(f"{name}: it is no dictionary")
    for key, version in zip(value.keys, value.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "version":
            break
    else:
        raise PackageError(f"{name}: it has no version")
    said = version.value if isinstance(version, ast.Constant) else None
    if not isinstance(said, str) or not said.startswith(f"{SOURCE_SERIES}."):
        raise PackageError(f"{name}: the version begins with {SOURCE_SERIES}")
    lines = text.splitlines(keepends=True)
    line = lines[version.lineno - 1]
    own = said[len(SOURCE_SERIES):]
    lines[version.lineno - 1] = (
        line[: version.col_offset] + f'"{series}{own}"' + line[version.end_col_offset:]
    )
    return "".join(lines)


# ---------------------------------------------------------------------- tree and zip


def variant(path: pathlib.Path) -> tuple[str, str]:
    """('kontor_groups.xml', '19.0') of kontor_groups.19.0.xml; the series is '' for the rest."""
    for series in SERIES:
        ending = f".{series}{path.suffix}"
        if path.name.endswith(ending):
            return path.name[: -len(ending)] + path.suffix, series
    return path.name, ""


def files_for(series: str, addon: pathlib.Path) -> dict[pathlib.Path, pathlib.Path]:
    """Where each file of the package comes from: {path in the package: source}."""
    chosen: dict[pathlib.Path, pathlib.Path] = {}
    own: set[pathlib.Path] = set()
    for source in sorted(addon.rglob("*")):
        inside = source.relative_to(addon)
        if not source.is_file() or set(inside.parts) & set(LEFT_OUT) or source.suffix == ".pyc":
            continue
        name, only = variant(source)
        target = inside.with_name(name)
        if only == series:
            chosen[target] = source
            own.add(target)
        elif not only and target not in own:
            chosen[target] = source
    return chosen


def content_for(series: str, source: pathlib.Path, target: pathlib.Path) -> bytes:
    """The bytes of one file of the package."""
    raw = source.read_bytes()
    if target.name == "__manifest__.py":
        return manifest_for(series, raw.decode("utf-8"), str(source)).encode("utf-8")
    if target.suffix == ".xml" and target.parts[0] != "static":
        if source.name != target.name:
            return raw  # written for this very series
        return xml_for(series, raw.decode("utf-8"), str(source)).encode("utf-8")
    return raw


def package(series: str, addon: pathlib.Path, out: pathlib.Path) -> pathlib.Path:
    """Writes one addon's tree and zip; answers the tree."""
    tree = out / series / addon.name
    if tree.exists():
        shutil.rmtree(tree)
    contents = {
        target: content_for(series, source, target)
        for target, source in files_for(series, addon).items()
    }
    manifest = ast.literal_eval(contents[pathlib.Path("__manifest__.py")].decode("utf-8"))
    for named in manifest.get("data", []):
        if pathlib.Path(named) not in contents:
            raise PackageError(f"{addon.name}: the manifest names {named}, which is not there")
    for target, content in contents.items():
        path = tree / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    archive = out / series / f"{addon.name}-{manifest['version']}.zip"
    for old in archive.parent.glob(f"{addon.name}-{series}.*.zip"):
        old.unlink()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for target in sorted(contents):
            entry = zipfile.ZipInfo(f"{addon.name}/{target.as_posix()}", ZIP_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, contents[target])
    return tree


def addons(folder: pathlib.Path = HERE) -> list[pathlib.Path]:
    """The addons of the source."""
    return sorted(path.parent for path in folder.glob("*/__manifest__.py"))


def main(argv: list[str]) -> int:
    """Packages all addons for one series; answers the exit code."""
    parser = argparse.ArgumentParser(prog="odoo_addon/package.sh", description=__doc__)
    parser.add_argument("series", choices=SERIES)
    parser.add_argument(
        "--out", type=pathlib.Path, default=HERE.parent / "build" / "odoo_addon",
        help="default: build/odoo_addon",
    )
    given = parser.parse_args(argv)
    try:
        for addon in addons():
            print(package(given.series, addon, given.out))
    except PackageError as error:
        print(f"package.sh: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
