"""The engine as a state machine: rules that Hypothesis calls in any order, and a plain model of what must come of it.

`model` is the engine as a plain Python object would be it, `checks` compare the two. The rules: `asking` (commands and
events), `crashing` (sudden ends), `reading` (the feed, read models, what is parked), `others` (a second writer).
"""
