"""Puts this folder on the path, so that all tests share the exact answers of `analytic`."""
