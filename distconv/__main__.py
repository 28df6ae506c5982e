"""``python -m distconv``: the command line."""

import sys

from distconv.cli import main

if __name__ == "__main__":
    sys.exit(main(prog_name="python -m distconv"))
