"""The network: encoder, decoder, attention, and its weights."""
