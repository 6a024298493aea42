# SPDX-License-Identifier: Apache-2.0
"""From a service call to a method: who may log in, which method exists, one transaction a call.

Independent of how the call arrived; transports.py puts answers and errors on the wire.
"""
from __future__ import annotations

import inspect
import traceback
from typing import TYPE_CHECKING, Any

from .env import SERIES_OF, Env, Recordset
from .errors import (
    AccessDenied,
    BuiltinError,
    DatabaseError,
    NoSuchMethod,
    OdooError,
    PrivateMethod,
    type_error,
)
from .expenses import ONLY_19

if TYPE_CHECKING:
    from .app import Simulator
    from .orm import Model

COOLDOWN_AFTER = 5
COOLDOWN_SECONDS = 60


class Logins:
    """Counts failures per address; five in a row close the door for a minute."""

    def __init__(self) -> None:
        self.failures: dict[str, tuple[int, float]] = {}
        self.known: set[tuple[int, str]] = set()

    def blocked(self, address: str, now: float) -> bool:
        count, last = self.failures.get(address, (0, 0.0))
        return count >= COOLDOWN_AFTER and now - last < COOLDOWN_SECONDS

    def failed(self, address: str, now: float) -> None:
        count, _ = self.failures.get(address, (0, 0.0))
        self.failures[address] = (count + 1, now)

    def passed(self, address: str, uid: int, secret: str) -> None:
        self.failures.pop(address, None)
        self.known.add((uid, secret))


def version_info(sim: Simulator) -> dict[str, Any]:
    return {"server_version": sim.series_name,
            "server_version_info": [sim.series, 0, 0, "final", 0, ""],
            "server_serie": sim.series_name, "protocol_version": 1}


def common(sim: Simulator, method: str, args: list[Any], address: str) -> Any:
    """The `common` service: version, authenticate, login."""
    if method == "version":
        return version_info(sim)
    if method == "about":
        return "See http://openerp.com"
    if method in ("authenticate", "login"):
        database, login, secret = args[0], args[1], args[2]
        check_database(sim, database)
        uid = sim.user_by_login(str(login))
        with sim.lock:
            ok = secret_ok(sim, uid, str(secret), address, keys_only=False)
        return uid if ok else False
    raise BuiltinError("Exception", f"Method not found: {method}")


def check_database(sim: Simulator, database: Any) -> None:
    if database != sim.database:
        raise DatabaseError("OperationalError", f'connection to server on socket "{SOCKET}" failed:'
                            f' FATAL:  database "{database}" does not exist\n')


SOCKET = "/var/run/postgresql/.s.PGSQL.5432"


def secret_ok(sim: Simulator, uid: int, secret: str, address: str, keys_only: bool) -> bool:
    """Whether a password or API key opens the door for a user."""
    if (uid, secret) in sim.logins.known and sim.user_active(uid):
        return True
    now = sim.clock_seconds()
    if sim.logins.blocked(address, now):
        return False
    if uid and secret and sim.secret_matches(uid, secret, keys_only):
        sim.logins.passed(address, uid, secret)
        return True
    sim.logins.failed(address, now)
    return False


def execute_kw(sim: Simulator, args: list[Any], address: str) -> Any:
    """The `object` service: `execute_kw(db, uid, password, model, method, args, kwargs)`."""
    if len(args) < 5:
        raise type_error("execute_kw() missing required positional arguments")
    database, uid, secret, model, method = args[:5]
    positional = list(args[5]) if len(args) > 5 else []
    named = dict(args[6]) if len(args) > 6 and args[6] else {}
    check_database(sim, database)
    if not secret_ok(sim, int(uid), str(secret), address, keys_only=False):
        raise AccessDenied()
    return call(sim, int(uid), str(model), str(method), positional, named)


def find_method(sim: Simulator, model: Model, name: str) -> Any:
    method = getattr(type(model), name, None)
    api = getattr(method, "api", None)
    series = SERIES_OF.get(name)
    if name in ONLY_19 and model.name == "hr.expense" and sim.series < 19:
        api = None
    if api is None or (series and sim.series not in series):
        text = f"The method '{name}' does not exist on the model '{model.name}'" \
            if sim.series == 17 else f"The method '{model.name}.{name}' does not exist"
        raise NoSuchMethod(text)
    return method


def check_private(sim: Simulator, model: str, name: str) -> None:
    if name.startswith("_"):
        shown = name if sim.series == 17 else f"'{model}.{name}'"
        raise PrivateMethod(f"Private methods (such as {shown}) cannot be called remotely.")


def call(sim: Simulator, uid: int, model_name: str, name: str, positional: list[Any],
         named: dict[str, Any]) -> Any:
    """One method in one transaction; `context` may come by name."""
    named = dict(named)
    context = named.pop("context", None) or {}
    env = Env(sim, uid, context)
    with sim.transaction():
        sim.caller = uid
        env.check_companies()
        model = env.model(model_name)
        check_private(sim, model_name, name)
        method = find_method(sim, model, name)
        arguments: list[Any] = list(positional)
        if not arguments and (method.api == "multi" or (name == "create" and sim.series == 17)):
            raise BuiltinError("IndexError", "list index out of range")
        single = False
        if name == "create":
            arguments, named, single = _create_arguments(arguments, named)
        _bind(model, name, method, arguments, named)
        result = _run(method, model, env, arguments, named)
        return result[0] if single else result


def _run(method: Any, model: Model, env: Env, arguments: list[Any],
         named: dict[str, Any]) -> Any:
    """Runs a method; an escaped Python exception is shown as one, and told on stderr."""
    try:
        return method(model, env, *arguments, **named)
    except OdooError:
        raise
    except Exception as error:
        traceback.print_exc()
        raise BuiltinError(type(error).__name__, str(error)) from error


def _create_arguments(arguments: list[Any], named: dict[str, Any]) -> Any:
    values = arguments[0] if arguments else named.pop("vals_list", named.pop("values", None))
    if values is None:
        return arguments, named, False
    if isinstance(values, dict):
        return [[values], *arguments[1:]], named, True
    return [values, *arguments[1:]], named, False


def _bind(model: Model, name: str, method: Any, arguments: list[Any],
          named: dict[str, Any]) -> None:
    try:
        inspect.signature(method).bind(model, None, *arguments, **named)
    except TypeError as error:
        text = str(error)
        if "missing a required argument" in text:
            missing = text.split("'")[1]
            text = (f"BaseModel.{name}() missing 1 required positional argument: '{missing}'")
        raise type_error(text) from None


def json2(sim: Simulator, uid: int, model_name: str, name: str, body: Any) -> Any:
    """JSON-2: arguments by name only; `create` always answers a list."""
    values = dict(body) if isinstance(body, dict) else {}
    ids = values.pop("ids", [])
    context = values.pop("context", None) or {}
    env = Env(sim, uid, context)
    with sim.transaction():
        sim.caller = uid
        env.check_companies()
        model = env.model(model_name)
        check_private(sim, model_name, name)
        method = find_method(sim, model, name)
        first = [ids] if method.api == "multi" else []
        if name == "create" and isinstance(values.get("vals_list"), dict):
            values["vals_list"] = [values["vals_list"]]
        try:
            inspect.signature(method).bind(model, env, *first, **values)
        except TypeError as error:
            raise Unprocessable(str(error)) from None
        result = _run(method, model, env, first, values)
        return result.ids if isinstance(result, Recordset) else result


class Unprocessable(OdooError):
    """JSON-2 was given arguments that the method does not take."""

    qualified = "werkzeug.exceptions.UnprocessableEntity"
    http_status = 422
