"""What can be found out about a traced program: one question, one file, of the name that the API gives it."""
