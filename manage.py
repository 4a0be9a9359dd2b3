#!/usr/bin/env python
"""Django's command line for Tidemark: `./manage.py help` lists what it can do."""

import os

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line()


if __name__ == "__main__":
    main()
