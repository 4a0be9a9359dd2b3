"""A believable small world to try the site with: made of commands, the same every time.

`world` says which one, `people` who lives in it, `acts` and `stories` what they do, `history` when; that much is pure.
`importing` executes it, `sign_ins` lets people in, `parking` leaves something to mend.
"""
