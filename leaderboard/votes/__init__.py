"""Human judgement: a blind page of pairs, votes, strengths, and how well metrics agree with them."""
