"""What the hall means: cases and their workflow, working time, figures, the board, freshness, geometry, rights.

Belongs here: rules a city official would recognise, as pure functions and frozen values.
Does not belong here: Dash, SQL, Redis, OpenCV, files, sockets, or reading a clock ("now" is an argument).
May import: nothing of ours. May be imported by: every room except `runtime`.
"""
