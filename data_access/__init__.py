"""Where facts are kept and how they travel: journal and case store, stream, live board, city data, import.

Belongs here: SQL, Redis, files, and the translation between them and domain values.
Does not belong here: rules (they are in `domain`), screens, video.
May import: `domain`, `runtime`. May be imported by: `api`, `demo`, `app`, and for its types by `pages`.
"""
