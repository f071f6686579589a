"""Results as the command line shows them: short tables and lines on standard output."""
