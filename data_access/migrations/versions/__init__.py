"""One file a step, numbered; see the parent package."""
