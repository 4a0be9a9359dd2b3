"""The verifier: checks proofs, tree heads and archives with the standard library and `cryptography` alone.

It imports nothing of Django and nothing else of the engine, so that who does not trust the site can run it elsewhere.
"""
