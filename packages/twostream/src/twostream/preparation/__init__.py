"""From a folder of videos to stored frames and flow."""
