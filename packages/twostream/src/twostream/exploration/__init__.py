"""What is in a prepared data set, before anything is trained on it."""
