"""What networks see in videos as vectors: to be searched, and to learn from."""
