"""All commands of `manage.py` that are this repository's: what ends one of them."""
