"""Pure builders: plain values in, one Dash component out.

Belongs here: what a thing looks like, in its four faces (loading, empty, stale, error).
Does not belong here: callbacks, queries, clocks, component ids of a page.
May import: `domain`. May be imported by: `pages`.
"""
