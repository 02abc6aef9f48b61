"""Builds source/ and release/ from the folders beside this one, and proves that nothing generated is stale."""
