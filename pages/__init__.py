"""One screen a file: register the page, compose components, forward callbacks.

Belongs here: layouts and three-line callbacks. Ids live in `_ids.py`, the door to the running system in `_services.py`.
Does not belong here: SQL, Redis words, pandas, figure building, JavaScript strings.
May import: `components`, `domain`, `pages._*`, types of `data_access` and `video`. May be imported by: nobody
(Dash runs page files by path; an imported page would register its callbacks twice).
"""
