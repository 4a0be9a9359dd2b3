"""Analysis: ready questions in SQL, for `manage.py analyse`, and the pages on which staff see their answers.

A question is a file, `NAME.sql`; `questions.py` says how its answer is shown.
"""
