"""`make docs` runs this in the virtual environment that it needs."""

import sys

from .build import main

sys.exit(main())
