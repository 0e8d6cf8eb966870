"""Run the simulator: `python -m achievements_admin.simulator --port 8010`."""

import sys

from .command import main

sys.exit(main(sys.argv[1:]))
