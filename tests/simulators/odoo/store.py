# SPDX-License-Identifier: Apache-2.0
"""Tables in memory with an undo log, so that one call is one transaction: all or nothing.

Numbers taken from a sequence are not given back on rollback, as in PostgreSQL. Indexes make the
look-ups of accounting independent of how many records exist. Knows nothing of accounting.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


class Table:
    """Rows by id, with an index from value to ids for each indexed field."""

    def __init__(self, indexed: Iterable[str]) -> None:
        self.rows: dict[int, Row] = {}
        self.next_id = 1
        self.index: dict[str, dict[Any, dict[int, None]]] = {name: {} for name in indexed}

    def _add(self, row_id: int, row: Row) -> None:
        for name, values in self.index.items():
            values.setdefault(row.get(name), {})[row_id] = None

    def _remove(self, row_id: int, row: Row) -> None:
        for name, values in self.index.items():
            ids = values.get(row.get(name))
            if ids is not None:
                ids.pop(row_id, None)
                if not ids:
                    del values[row.get(name)]

    def put(self, row_id: int, row: Row) -> None:
        self.rows[row_id] = row
        self._add(row_id, row)

    def take(self, row_id: int) -> Row:
        row = self.rows.pop(row_id)
        self._remove(row_id, row)
        return row

    def change(self, row_id: int, values: Row) -> Row:
        """Sets values and returns the old ones; an absent field is returned as absent."""
        row = self.rows[row_id]
        old = {name: row[name] for name in values if name in row}
        touched = [name for name in values if name in self.index]
        for name in touched:
            ids = self.index[name].get(row.get(name))
            if ids is not None:
                ids.pop(row_id, None)
                if not ids:
                    del self.index[name][row.get(name)]
        row.update(values)
        for name in touched:
            self.index[name].setdefault(row.get(name), {})[row_id] = None
        return old


class Store:
    """All tables of one database and the undo log of the running transaction."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.undo: list[tuple[str, str, int, Any]] = []

    def add_table(self, model: str, indexed: Iterable[str]) -> None:
        self.tables[model] = Table(indexed)

    def insert(self, model: str, row: Row, row_id: int = 0) -> int:
        table = self.tables[model]
        if not row_id:
            row_id = table.next_id
        table.next_id = max(table.next_id, row_id + 1)
        row["id"] = row_id
        table.put(row_id, row)
        self.undo.append(("insert", model, row_id, None))
        return row_id

    def update(self, model: str, row_id: int, values: Row) -> None:
        old = self.tables[model].change(row_id, values)
        self.undo.append(("update", model, row_id, (old, [n for n in values if n not in old])))

    def delete(self, model: str, row_id: int) -> None:
        self.undo.append(("delete", model, row_id, self.tables[model].take(row_id)))

    def savepoint(self) -> int:
        return len(self.undo)

    def rollback(self, mark: int = 0) -> None:
        while len(self.undo) > mark:
            kind, model, row_id, data = self.undo.pop()
            table = self.tables[model]
            if kind == "insert":
                table.take(row_id)
            elif kind == "delete":
                table.put(row_id, data)
            else:
                old, added = data
                table.change(row_id, old)
                for name in added:
                    table.rows[row_id].pop(name, None)

    def commit(self) -> None:
        self.undo.clear()

    def find(self, model: str, field: str, value: Any) -> list[int]:
        """Ids with that value of an indexed field, in order of creation."""
        return list(self.tables[model].index[field].get(value, ()))
