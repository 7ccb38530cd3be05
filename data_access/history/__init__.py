"""A columnar copy of the journal: every version of every case, for questions about any period as of any moment.

`rows` makes versions of entries, `journal_rows` reads what is new in the journal, `folder` keeps the files, `writer`
refreshes and merges them, `reader` gives exact views, `relations` the SQL of a moment, `counting` the base counts.
The journal is the truth: the whole folder may be deleted at any time and is made again. Why it is built so: ADR 0013.
"""
