"""``python -m jupyter_bioml.cli``: the commands, where no script is on the path."""

import sys

from .main import main

sys.exit(main())
