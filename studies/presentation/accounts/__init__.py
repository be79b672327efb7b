"""Margins, allowances and offers, as tables."""
