"""The read side of the domain: read models and the pages that ask."""
