"""What crosses between the judge and the sandbox, and how."""
