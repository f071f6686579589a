"""Class folders, official annotations, splits by source video and the manifest."""
