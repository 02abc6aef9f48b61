"""Builds the notebooks of the course from their text and proves that nothing generated is stale."""
