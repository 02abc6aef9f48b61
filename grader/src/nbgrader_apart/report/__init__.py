"""The report on a class: one page and the same data as CSV, for `apart report ASSIGNMENT`.

collect (gradebook and autograded notebooks) → summary (what it adds up to) → page, tables.
"""
