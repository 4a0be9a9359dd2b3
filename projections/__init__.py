"""The read side of the product: read models, projectors, queries, and the pages and API that only read."""
