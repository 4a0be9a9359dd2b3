"""What happens to people of a demo world besides their every day, so that each part of the domain is to be seen.

One file for each subject; `parts` says who plays in which story, and when.
"""
