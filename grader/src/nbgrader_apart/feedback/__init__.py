"""The page that a learner opens after grading: marks → summary → page; docs/grading.md names the parts."""
