"""What learners and the instructor share: the course's id, the exchange, the settings of Validate.

The exchange (how releases reach learners on one machine and submissions come back) is the folder `exchange/`
of the checkout, or the one that the environment variable NBGRADER_EXCHANGE names.
"""

import os
from pathlib import Path

EXCHANGE = Path(os.environ.get("NBGRADER_EXCHANGE", Path(__file__).parents[2] / "exchange"))

c = get_config()  # noqa: F821  traitlets defines it where it runs this file

c.CourseDirectory.course_id = "backprop"

# nbgrader requires an exchange that exists and that everybody can write to.
if not EXCHANGE.exists() and os.access(EXCHANGE.parent, os.W_OK):
    EXCHANGE.mkdir()
    EXCHANGE.chmod(0o777)
c.Exchange.root = str(EXCHANGE)

# `nbgrader validate`: a cell needs less than 5 s.
c.Execute.timeout = 60
