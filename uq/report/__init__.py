"""Results as things to read: terminal tables, CSV and Markdown, figures, one HTML page, and one to ask.

A study gathers a `Report` (plain data, `uq.report.document`); the renderers need nothing else.
"""
