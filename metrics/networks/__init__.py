"""Networks in torch, streamed strip by strip, and the metrics of single images that run them."""
