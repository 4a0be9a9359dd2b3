"""Commands and queries over HTTP, for projects that use Django REST Framework and drf-spectacular (an extra).

A command view takes an `Idempotency-Key`, so that a request can be sent again; a query view takes `min_position`, so
that its answer reflects what the caller has just done. All errors have one shape, and everything describes itself as
OpenAPI. The modules are imported one by one: `eventstore.http.command_views`, `.query_views`, `.fields`, `.openapi`,
`.routes`, `.errors`, …
"""
