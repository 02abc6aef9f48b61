"""Found in place of the package of this name: jsonschema then checks no addresses; notebooks have none.

The package builds a parser in every process that reads a notebook, and `make test` starts dozens of them:
a second each.
"""

raise ImportError(__doc__)
