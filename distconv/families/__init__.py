"""Laws with names, one a file; parameters and supports are scipy.stats'."""
