"""Clips of an articulated figure, generated: some classes differ in motion, some in appearance."""
