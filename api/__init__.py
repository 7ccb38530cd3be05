"""HTTP for machines and the door for everybody: health, metrics, figures, cases, cameras, Open311, sessions, the guard.

Belongs here: routers and middleware that turn requests into domain commands or queries.
Does not belong here: pages, SQL, rules.
May import: `domain`, `data_access`, `runtime`. May be imported by: `app`.
"""
