"""Asking JupyterHub whose server this is.

The hub gives each single-user server a token and the address of its API. ``GET /user`` with that token answers with
the user whom the hub itself has logged in, which a process cannot fake, unlike ``JUPYTERHUB_USER``.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import urllib.request
from typing import Any

#: Seconds to wait for the hub.
TIME_LIMIT = 3.0
#: Bytes of the answer that are read.
_LONGEST = 1 << 16


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token is for the hub alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


def confirmed_user() -> str | None:
    """The user that the hub names for this server's token; None: there is no hub, or it does not answer.

    It is asked once in a process.
    """
    url, token = os.environ.get("JUPYTERHUB_API_URL", ""), os.environ.get("JUPYTERHUB_API_TOKEN", "")
    return _ask(url.rstrip("/"), token) if url.startswith(("http://", "https://")) and token else None


@functools.lru_cache(maxsize=8)
def _ask(url: str, token: str) -> str | None:
    request = urllib.request.Request(f"{url}/user", headers={"Authorization": f"token {token}"})
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIME_LIMIT) as answer:
            found = json.loads(answer.read(_LONGEST))
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        return None
    name = found.get("name") if isinstance(found, dict) and found.get("kind", "user") == "user" else None
    return name if isinstance(name, str) and name else None
