"""What grading can do without, so that its processes start sooner."""

import sys


def without_address_parser():
    """Keep jsonschema from building its parser of internationalised addresses: notebooks have none.

    It would take more than a second when nbformat is first imported; without it jsonschema checks no IRI.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
