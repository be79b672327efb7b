"""The least demanding set of requirements: its result, the search for it, and the surface that guides the search."""
