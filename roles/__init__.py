"""What each role is made of: the one room, beside `app`, where all the others meet. A module a role, loaded alone.

Belongs here: opening stores, handing parts to each other, starting and stopping them.
Does not belong here: decisions, layouts, SQL, anything a test would want to call without a running role.
May import: everything. May be imported by: `app`, by name, one module a process: five processes that each loaded all of
the hall would cost a small machine ten seconds of its start.
"""
