"""Which frames and flow stacks a network sees."""
