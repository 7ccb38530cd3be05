"""The technical floor: settings, clock, pauses, logging, process supervision.

Belongs here: what any long-running Python program needs and no city knows about.
Does not belong here: cases, cameras, figures, screens.
May import: nothing of ours. May be imported by: every room except `domain` and `components`.
"""
