"""What a course may set for its report: `c.ClassReport.<name> = value` in nbgrader_config.py."""

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable


class ClassReport(LoggingConfigurable):
    """Where the sentences of the course's checks are.

    Paths are relative to the course's folder; {assignment} and {language} in them stand for the assignment's.
    """

    catalogue = Unicode(
        "", help="JSON file {key: sentence} of the course's checks; without it a learner's message is shown."
    ).tag(config=True)
    undone = List(
        Unicode(), [], help="Keys of that file that mean «not attempted»: these are not counted as mistakes."
    ).tag(config=True)
    mistakes_page = Unicode(
        "", help="The page that explains typical mistakes: a path or an address; it is linked."
    ).tag(config=True)
