"""A page that shows traffic and what is wrong with it: live, or as a file."""
