"""The demo world: a believable small site to try, made by commands alone, the same every time.

`world` is its size and its days, `people` are its customers; `actions`, `mistakes` and `stories` make their commands,
and `history` puts these in the order of time. All of that is pure. `importer` executes the history, `sign_ins` sets
the passwords, `parked_stream` leaves one stream parked, and `report` prints the result.
"""
