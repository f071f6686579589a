"""What a trained run says of videos that nobody prepared: clips, long videos, cameras."""
