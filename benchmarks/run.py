"""`make bench`: measures Tidemark beside its peers, in one run, on this machine."""

import sys
from pathlib import Path

if __name__ == "__main__":  # started as a file, Python looks for modules beside it only
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main())
