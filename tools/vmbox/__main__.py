"""What tools/vm-box starts."""

import sys

from .build import main

sys.exit(main())
