"""What a user can do: one file, one function, one command."""
