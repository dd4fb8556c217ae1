"""A sample title: content on paper, and the reading of it."""
