"""The stories of the demo world: together they show each part of the domain.

One file for each subject; `parts` says which customer plays in which story, and when.
"""
