"""The acting person, and how their identity is known.

Names come from the system's own account data or from the hub that started this server; never from git's
configuration or from ``USER`` and ``LOGNAME``, which anyone can set. How the identity is known is kept in every
event, so that a reader can judge it.
"""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import dataclass

HUB_CONFIRMED, HUB, OS_USER = "jupyterhub-confirmed", "jupyterhub", "os-user"
#: Each method of identification, in words.
SOURCES = {
    HUB_CONFIRMED: "the user the hub named when asked with this server's token",
    HUB: "JUPYTERHUB_USER of this process, which the hub did not confirm",
    OS_USER: "the account that this process runs under",
}


@dataclass(frozen=True)
class Actor:
    """The person who acts."""

    id: str
    """Name of the account."""
    name: str
    """Printed name; the account's name if no other is known."""
    auth_method: str
    """``jupyterhub-confirmed``, ``jupyterhub`` or ``os-user``."""

    @property
    def source(self) -> str:
        """How the identity is known, in words."""
        return SOURCES.get(self.auth_method, self.auth_method)


def current_actor() -> Actor:
    """The user of this process.

    Inside JupyterHub's single-user servers the hub is asked with the server's token; where it does not answer,
    ``JUPYTERHUB_USER`` is taken and the method says so. A process can set the variable itself, so every event names the
    operating system's account beside it (:func:`session_name`).
    """
    hub = os.environ.get("JUPYTERHUB_USER", "").strip()
    if hub:
        from .hub import confirmed_user

        confirmed = confirmed_user()
        return Actor(confirmed, confirmed, HUB_CONFIRMED) if confirmed else Actor(hub, hub, HUB)
    account, name = _account()
    return Actor(account, name, OS_USER)


def session_name() -> str:
    """``<account>/<login session>/<process>``: the OS account and the numbers of its session and process here."""
    return f"{_account()[0]}/{os.getsid(0)}/{os.getpid()}"


def place_name() -> str:
    """The hub's user where there is one (a hub's containers change their host names), else this host."""
    return os.environ.get("JUPYTERHUB_USER", "").strip() or socket.gethostname()


def _account() -> tuple[str, str]:
    """Account and printed name; the number where the machine has no account data for it."""
    number = os.getuid()
    try:
        entry = pwd.getpwuid(number)
    except KeyError:
        return str(number), str(number)
    printed = entry.pw_gecos.split(",")[0].strip().replace("&", entry.pw_name.capitalize())
    return entry.pw_name, printed or entry.pw_name
