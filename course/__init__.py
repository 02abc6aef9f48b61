"""The course: the texts of its notebooks, their checks, and what builds source/ and release/ from them."""
