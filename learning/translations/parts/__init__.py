"""English sentences with their Dutch, one module for each part of the interface."""
