"""New measures from old ones, other than by convolution: images, conditioning, comparison."""
