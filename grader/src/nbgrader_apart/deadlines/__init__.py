"""Due dates: what learners read of them, and more time for one learner."""
