"""Where in a picture a network looks for a class, shown over frames and flow."""
