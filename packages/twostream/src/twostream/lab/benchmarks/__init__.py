"""Speed side by side, one benchmark a module: the words behind `twostream bench`."""
