"""``python -m jupyter_bioml.server``: print the OpenAPI document of the wire types, for ``npm run wire``."""

import sys

from .app import PREFIX, ROUTES
from .openapi import document, types_of

sys.stdout.write(types_of(document(ROUTES, PREFIX)))
