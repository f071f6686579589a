"""Training of one stream on the training part alone."""
