"""A class that hands in through Moodle: its zip taken in, graded, feedback and marks given back."""
