"""What an achievement is and which rules hold for it: plain values and functions, standard library only."""
