"""Side by side with FLINT, numpy, scipy and the peers: ratios measured in one run. See README.md."""
