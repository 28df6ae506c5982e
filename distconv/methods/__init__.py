"""How: the ways to compute one convolution of two measures. Each module holds one."""
