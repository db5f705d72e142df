"""What tools/guest-image starts."""

import sys

from .build import main

sys.exit(main())
