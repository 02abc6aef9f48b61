"""Results: safe to show, and in the gradebook."""
