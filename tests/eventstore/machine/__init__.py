"""The engine as a state machine: rules that Hypothesis calls in any order, and a plain model of what must come of it.

`model` is the engine as a plain Python object, `checks` compare the two. The rules: `commands` (commands and events),
`crashes` (sudden ends), `reads` (the feed, read models, parked events), `second_writer` (a second session).
"""
