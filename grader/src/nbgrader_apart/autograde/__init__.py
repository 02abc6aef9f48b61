"""What `nbgrader autograde` and the formgrader's button call."""
