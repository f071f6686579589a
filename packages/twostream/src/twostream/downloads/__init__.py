"""Fetching archives so that nothing is fetched twice, and opening them so that nothing escapes."""
