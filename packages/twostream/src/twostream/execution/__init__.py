"""Tasks, wherever they run: in this process, in others of this machine, or wherever the user lets them."""
