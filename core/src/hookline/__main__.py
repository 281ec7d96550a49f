"""`python -m hookline` is the command `hookline`."""

import sys

from .cli import main

sys.exit(main())
