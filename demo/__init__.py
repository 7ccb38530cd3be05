"""A believable city and a day in it, made from a seed: the demo city, its history, its people and its cameras.

Belongs here: generators and simulators that use the same public commands as people do.
Does not belong here: any short cut into the store that a real city would not have.
May import: `domain`, `data_access`, `runtime`. May be imported by: `app`.
"""
