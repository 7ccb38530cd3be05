"""From a camera's packets to a tile on the wall: capture (OpenCV), frame hub, health, the tiles socket.

Belongs here: everything that touches a camera or a frame.
Does not belong here: cases, figures, SQL. Camera records arrive as domain values; status leaves as domain values.
May import: `domain`, `runtime`. May be imported by: `app`, and for its types by `pages`.
"""
