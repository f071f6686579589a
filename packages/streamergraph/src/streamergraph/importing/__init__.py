"""Readers of what others collected: snapshot files, chat logs, published tables."""
