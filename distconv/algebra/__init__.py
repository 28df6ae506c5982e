"""Laws from laws: sums, copies, sums of random numbers of terms, one summand once the sum is known."""
