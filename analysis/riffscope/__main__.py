"""``python -m riffscope``."""

import sys

from riffscope.cli import main

sys.exit(main())
